/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cidr.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/number.h"

/* Blocks inside each other: a block of each length, and all addresses. */
#define CIDR_DEPTH (128 + 2)

static unsigned
cidr_bits(uint8_t family)
{
	return family == AF_INET ? 32 : family == AF_INET6 ? 128 : 0;
}

/* The bits behind a prefix, in a byte of an address. */
static uint8_t
cidr_rest(unsigned prefix, unsigned byte)
{
	if (prefix >= 8 * (byte + 1))
		return 0;
	if (prefix <= 8 * byte)
		return 0xff;
	return (uint8_t)(0xff >> (prefix % 8));
}

/* An address with the length behind the slash, as it was written. */
static const char *
cidr_parse_prefix(struct cidr *cidr, struct span text, bool mapped)
{
	/* ::ffff:0:0/96 is what all of IPv4 is called in IPv6. */
	unsigned least = mapped ? 96 : 0;
	uint64_t prefix;

	if (number_parse_u64(text, &prefix) == -1 ||
	    (text.len > 1 && *text.ptr == '0'))
		return "not a number of bits behind the slash";
	if (prefix > cidr_bits(cidr->family) + least)
		return "more bits than the address has, which are 32 or 128";
	if (prefix < least)
		return "IPv4-mapped, with less than 96 bits; write it as IPv4";
	cidr->prefix = (uint8_t)(prefix - least);
	return NULL;
}

const char *
cidr_parse(struct cidr *cidr, struct span text)
{
	const char *slash = memchr(text.ptr, '/', text.len);
	struct span host = text;
	struct address address;

	*cidr = (struct cidr){ .family = AF_UNSPEC };
	if (span_equal(text, SPAN("all")))
		return NULL;
	if (span_equal(text, ADDRESS_UNIX)) {
		cidr->family = AF_UNIX;
		return NULL;
	}
	if (slash != NULL)
		host.len = (size_t)(slash - text.ptr);
	if (memchr(host.ptr, '%', host.len) != NULL)
		return "the zone behind '%' means nothing here; take it away";
	if (address_parse(&address, host) == -1)
		return "not an address (names are not looked up)";
	cidr->family = address.family;
	cidr->prefix = (uint8_t)cidr_bits(address.family);
	memcpy(cidr->addr, address.addr, sizeof(cidr->addr));
	if (slash == NULL)
		return NULL;
	return cidr_parse_prefix(cidr,
	    (struct span){ slash + 1, text.len - host.len - 1 },
	    address.family == AF_INET &&
		memchr(host.ptr, ':', host.len) != NULL);
}

bool
cidr_is_exact(const struct cidr *cidr)
{
	for (unsigned i = 0; i < cidr_bits(cidr->family) / 8; i++)
		if ((cidr->addr[i] & cidr_rest(cidr->prefix, i)) != 0)
			return false;
	return true;
}

void
cidr_mask(struct cidr *cidr)
{
	for (unsigned i = 0; i < sizeof(cidr->addr); i++)
		cidr->addr[i] &= (uint8_t)~cidr_rest(cidr->prefix, i);
}

void
cidr_format(const struct cidr *cidr, char out[CIDR_TEXT])
{
	struct address address = { .family = cidr->family };
	char text[ADDRESS_TEXT];

	memcpy(address.addr, cidr->addr, sizeof(address.addr));
	(void)address_format(&address, text);
	if (cidr->family == AF_UNSPEC)
		(void)snprintf(out, CIDR_TEXT, "all");
	else if (cidr->prefix == cidr_bits(cidr->family))
		(void)snprintf(out, CIDR_TEXT, "%s", text);
	else
		(void)snprintf(
		    out, CIDR_TEXT, "%s/%u", text, (unsigned)cidr->prefix);
}

/* Families together, a block before those in it, of equal ones deny last. */
static int
on_compare_entries(const void *a, const void *b)
{
	const struct cidr_entry *x = a, *y = b;
	int order = x->cidr.family - y->cidr.family;

	if (order == 0)
		order = memcmp(x->cidr.addr, y->cidr.addr, 16);
	if (order == 0)
		order = x->cidr.prefix - y->cidr.prefix;
	return order == 0 ? x->deny - y->deny : order;
}

static bool
cidr_equal(const struct cidr *a, const struct cidr *b)
{
	return a->family == b->family && a->prefix == b->prefix &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

static struct cidr_key
cidr_key_of(const uint8_t addr[16])
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return (struct cidr_key){ be64toh(half[0]), be64toh(half[1]) };
}

