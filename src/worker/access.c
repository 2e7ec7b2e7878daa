/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/access.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/escape.h"
#include "core/number.h"

/* Each part of a line that a client chooses is cut at this many bytes. */
#define ACCESS_PART_BYTES 2048

/* Room for the longest line: three such parts and what stands round them. */
#define ACCESS_LINE_BYTES (3 * ACCESS_PART_BYTES + 256)

int
access_init(struct access *access, const struct conf_access_log *conf, int fd)
{
	*access = (struct access){
		.fd = fd,
		.format = conf->format,
		.each_line = fd != -1 && isatty(fd) == 1,
		.cap = conf->buffer_bytes,
		.time_s = -1,
	};
	if (access->cap < ACCESS_LINE_BYTES)
		access->cap = ACCESS_LINE_BYTES;
	if (fd == -1)
		return 0;
	access->lines = malloc(access->cap);
	return access->lines == NULL ? -1 : 0;
}

static void
access_put(struct access *access, struct span span)
{
	memcpy(access->lines + access->len, span.ptr, span.len);
	access->len += span.len;
}

/* A part from the client, quoted; "-" when it is absent. */
static void
access_put_quoted(struct access *access, struct span span)
{
	access_put(access, SPAN("\""));
	if (span.ptr == NULL)
		span = SPAN("-");
	access->len +=
	    escape_log(access->lines + access->len, ACCESS_PART_BYTES, span);
	access_put(access, SPAN("\""));
}

static void
access_put_number(struct access *access, uint64_t number)
{
	access->len += number_format_u64(access->lines + access->len, number);
}

/* The common log format's time, made anew once a second. */
static void
access_put_time(struct access *access, int64_t wall_s)
{
	time_t when = wall_s;
	struct tm tm;

	if (access->time_s != wall_s) {
		char text[sizeof(access->time) + 1];

		(void)gmtime_r(&when, &tm);
		(void)strftime(
		    text, sizeof(text), "[%d/%b/%Y:%H:%M:%S +0000]", &tm);
		memcpy(access->time, text, sizeof(access->time));
		access->time_s = wall_s;
	}
	access_put(access, (struct span){ access->time, sizeof(access->time) });
}

static void
access_put_line(struct access *access, const struct access_entry *entry,
    const struct clock *clock)
{
	const struct request *request = entry->request;
	char peer[SOCK_PEER_TEXT];

	(void)sock_peer_format(entry->peer, peer);
	access_put(access, span_of(peer));
	access_put(access, SPAN(" - - "));
	access_put_time(access, clock->wall_s);
	access_put(access, SPAN(" "));
	access_put_quoted(access, request->line);
	access_put(access, SPAN(" "));
	access_put_number(access, (uint64_t)entry->status);
	access_put(access, SPAN(" "));
	access_put_number(access, entry->body_bytes);
	if (access->format == CONF_FORMAT_COMBINED) {
		access_put(access, SPAN(" "));
		access_put_quoted(access, request->value[FIELD_REFERER]);
		access_put(access, SPAN(" "));
		access_put_quoted(access, request->value[FIELD_USER_AGENT]);
	}
	access_put(access, SPAN("\n"));
}

bool
access_is_full(const struct access *access)
{
	return access->cap - access->len < ACCESS_LINE_BYTES;
}

bool
access_add(struct access *access, const struct access_entry *entry,
    const struct clock *clock)
{
	bool first;

	if (access->fd == -1)
		return false;
	first = access->len == 0;
	assert(!access_is_full(access));
	access_put_line(access, entry, clock);
	if (access->each_line) {
		(void)access_flush(access);
		return false;
	}
	return first;
}

static void
access_drop(struct access *access, const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		access->dropped += from[i] == '\n';
}

int
access_flush(struct access *access)
{
	size_t done = 0;
	int result = 0;

	if (access->broken && access->len > 0 &&
	    write(access->fd, "\n", 1) == 1)
		access->broken = false;
	while (done < access->len) {
		ssize_t n =
		    write(access->fd, access->lines + done, access->len - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			result = -1;
			break;
		}
		done += (size_t)n;
	}
	if (result == -1) {
		int error = errno;

		access_drop(access, access->lines + done, access->len - done);
		if (done > 0)
			access->broken = access->lines[done - 1] != '\n';
		errno = error;
	}
	access->len = 0;
	return result;
}

void
access_reopen(struct access *access, int fd)
{
	(void)access_flush(access);
	access->fd = fd;
	access->broken = false;
	access->each_line = fd != -1 && isatty(fd) == 1;
}

void
access_fini(struct access *access)
{
	if (access->fd != -1)
		(void)access_flush(access);
	free(access->lines);
	access->lines = NULL;
}
