/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_text.h"

#include "rows.h"

#define CAP 512

#define UNKNOWN "\xef\xbf\xbd"

static const struct {
	const char *name;
	const char *text;
	const char *html;
	const char *json;
	const char *link;
} names[] = {
	{ "letters", "a.txt", "a.txt", "a.txt", "a.txt" },
	{ "nothing", "", "", "", "" },
	{ "an element", "<script>", "&lt;script&gt;", "<script>",
	    "%3Cscript%3E" },
	{ "an end of an attribute", "a\"'b", "a&quot;&#39;b", "a\\\"'b",
	    "a%22%27b" },
	{ "an entity", "&lt;", "&amp;lt;", "&lt;", "%26lt;" },
	{ "a scheme", "javascript:x", "javascript:x", "javascript:x",
	    "javascript%3Ax" },
	{ "a query and a fragment", "?a#b", "?a#b", "?a#b", "%3Fa%23b" },
	{ "percent signs", "%41", "%41", "%41", "%2541" },
	{ "blanks", " a ", " a ", " a ", "%20a%20" },
	{ "UTF-8", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	    "%C3%A4%E2%82%AC%F0%9F%98%80" },
	{ "a byte that is not UTF-8", "a\xff", "a" UNKNOWN, "a" UNKNOWN,
	    "a%FF" },
	{ "a sequence cut short", "\xe2\x82", UNKNOWN UNKNOWN, UNKNOWN UNKNOWN,
	    "%E2%82" },
	{ "a sequence broken by a quote", "\xe2\x82\"",
	    UNKNOWN UNKNOWN "&quot;", UNKNOWN UNKNOWN "\\\"", "%E2%82%22" },
	{ "overlong", "\xc0\xbc", UNKNOWN UNKNOWN, UNKNOWN UNKNOWN, "%C0%BC" },
	{ "overlong in three", "\xe0\x80\xbc", UNKNOWN UNKNOWN UNKNOWN,
	    UNKNOWN UNKNOWN UNKNOWN, "%E0%80%BC" },
	{ "a surrogate", "\xed\xa0\x80", UNKNOWN UNKNOWN UNKNOWN,
	    UNKNOWN UNKNOWN UNKNOWN, "%ED%A0%80" },
	{ "past the last character", "\xf4\x90\x80\x80",
	    UNKNOWN UNKNOWN UNKNOWN UNKNOWN, UNKNOWN UNKNOWN UNKNOWN UNKNOWN,
	    "%F4%90%80%80" },
	{ "an override of direction",
	    "a\xe2\x80\xae"
	    "b",
	    "a" UNKNOWN "b",
	    "a\xe2\x80\xae"
	    "b",
	    "a%E2%80%AEb" },
	{ "an isolate", "\xe2\x81\xa6", UNKNOWN, "\xe2\x81\xa6", "%E2%81%A6" },
	{ "a joiner, as in emoji", "\xe2\x80\x8d", "\xe2\x80\x8d",
	    "\xe2\x80\x8d", "%E2%80%8D" },
	{ "a line separator", "\xe2\x80\xa8", UNKNOWN, "\xe2\x80\xa8",
	    "%E2%80%A8" },
	{ "a control of Latin-1", "\xc2\x85", UNKNOWN, "\xc2\x85", "%C2%85" },
	{ "a control", "\x01", UNKNOWN, "\\u0001", "%01" },
};

static void
check_name(void **state)
{
	const __typeof__(*names) *row = *state;
	static void (*const writers[])(struct listing_text *, struct span) = {
		listing_text_put_html,
		listing_text_put_json,
		listing_text_put_link,
	};
	const char *const wants[] = { row->html, row->json, row->link };

	for (unsigned i = 0; i < 3; i++) {
		char out[CAP];
		struct listing_text text = { out, out + CAP - 1 };
		size_t len = strlen(row->text);

		writers[i](&text, (struct span){ row->text, len });
		*text.at = '\0';
		assert_string_equal(out, wants[i]);
		assert_true(
		    (size_t)(text.at - out) <= LISTING_TEXT_GROWTH * len);
	}
}

/* The worst that a byte can become is what writers make room for. */
static void
test_no_byte_grows_more_than_is_said(void **state)
{
	char out[CAP];

	(void)state;
	for (int c = 1; c < 256; c++) {
		char byte = (char)c;
		struct listing_text text = { out, out + LISTING_TEXT_GROWTH };

		listing_text_put_html(&text, (struct span){ &byte, 1 });
		text.at = out;
		listing_text_put_json(&text, (struct span){ &byte, 1 });
		text.at = out;
		listing_text_put_link(&text, (struct span){ &byte, 1 });
		assert_true(text.at <= out + 3);
	}
}

static const struct {
	const char *name;
	uint64_t bytes;
	const char *want;
} sizes[] = {
	{ "nothing", 0, "0 B" },
	{ "bytes", 1023, "1023 B" },
	{ "a unit", 1024, "1.0 KiB" },
	{ "tenths", 1536, "1.5 KiB" },
	{ "rounded", 1587, "1.5 KiB" },
	{ "rounded up", 1588, "1.6 KiB" },
	{ "whole ones from a hundred on", 120 * 1024 + 400, "120 KiB" },
	{ "the most of a unit", 1023 * 1024, "1023 KiB" },
	{ "which is as good as the next", 1024 * 1024 - 1, "1.0 MiB" },
	{ "megabytes", 5 * 1024 * 1024, "5.0 MiB" },
	{ "gigabytes", UINT64_C(1) << 30, "1.0 GiB" },
	{ "all there can be", UINT64_MAX, "16.0 EiB" },
};

static void
check_size(void **state)
{
	const __typeof__(*sizes) *row = *state;
	char out[CAP];
	struct listing_text text = { out, out + CAP - 1 };

	listing_text_put_size(&text, row->bytes);
	*text.at = '\0';
	assert_string_equal(out, row->want);
}

static const struct {
	const char *name;
	int64_t mtime_ns;
	const char *want;
} times[] = {
	{ "a time", INT64_C(784111777999999999), "1994-11-06 08:49:37" },
	{ "just before 1970", -1, "1969-12-31 23:59:59" },
	{ "a whole second before 1970", -1000000000, "1969-12-31 23:59:59" },
};

static void
check_time(void **state)
{
	const __typeof__(*times) *row = *state;
	char out[CAP];
	struct listing_text text = { out, out + CAP - 1 };

	listing_text_put_time(&text, row->mtime_ns, ' ');
	*text.at = '\0';
	assert_string_equal(out, row->want);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, names, check_name);
	ROWS_TEST(&rows, test_no_byte_grows_more_than_is_said);
	ROWS_ADD(&rows, sizes, check_size);
	ROWS_ADD(&rows, times, check_time);
	return rows_run(&rows, "listing_text");
}