/* The first address behind a block; false when there is none. */
static bool
cidr_next(const struct cidr *cidr, uint8_t next[16])
{
	if (cidr->family == AF_UNSPEC)
		return false;
	for (unsigned i = 0; i < 16; i++)
		next[i] = cidr->addr[i] | cidr_rest(cidr->prefix, i);
	for (unsigned i = 16; i-- > 0;)
		if (++next[i] != 0)
			return true;
	return false;
}

/* The ranges of a family in the making, and the blocks that are open. */
struct cidr_sweep {
	struct cidr_range *ranges;
	unsigned nranges;
	const struct cidr_entry *open[CIDR_DEPTH]; /* the smallest last */
	unsigned nopen;
};

/* From first on, what is open last counts. */
static void
cidr_sweep_put(struct cidr_sweep *sweep, const uint8_t first[16])
{
	struct cidr_range *last = &sweep->ranges[sweep->nranges - 1];
	const struct cidr_key key = cidr_key_of(first);

	/* One that begins where the last one does leaves nothing of it. */
	if (last->first.high != key.high || last->first.low != key.low)
		last = &sweep->ranges[sweep->nranges++];
	last->first = key;
	last->entry = sweep->nopen == 0 ? NULL : sweep->open[sweep->nopen - 1];
}

/* Closes the blocks that are over before first; NULL: all. */
static void
cidr_sweep_close(struct cidr_sweep *sweep, const uint8_t *first)
{
	while (sweep->nopen > 0) {
		uint8_t next[16];
		bool ends =
		    cidr_next(&sweep->open[sweep->nopen - 1]->cidr, next);

		if (first != NULL && (!ends || memcmp(next, first, 16) > 0))
			return;
		sweep->nopen--;
		if (ends)
			cidr_sweep_put(sweep, next);
	}
}

static void
cidr_sweep_open(struct cidr_sweep *sweep, const struct cidr_entry *entry)
{
	cidr_sweep_close(sweep, entry->cidr.addr);
	/* The same block again: the later one, which may deny, counts. */
	if (sweep->nopen > 0 &&
	    cidr_equal(&sweep->open[sweep->nopen - 1]->cidr, &entry->cidr))
		sweep->nopen--;
	sweep->open[sweep->nopen++] = entry;
	cidr_sweep_put(sweep, entry->cidr.addr);
}

/* The ranges of a family, from room on; returns how many. */
static unsigned
cidr_set_sweep(struct cidr_ranges *ranges, uint8_t family,
    const struct cidr_entry *entries, unsigned n, struct cidr_range *room)
{
	struct cidr_sweep sweep = { .ranges = room, .nranges = 1 };

	room[0] = (struct cidr_range){ .entry = NULL };
	for (unsigned i = 0; i < n; i++)
		if (entries[i].cidr.family == AF_UNSPEC ||
		    entries[i].cidr.family == family)
			cidr_sweep_open(&sweep, &entries[i]);
	cidr_sweep_close(&sweep, NULL);
	*ranges = (struct cidr_ranges){ room, sweep.nranges };
	return sweep.nranges;
}

void
cidr_set_make(struct cidr_set *set, struct cidr_entry *entries, unsigned n,
    struct cidr_range *room)
{
	*set = (struct cidr_set){ 0 };
	if (n == 0)
		return;
	qsort(entries, n, sizeof(entries[0]), on_compare_entries);
	for (unsigned i = 0; i < n; i++) {
		set->allows |= !entries[i].deny;
		/* AF_UNIX is behind AF_UNSPEC, and wins so. */
		if (entries[i].cidr.family == AF_UNSPEC ||
		    entries[i].cidr.family == AF_UNIX)
			set->unix_entry = &entries[i];
	}
	room += cidr_set_sweep(&set->v4, AF_INET, entries, n, room);
	(void)cidr_set_sweep(&set->v6, AF_INET6, entries, n, room);
}

const struct cidr_entry *
cidr_set_find(const struct cidr_set *set, const struct address *address)
{
	const struct cidr_ranges *ranges =
	    address->family == AF_INET ? &set->v4 : &set->v6;
	const struct cidr_key key = cidr_key_of(address->addr);
	unsigned low = 0, high = ranges->nitems;

	if (address->family == AF_UNIX)
		return set->unix_entry;
	if (high == 0)
		return NULL;
	/* The last range that begins at the address or before it. */
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;
		const struct cidr_key *first = &ranges->items[middle].first;

		if (first->high > key.high ||
		    (first->high == key.high && first->low > key.low))
			high = middle;
		else
			low = middle;
	}
	return ranges->items[low].entry;
}
