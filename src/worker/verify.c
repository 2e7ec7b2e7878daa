/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/verify.h"

#include <errno.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/conn.h"
#include "worker/exchange.h"
#include "worker/verifier.h"

/*
 * A path and what is served for it can ask for two verdicts; more are asked for
 * only when what was known is forgotten at once.
 */
#define VERIFY_MOST 4

void
verify_init(struct engine *engine)
{
	engine->verify = (struct verify){ .fd = -1 };
}

/* Lets all who wait for an entry go on, and gives it up. */
static void
verify_settle(struct verify_entry *entry, enum auth_outcome outcome)
{
	struct exchange *exchange;

	entry->answered = true;
	while ((exchange = LIST_FIRST(&entry->waiters)) != NULL) {
		verify_forget(exchange);
		exchange->ruling.outcome = outcome;
		conn_resume(exchange->conn);
	}
	entry->used = false;
}

static void
verify_hang_up(struct engine *engine)
{
	struct verify *verify = &engine->verify;

	if (verify->fd == -1)
		return;
	(void)event_del(&verify->event);
	(void)close(verify->fd);
	verify->fd = -1;
	for (unsigned i = 0; i < VERIFY_ENTRIES; i++)
		if (verify->entries[i].used)
			verify_settle(&verify->entries[i], AUTH_BUSY);
}

static void
verify_take_answer(struct engine *engine, const struct verifier_answer *answer)
{
	struct verify_entry *entry;

	if (answer->entry >= VERIFY_ENTRIES)
		return;
	entry = &engine->verify.entries[answer->entry];
	if (!entry->used || entry->serial != answer->serial)
		return;
	auth_remember(&engine->serve.auth, entry->tag, answer->good,
	    engine->clock.mono_ms);
	verify_settle(entry, answer->good ? AUTH_KNOWN : AUTH_WRONG);
}

static void
on_verify(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct verifier_answer answer;
	ssize_t n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);

	(void)what;
	engine_tick(engine);
	if (n == (ssize_t)sizeof(answer))
		verify_take_answer(engine, &answer);
	else if (n != -1 || (errno != EAGAIN && errno != EINTR))
		verify_hang_up(engine);
}

void
verify_use(struct engine *engine, int fd)
{
	struct verify *verify = &engine->verify;

	verify_hang_up(engine);
	(void)event_assign(&verify->event, engine->base, fd,
	    EV_READ | EV_PERSIST, on_verify, engine);
	verify->fd = fd;
	/* The first time libevent takes memory; verify_is_there() tries again.
	 */
	(void)event_add(&verify->event, NULL);
}

/* True when there is a verifier, whose answers would be heard. */
static bool
verify_is_there(struct verify *verify)
{
	if (verify->fd == -1)
		return false;
	return event_pending(&verify->event, EV_READ, NULL) != 0 ||
	       event_add(&verify->event, NULL) == 0;
}

/* The entry of the question at hand, or else a free one; NULL: all are used. */
static struct verify_entry *
verify_find_entry(struct verify *verify, const unsigned char *tag)
{
	struct verify_entry *free_entry = NULL;

	for (unsigned i = 0; i < VERIFY_ENTRIES; i++) {
		struct verify_entry *entry = &verify->entries[i];

		if (!entry->used)
			free_entry = entry;
		else if (!entry->answered &&
			 memcmp(entry->tag, tag, AUTHCACHE_TAG_BYTES) == 0)
			return entry;
	}
	return free_entry;
}

static int
verify_send(struct verify *verify, struct verify_entry *entry,
    const struct auth_question *question)
{
	struct verifier_question message = {
		.entry = (uint32_t)(entry - verify->entries),
		.serial = ++verify->serial,
		.auth = *question,
	};
	ssize_t n;

	do
		n = send(verify->fd, &message, sizeof(message),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	explicit_bzero(&message, sizeof(message));
	if (n == -1)
		return -1;
	entry->used = true;
	entry->answered = false;
	entry->serial = verify->serial;
	memcpy(entry->tag, question->tag, sizeof(entry->tag));
	LIST_INIT(&entry->waiters);
	return 0;
}

bool
verify_ask(struct engine *engine, struct exchange *exchange)
{
	struct verify *verify = &engine->verify;
	struct auth_question *question = &engine->serve.auth.question;
	struct verify_entry *entry = verify_find_entry(verify, question->tag);
	bool there = verify_is_there(verify);
	bool asked = ++exchange->nverified <= VERIFY_MOST && there &&
		     entry != NULL &&
		     (entry->used || verify_send(verify, entry, question) == 0);

	explicit_bzero(question->text, sizeof(question->text));
	memcpy(exchange->ruling.tag, question->tag, AUTHCACHE_TAG_BYTES);
	if (asked) {
		exchange->ruling.outcome = AUTH_OPEN;
		LIST_INSERT_HEAD(&entry->waiters, exchange, waiting);
		exchange->waits = true;
		return true;
	}
	exchange->ruling.outcome = AUTH_BUSY;
	if (engine_may_log(engine, RATION_VERIFY, LOG_LEVEL_WARN))
		log_warn("answered 503: %s",
		    !there
			? "the verifier of passwords is not there"
			: "too many passwords wait to be compared with their "
			  "hashes; does somebody guess, or are they slow?");
	return false;
}

void
verify_forget(struct exchange *exchange)
{
	if (!exchange->waits)
		return;
	exchange->waits = false;
	LIST_REMOVE(exchange, waiting);
}

void
verify_fini(struct engine *engine)
{
	verify_hang_up(engine);
}
