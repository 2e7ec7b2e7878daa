/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/mime.h"

#include <stdio.h>

#include "rows.h"

struct mime_row {
	const char *name;
	const char *type;
};

#define OCTETS "application/octet-stream"

/* The name of a row is the name of the file. */
static const struct mime_row files[] = {
	{ "index.html", "text/html; charset=utf-8" },
	{ "/a/b/index.htm", "text/html; charset=utf-8" },
	{ "style.css", "text/css; charset=utf-8" },
	{ "main.js", "text/javascript; charset=utf-8" },
	{ "main.mjs", "text/javascript; charset=utf-8" },
	{ "jquery.min.js", "text/javascript; charset=utf-8" },
	{ "data.json", "application/json" },
	{ "main.js.map", "application/json" },
	{ "site.webmanifest", "application/manifest+json" },
	{ "feed.atom", "application/atom+xml" },
	{ "feed.rss", "application/rss+xml" },
	{ "sitemap.xml", "application/xml" },
	{ "logo.svg", "image/svg+xml" },
	{ "photo.jpeg", "image/jpeg" },
	{ "PHOTO.JPG", "image/jpeg" },
	{ "photo.avif", "image/avif" },
	{ "photo.jxl", "image/jxl" },
	{ "photo.webp", "image/webp" },
	{ "favicon.ico", "image/vnd.microsoft.icon" },
	{ "font.woff2", "font/woff2" },
	{ "font.ttf", "font/ttf" },
	{ "lib.wasm", "application/wasm" },
	{ "film.mp4", "video/mp4" },
	{ "film.webm", "video/webm" },
	{ "live.m3u8", "application/vnd.apple.mpegurl" },
	{ "live.mpd", "application/dash+xml" },
	{ "live.ts", "video/mp2t" },
	{ "film.vtt", "text/vtt; charset=utf-8" },
	{ "song.mp3", "audio/mpeg" },
	{ "book.pdf", "application/pdf" },
	{ "book.epub", "application/epub+zip" },
	{ "README.md", "text/markdown; charset=utf-8" },
	{ "robots.txt", "text/plain; charset=utf-8" },
	{ "table.csv", "text/csv; charset=utf-8" },
	{ "party.ics", "text/calendar; charset=utf-8" },
	{ "me.vcf", "text/vcard; charset=utf-8" },
	{ "a.zip", "application/zip" },
	{ "a.7z", "application/x-7z-compressed" },
	{ "a.tar", "application/x-tar" },
	{ "a.gz", "application/gzip" },
	{ "a.tar.gz", "application/gzip" },
	{ "a.TAR.GZ", "application/gzip" },
	{ "a.tar.zst", "application/zstd" },
	{ "a.tgz", "application/gzip" },
	{ "main.js.gz", "application/gzip" },
	{ "a.deb", "application/vnd.debian.binary-package" },
	{ "a.apk", "application/vnd.android.package-archive" },
	{ "a-1.2.3.rpm", "application/x-rpm" },
	{ "unknown.qqq", OCTETS },
	{ "Makefile", OCTETS },
	{ "html", OCTETS },
	{ "a.html/Makefile", OCTETS },
	{ "a.", OCTETS },
	{ "a..", OCTETS },
	{ "..html", OCTETS },
	{ ".html", OCTETS },
	{ "/a/.css", OCTETS },
	{ ".config.json", "application/json" },
	{ "a.htmlx", OCTETS },
	{ "a.htm l", OCTETS },
	{ "a.html ", OCTETS },
	{ "a.averyveryverylongending", OCTETS },
	{ "/", OCTETS },
	{ "", OCTETS },
};

static void
check_type(void **state)
{
	static const struct mime_map map = { 0 };
	const struct mime_row *row = *state;

	assert_span(mime_lookup(&map, span_of(row->name)), row->type);
}

/* Those of a file; the first is overridden once more. */
static const struct mime_type of_a_file[] = {
	{ { "an.ending.longer.than.all.others", 32 }, { "text/x-no", 9 } },
	{ { "css", 3 }, { "text/x-of-the-file", 18 } },
	{ { "rrr", 3 }, { "text/x-second", 13 } },
};

static const struct mime_type overrides[] = {
	{ { "html", 4 }, { "text/x-mine", 11 } },
	{ { "min.js", 6 }, { "text/x-small", 12 } },
	{ { "an.ending.longer.than.all.others", 32 }, { "text/x-long", 11 } },
	{ { "qqq", 3 }, { "text/x-new", 10 } },
};

static const struct mime_row overridden[] = {
	{ "a.html", "text/x-mine" },
	{ "a.HTML", "text/x-mine" },
	{ "a.htm", "text/html; charset=utf-8" },
	{ "a.min.js", "text/x-small" },
	{ "a.js", "text/javascript; charset=utf-8" },
	{ "a.qqq", "text/x-new" },
	{ "a.css", "text/x-of-the-file" },
	{ "a.b.RRR", "text/x-second" },
	{ "a.rr", "application/octet-stream" },
	{ "a.an.ending.longer.than.all.others", "text/x-long" },
	{ "a.5678901234567890123456789012345678901234567890123456789012345",
	    OCTETS },
	{ "a.", OCTETS },
};

static void
check_overridden(void **state)
{
	static const struct mime_map map = {
		.overrides = overrides,
		.noverrides = sizeof(overrides) / sizeof(*overrides),
		.types = of_a_file,
		.ntypes = sizeof(of_a_file) / sizeof(*of_a_file),
	};
	const struct mime_row *row = *state;

	assert_span(mime_lookup(&map, span_of(row->name)), row->type);
}

static void
test_the_table_is_sorted(void **state)
{
	size_t n;
	const struct mime_type *types = mime_builtin(&n);

	(void)state;
	assert_true(n > 100);
	for (size_t i = 1; i < n; i++)
		assert_true(
		    strcmp(types[i - 1].ending.ptr, types[i].ending.ptr) < 0);
}

static void
test_every_ending_is_found(void **state)
{
	static const struct mime_map map = { 0 };
	size_t n;
	const struct mime_type *types = mime_builtin(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char name[64];
		struct span found;

		(void)snprintf(name, sizeof(name), "a.%s", types[i].ending.ptr);
		found = mime_lookup(&map, span_of(name));
		assert_ptr_equal(found.ptr, types[i].type.ptr);
	}
}

/* type "/" subtype, both tokens, and the charset of text and of no other. */
static void
test_every_type_is_well_formed(void **state)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz0123456789.+-";
	size_t n;
	const struct mime_type *types = mime_builtin(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const char *type = types[i].type.ptr;
		const char *rest = type + strspn(type, token);

		assert_int_equal(strlen(type), types[i].type.len);
		assert_int_equal(
		    strlen(types[i].ending.ptr), types[i].ending.len);
		assert_int_equal(*rest++, '/');
		rest += strspn(rest, token);
		if (strncmp(type, "text/", 5) == 0)
			assert_string_equal(rest, "; charset=utf-8");
		else
			assert_string_equal(rest, "");
	}
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, files, check_type);
	ROWS_ADD(&rows, overridden, check_overridden);
	ROWS_TEST(&rows, test_the_table_is_sorted);
	ROWS_TEST(&rows, test_every_ending_is_found);
	ROWS_TEST(&rows, test_every_type_is_well_formed);
	return rows_run(&rows, "mime");
}
