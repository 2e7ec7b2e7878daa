/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/precompress.h"

#include "http/mime.h"
#include "rows.h"
#include "tools/audit.h"
#include "tools/tree.h"

struct row {
	const char *name; /* of a file */
	bool wanted;
};

static const struct row table[] = {
	{ "a.html", true },
	{ "a.css", true },
	{ "a.js", true },
	{ "a.mjs", true },
	{ "a.json", true },
	{ "a.map", true },
	{ "a.webmanifest", true },
	{ "a.geojson", true },
	{ "a.svg", true },
	{ "a.xml", true },
	{ "a.atom", true },
	{ "a.xhtml", true },
	{ "a.wasm", true },
	{ "a.ttf", true },
	{ "a.otf", true },
	{ "a.ico", true },
	{ "a.bmp", true },
	{ "a.txt", true },
	{ "a.md", true },
	{ "a.csv", true },
	{ "a.tar", true },
	{ "A.HTML", true },
	{ "a.woff", false },
	{ "a.woff2", false },
	{ "a.png", false },
	{ "a.jpg", false },
	{ "a.webp", false },
	{ "a.mp4", false },
	{ "a.zip", false },
	{ "a.tar.gz", false },
	{ "a.pdf", false },
	{ "a.docx", false },
	{ "a.bin", false },
	{ "a", false },
};

static void
check_row(void **state)
{
	const struct row *row = *state;
	const struct mime_map builtin = { 0 };

	assert_int_equal(
	    precompress_wants(mime_lookup(&builtin, span_of(row->name))),
	    row->wanted);
}

static void
test_an_ending_alone_is_no_type(void **state)
{
	(void)state;
	assert_false(precompress_wants(SPAN("+json")));
	assert_false(precompress_wants(SPAN("")));
	assert_true(precompress_wants(SPAN("application/x+json; a=b")));
}

struct orphan {
	const char *name; /* of a file without an original */
	bool orphan;
};

static const struct orphan orphans[] = {
	{ "app.js.br", true },
	{ "in/index.html.gz", true },
	{ "style.css.zst", true },
	{ "backup.tar.gz", false },
	{ "dump.sql.gz", false },
	{ "README.gz", false },
	{ "x.br", false },
};

static void
check_orphan(void **state)
{
	const struct orphan *row = *state;

	assert_int_equal(audit_is_orphan(span_of(row->name)), row->orphan);
}

static void
test_the_coding_of_a_path(void **state)
{
	(void)state;
	assert_int_equal(tree_coding(SPAN("a.gz")), CODING_GZIP);
	assert_int_equal(tree_coding(SPAN("a/b.js.br")), CODING_BR);
	assert_int_equal(tree_coding(SPAN("a.zst")), CODING_ZSTD);
	assert_int_equal(tree_coding(SPAN(".gz")), CODING_IDENTITY);
	assert_int_equal(tree_coding(SPAN("agz")), CODING_IDENTITY);
	assert_int_equal(tree_coding(SPAN("a.gz/b")), CODING_IDENTITY);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_row);
	ROWS_ADD(&rows, orphans, check_orphan);
	ROWS_TEST(&rows, test_an_ending_alone_is_no_type);
	ROWS_TEST(&rows, test_the_coding_of_a_path);
	return rows_run(&rows, "precompress");
}
