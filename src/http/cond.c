/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/cond.h"

#include "http/chars.h"
#include "http/date.h"

/*
 * Takes an entity-tag off *text: W/ or not, and the opaque-tag with its quotes
 * (RFC 9110 8.8.3).  A backslash in it is no escape and a comma is no end.
 */
static bool
cond_take_tag(struct span *text, bool *weak, struct span *opaque)
{
	const char *end = text->ptr + text->len;
	const char *p = text->ptr;
	const char *start;

	*weak = span_starts_with(*text, SPAN("W/"));
	if (*weak)
		p += 2;
	start = p;
	if (p == end || *p++ != '"')
		return false;
	while (p < end && chars_is(*p, CHARS_ETAG))
		p++;
	if (p == end || *p++ != '"')
		return false;
	*opaque = (struct span){ start, (size_t)(p - start) };
	*text = (struct span){ p, (size_t)(end - p) };
	return true;
}

/* Goes through a list of entity-tags; false when it is malformed. */
static bool
cond_scan_list(struct span list, struct span etag, bool strong, bool *match)
{
	for (;;) {
		struct span opaque;
		bool weak;

		list = span_trim(list);
		if (list.len == 0)
			return true;
		if (*list.ptr == ',') {
			list.ptr++;
			list.len--;
			continue;
		}
		if (!cond_take_tag(&list, &weak, &opaque))
			return false;
		if (span_equal(opaque, etag) && !(weak && strong))
			*match = true;
		list = span_trim(list);
		if (list.len > 0 && *list.ptr != ',')
			return false;
	}
}

/*
 * Whether "*" or one of the tags of a field is the one we have.  A malformed
 * list holds no tag, so it neither saves a transfer nor lets a change pass.
 */
static bool
cond_matches(const struct request *request, enum field field,
    const struct validators *validators, bool strong)
{
	struct span value;
	unsigned iter = 0;
	bool match = false;

	if (span_equal(request->value[field], SPAN("*"))) {
		(void)request_next_value(request, field, &iter, &value);
		return !request_next_value(request, field, &iter, &value);
	}
	while (request_next_value(request, field, &iter, &value))
		if (!cond_scan_list(value, validators->etag, strong, &match))
			return false;
	return match;
}

static enum cond_result
cond_check_unmodified(const struct request *request,
    const struct validators *validators, int64_t now)
{
	struct span value = request->value[FIELD_IF_UNMODIFIED_SINCE];
	int64_t date;

	if (!validators->has_last_modified || !date_parse(value, now, &date))
		return COND_PROCEED;
	return validators->last_modified > date ? COND_FAILED : COND_PROCEED;
}

static enum cond_result
cond_check_modified(const struct request *request,
    const struct validators *validators, int64_t now)
{
	struct span value = request->value[FIELD_IF_MODIFIED_SINCE];
	int64_t date;

	if (!validators->has_last_modified || !date_parse(value, now, &date))
		return COND_PROCEED;
	/* Nobody can know a change that is still to come. */
	if (date > now || validators->last_modified > date)
		return COND_PROCEED;
	return COND_NOT_MODIFIED;
}

enum cond_result
cond_evaluate_fields(const struct request *request,
    const struct validators *validators, int64_t now)
{
	const struct span *value = request->value;

	/* Others select nothing that could match (RFC 9110 13.2.1). */
	if (request->method != METHOD_GET && request->method != METHOD_HEAD)
		return COND_PROCEED;
	if (value[FIELD_IF_MATCH].ptr != NULL) {
		if (!cond_matches(request, FIELD_IF_MATCH, validators, true))
			return COND_FAILED;
	} else if (cond_check_unmodified(request, validators, now) ==
		   COND_FAILED) {
		return COND_FAILED;
	}
	if (value[FIELD_IF_NONE_MATCH].ptr == NULL)
		return cond_check_modified(request, validators, now);
	if (cond_matches(request, FIELD_IF_NONE_MATCH, validators, false))
		return COND_NOT_MODIFIED;
	return COND_PROCEED;
}

bool
cond_range_applies(const struct request *request,
    const struct validators *validators, int64_t now)
{
	struct span value = request->value[FIELD_IF_RANGE];
	struct span opaque;
	int64_t date;
	bool weak;

	/* Ranges are defined for GET alone (RFC 9110 14.2). */
	if (request->method != METHOD_GET)
		return false;
	if (value.ptr == NULL)
		return true;
	if (cond_take_tag(&value, &weak, &opaque))
		return !weak && value.len == 0 &&
		       span_equal(opaque, validators->etag);
	/* A date is a strong validator once it lies a second back (8.8.2.2). */
	return validators->has_last_modified &&
	       validators->last_modified < now &&
	       date_parse(value, now, &date) &&
	       date == validators->last_modified;
}
