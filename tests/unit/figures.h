/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A board with known figures: two workers of generation 7, the one of slot 1
 * was forked first, and one of generation 6 that drains.
 */
#ifndef FIGURES_H
#define FIGURES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sandbox.h"
#include "http/coding.h"
#include "http/request.h"
#include "status/board.h"
#include "status/snapshot.h"
#include "status/writer.h"

#define FIGURES_NOW 1700000100

#define FIGURES_SANDBOX                                                        \
	(SANDBOX_NO_NEW_PRIVS | SANDBOX_CALLS | 7u << SANDBOX_ABI_SHIFT)

struct figures {
	struct board *board;
	int fd;
	struct clock clock;
	struct snapshot snapshot;
	struct writer writer;
	char text[512 * 1024];
};

static inline void
figures_add(struct figures *s, int pid, unsigned slot, unsigned generation,
    enum board_state state)
{
	struct board_place *place = board_take(s->board);

	*place = (struct board_place){ .pid = pid,
		.master = 100,
		.slot = slot,
		.generation = generation,
		.state = state,
		.started_s = FIGURES_NOW - 10 };
	s->board->sandbox[place - s->board->places] = FIGURES_SANDBOX;
}

static inline void
figures_count(struct counters *counters)
{
	counters->accepted = 5;
	counters->requests = 12;
	counters->answers[METHOD_GET][2] = 9;
	counters->answers[METHOD_HEAD][3] = 1;
	counters->answers[METHOD_OTHER][4] = 2;
	counters->verdicts[VERDICT_BAD_HOST] = 2;
	counters->codings[CODING_BR] = 4;
	counters->bytes_sent = 12345678901;
	counters->cache_hits = 8;
	for (int i = 0; i < 99; i++)
		histogram_add(&counters->latency, 3);
	histogram_add(&counters->latency, 1500);
	counters->now.open = 3;
	counters->now.waiting[1] = 2;
	counters->now.waiting[4] = 1;
	counters->now.lent = 4;
}

static inline int
figures_setup(void **state)
{
	struct figures *s = calloc(1, sizeof(*s));
	struct board *board;

	if (s == NULL)
		return -1;
	s->board = board = board_create(&s->fd);
	if (board == NULL)
		return -1;
	s->clock = (struct clock){ .wall_s = FIGURES_NOW, .mono_ms = 987654 };
	board_set_server(board, "1.2.3", 7, 2, FIGURES_NOW - 10);
	board->master = 100;
	board->started_s = FIGURES_NOW - 90061;
	board->ready = 1;
	board->reloads_ok = 6;
	board->reloads_failed = 1;
	board->slots[1].queue = 3;
	board->slots[0].respawns = 2;
	board_set_last(board, false, FIGURES_NOW - 5,
	    "tined.ini:3: server.\"x\"\\: unknown");
	figures_add(s, 202, 1, 7, BOARD_SERVING);
	figures_add(s, 201, 0, 6, BOARD_DRAINING);
	figures_add(s, 203, 0, 7, BOARD_SERVING);
	figures_count(&board->counters[0]);
	board->counters[1].requests = 100;
	board->counters[1].answers[METHOD_GET][5] = 100;
	board->counters[2].now.heap_calls = 1;
	board->counters[2].now.heap_bytes = 64;
	writer_init(&s->writer, s->text, sizeof(s->text) - 1);
	*state = s;
	return 0;
}

static inline int
figures_teardown(void **state)
{
	struct figures *s = *state;

	board_unmap(&s->board);
	(void)close(s->fd);
	free(s);
	return 0;
}

/* Writes one form of it and makes it a C string. */
static inline const char *
figures_write(struct figures *s,
    void (*write_form)(struct writer *, const struct snapshot *))
{
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	write_form(&s->writer, &s->snapshot);
	assert_false(s->writer.full);
	s->text[s->writer.len] = '\0';
	return s->text;
}

/* Fails unless the text has this in it. */
static inline void
figures_find(const char *text, const char *want)
{
	if (strstr(text, want) == NULL)
		fail_msg("not there: %s\n%s", want, text);
}

#endif
