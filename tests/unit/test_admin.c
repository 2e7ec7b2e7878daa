/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/admin.h"

#include <stdio.h>
#include <unistd.h>

#include "rows.h"

static const struct request_limits limits = { 4096, 1024, 1024, 50, NULL };
static const struct address over_tcp = { .family = AF_INET };
static const struct address over_unix = { .family = AF_UNIX };

struct fixture {
	int board_fd;
	struct board *board;
	struct admin admin;
	struct clock clock;
	struct request request;
	struct reply reply;
	char *page;
	char text[1024];
};

static void
open_fixture(struct fixture *f, bool wanted)
{
	*f = (struct fixture){ 0 };
	f->board = board_create(&f->board_fd);
	assert_non_null(f->board);
	board_set_server(f->board, "1", 1, 1, 1000);
	f->board->ready = 1;
	assert_int_equal(admin_init(&f->admin, f->board, wanted), 0);
}

static void
close_fixture(struct fixture *f)
{
	if (f->page != NULL)
		admin_release(&f->admin, &f->page);
	admin_fini(&f->admin);
	board_unmap(&f->board);
	(void)close(f->board_fd);
}

/* A request line, and fields each with its CR LF. */
static void
parse(struct fixture *f, const char *line, const char *fields)
{
	int len = snprintf(
	    f->text, sizeof(f->text), "%s HTTP/1.1\r\n%s\r\n", line, fields);

	request_init(&f->request);
	assert_int_equal(
	    request_feed(&f->request, &limits, f->text, (size_t)len),
	    REQUEST_DONE);
}

static void
ask(struct fixture *f, const char *line, const char *fields,
    const struct address *peer)
{
	parse(f, line, fields);
	admin_answer(
	    &f->admin, &f->request, peer, &f->clock, &f->reply, &f->page);
}

#define TEXT "text/plain; charset=utf-8"
#define JSON "application/json"
#define HTML "text/html; charset=utf-8"
#define PROM "text/plain; version=0.0.4; charset=utf-8"

static const struct answer_row {
	const char *name;
	const char *line;
	const char *fields; /* beside Host */
	int status;
	const char *type;
	const char *begin; /* of the body */
} answer_rows[] = {
	{ "the page", "GET /", "", 200, HTML, "<!DOCTYPE html>" },
	{ "the page of a query", "GET /?x", "", 200, HTML, "<!DOCTYPE html>" },
	{ "text", "GET /status", "", 200, TEXT, "tined 1 is ready" },
	{ "text, asked for", "GET /status?format=text", "Accept: " JSON "\r\n",
	    200, TEXT, "tined 1 is ready" },
	{ "JSON by its name", "GET /status.json", "", 200, JSON, "{\"name\"" },
	{ "JSON, asked for", "GET /status?format=json", "", 200, JSON, "{" },
	{ "JSON, asked for among others", "GET /status?a=b&format=json&c", "",
	    200, JSON, "{" },
	{ "JSON by Accept", "GET /status", "Accept: " JSON "\r\n", 200, JSON,
	    "{" },
	{ "text by a browser's Accept", "GET /status",
	    "Accept: text/html, */*;q=0.8\r\n", 200, TEXT, "tined" },
	{ "a form that is not there", "GET /status?format=xml", "", 404, TEXT,
	    "There are" },
	{ "a form without a name", "GET /status?format=", "", 404, TEXT,
	    "There are" },
	{ "metrics", "GET /metrics", "", 200, PROM, "# HELP tined_" },
	{ "alive", "GET /healthz", "", 200, TEXT, "alive\n" },
	{ "ready", "GET /readyz", "", 200, TEXT, "ready\n" },
	{ "HEAD", "HEAD /readyz", "", 200, TEXT, "ready\n" },
	{ "a path that is not there", "GET /status/", "", 404, TEXT,
	    "There are" },
	{ "a path that begins alike", "GET /statu", "", 404, TEXT,
	    "There are" },
	{ "POST", "POST /status", "Content-Length: 0\r\n", 405, TEXT, "" },
	{ "OPTIONS", "OPTIONS *", "", 405, TEXT, "" },
	{ "DELETE of what is not there", "DELETE /x", "", 405, TEXT, "" },
};

static void
check_answer(void **state)
{
	const struct answer_row *row = *state;
	struct fixture f;
	char fields[256];

	open_fixture(&f, true);
	(void)snprintf(
	    fields, sizeof(fields), "Host: localhost\r\n%s", row->fields);
	ask(&f, row->line, fields, &over_tcp);
	assert_int_equal(f.reply.response.status, row->status);
	assert_span(f.reply.response.type, row->type);
	assert_true(span_starts_with(f.reply.page, span_of(row->begin)));
	assert_int_equal(f.reply.length, f.reply.page.len);
	assert_span(
	    f.reply.response.allow, row->status == 405 ? "GET, HEAD" : NULL);
	assert_true(span_starts_with(
	    f.reply.response.fields, SPAN("Cache-Control: no-store\r\n")));
	close_fixture(&f);
}

