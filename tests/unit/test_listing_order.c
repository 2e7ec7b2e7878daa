/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_order.h"

#include <stdlib.h>

#include "rows.h"

#define COUNT 3000

static const struct {
	const char *name;
	const char *first;
	const char *second;
} pairs[] = {
	{ "letters", "a", "b" },
	{ "the shorter one", "a", "ab" },
	{ "case does not matter", "a", "B" },
	{ "case decides at last", "A", "a" },
	{ "numbers by their value", "file2", "file10" },
	{ "numbers in the middle", "a2b", "a10a" },
	{ "more than one number", "1.2.10", "1.10.2" },
	{ "zeros in front do not count", "a007b", "a8a" },
	{ "but at last", "a01", "a1" },
	{ "zero and nothing", "a", "a0" },
	{ "numbers of nine digits", "a123456789", "a123456790" },
	{ "eight digits and nine", "a99999999", "a100000000" },
	{ "nine digits and ten", "a999999999", "a1000000000" },
	{ "numbers that no integer holds", "v99999999999999999999998",
	    "v99999999999999999999999" },
	{ "a number and a letter", "a1", "ab" },
	{ "a number and a point", "a.txt", "a1.txt" },
	{ "a number before UTF-8", "9", "\xc3\xa4" },
	{ "far behind", "abcdefghijklm9", "abcdefghijklm10" },
	{ "a date", "2026-9-1", "2026-10-1" },
};

static void
check_pair(void **state)
{
	const __typeof__(*pairs) *row = *state;
	struct span first = span_of(row->first), second = span_of(row->second);

	assert_true(listing_order_names(first, second) < 0);
	assert_true(listing_order_names(second, first) > 0);
	assert_int_equal(listing_order_names(first, first), 0);
}

/* Names from few characters, so that many are nearly alike. */
struct fixture {
	char names[COUNT * 24];
	struct listing_entry entries[COUNT];
	struct listing_heap heap;
};

static struct fixture fixture;

static void
fill(enum listing_sort sort, bool descending)
{
	static const char letters[] = "aB0129.-\xc3";
	struct fixture *f = &fixture;
	size_t used = 0;

	f->heap = (struct listing_heap){
		.entries = f->entries,
		.names = f->names,
		.order = { .sort = sort, .descending = descending },
	};
	srand(9110);
	for (unsigned i = 0; i < COUNT; i++) {
		struct listing_entry entry = {
			.name = (uint32_t)used,
			.name_len = (uint16_t)(1 + rand() % 20),
			.folder = rand() % 4 == 0,
			.size = (uint64_t)(rand() % 50),
			.mtime_ns = rand() % 50 - 25,
		};

		for (unsigned j = 0; j < entry.name_len; j++)
			f->names[used++] =
			    letters[(size_t)rand() % (sizeof(letters) - 1)];
		listing_order_add(&f->heap, &entry);
	}
}

/* The order that is wanted, without keys. */
static int
compare(const struct listing_entry *a, const struct listing_entry *b)
{
	const struct listing_order *order = &fixture.heap.order;
	int by_name = listing_order_names(listing_order_name(&fixture.heap, a),
	    listing_order_name(&fixture.heap, b));
	int by = by_name;

	if (a->folder != b->folder)
		return a->folder ? -1 : 1;
	if (order->sort == LISTING_SIZE)
		by = a->folder ? 0 : (a->size > b->size) - (a->size < b->size);
	if (order->sort == LISTING_TIME)
		by = (a->mtime_ns > b->mtime_ns) - (a->mtime_ns < b->mtime_ns);
	if (by == 0)
		return by_name;
	return order->descending ? -by : by;
}

static const struct {
	const char *name;
	enum listing_sort sort;
	bool descending;
} orders[] = {
	{ "by name", LISTING_NAME, false },
	{ "by name, turned round", LISTING_NAME, true },
	{ "by size", LISTING_SIZE, false },
	{ "by size, turned round", LISTING_SIZE, true },
	{ "by time", LISTING_TIME, false },
	{ "by time, turned round", LISTING_TIME, true },
};

static void
check_order(void **state)
{
	const __typeof__(*orders) *row = *state;
	struct listing_entry last, next;

	fill(row->sort, row->descending);
	last = listing_order_take(&fixture.heap);
	for (unsigned i = 1; i < COUNT; i++) {
		assert_int_equal(fixture.heap.n, COUNT - i);
		next = listing_order_take(&fixture.heap);
		if (compare(&last, &next) > 0)
			fail_msg("%u: %.*s before %.*s", i, (int)last.name_len,
			    fixture.names + last.name, (int)next.name_len,
			    fixture.names + next.name);
		last = next;
	}
	assert_int_equal(fixture.heap.n, 0);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, pairs, check_pair);
	ROWS_ADD(&rows, orders, check_order);
	return rows_run(&rows, "listing_order");
}
