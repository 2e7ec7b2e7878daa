/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An entry becomes a client's in two steps, so that no client ever has two:
 * whoever adds one takes an entry and marks it as pending, then looks whether
 * another process has done the same.  One that is there already is used; one
 * that is pending is taken back, which its process notices, and begins again.
 * Of two that add the same client at the same time, the one that marked its
 * entry last sees the other's.
 */
#include "status/ledger.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "status/tally.h"

#define LEDGER_MAGIC "tined$\r\n"

/* What has a page of its own begins at a multiple of this. */
#define LEDGER_PAGE 4096

/* The lowest bits of a key: not a client's yet; and never 0. */
#define LEDGER_PENDING UINT64_C(1)
#define LEDGER_THERE   UINT64_C(2)

/* How often somebody tries to find or add a client that others add too. */
#define LEDGER_TRIES 256

/* For so many of them another process may be about to finish. */
#define LEDGER_PATIENCE 64

_Static_assert(sizeof(struct ledger_bucket) == 128,
    "struct ledger_bucket: not two cache lines");
_Static_assert(sizeof(struct ledger_head) <= LEDGER_PAGE,
    "struct ledger_head: larger than its page");

static size_t
ledger_round(size_t bytes)
{
	return (bytes + LEDGER_PAGE - 1) / LEDGER_PAGE * LEDGER_PAGE;
}

/* Where everything lies in a ledger for so many clients. */
static struct ledger
ledger_measure(uint32_t clients)
{
	struct ledger ledger = { .clients = clients };
	size_t buckets = clients / LEDGER_WAYS * sizeof(struct ledger_bucket);

	ledger.tally_bytes =
	    ledger_round(sizeof(struct tally) + clients * sizeof(uint64_t));
	ledger.bytes = LEDGER_PAGE + ledger_round(buckets) +
		       BOARD_PLACES * ledger.tally_bytes;
	return ledger;
}

static int
ledger_map(struct ledger *ledger, uint32_t clients, int fd)
{
	size_t buckets = clients / LEDGER_WAYS * sizeof(struct ledger_bucket);
	char *map;

	*ledger = ledger_measure(clients);
	map = mmap(
	    NULL, ledger->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		*ledger = (struct ledger){ 0 };
		return -1;
	}
	ledger->head = (void *)map;
	ledger->buckets = (void *)(map + LEDGER_PAGE);
	ledger->tallies = map + LEDGER_PAGE + ledger_round(buckets);
	return 0;
}

uint32_t
ledger_clients(uint64_t wanted)
{
	uint32_t clients = LEDGER_WAYS;

	while (clients < wanted && clients < UINT32_C(1) << 31)
		clients *= 2;
	return clients;
}

int
ledger_create(struct ledger *ledger, uint32_t clients, int *fd)
{
	const struct ledger measure = ledger_measure(clients);

	*ledger = (struct ledger){ 0 };
	*fd = memfd_create("tined-ledger", MFD_CLOEXEC);
	if (*fd == -1)
		return -1;
	/* What nobody writes to takes no memory. */
	if (ftruncate(*fd, (off_t)measure.bytes) == -1 ||
	    ledger_map(ledger, clients, *fd) == -1) {
		int error = errno;

		(void)close(*fd);
		*fd = -1;
		errno = error;
		return -1;
	}
	memcpy(ledger->head->magic, LEDGER_MAGIC, sizeof(ledger->head->magic));
	ledger->head->layout = LEDGER_LAYOUT;
	ledger->head->clients = clients;
	ledger->head->secret = ledger->secret = hash_draw_key();
	return 0;
}

int
ledger_adopt(struct ledger *ledger, uint32_t clients, int fd)
{
	const struct ledger measure = ledger_measure(clients);
	struct stat st;

	*ledger = (struct ledger){ 0 };
	if (fstat(fd, &st) == -1)
		return -1;
	if (st.st_size != (off_t)measure.bytes) {
		errno = EPROTO;
		return -1;
	}
	if (ledger_map(ledger, clients, fd) == -1)
		return -1;
	if (memcmp(ledger->head->magic, LEDGER_MAGIC,
		sizeof(ledger->head->magic)) == 0 &&
	    ledger->head->layout == LEDGER_LAYOUT &&
	    ledger->head->clients == clients) {
		ledger->secret = ledger->head->secret;
		return 0;
	}
	ledger_unmap(ledger);
	errno = EPROTO;
	return -1;
}

void
ledger_unmap(struct ledger *ledger)
{
	/* Fails only for an address that was never mapped. */
	if (ledger->head != NULL)
		(void)munmap(ledger->head, ledger->bytes);
	*ledger = (struct ledger){ 0 };
}

uint64_t
ledger_key(
    const struct ledger *ledger, const struct address *client, uint64_t purpose)
{
	uint64_t words[2] = { 0, purpose ^ client->family };
	uint64_t key;

	/*
	 * The other half of an IPv6 address names an interface (RFC 4291
	 * 2.5.1), and any client has many of those.
	 */
	memcpy(&words[0], client->addr, sizeof(words[0]));
	key =
	    hash_bytes_wide(ledger->secret, (const char *)words, sizeof(words));
	return (key | LEDGER_THERE) & ~LEDGER_PENDING;
}

