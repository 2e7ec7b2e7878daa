/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/redirect.h"

#include "rows.h"

/* More than any path has: a location has room for three times that. */
#define LONG_BYTES (4 * RESOURCE_PATH_BYTES)

static const char *hosts[] = { "www.example" };
static const struct conf_site plain = {
	.hosts = { .items = hosts, .nitems = 1 },
	.scheme = CONF_SCHEME_HTTP,
};
static struct redirect redirect;

/* A span of len bytes of which none may stand in a path as it is. */
static struct span
long_span(size_t len)
{
	static char bytes[LONG_BYTES];

	memset(bytes, '\xff', sizeof(bytes));
	assert_true(len <= sizeof(bytes));
	return (struct span){ bytes, len };
}

static void
test_a_path_is_encoded_and_the_query_follows_as_it_is(void **state)
{
	struct reply reply;

	(void)state;
	redirect_to_path(&redirect, SPAN("/a b"), true, SPAN("?x=%1"), &reply);
	assert_int_equal(reply.response.status, 301);
	assert_span(reply.response.location, "/a%20b/?x=%1");
	redirect_to_path(&redirect, SPAN("/"), false, SPAN(""), &reply);
	assert_span(reply.response.location, "/");
}

/* The longest path fits whatever is in it, but then there is no room left. */
static void
test_a_location_that_is_too_long_is_a_414(void **state)
{
	const size_t most = sizeof(redirect.location) / 3 - 1;
	struct reply reply;

	(void)state;
	redirect_to_path(&redirect, long_span(most), true, SPAN("?1"), &reply);
	assert_int_equal(reply.response.status, 301);
	assert_int_equal(reply.response.location.len, 3 * most + 3);
	redirect_to_path(&redirect, long_span(most), true, SPAN("?12"), &reply);
	assert_int_equal(reply.response.status, 414);
	assert_int_equal(reply.response.location.len, 0);
	redirect_to_path(&redirect, long_span(LONG_BYTES), false,
	    (struct span){ 0 }, &reply);
	assert_int_equal(reply.response.status, 414);
}

static struct request
make_request(const char *host_field, const char *host)
{
	struct request request;

	request_init(&request);
	request.value[FIELD_HOST] = span_of(host_field);
	request.host = span_of(host);
	request.path = SPAN("/a%20b");
	request.query = SPAN("?q");
	return request;
}

static const struct host_row {
	const char *name;
	const char *host_field;
	const char *host; /* that counts: the target may have another */
	const char *want;
} host_rows[] = {
	{ "no port", "old.example", "old.example",
	    "http://www.example/a%20b?q" },
	{ "a port", "old.example:8080", "old.example",
	    "http://www.example:8080/a%20b?q" },
	{ "RFC 9110 7.2 an empty port", "old.example:", "old.example",
	    "http://www.example/a%20b?q" },
	{ "RFC 9112 3.2.2 a port of another host", "other.example:8080",
	    "old.example", "http://www.example/a%20b?q" },
	{ "a host in another case", "OLD.example:8080", "old.example",
	    "http://www.example:8080/a%20b?q" },
	{ "RFC 9112 3.2.2 a field that is no host", "[::1", "old.example",
	    "http://www.example/a%20b?q" },
};

static void
check_host(void **state)
{
	const struct host_row *row = *state;
	const struct site site = { .conf = &plain };
	const struct request request = make_request(row->host_field, row->host);
	struct reply reply;

	redirect_to_host(&redirect, &site, &request, &reply);
	assert_int_equal(reply.response.status, 301);
	assert_span(reply.response.location, row->want);
}

static void
test_the_scheme_is_that_of_the_site(void **state)
{
	struct conf_site secure = plain;
	const struct site site = { .conf = &secure };
	const struct request request = make_request("a", "a");
	struct reply reply;

	(void)state;
	secure.scheme = CONF_SCHEME_HTTPS;
	redirect_to_host(&redirect, &site, &request, &reply);
	assert_span(reply.response.location, "https://www.example/a%20b?q");
}

static void
test_a_target_that_is_too_long_for_another_host_is_a_414(void **state)
{
	const struct site site = { .conf = &plain };
	struct request request = make_request("a", "a");
	const size_t most =
	    sizeof(redirect.location) - sizeof("http://www.example?q") + 1;
	struct reply reply;

	(void)state;
	request.path = long_span(most);
	redirect_to_host(&redirect, &site, &request, &reply);
	assert_int_equal(reply.response.status, 301);
	assert_int_equal(
	    reply.response.location.len, sizeof(redirect.location));
	request.path = long_span(most + 1);
	redirect_to_host(&redirect, &site, &request, &reply);
	assert_int_equal(reply.response.status, 414);
}

int
main(void)
{
	static struct rows rows;

	ROWS_TEST(&rows, test_a_path_is_encoded_and_the_query_follows_as_it_is);
	ROWS_TEST(&rows, test_a_location_that_is_too_long_is_a_414);
	ROWS_ADD(&rows, host_rows, check_host);
	ROWS_TEST(&rows, test_the_scheme_is_that_of_the_site);
	ROWS_TEST(
	    &rows, test_a_target_that_is_too_long_for_another_host_is_a_414);
	return rows_run(&rows, "redirect");
}
