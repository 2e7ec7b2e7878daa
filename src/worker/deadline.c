/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/deadline.h"

#include <event2/event.h>

#include "core/clock.h"
#include "core/counters.h"

_Static_assert(DEADLINE_KINDS == COUNTERS_WAITS &&
		   (int)DEADLINE_KEEPALIVE == COUNTERS_WAIT_KEEPALIVE,
    "see core/counters.h");

/* Expiring early wakes once too often; this bounds how often that can be. */
#define DEADLINE_TICK_MS 20

/*
 * Waits that are ended in one go: thousands that came together leave together,
 * and others must have their turn.
 */
#define DEADLINE_BATCH 128

static void
deadlines_set_timer(struct deadlines *deadlines, int64_t at_ms, int64_t now_ms)
{
	int64_t wait_ms = at_ms - now_ms;
	struct timeval tv;

	if (wait_ms <= 0)
		wait_ms = 0;
	else if (wait_ms < DEADLINE_TICK_MS)
		wait_ms = DEADLINE_TICK_MS;
	tv.tv_sec = wait_ms / 1000;
	tv.tv_usec = wait_ms % 1000 * 1000;
	/* Fails only for want of memory in the timer heap, which is warm. */
	(void)event_add(&deadlines->timer, &tv);
	deadlines->timer_at_ms = now_ms + wait_ms;
}

/* When the first of all ends; 0: nobody waits. */
static int64_t
deadlines_next_ms(const struct deadlines *deadlines)
{
	int64_t next_ms = 0;

	for (int kind = 0; kind < DEADLINE_KINDS; kind++) {
		const struct deadline *first =
		    TAILQ_FIRST(&deadlines->lists[kind]);

		if (first != NULL && (next_ms == 0 || first->at_ms < next_ms))
			next_ms = first->at_ms;
	}
	return next_ms;
}

static void
deadlines_expire(struct deadlines *deadlines, int64_t now_ms)
{
	unsigned left = DEADLINE_BATCH;
	int64_t next_ms;

	for (int kind = 0; kind < DEADLINE_KINDS; kind++) {
		struct deadline_list *list = &deadlines->lists[kind];
		struct deadline *first;

		while ((first = TAILQ_FIRST(list)) != NULL &&
		       first->at_ms <= now_ms && left > 0) {
			left--;
			deadline_leave(deadlines, first);
			deadlines->on_expired(deadlines->arg, first);
		}
	}
	/* Who expired may have begun a wait of a kind that was looked at. */
	next_ms = deadlines_next_ms(deadlines);
	deadlines->timer_at_ms = 0;
	if (next_ms != 0)
		deadlines_set_timer(deadlines, next_ms, now_ms);
}

static void
on_deadline_timer(evutil_socket_t fd, short what, void *arg)
{
	struct deadlines *deadlines = arg;
	struct clock clock = { 0 };

	(void)fd;
	(void)what;
	(void)clock_update(&clock);
	deadlines_expire(deadlines, clock.mono_ms);
}

void
deadlines_init(struct deadlines *deadlines, struct event_base *base,
    const int64_t wait_ms[DEADLINE_KINDS],
    void (*on_expired)(void *arg, struct deadline *deadline), void *arg)
{
	*deadlines = (struct deadlines){ .on_expired = on_expired, .arg = arg };
	for (int kind = 0; kind < DEADLINE_KINDS; kind++) {
		TAILQ_INIT(&deadlines->lists[kind]);
		deadlines->wait_ms[kind] = wait_ms[kind];
	}
	/* Fails only for a base that is running with other threads. */
	(void)evtimer_assign(
	    &deadlines->timer, base, on_deadline_timer, deadlines);
}

void
deadline_init(struct deadline *deadline, uint64_t nwaiting[DEADLINE_KINDS])
{
	*deadline =
	    (struct deadline){ .kind = DEADLINE_KINDS, .nwaiting = nwaiting };
}

void
deadline_enter(struct deadlines *deadlines, struct deadline *deadline,
    enum deadline_kind kind, int64_t now_ms)
{
	deadline_leave(deadlines, deadline);
	deadline->kind = kind;
	deadline->at_ms = now_ms + deadlines->wait_ms[kind];
	TAILQ_INSERT_TAIL(&deadlines->lists[kind], deadline, link);
	deadline->nwaiting[kind]++;
	if (deadlines->timer_at_ms == 0 ||
	    deadline->at_ms < deadlines->timer_at_ms - DEADLINE_TICK_MS)
		deadlines_set_timer(deadlines, deadline->at_ms, now_ms);
}

void
deadline_leave(struct deadlines *deadlines, struct deadline *deadline)
{
	if (deadline->kind == DEADLINE_KINDS)
		return;
	TAILQ_REMOVE(&deadlines->lists[deadline->kind], deadline, link);
	deadline->nwaiting[deadline->kind]--;
	deadline->kind = DEADLINE_KINDS;
}

struct deadline *
deadline_oldest(const struct deadlines *deadlines, enum deadline_kind kind)
{
	return TAILQ_FIRST(&deadlines->lists[kind]);
}

struct deadline *
deadline_next(const struct deadline *deadline)
{
	return TAILQ_NEXT(deadline, link);
}

void
deadlines_fini(struct deadlines *deadlines)
{
	/* Removing what was assigned cannot fail. */
	(void)evtimer_del(&deadlines->timer);
}
