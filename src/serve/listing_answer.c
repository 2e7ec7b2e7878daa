/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_answer.h"

#include <assert.h>
#include <errno.h>

#include "core/number.h"
#include "http/query.h"
#include "serve/errand.h"
#include "serve/listing_page.h"

#define LISTING_ANSWER_JSON_TYPE SPAN("application/json")

/* The parts of an entity-tag in base 36, and what stands round them. */
#define LISTING_ANSWER_TAG_BYTES (3 * 13 + 16)

/* What a word of the query stands for. */
struct listing_answer_word {
	struct span word;
	unsigned value;
};

static const struct listing_answer_word listing_answer_formats[] = {
	{ { "html", 4 }, LISTING_HTML },
	{ { "json", 4 }, LISTING_JSON },
	{ { NULL, 0 }, 0 },
};

static const struct listing_answer_word listing_answer_sorts[] = {
	{ { "name", 4 }, LISTING_NAME },
	{ { "size", 4 }, LISTING_SIZE },
	{ { "time", 4 }, LISTING_TIME },
	{ { NULL, 0 }, 0 },
};

static const struct listing_answer_word listing_answer_orders[] = {
	{ { "asc", 3 }, false },
	{ { "desc", 4 }, true },
	{ { NULL, 0 }, 0 },
};

/* Sets *value to what a word stands for; false when it is none of them. */
static bool
listing_answer_read(
    const struct listing_answer_word *words, struct span text, unsigned *value)
{
	for (; words->word.ptr != NULL; words++) {
		if (!span_equal(words->word, text))
			continue;
		*value = words->value;
		return true;
	}
	return false;
}

struct listing_wish
listing_answer_wish(const struct request *request)
{
	unsigned format = LISTING_HTML, sort = LISTING_NAME, descending = false;
	struct span query = request->query, name, value;
	bool asked = false;

	while (query_take(&query, &name, &value)) {
		if (span_equal(name, SPAN("format")))
			asked |= listing_answer_read(
			    listing_answer_formats, value, &format);
		else if (span_equal(name, SPAN("sort")))
			(void)listing_answer_read(
			    listing_answer_sorts, value, &sort);
		else if (span_equal(name, SPAN("order")))
			(void)listing_answer_read(
			    listing_answer_orders, value, &descending);
	}
	if (!asked && accept_asks_for(request, LISTING_ANSWER_JSON_TYPE))
		format = LISTING_JSON;
	return (struct listing_wish){
		.format = (enum listing_format)format,
		.negotiated = !asked,
		.order = { .sort = (enum listing_sort)sort,
		    .descending = descending != 0 },
	};
}

/*
 * Weak, of all that is shown: a file can change without its folder, so the time
 * of the folder proves nothing (RFC 9110 8.8.1).  There is one when the folder
 * was read at once, and none when it is read while it is sent.
 */
static struct span
listing_answer_tag(const struct listing *listing,
    const struct listing_wish *wish, char out[LISTING_ANSWER_TAG_BYTES])
{
	const uint64_t form = (uint64_t)listing_page_version() << 8 |
			      (uint64_t)wish->format << 4 |
			      (uint64_t)wish->order.sort << 1 |
			      (uint64_t)wish->order.descending;
	char *end = out;

	if (!listing->whole)
		return (struct span){ 0 };
	*end++ = '"';
	end += number_format_base36(end, listing->hash[0]);
	*end++ = '-';
	end += number_format_base36(end, listing->hash[1]);
	*end++ = '-';
	end += number_format_base36(end, form);
	*end++ = '"';
	return (struct span){ out, (size_t)(end - out) };
}

/* Appends to the fields; they fit. */
static void
listing_answer_add(struct listings *listings, size_t *len, struct span text)
{
	assert(*len + text.len <= sizeof(listings->fields));
	memcpy(listings->fields + *len, text.ptr, text.len);
	*len += text.len;
}

/* What 304 and 412 say too: the tag, and what the choice depends on. */
static struct span
listing_answer_fields(
    struct listings *listings, const struct listing_wish *wish, struct span tag)
{
	size_t len = 0;

	if (tag.len > 0) {
		listing_answer_add(listings, &len, SPAN("ETag: W/"));
		listing_answer_add(listings, &len, tag);
		listing_answer_add(listings, &len, SPAN("\r\n"));
	}
	if (wish->negotiated)
		listing_answer_add(listings, &len, SPAN("Vary: Accept\r\n"));
	return (struct span){ listings->fields, len };
}

/* The policy lets the page do what it does, and a name in it nothing. */
static void
listing_answer_add_policy(struct listings *listings, struct span *fields)
{
	listing_answer_add(
	    listings, &fields->len, SPAN("Content-Security-Policy: "));
	listing_answer_add(listings, &fields->len, listing_page_policy());
	listing_answer_add(listings, &fields->len, SPAN("\r\n"));
}

static void
listing_answer_set(struct listings *listings, const struct listing_wish *wish,
    struct span tag, struct reply *reply)
{
	struct span fields = listing_answer_fields(listings, wish, tag);

	reply_begin(reply, 200);
	reply->response.chunked = true;
	if (wish->format == LISTING_JSON) {
		reply->response.type = LISTING_ANSWER_JSON_TYPE;
	} else {
		reply->response.type = RESPONSE_PAGE_TYPE;
		listing_answer_add_policy(listings, &fields);
	}
	reply->response.fields = fields;
}

/* Why there is no listing. */
static void
listing_answer_refuse(int error, struct reply *reply)
{
	if (error != EBUSY) {
		reply_set_error(reply, error);
		return;
	}
	reply_set_status(reply, 503);
	reply->response.retry_after_s = 1;
}

void
listing_answer_make(struct listings *listings, struct errands *errands,
    const struct site *site, const struct mime_map *mime,
    const struct request *request, const struct address *client,
    struct auth_pass pass, struct span path, struct reply *reply)
{
	const struct listing_wish wish = listing_answer_wish(request);
	const struct listing_ask ask = {
		.site = site,
		.mime = mime,
		.client = client,
		.pass = pass,
		.path = path,
		.format = wish.format,
		.order = wish.order,
	};
	struct listing *listing = errands == NULL
				      ? listing_open(listings, &ask)
				      : errand_list(errands, listings, &ask);
	char text[LISTING_ANSWER_TAG_BYTES];
	struct validators validators = { 0 };

	if (listing == NULL) {
		listing_answer_refuse(errno, reply);
		return;
	}
	validators.etag = listing_answer_tag(listing, &wish, text);
	switch (cond_evaluate(request, &validators, 0)) {
	case COND_PROCEED:
		listing_answer_set(listings, &wish, validators.etag, reply);
		if (request->method == METHOD_GET)
			reply->listing = listing;
		else
			listing_close(&listing);
		return;
	case COND_NOT_MODIFIED: reply_begin(reply, 304); break;
	case COND_FAILED: reply_set_status(reply, 412); break;
	}
	reply->response.fields =
	    listing_answer_fields(listings, &wish, validators.etag);
	listing_close(&listing);
}
