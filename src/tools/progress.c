/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/clock.h"
#include "tools/format.h"

/* How often the bar is drawn. */
#define PROGRESS_MS 100

/* Where nobody draws, a line so often. */
#define PROGRESS_LINE_US (10 * 1000000)

/* Before this the rest of the time is a guess out of nothing. */
#define PROGRESS_GUESS_MS 1000

/* A shorter bar shows nothing. */
#define PROGRESS_BAR_MIN 10
#define PROGRESS_BAR_MAX 60

void
progress_init(struct progress *progress, const char *what, uint64_t total)
{
	*progress = (struct progress){ .what = what,
		.total = total,
		.is_terminal = isatty(STDERR_FILENO) == 1,
		.started_us = clock_now_us() };
	progress->told_us = progress->started_us;
}

/* The part that is done, in thousandths. */
static unsigned
progress_permille(const struct progress *progress, uint64_t steps)
{
	if (steps >= progress->total)
		return 1000;
	return (unsigned)((double)steps * 1000 / (double)progress->total);
}

/* Draws '#' for what is done between brackets; returns the end. */
static char *
progress_draw(char *out, size_t width, unsigned permille)
{
	size_t inside = width - 2, done = inside * permille / 1000;

	*out++ = '[';
	memset(out, '#', done);
	memset(out + done, '-', inside - done);
	out += inside;
	*out++ = ']';
	return out;
}

void
progress_format(char out[PROGRESS_BYTES], const struct progress *progress,
    uint64_t steps, uint64_t elapsed_ms, size_t width)
{
	unsigned permille = progress_permille(progress, steps);
	char head[64], tail[64] = "", left[FORMAT_BYTES];
	char *end;
	size_t used;

	(void)snprintf(head, sizeof(head), "%.40s ", progress->what);
	if (elapsed_ms >= PROGRESS_GUESS_MS && permille > 0 && permille < 1000)
		(void)snprintf(tail, sizeof(tail), " %3u %%, %s left",
		    permille / 10,
		    format_duration(
			left, elapsed_ms * (1000 - permille) / permille));
	else
		(void)snprintf(tail, sizeof(tail), " %3u %%", permille / 10);
	used = strlen(head) + strlen(tail);
	if (width >= PROGRESS_BYTES)
		width = PROGRESS_BYTES - 1;
	if (used + PROGRESS_BAR_MIN > width) {
		(void)snprintf(
		    out, PROGRESS_BYTES, "%.*s", (int)width, tail + 1);
		return;
	}
	width -= used;
	if (width > PROGRESS_BAR_MAX)
		width = PROGRESS_BAR_MAX;
	(void)memcpy(out, head, strlen(head));
	end = progress_draw(out + strlen(head), width, permille);
	(void)memcpy(end, tail, strlen(tail) + 1);
}

static size_t
progress_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

static void
progress_show(struct progress *progress, uint64_t steps)
{
	char text[PROGRESS_BYTES];
	int64_t now_us = clock_now_us();

	if (!progress->is_terminal &&
	    now_us - progress->told_us < PROGRESS_LINE_US)
		return;
	progress->told_us = now_us;
	/* In the last column the cursor could be in the next line. */
	progress_format(text, progress, steps, progress_ms(progress),
	    progress->is_terminal ? progress_width() - 1 : 40);
	/* What is in its way is told by writing on: it is no loss. */
	(void)fprintf(
	    stderr, progress->is_terminal ? "\r%s\033[K" : "%s\n", text);
	(void)fflush(stderr);
	progress->is_drawn = progress->is_terminal;
}

void
progress_follow(struct progress *progress, struct crew *crew)
{
	while (crew_wait(crew, PROGRESS_MS))
		progress_show(progress, crew_steps(crew));
	if (progress->is_drawn)
		(void)fputs("\r\033[K", stderr);
	progress->is_drawn = false;
}

uint64_t
progress_ms(const struct progress *progress)
{
	return (uint64_t)(clock_now_us() - progress->started_us) / 1000;
}
