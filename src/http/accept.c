/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/accept.h"

/* Weights are counted in thousandths. */
#define ACCEPT_UNLISTED (-1)
#define ACCEPT_FULL     1000

struct accept_weights {
	int coding[CODING_COUNT];
	int any; /* of "*" */
};

/* Reads a qvalue: 0 or 1 and up to three decimals (RFC 9110 12.4.2). */
static bool
accept_parse_qvalue(struct span text, int *weight)
{
	int unit = 100;

	if (text.len < 1 || text.len > 5 || (*text.ptr & ~1) != '0')
		return false;
	if (text.len > 1 && text.ptr[1] != '.')
		return false;
	*weight = (*text.ptr - '0') * ACCEPT_FULL;
	for (size_t i = 2; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		*weight += (text.ptr[i] - '0') * unit;
		unit /= 10;
	}
	return *weight <= ACCEPT_FULL;
}

/* Splits "token [;q=...]" and reads the weight; false when malformed. */
static bool
accept_parse_item(struct span item, struct span *token, int *weight)
{
	const char *semicolon = memchr(item.ptr, ';', item.len);
	struct span rest;

	*token = item;
	*weight = ACCEPT_FULL;
	if (semicolon == NULL)
		return true;
	token->len = (size_t)(semicolon - item.ptr);
	rest = span_trim(
	    (struct span){ semicolon + 1, item.len - token->len - 1 });
	*token = span_trim(*token);
	if (rest.len < 2 || (rest.ptr[0] | 0x20) != 'q' || rest.ptr[1] != '=')
		return false;
	rest.ptr += 2;
	rest.len -= 2;
	return accept_parse_qvalue(rest, weight);
}

/* Whose weight a token sets; NULL for a coding that we never have. */
static int *
accept_find(struct accept_weights *weights, struct span token)
{
	if (span_equal(token, SPAN("*")))
		return &weights->any;
	for (unsigned i = 0; i < CODING_COUNT; i++)
		if (span_equal_nocase(token, coding_name((enum coding)i)))
			return &weights->coding[i];
	if (span_equal_nocase(token, SPAN("x-gzip")))
		return &weights->coding[CODING_GZIP];
	return NULL;
}

/* A malformed element counts for nothing; of two the higher weight counts. */
static void
accept_read(const struct request *request, struct accept_weights *weights)
{
	struct span list, item, token;
	unsigned iter = 0;

	weights->any = ACCEPT_UNLISTED;
	for (unsigned i = 0; i < CODING_COUNT; i++)
		weights->coding[i] = ACCEPT_UNLISTED;
	while (
	    request_next_value(request, FIELD_ACCEPT_ENCODING, &iter, &list)) {
		while (span_next_item(&list, &item)) {
			int weight;
			int *place;

			if (!accept_parse_item(item, &token, &weight))
				continue;
			place = accept_find(weights, token);
			if (place != NULL && *place < weight)
				*place = weight;
		}
	}
}

/*
 * Identity that is not listed is acceptable (RFC 9110 12.5.3), but the client
 * asked for something else: it comes last, as what is refused does, and is
 * what accept_pick() falls back on.
 */
static int
accept_weight(const struct accept_weights *weights, enum coding coding)
{
	if (weights->coding[coding] != ACCEPT_UNLISTED)
		return weights->coding[coding];
	return weights->any != ACCEPT_UNLISTED ? weights->any : 0;
}

enum coding
accept_pick(const struct request *request, unsigned available,
    const enum coding order[CODING_COUNT])
{
	struct accept_weights weights;
	enum coding best = CODING_IDENTITY;
	int best_weight = 0;

	/* No field means that any coding will do; the plain one is surest. */
	if (request->value[FIELD_ACCEPT_ENCODING].ptr == NULL)
		return CODING_IDENTITY;
	available |= 1u << CODING_IDENTITY;
	if (available == 1u << CODING_IDENTITY)
		return CODING_IDENTITY;
	accept_read(request, &weights);
	for (unsigned i = 0; i < CODING_COUNT; i++) {
		int weight = accept_weight(&weights, order[i]);

		if ((available & 1u << order[i]) == 0 || weight <= best_weight)
			continue;
		best = order[i];
		best_weight = weight;
	}
	return best;
}

/*
 * Splits "type/subtype [;parameter ...] [;q=...]", which is not empty; false
 * when malformed.
 */
static bool
accept_parse_range(struct span item, struct span *range, int *weight)
{
	struct span rest = item;
	bool first = true, good = true;

	*weight = ACCEPT_FULL;
	do {
		const char *end = memchr(rest.ptr, ';', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.ptr);
		struct span part = span_trim((struct span){ rest.ptr, len });

		len += end != NULL;
		rest = (struct span){ rest.ptr + len, rest.len - len };
		if (first)
			*range = part;
		else if (part.len >= 2 && (part.ptr[0] | 0x20) == 'q' &&
			 part.ptr[1] == '=')
			good = accept_parse_qvalue(
			    (struct span){ part.ptr + 2, part.len - 2 },
			    weight);
		first = false;
	} while (good && rest.len > 0);
	return good;
}

bool
accept_asks_for(const struct request *request, struct span type)
{
	int named = 0, best = 0;
	struct span list, item, range;
	unsigned iter = 0;

	while (request_next_value(request, FIELD_ACCEPT, &iter, &list)) {
		while (span_next_item(&list, &item)) {
			int weight;

			if (!accept_parse_range(item, &range, &weight))
				continue;
			if (weight > best)
				best = weight;
			if (weight > named && span_equal_nocase(range, type))
				named = weight;
		}
	}
	return named > 0 && named == best;
}
