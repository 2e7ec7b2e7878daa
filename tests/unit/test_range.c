/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/range.h"

#include <stdio.h>

#include "rows.h"

#define MAX 4

struct range_row {
	const char *name;
	const char *value;
	uint64_t size;
	const char *want; /* "first-last first-last", "416" or "ignored" */
};

static const struct range_row table[] = {
	{ "RFC 9110 14.1.2 first 500", "bytes=0-499", 10000, "0-499" },
	{ "RFC 9110 14.1.2 second 500", "bytes=500-999", 10000, "500-999" },
	{ "RFC 9110 14.1.2 final 500", "bytes=-500", 10000, "9500-9999" },
	{ "RFC 9110 14.1.2 open", "bytes=9500-", 10000, "9500-9999" },
	{ "RFC 9110 14.1.2 first and last byte", "bytes=0-0,-1", 10000,
	    "0-0 9999-9999" },
	{ "RFC 9110 14.1.2 first, middle, last",
	    "bytes= 0-999, 4500-5499, -1000", 10000, "ignored" },
	{ "RFC 9110 14.1.2 second 500, not canonical, touching",
	    "bytes=500-600,601-999", 10000, "500-999" },
	{ "RFC 9110 14.1.2 second 500, not canonical, overlapping",
	    "bytes=500-700,601-999", 10000, "500-999" },
	{ "one byte", "bytes=0-0", 1, "0-0" },
	{ "the whole file", "bytes=0-", 10, "0-9" },
	{ "the last byte", "bytes=9-", 10, "9-9" },
	{ "RFC 9110 14.1.1 end is clamped", "bytes=5-100", 10, "5-9" },
	{ "RFC 9110 14.1.1 suffix longer than the file", "bytes=-100", 10,
	    "0-9" },
	{ "suffix as long as the file", "bytes=-10", 10, "0-9" },
	{ "RFC 9110 14.1 unit in any case", "BYTES=0-1", 10, "0-1" },
	{ "leading zeros", "bytes=00-01", 10, "0-1" },
	{ "end beyond 64 bits", "bytes=1-99999999999999999999999", 10, "1-9" },
	{ "suffix beyond 64 bits", "bytes=-99999999999999999999999", 10,
	    "0-9" },
	{ "start beyond 64 bits", "bytes=99999999999999999999999-", 10, "416" },
	{ "both beyond 64 bits",
	    "bytes=99999999999999999999998-99999999999999999999999", 10,
	    "416" },
	{ "beyond 4 GiB", "bytes=4294967296-4294967297", 8589934592,
	    "4294967296-4294967297" },
	{ "RFC 9110 15.5.17 starts at the end", "bytes=10-", 10, "416" },
	{ "RFC 9110 15.5.17 starts past the end", "bytes=20-30", 10, "416" },
	{ "RFC 9110 14.1.2 suffix of nothing", "bytes=-0", 10, "416" },
	{ "RFC 9110 15.5.17 all past the end", "bytes=20-30,40-50", 10, "416" },
	{ "RFC 9110 14.2 one of two past the end", "bytes=20-30,0-1", 10,
	    "0-1" },
	{ "empty file, from the start", "bytes=0-", 0, "416" },
	{ "empty file, suffix", "bytes=-5", 0, "416" },
	{ "RFC 9110 14.1.1 last before first", "bytes=5-4", 10, "ignored" },
	{ "RFC 9110 14.1.1 one bad spoils the set", "bytes=0-1,5-4", 10,
	    "ignored" },
	{ "last before first, both past the end", "bytes=30-20", 10,
	    "ignored" },
	{ "RFC 9110 14.2 another unit", "seconds=0-1", 10, "ignored" },
	{ "no unit", "0-1", 10, "ignored" },
	{ "unit that begins alike", "bytesx=0-1", 10, "ignored" },
	{ "no range", "bytes=", 10, "ignored" },
	{ "only commas", "bytes=,,", 10, "ignored" },
	{ "only the unit", "bytes", 10, "ignored" },
	{ "empty value", "", 10, "ignored" },
	{ "only a dash", "bytes=-", 10, "ignored" },
	{ "no dash", "bytes=5", 10, "ignored" },
	{ "two dashes", "bytes=1--2", 10, "ignored" },
	{ "negative", "bytes=-1-2", 10, "ignored" },
	{ "negative, beyond 64 bits", "bytes=-99999999999999999999-1", 10,
	    "ignored" },
	{ "letters behind what is beyond 64 bits",
	    "bytes=0-99999999999999999999x", 10, "ignored" },
	{ "a sign", "bytes=+1-2", 10, "ignored" },
	{ "hexadecimal", "bytes=0x1-2", 10, "ignored" },
	{ "letters", "bytes=a-b", 10, "ignored" },
	{ "space inside", "bytes=1 -2", 10, "ignored" },
	{ "space before =", "bytes =1-2", 10, "ignored" },
	{ "space after =", "bytes= 1-2", 10, "ignored" },
	{ "something behind", "bytes=1-2;q=1", 10, "ignored" },
	{ "a quoted range", "bytes=\"1-2\"", 10, "ignored" },
	{ "RFC 9110 5.6.1 spaces round the comma", "bytes=0-1 ,\t4-5", 10,
	    "0-1 4-5" },
	{ "RFC 9110 5.6.1 empty elements", "bytes=0-1,,4-5,", 10, "0-1 4-5" },
	{ "RFC 9110 5.6.1 empty element first", "bytes=,0-1", 10, "0-1" },
	{ "order is kept", "bytes=6-7,0-1,3-3", 10, "6-7 0-1 3-3" },
	{ "overlap goes to the earlier place", "bytes=6-7,0-1,5-6", 10,
	    "5-7 0-1" },
	{ "touching before", "bytes=4-5,2-3", 10, "2-5" },
	{ "a gap of one byte stays", "bytes=0-1,3-4", 10, "0-1 3-4" },
	{ "one inside another", "bytes=0-5,2-3", 10, "0-5" },
	{ "one joins two", "bytes=0-1,6-7,2-5", 10, "0-7" },
	{ "one joins the last two", "bytes=0-0,4-4,6-6,5-5", 10, "0-0 4-6" },
	{ "the same twice", "bytes=0-1,0-1", 10, "0-1" },
	{ "as many as allowed", "bytes=0-0,2-2,4-4,6-6", 10,
	    "0-0 2-2 4-4 6-6" },
	{ "RFC 9110 14.2 more than allowed", "bytes=0-0,2-2,4-4,6-6,8-8", 10,
	    "ignored" },
	{ "more than allowed, but they touch", "bytes=0-0,1-1,2-2,3-3,4-4,5-5",
	    10, "0-5" },
	{ "more than allowed, but past the end", "bytes=0-0,20-,30-,40-,50-",
	    10, "0-0" },
	{ "RFC 9110 14.2 more bytes than the file", "bytes=0-9,0-0", 10,
	    "ignored" },
	{ "RFC 9110 17.15 the file again and again", "bytes=0-,0-,0-,0-", 10,
	    "ignored" },
	{ "all bytes in pieces", "bytes=5-9,0-4", 10, "0-9" },
	{ "the largest file", "bytes=-1", UINT64_MAX,
	    "18446744073709551614-18446744073709551614" },
	{ "the largest file whole", "bytes=0-", UINT64_MAX,
	    "0-18446744073709551614" },
};

static void
check_range(void **state)
{
	const struct range_row *row = *state;
	struct range ranges[MAX];
	enum range_result result;
	char got[256] = "";
	size_t len = 0;
	unsigned n;

	result = range_parse(span_of(row->value), row->size, ranges, MAX, &n);
	if (result == RANGE_IGNORE) {
		assert_string_equal("ignored", row->want);
		return;
	}
	if (result == RANGE_UNSATISFIABLE) {
		assert_string_equal("416", row->want);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len,
		    "%s%ju-%ju", i == 0 ? "" : " ", (uintmax_t)ranges[i].first,
		    (uintmax_t)ranges[i].last);
	assert_string_equal(got, row->want);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_range);
	return rows_run(&rows, "range");
}
