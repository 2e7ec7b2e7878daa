/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_order.h"

#include <assert.h>
#include <endian.h>

#define LISTING_ORDER_KEY_BYTES 16

/* A longer number is not in the key, which ends there. */
#define LISTING_ORDER_KEY_DIGITS 8

static bool
listing_order_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned char
listing_order_fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Takes a number off *text, without zeros in front. */
static struct span
listing_order_take_digits(struct span *text)
{
	const char *end = text->ptr + text->len;
	const char *start = text->ptr;
	const char *p;

	while (start < end && *start == '0')
		start++;
	p = start;
	while (p < end && listing_order_is_digit(*p))
		p++;
	*text = (struct span){ p, (size_t)(end - p) };
	return (struct span){ start, (size_t)(p - start) };
}

static int
listing_order_numbers(struct span *a, struct span *b)
{
	struct span x = listing_order_take_digits(a);
	struct span y = listing_order_take_digits(b);

	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	return memcmp(x.ptr, y.ptr, x.len);
}

static int
listing_order_bytes(struct span a, struct span b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* How many bytes are the same in both, up to where a number begins. */
static size_t
listing_order_same(struct span a, struct span b)
{
	size_t most = a.len < b.len ? a.len : b.len;
	size_t n = 0;

	while (n < most && a.ptr[n] == b.ptr[n])
		n++;
	while (n > 0 && listing_order_is_digit(a.ptr[n - 1]))
		n--;
	return n;
}

int
listing_order_names(struct span a, struct span b)
{
	size_t same = listing_order_same(a, b);
	struct span x = { a.ptr + same, a.len - same };
	struct span y = { b.ptr + same, b.len - same };
	int order;

	while (x.len > 0 && y.len > 0) {
		if (listing_order_is_digit(*x.ptr) &&
		    listing_order_is_digit(*y.ptr)) {
			order = listing_order_numbers(&x, &y);
		} else {
			order = listing_order_fold(*x.ptr++) -
				listing_order_fold(*y.ptr++);
			x.len--;
			y.len--;
		}
		if (order != 0)
			return order;
	}
	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	/* "a1" and "A01" are alike so far. */
	return listing_order_bytes(a, b);
}

/*
 * The beginning of a name such that, read as a number, it has the order of
 * listing_order_names(): letters folded, a number as a digit that says how long
 * it is and then itself.  Names with the same key need to be compared.
 */
static void
listing_order_name_key(
    struct span name, unsigned char key[LISTING_ORDER_KEY_BYTES])
{
	size_t n = 0;

	while (n < LISTING_ORDER_KEY_BYTES && name.len > 0) {
		struct span digits;

		if (!listing_order_is_digit(*name.ptr)) {
			key[n++] = listing_order_fold(*name.ptr++);
			name.len--;
			continue;
		}
		digits = listing_order_take_digits(&name);
		if (digits.len > LISTING_ORDER_KEY_DIGITS) {
			key[n] = '9';
			return;
		}
		key[n++] = (unsigned char)('0' + digits.len);
		if (digits.len > LISTING_ORDER_KEY_BYTES - n)
			digits.len = LISTING_ORDER_KEY_BYTES - n;
		memcpy(key + n, digits.ptr, digits.len);
		n += digits.len;
	}
}

static void
listing_order_set_key(
    const struct listing_heap *heap, struct listing_entry *entry)
{
	unsigned char bytes[LISTING_ORDER_KEY_BYTES] = { 0 };

	entry->key[0] = entry->key[1] = 0;
	switch (heap->order.sort) {
	case LISTING_NAME:
		listing_order_name_key(listing_order_name(heap, entry), bytes);
		memcpy(entry->key, bytes, sizeof(bytes));
		entry->key[0] = be64toh(entry->key[0]);
		entry->key[1] = be64toh(entry->key[1]);
		break;
	case LISTING_SIZE:
		entry->key[0] = entry->folder ? 0 : entry->size;
		break;
	case LISTING_TIME:
		/* The sign flipped, so that years before 1970 come first. */
		entry->key[0] = (uint64_t)entry->mtime_ns ^ UINT64_C(1) << 63;
		break;
	}
}

/* True when a comes before b. */
static bool
listing_order_is_less(const struct listing_heap *heap,
    const struct listing_entry *a, const struct listing_entry *b)
{
	bool less;

	if (a->folder != b->folder)
		return a->folder;
	if (a->key[0] != b->key[0])
		return (a->key[0] < b->key[0]) != heap->order.descending;
	if (a->key[1] != b->key[1])
		return (a->key[1] < b->key[1]) != heap->order.descending;
	less = listing_order_names(listing_order_name(heap, a),
		   listing_order_name(heap, b)) < 0;
	/* What has the same size or time is in the order of names. */
	return less !=
	       (heap->order.descending && heap->order.sort == LISTING_NAME);
}

/* Moves the hole at i up to where entry may stand, and puts it there. */
static void
listing_order_rise(
    struct listing_heap *heap, unsigned i, const struct listing_entry *entry)
{
	while (i > 0) {
		unsigned parent = (i - 1) / 2;

		if (!listing_order_is_less(heap, entry, &heap->entries[parent]))
			break;
		heap->entries[i] = heap->entries[parent];
		i = parent;
	}
	heap->entries[i] = *entry;
}

void
listing_order_add(struct listing_heap *heap, const struct listing_entry *entry)
{
	struct listing_entry added = *entry;

	listing_order_set_key(heap, &added);
	listing_order_rise(heap, heap->n++, &added);
}

struct listing_entry
listing_order_take(struct listing_heap *heap)
{
	struct listing_entry first = heap->entries[0];
	struct listing_entry *entries = heap->entries;
	unsigned i = 0, child;

	assert(heap->n > 0);
	heap->n--;
	/*
	 * The hole goes down to a leaf, and the last entry rises from there:
	 * it came from a leaf, so it seldom rises far, and a step down costs
	 * one comparison in place of two.
	 */
	while ((child = 2 * i + 1) < heap->n) {
		if (child + 1 < heap->n &&
		    listing_order_is_less(
			heap, &entries[child + 1], &entries[child]))
			child++;
		entries[i] = entries[child];
		i = child;
	}
	listing_order_rise(heap, i, &entries[heap->n]);
	return first;
}