static const struct host_row {
	const char *name; /* the value of Host */
	int status;
} host_rows[] = {
	{ "localhost", 200 },
	{ "LOCALHOST:9000", 200 },
	{ "127.0.0.1", 200 },
	{ "127.0.0.1:9000", 200 },
	{ "192.0.2.7:1", 200 },
	{ "[::1]:9000", 200 },
	{ "[2001:db8::1]", 200 },
	{ "evil.example", 421 },
	{ "evil.example:9000", 421 },
	{ "localhost.evil.example", 421 },
	{ "127.0.0.1.evil.example", 421 },
	{ "127.1", 421 },
	{ "2130706433", 421 },
	{ "0x7f000001", 421 },
	{ "localhost.", 421 },
};

static void
check_host(void **state)
{
	const struct host_row *row = *state;
	struct fixture f;
	char fields[128];

	open_fixture(&f, true);
	(void)snprintf(fields, sizeof(fields), "Host: %s\r\n", row->name);
	ask(&f, "GET /healthz", fields, &over_tcp);
	assert_int_equal(f.reply.response.status, row->status);
	/* Who can open a file needs no name. */
	ask(&f, "GET /healthz", fields, &over_unix);
	assert_int_equal(f.reply.response.status, 200);
	close_fixture(&f);
}

#define HOST "Host: localhost\r\n"

static void
test_readiness_follows_the_board_and_the_end(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, true);
	f.board->ready = 0;
	ask(&f, "GET /readyz", HOST, &over_tcp);
	assert_int_equal(f.reply.response.status, 503);
	assert_span(f.reply.page, "stopping\n");
	f.board->loaded_s = 0;
	ask(&f, "GET /readyz", HOST, &over_tcp);
	assert_int_equal(f.reply.response.status, 503);
	assert_span(f.reply.page, "starting\n");
	f.board->ready = 1;
	admin_stop(&f.admin);
	ask(&f, "GET /readyz", HOST, &over_tcp);
	assert_int_equal(f.reply.response.status, 503);
	ask(&f, "GET /healthz", HOST, &over_tcp);
	assert_int_equal(f.reply.response.status, 200);
	close_fixture(&f);
}

static void
test_who_comes_when_all_pages_are_lent_is_put_off(void **state)
{
	struct fixture f;
	char *pages[ADMIN_PAGES + 1] = { 0 };

	(void)state;
	open_fixture(&f, true);
	parse(&f, "GET /metrics", HOST);
	for (int i = 0; i <= ADMIN_PAGES; i++) {
		admin_answer(&f.admin, &f.request, &over_tcp, &f.clock,
		    &f.reply, &pages[i]);
		assert_int_equal(
		    f.reply.response.status, i < ADMIN_PAGES ? 200 : 503);
	}
	assert_null(pages[ADMIN_PAGES]);
	assert_int_equal(f.reply.response.retry_after_s, 1);
	/* What needs no page is answered all the same. */
	ask(&f, "GET /readyz", HOST, &over_tcp);
	assert_int_equal(f.reply.response.status, 200);
	admin_release(&f.admin, &pages[1]);
	assert_null(pages[1]);
	ask(&f, "GET /metrics", HOST, &over_tcp);
	assert_int_equal(f.reply.response.status, 200);
	for (int i = 0; i < ADMIN_PAGES; i++)
		if (pages[i] != NULL)
			admin_release(&f.admin, &pages[i]);
	close_fixture(&f);
}

static void
test_probes_of_a_site_are_two_paths_and_two_methods(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, false);
	parse(&f, "GET /healthz", "Host: www.example.com\r\n");
	assert_true(admin_is_probe(&f.request));
	admin_answer_probe(&f.admin, &f.request, &f.reply);
	assert_span(f.reply.page, "alive\n");
	parse(&f, "HEAD /readyz?x", HOST);
	assert_true(admin_is_probe(&f.request));
	admin_answer_probe(&f.admin, &f.request, &f.reply);
	assert_span(f.reply.page, "ready\n");
	parse(&f, "GET /status", HOST);
	assert_false(admin_is_probe(&f.request));
	parse(&f, "GET /readyz/", HOST);
	assert_false(admin_is_probe(&f.request));
	parse(&f, "POST /readyz", HOST "Content-Length: 0\r\n");
	assert_false(admin_is_probe(&f.request));
	close_fixture(&f);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, answer_rows, check_answer);
	ROWS_ADD(&rows, host_rows, check_host);
	ROWS_TEST(&rows, test_readiness_follows_the_board_and_the_end);
	ROWS_TEST(&rows, test_who_comes_when_all_pages_are_lent_is_put_off);
	ROWS_TEST(&rows, test_probes_of_a_site_are_two_paths_and_two_methods);
	return rows_run(&rows, "admin");
}
