/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/accept.h"

#include <stdio.h>

#include "rows.h"

#define IDENTITY CODING_IDENTITY
#define BR       CODING_BR
#define ZSTD     CODING_ZSTD
#define GZIP     CODING_GZIP

#define HAVE_GZIP    (1u << GZIP)
#define HAVE_BR_GZIP (1u << BR | 1u << GZIP)
#define HAVE_ALL     (1u << BR | 1u << ZSTD | 1u << GZIP)

static const enum coding order[CODING_COUNT] = { BR, ZSTD, GZIP, IDENTITY };

struct accept_row {
	const char *name;
	const char *fields; /* NULL: the value of one line, below */
	const char *value;
	unsigned available;
	enum coding want;
};

static const struct accept_row table[] = {
	{ "RFC 9110 12.5.3 no field", "", NULL, HAVE_ALL, IDENTITY },
	{ "RFC 9110 12.5.3 empty field", NULL, "", HAVE_ALL, IDENTITY },
	{ "nothing is there", NULL, "br, gzip", 0, IDENTITY },
	{ "gzip", NULL, "gzip", HAVE_ALL, GZIP },
	{ "br", NULL, "br", HAVE_ALL, BR },
	{ "zstd", NULL, "zstd", HAVE_ALL, ZSTD },
	{ "a browser, all is there", NULL, "gzip, deflate, br, zstd", HAVE_ALL,
	    BR },
	{ "a browser, gzip is there", NULL, "gzip, deflate, br, zstd",
	    HAVE_GZIP, GZIP },
	{ "what is asked for is not there", NULL, "br", HAVE_GZIP, IDENTITY },
	{ "RFC 9110 8.4.1 case does not matter", NULL, "GZip", HAVE_ALL, GZIP },
	{ "RFC 9110 8.4.1.3 x-gzip is gzip", NULL, "x-gzip", HAVE_ALL, GZIP },
	{ "a coding that begins alike", NULL, "gzipped", HAVE_ALL, IDENTITY },
	{ "a coding that ends alike", NULL, "mygzip", HAVE_ALL, IDENTITY },
	{ "an unknown coding", NULL, "deflate, compress", HAVE_ALL, IDENTITY },
	{ "RFC 9110 12.4.2 the higher q", NULL, "br;q=0.5, gzip;q=0.8",
	    HAVE_ALL, GZIP },
	{ "RFC 9110 12.4.2 q beats the order", NULL, "br;q=0.9, gzip", HAVE_ALL,
	    GZIP },
	{ "of equals the configured order", NULL, "gzip;q=0.5, br;q=0.5",
	    HAVE_ALL, BR },
	{ "RFC 9110 12.4.2 three decimals", NULL, "br;q=0.123, gzip;q=0.124",
	    HAVE_ALL, GZIP },
	{ "RFC 9110 12.4.2 1.000", NULL, "br;q=0.999, gzip;q=1.000", HAVE_ALL,
	    GZIP },
	{ "RFC 9110 12.4.2 a dot and no decimal", NULL, "br;q=0., gzip;q=1.",
	    HAVE_ALL, GZIP },
	{ "RFC 9110 12.4.2 the least", NULL, "gzip;q=0.001", HAVE_ALL, GZIP },
	{ "RFC 9110 12.4.2 Q as well", NULL, "br;Q=0.1, gzip;Q=0.2", HAVE_ALL,
	    GZIP },
	{ "RFC 9110 12.4.2 white space", NULL, "br ;\tq=0.1 , gzip ; q=0.2",
	    HAVE_ALL, GZIP },
	{ "RFC 9110 12.5.3 q=0 refuses", NULL, "gzip;q=0", HAVE_ALL, IDENTITY },
	{ "RFC 9110 12.5.3 q=0.000 refuses", NULL, "gzip;q=0.000", HAVE_ALL,
	    IDENTITY },
	{ "RFC 9110 12.5.3 q=0 of one of two", NULL, "br;q=0, gzip", HAVE_ALL,
	    GZIP },
	{ "RFC 9110 12.5.3 any", NULL, "*", HAVE_ALL, BR },
	{ "RFC 9110 12.5.3 any, gzip is there", NULL, "*", HAVE_GZIP, GZIP },
	{ "RFC 9110 12.5.3 any but br", NULL, "br;q=0, *", HAVE_BR_GZIP, GZIP },
	{ "RFC 9110 12.5.3 any, less than gzip", NULL, "gzip, *;q=0.5",
	    HAVE_ALL, GZIP },
	{ "RFC 9110 12.5.3 any, more than br", NULL, "*, br;q=0.5",
	    HAVE_BR_GZIP, GZIP },
	{ "RFC 9110 12.5.3 nothing else", NULL, "gzip, *;q=0", HAVE_ALL, GZIP },
	{ "RFC 9110 12.5.3 nothing else, and it is not there", NULL,
	    "gzip, *;q=0", 1u << BR, IDENTITY },
	{ "RFC 9110 12.5.3 identity is preferred", NULL, "identity, gzip;q=0.5",
	    HAVE_ALL, IDENTITY },
	{ "RFC 9110 12.5.3 identity is second", NULL, "identity;q=0.5, gzip",
	    HAVE_ALL, GZIP },
	{ "RFC 9110 12.5.3 identity refused", NULL, "identity;q=0, gzip;q=0.1",
	    HAVE_ALL, GZIP },
	{ "RFC 9110 12.5.3 identity refused, and nothing else", NULL,
	    "identity;q=0", HAVE_ALL, IDENTITY },
	{ "RFC 9110 12.5.3 all refused", NULL, "*;q=0", HAVE_ALL, IDENTITY },
	{ "identity and br are equal: the order", NULL, "identity, br",
	    HAVE_ALL, BR },
	{ "a low q is still a wish", NULL, "gzip;q=0.001, deflate", HAVE_ALL,
	    GZIP },
	{ "RFC 9110 5.3 two lines",
	    "Accept-Encoding: br;q=0.1\r\nAccept-Encoding: gzip\r\n", NULL,
	    HAVE_ALL, GZIP },
	{ "RFC 9110 5.6.1 empty elements", NULL, ",, gzip ,", HAVE_ALL, GZIP },
	{ "of one coding twice the higher", NULL, "gzip;q=0, gzip;q=0.5",
	    HAVE_ALL, GZIP },
	{ "of one coding twice the higher, in front", NULL,
	    "gzip;q=0.5, gzip;q=0", HAVE_ALL, GZIP },
	{ "malformed: q above one", NULL, "gzip;q=1.001", HAVE_ALL, IDENTITY },
	{ "malformed: q of two", NULL, "gzip;q=2", HAVE_ALL, IDENTITY },
	{ "malformed: four decimals", NULL, "gzip;q=0.1234", HAVE_ALL,
	    IDENTITY },
	{ "malformed: no digit", NULL, "gzip;q=", HAVE_ALL, IDENTITY },
	{ "malformed: no zero", NULL, "gzip;q=.5", HAVE_ALL, IDENTITY },
	{ "RFC 9110 12.4.2 malformed: a sign for a decimal", NULL,
	    "gzip;q=0.-1", HAVE_ALL, IDENTITY },
	{ "malformed: a letter", NULL, "gzip;q=a", HAVE_ALL, IDENTITY },
	{ "malformed: a letter behind", NULL, "gzip;q=0.5a", HAVE_ALL,
	    IDENTITY },
	{ "malformed: a comma for a dot", NULL, "gzip;q=0,5", HAVE_ALL,
	    IDENTITY },
	{ "malformed: a space round =", NULL, "gzip;q =1", HAVE_ALL, IDENTITY },
	{ "malformed: another parameter", NULL, "gzip;level=9", HAVE_ALL,
	    IDENTITY },
	{ "malformed: two weights", NULL, "gzip;q=1;q=0.5", HAVE_ALL,
	    IDENTITY },
	{ "malformed: only the others count", NULL, "br;q=x, gzip", HAVE_ALL,
	    GZIP },
};

