/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_answer.h"

#include <stdio.h>

#include "rows.h"

static const struct request_limits limits = {
	.head_bytes = 16384,
	.target_bytes = 9000,
	.field_bytes = 8192,
	.nfields = 100,
};

static const struct {
	const char *name;
	const char *query;
	const char *accept;
	struct listing_wish want;
} wishes[] = {
	{ "nothing", "", "*/*",
	    { LISTING_HTML, true, { LISTING_NAME, false } } },
	{ "an order", "?sort=size&order=desc", "*/*",
	    { LISTING_HTML, true, { LISTING_SIZE, true } } },
	{ "by time", "?sort=time", "*/*",
	    { LISTING_HTML, true, { LISTING_TIME, false } } },
	{ "the last one counts", "?sort=time&sort=name&order=desc&order=asc",
	    "*/*", { LISTING_HTML, true, { LISTING_NAME, false } } },
	{ "words that nobody knows", "?sort=color&order=&x&=&sort&utm=1", "*/*",
	    { LISTING_HTML, true, { LISTING_NAME, false } } },
	{ "a bare question mark", "?", "*/*",
	    { LISTING_HTML, true, { LISTING_NAME, false } } },
	{ "JSON by the query", "?format=json", "text/html",
	    { LISTING_JSON, false, { LISTING_NAME, false } } },
	{ "a page by the query", "?format=html", "application/json",
	    { LISTING_HTML, false, { LISTING_NAME, false } } },
	{ "a form that nobody knows", "?format=xml", "*/*",
	    { LISTING_HTML, true, { LISTING_NAME, false } } },
	{ "JSON by Accept", "?sort=size", "application/json",
	    { LISTING_JSON, true, { LISTING_SIZE, false } } },
	{ "RFC 9110 12.5.1 a browser", "",
	    "text/html,application/json;q=0.9,*/*;q=0.8",
	    { LISTING_HTML, true, { LISTING_NAME, false } } },
};

static void
check_wish(void **state)
{
	const __typeof__(*wishes) *row = *state;
	struct request request;
	struct listing_wish wish;
	char head[512];
	int len;

	len = snprintf(head, sizeof(head),
	    "GET /%s HTTP/1.1\r\nHost: a\r\nAccept: %s\r\n\r\n", row->query,
	    row->accept);
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, head, (size_t)len), REQUEST_DONE);
	wish = listing_answer_wish(&request);
	assert_int_equal(wish.format, row->want.format);
	assert_int_equal(wish.negotiated, row->want.negotiated);
	assert_int_equal(wish.order.sort, row->want.order.sort);
	assert_int_equal(wish.order.descending, row->want.order.descending);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, wishes, check_wish);
	return rows_run(&rows, "listing_answer");
}
