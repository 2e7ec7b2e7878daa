/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/range.h"

#include <errno.h>

#include "core/number.h"

enum range_spec {
	RANGE_SPEC_BAD,
	RANGE_SPEC_PAST, /* valid, and nothing of the file */
	RANGE_SPEC_INSIDE,
};

/* Digits; a number that no file reaches is as good as the greatest. */
static bool
range_parse_number(struct span digits, uint64_t *number)
{
	if (number_parse_u64(digits, number) == 0)
		return true;
	*number = UINT64_MAX;
	return errno == ERANGE;
}

/* One int-range or suffix-range (RFC 9110 14.1.1). */
static enum range_spec
range_parse_spec(struct span spec, uint64_t size, struct range *range)
{
	const char *dash = memchr(spec.ptr, '-', spec.len);
	struct span first, last;
	uint64_t suffix;

	if (dash == NULL)
		return RANGE_SPEC_BAD;
	first = (struct span){ spec.ptr, (size_t)(dash - spec.ptr) };
	last = (struct span){ dash + 1, spec.len - first.len - 1 };
	if (first.len == 0) {
		if (!range_parse_number(last, &suffix))
			return RANGE_SPEC_BAD;
		if (suffix == 0 || size == 0)
			return RANGE_SPEC_PAST;
		range->first = suffix < size ? size - suffix : 0;
		range->last = size - 1;
		return RANGE_SPEC_INSIDE;
	}
	range->last = UINT64_MAX;
	if (!range_parse_number(first, &range->first) ||
	    (last.len > 0 && !range_parse_number(last, &range->last)) ||
	    range->first > range->last)
		return RANGE_SPEC_BAD;
	if (range->first >= size)
		return RANGE_SPEC_PAST;
	if (range->last >= size)
		range->last = size - 1;
	return RANGE_SPEC_INSIDE;
}

static bool
range_touches(const struct range *a, const struct range *b)
{
	return a->first <= b->last + 1 && b->first <= a->last + 1;
}

/*
 * Adds one to ranges, none of which touch each other: it takes in all that it
 * touches, at the place of the first of them.  False when there is no room.
 */
static bool
range_add(struct range added, struct range *ranges, unsigned max, unsigned *n)
{
	unsigned place = *n;
	unsigned kept = 0;

	for (unsigned i = 0; i < *n; i++) {
		if (!range_touches(&added, &ranges[i])) {
			ranges[kept++] = ranges[i];
			continue;
		}
		if (ranges[i].first < added.first)
			added.first = ranges[i].first;
		if (ranges[i].last > added.last)
			added.last = ranges[i].last;
		if (place == *n)
			place = kept++;
	}
	if (place == *n) {
		if (kept >= max)
			return false;
		place = kept++;
	}
	ranges[place] = added;
	*n = kept;
	return true;
}

enum range_result
range_parse(struct span value, uint64_t size, struct range *ranges,
    unsigned max, unsigned *n)
{
	struct span unit = SPAN("bytes=");
	struct span item;
	uint64_t asked = 0;
	bool any = false;

	*n = 0;
	if (value.len < unit.len ||
	    !span_equal_nocase((struct span){ value.ptr, unit.len }, unit))
		return RANGE_IGNORE;
	value.ptr += unit.len;
	value.len -= unit.len;
	/* White space is allowed around a comma, and only there. */
	if (value.len == 0 || span_trim(value).ptr != value.ptr)
		return RANGE_IGNORE;
	while (span_next_item(&value, &item)) {
		struct range range;
		enum range_spec spec = range_parse_spec(item, size, &range);

		if (spec == RANGE_SPEC_BAD)
			return RANGE_IGNORE;
		any = true;
		if (spec == RANGE_SPEC_PAST)
			continue;
		/* More than the file in pieces is an attack (RFC 9110 14.2) */
		if (range.last - range.first + 1 > size - asked)
			return RANGE_IGNORE;
		asked += range.last - range.first + 1;
		if (!range_add(range, ranges, max, n))
			return RANGE_IGNORE;
	}
	if (!any)
		return RANGE_IGNORE;
	return *n > 0 ? RANGE_OK : RANGE_UNSATISFIABLE;
}
