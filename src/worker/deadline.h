/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a connection has waited long enough.
 *
 * One list per kind of wait.  Within a kind every wait lasts the same, so who
 * began first ends first: the list is ordered by itself, and entering, leaving
 * and expiring cost O(1).  One libevent timer serves all lists.
 */
#ifndef WORKER_DEADLINE_H
#define WORKER_DEADLINE_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* As struct counters_now counts them: in this order. */
enum deadline_kind {
	DEADLINE_FIRST_BYTE, /* of a connection's first request */
	DEADLINE_KEEPALIVE,  /* for the next request */
	DEADLINE_HEAD,       /* for the whole head */
	DEADLINE_BODY,       /* for more of a request body */
	DEADLINE_SEND,       /* for the client to take more */
	DEADLINE_LINGER,     /* for the client to close */
	DEADLINE_VERIFY,     /* for a password to be judged */
	DEADLINE_PACE,       /* for the time when more may be sent */
	DEADLINE_DISK,       /* for a file to be opened or read */
	DEADLINE_KINDS,
};

struct deadline {
	TAILQ_ENTRY(deadline) link;
	int64_t at_ms;           /* on the monotonic clock */
	enum deadline_kind kind; /* DEADLINE_KINDS: in no list */
	uint64_t *nwaiting;      /* a count for each kind; borrowed */
};

TAILQ_HEAD(deadline_list, deadline);

struct deadlines {
	struct deadline_list lists[DEADLINE_KINDS];
	int64_t wait_ms[DEADLINE_KINDS];
	struct event timer;
	int64_t timer_at_ms; /* 0: the timer is not set */
	/* Called for each expired deadline, which has left its list. */
	void (*on_expired)(void *arg, struct deadline *deadline);
	void *arg;
};

/*
 * Makes empty lists whose timer runs on base; wait_ms has a time for each
 * kind.  Allocates nothing.
 */
void deadlines_init(struct deadlines *deadlines, struct event_base *base,
    const int64_t wait_ms[DEADLINE_KINDS],
    void (*on_expired)(void *arg, struct deadline *deadline), void *arg);

/* Makes a deadline that is in no list; its waits are counted in nwaiting. */
void deadline_init(
    struct deadline *deadline, uint64_t nwaiting[DEADLINE_KINDS]);

/* Begins a wait at now_ms; a wait that was on is over. */
void deadline_enter(struct deadlines *deadlines, struct deadline *deadline,
    enum deadline_kind kind, int64_t now_ms);

/* Ends the wait, if one is on. */
void deadline_leave(struct deadlines *deadlines, struct deadline *deadline);

/* When the wait that is on began. */
static inline int64_t
deadline_began_ms(
    const struct deadlines *deadlines, const struct deadline *deadline)
{
	return deadline->at_ms - deadlines->wait_ms[deadline->kind];
}

/* Who has waited longest for kind; NULL: nobody does. */
struct deadline *deadline_oldest(
    const struct deadlines *deadlines, enum deadline_kind kind);

/* Who has waited longest after deadline, which waits; NULL: nobody. */
struct deadline *deadline_next(const struct deadline *deadline);

/* Takes the timer off its base. */
void deadlines_fini(struct deadlines *deadlines);

#endif