static struct ledger_bucket *
ledger_bucket(const struct ledger *ledger, uint64_t key)
{
	uint32_t nbuckets = ledger->clients / LEDGER_WAYS;

	return &ledger->buckets[key >> 32 & (nbuckets - 1)];
}

static uint64_t
ledger_load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/* As compare and exchange: false when *word is another than *seen, which then
 * is that. */
static bool
ledger_swap(uint64_t *word, uint64_t *seen, uint64_t want)
{
	return __atomic_compare_exchange_n(
	    word, seen, want, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static struct ledger_entry *
ledger_find(struct ledger_bucket *bucket, uint64_t key)
{
	for (unsigned i = 0; i < LEDGER_WAYS; i++)
		if (ledger_load(&bucket->entries[i].key) == key)
			return &bucket->entries[i];
	return NULL;
}

/* An entry that is free, or the one whose client has asked for least. */
static struct ledger_entry *
ledger_pick(struct ledger_bucket *bucket)
{
	struct ledger_entry *least = &bucket->entries[0];

	for (unsigned i = 0; i < LEDGER_WAYS; i++) {
		struct ledger_entry *entry = &bucket->entries[i];

		if (ledger_load(&entry->key) == 0)
			return entry;
		if (ledger_load(&entry->even_ns) < ledger_load(&least->even_ns))
			least = entry;
	}
	return least;
}

/*
 * Begins anew with an entry that is pending, so that it does not look as if its
 * client had not come for long; false when it was taken back.
 */
static bool
ledger_clear(struct ledger_entry *entry, uint64_t pending, uint64_t now_ns)
{
	uint64_t even_ns = ledger_load(&entry->even_ns);

	/* Who found the client before may still be asking for it. */
	while (!ledger_swap(&entry->even_ns, &even_ns, now_ns))
		if (ledger_load(&entry->key) != pending)
			return false;
	return true;
}

/* Takes back what others mark for this client; false when one is there. */
static bool
ledger_is_alone(
    struct ledger_bucket *bucket, const struct ledger_entry *own, uint64_t key)
{
	for (unsigned i = 0; i < LEDGER_WAYS; i++) {
		struct ledger_entry *entry = &bucket->entries[i];
		uint64_t seen = key | LEDGER_PENDING;

		if (entry != own && !ledger_swap(&entry->key, &seen, 0) &&
		    seen == key)
			return false;
	}
	return true;
}

/* Adds a client; NULL: look for it again, since somebody else is here too. */
static struct ledger_entry *
ledger_add(struct ledger_bucket *bucket, uint64_t key, uint64_t now_ns,
    struct counters *counters)
{
	struct ledger_entry *entry = ledger_pick(bucket);
	uint64_t old = ledger_load(&entry->key);
	uint64_t even_ns = ledger_load(&entry->even_ns);
	uint64_t pending = key | LEDGER_PENDING;

	/* Another adds this client, or has, since we looked for it. */
	if (old == key)
		return NULL;
	if (old == pending) {
		(void)ledger_swap(&entry->key, &old, 0);
		return NULL;
	}
	if (!ledger_swap(&entry->key, &old, pending) ||
	    !ledger_clear(entry, pending, now_ns))
		return NULL;
	if (!ledger_is_alone(bucket, entry, key)) {
		(void)ledger_swap(&entry->key, &pending, 0);
		return NULL;
	}
	if (!ledger_swap(&entry->key, &pending, key))
		return NULL;
	if (old != 0 && even_ns > now_ns)
		counters->clients_forgotten++;
	return entry;
}

static uint64_t
ledger_take_from(
    struct ledger_entry *entry, const struct gcra *limit, uint64_t now_ns)
{
	uint64_t even_ns = ledger_load(&entry->even_ns), next_ns, wait_ns;

	/* Each time round somebody else got one: soon there are no more. */
	do {
		next_ns = even_ns;
		wait_ns = gcra_take(limit, &next_ns, now_ns);
	} while (next_ns != even_ns &&
		 !ledger_swap(&entry->even_ns, &even_ns, next_ns));
	return wait_ns;
}

uint64_t
ledger_take(const struct ledger *ledger, uint64_t key, const struct gcra *limit,
    uint64_t now_ns, struct counters *counters)
{
	struct ledger_bucket *bucket = ledger_bucket(ledger, key);

	for (unsigned i = 0; i < LEDGER_TRIES; i++) {
		struct ledger_entry *entry = ledger_find(bucket, key);
		uint64_t wait_ns;

		/* One that was killed leaves this behind for ever. */
		if (entry == NULL && i < LEDGER_PATIENCE &&
		    ledger_find(bucket, key | LEDGER_PENDING) != NULL)
			continue;
		if (entry == NULL)
			entry = ledger_add(bucket, key, now_ns, counters);
		if (entry == NULL)
			continue;
		wait_ns = ledger_take_from(entry, limit, now_ns);
		/* If it went to another meanwhile, that one is charged too. */
		if (ledger_load(&entry->key) == key)
			return wait_ns;
	}
	counters->clients_untracked++;
	return 0;
}