static void
check_pick(void **state)
{
	static const struct request_limits limits = { 4096, 1024, 1024, 50,
		NULL };
	const struct accept_row *row = *state;
	struct request request;
	char text[512];
	int len;

	if (row->fields != NULL)
		len = snprintf(text, sizeof(text),
		    "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", row->fields);
	else
		len = snprintf(text, sizeof(text),
		    "GET / HTTP/1.1\r\nHost: a\r\n"
		    "Accept-Encoding: %s\r\n\r\n",
		    row->value);
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, text, (size_t)len), REQUEST_DONE);
	assert_int_equal(
	    accept_pick(&request, row->available, order), row->want);
}

static const struct type_row {
	const char *name; /* the value of Accept */
	bool want;        /* application/json is asked for */
} type_rows[] = {
	{ "application/json", true },
	{ "Application/JSON", true },
	{ "application/json;charset=utf-8", true },
	{ "application/json, text/plain, */*", true },
	{ "text/plain;q=0.5, application/json;q=0.6", true },
	{ "text/plain;q=0.9, application/json;version=1 ; q=0.9", true },
	{ "application/json;q=0.3, application/json;q=0.7, a/b;q=0.5", true },
	{ "text/plain, application/json;q=0.9", false },
	{ "application/json;q=0", false },
	{ "application/json;q=x", false },
	{ "application/json;q", true },
	{ "application/json;qs=0", true },
	{ "application/json;", true },
	{ "application/*", false },
	{ "*/*", false },
	{ "text/html,application/xhtml+xml,*/*;q=0.8", false },
	{ "application/jsonp", false },
	{ ";q=1, ,", false },
	{ "", false },
};

static void
check_type(void **state)
{
	static const struct request_limits limits = { 4096, 1024, 1024, 50,
		NULL };
	const struct type_row *row = *state;
	struct request request;
	char text[512];
	int len;

	len = snprintf(text, sizeof(text),
	    "GET / HTTP/1.1\r\nHost: a\r\nAccept: %s\r\n\r\n", row->name);
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, text, (size_t)len), REQUEST_DONE);
	assert_int_equal(
	    accept_asks_for(&request, SPAN("application/json")), row->want);
}

static void
test_codings_have_names_and_suffixes(void **state)
{
	(void)state;
	assert_span(coding_name(CODING_IDENTITY), "identity");
	assert_span(coding_name(CODING_BR), "br");
	assert_span(coding_name(CODING_ZSTD), "zstd");
	assert_span(coding_name(CODING_GZIP), "gzip");
	assert_span(coding_suffix(CODING_IDENTITY), "");
	assert_span(coding_suffix(CODING_BR), ".br");
	assert_span(coding_suffix(CODING_ZSTD), ".zst");
	assert_span(coding_suffix(CODING_GZIP), ".gz");
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_pick);
	ROWS_ADD(&rows, type_rows, check_type);
	ROWS_TEST(&rows, test_codings_have_names_and_suffixes);
	return rows_run(&rows, "accept");
}
