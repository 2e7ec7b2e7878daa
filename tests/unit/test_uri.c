/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/uri.h"

#include "rows.h"

#define CAP 64

struct decode_row {
	const char *name;
	const char *path;
	const char *want; /* NULL: VERDICT_BAD_PATH */
};

static const struct decode_row paths[] = {
	{ "the root", "/", "/" },
	{ "a file", "/a/b.html", "/a/b.html" },
	{ "a folder", "/a/b/", "/a/b/" },
	{ "RFC 3986 3.3 characters of a segment", "/a-._~!$&'()*+,;=:@b",
	    "/a-._~!$&'()*+,;=:@b" },
	{ "RFC 3986 2.1 a triplet", "/a%20b", "/a b" },
	{ "RFC 3986 2.1 hexadecimal in any case", "/%4a%4A%7e%7E", "/JJ~~" },
	{ "RFC 3986 2.3 unreserved in a triplet", "/%61%2d%2E%5F", "/a-._" },
	{ "a triplet is decoded once", "/%2561", "/%61" },
	{ "an encoded percent sign stays one", "/100%25", "/100%" },
	{ "an encoded question mark is a name", "/a%3Fb", "/a?b" },
	{ "an encoded number sign is a name", "/a%23b", "/a#b" },
	{ "plus is not a space", "/a+b", "/a+b" },
	{ "UTF-8 of two bytes", "/%C3%A4", "/\xc3\xa4" },
	{ "UTF-8 of three bytes", "/%E2%82%AC", "/\xe2\x82\xac" },
	{ "UTF-8 of four bytes", "/%F0%9F%8D%B4", "/\xf0\x9f\x8d\xb4" },
	{ "Latin-1 is a name as well", "/%E4%F6%FC", "/\xe4\xf6\xfc" },
	{ "a lone lead byte", "/%C0a",
	    "/\xc0"
	    "a" },
	{ "a lone continuation byte", "/%80", "/\x80" },
	{ "RFC 3986 5.2.4 dot at the end", "/a/.", "/a/" },
	{ "RFC 3986 5.2.4 dot in the middle", "/a/./b", "/a/b" },
	{ "RFC 3986 5.2.4 dot at the start", "/./a", "/a" },
	{ "RFC 3986 5.2.4 dots at the end", "/a/b/..", "/a/" },
	{ "RFC 3986 5.2.4 dots in the middle", "/a/../b", "/b" },
	{ "RFC 3986 5.2.4 its example", "/a/b/c/./../../g", "/a/g" },
	{ "dots back to the root", "/a/..", "/" },
	{ "dots back to the root, and a slash", "/a/../", "/" },
	{ "dots over a folder and its slash", "/a/b/../", "/a/" },
	{ "only a dot", "/.", "/" },
	{ "three dots are a name", "/.../a", "/.../a" },
	{ "a name that begins with a dot", "/.well-known/x", "/.well-known/x" },
	{ "a name that begins with two dots", "/..a", "/..a" },
	{ "a name that ends in dots", "/a..", "/a.." },
	{ "encoded dot", "/a/%2e/b", "/a/b" },
	{ "encoded dots", "/a/%2e%2E/b", "/b" },
	{ "half encoded dots", "/a/.%2e/b", "/b" },
	{ "twice encoded dots are a name", "/%252e%252e/a", "/%2e%2e/a" },
	{ "slashes are merged", "//a///b//", "/a/b/" },
	{ "dots after merged slashes", "/a//../b", "/b" },
	{ "dot and slashes", "/.//./a", "/a" },
	{ "RFC 3986 2.1 no digits", "/%", NULL },
	{ "RFC 3986 2.1 one digit", "/%4", NULL },
	{ "RFC 3986 2.1 no hexadecimal", "/%zz", NULL },
	{ "RFC 3986 2.1 half hexadecimal", "/%4g", NULL },
	{ "RFC 3986 2.1 cut by a slash", "/%4/1", NULL },
	{ "a Unicode escape", "/%u0041", NULL },
	{ "encoded NUL", "/a%00.html", NULL },
	{ "encoded line feed", "/a%0Ab", NULL },
	{ "encoded CR LF", "/a%0d%0aSet-Cookie:x", NULL },
	{ "encoded escape", "/%1b%5b2J", NULL },
	{ "encoded DEL", "/%7f", NULL },
	{ "encoded slash", "/a%2Fb", NULL },
	{ "encoded slash, lower case", "/a%2fb", NULL },
	{ "encoded dots and slash", "/..%2f..%2fetc/passwd", NULL },
	{ "backslash", "/a\\b", NULL },
	{ "encoded backslash", "/a%5Cb", NULL },
	{ "dots and backslash", "/..\\..\\etc", NULL },
	{ "a control byte", "/a\tb", NULL },
	{ "RFC 3629 3 overlong slash", "/%C0%AF", NULL },
	{ "RFC 3629 3 overlong dot", "/%C0%AE%C0%AE/a", NULL },
	{ "RFC 3629 3 overlong letter", "/%C1%81", NULL },
	{ "RFC 3629 3 overlong, three bytes", "/%E0%80%AF", NULL },
	{ "RFC 3629 3 overlong, three bytes, the last", "/%E0%9F%BF", NULL },
	{ "RFC 3629 3 the first of three bytes", "/%E0%A0%80",
	    "/\xe0\xa0\x80" },
	{ "RFC 3629 3 the last before the surrogates", "/%ED%9F%BF",
	    "/\xed\x9f\xbf" },
	{ "RFC 3629 3 the first of four bytes", "/%F0%90%80%80",
	    "/\xf0\x90\x80\x80" },
	{ "RFC 3629 3 overlong, four bytes, the last", "/%F0%8F%BF%BF", NULL },
	{ "RFC 3629 3 overlong, four bytes", "/%F0%80%80%AF", NULL },
	{ "RFC 3629 3 overlong, five bytes", "/%F8%80%80%80%AF", NULL },
	{ "RFC 3629 3 overlong, six bytes", "/%FC%80%80%80%80%AF", NULL },
	{ "RFC 3629 3 surrogate", "/%ED%A0%80", NULL },
	{ "RFC 3629 3 raw overlong slash", "/\xc0\xaf", NULL },
	{ "above the root", "/..", NULL },
	{ "above the root, and a slash", "/../", NULL },
	{ "above the root and into it", "/../a", NULL },
	{ "above the root, late", "/a/../../b", NULL },
	{ "above the root, encoded", "/%2e%2e/a", NULL },
	{ "above the root after merged slashes", "//../a", NULL },
	{ "above the root and a dot", "/./../a", NULL },
	{ "no slash first", "a", NULL },
	{ "empty", "", NULL },
};

static void
check_decode(void **state)
{
	const struct decode_row *row = *state;
	char out[CAP];
	enum verdict verdict;
	size_t len;

	verdict = uri_decode_path(span_of(row->path), out, sizeof(out), &len);
	if (row->want == NULL) {
		assert_int_equal(verdict, VERDICT_BAD_PATH);
		return;
	}
	assert_int_equal(verdict, VERDICT_OK);
	assert_string_equal(out, row->want);
	assert_int_equal(len, strlen(row->want));
}

/* Every path that decodes needs a certain room, and no byte more. */
static void
check_decode_room(void **state)
{
	const struct decode_row *row = *state;
	char out[CAP];
	size_t len, need;

	if (row->want == NULL)
		return;
	for (need = 1; need < CAP; need++) {
		enum verdict verdict;

		memset(out, 'x', sizeof(out));
		verdict = uri_decode_path(span_of(row->path), out, need, &len);
		for (size_t i = need; i < sizeof(out); i++)
			assert_int_equal(out[i], 'x');
		if (verdict == VERDICT_OK)
			break;
		assert_int_equal(verdict, VERDICT_TARGET_TOO_LONG);
	}
	assert_true(need >= strlen(row->want) + 1);
	assert_true(need <= strlen(row->path) + 1);
	assert_string_equal(out, row->want);
}

static void
test_a_decoded_path_may_be_shorter_than_the_sent_one(void **state)
{
	char out[5];
	size_t len;

	(void)state;
	assert_int_equal(
	    uri_decode_path(SPAN("/%61%62%63"), out, sizeof(out), &len),
	    VERDICT_OK);
	assert_string_equal(out, "/abc");
	assert_int_equal(
	    uri_decode_path(SPAN("/%61%62%63%64"), out, sizeof(out), &len),
	    VERDICT_TARGET_TOO_LONG);
}

struct host_row {
	const char *name;
	const char *text;
	const char *host; /* NULL: malformed */
	const char *port; /* NULL: there is none */
};

static const struct host_row hosts[] = {
	{ "RFC 3986 3.2.2 a name", "example.com", "example.com", NULL },
	{ "RFC 3986 3.2.3 a port", "example.com:8080", "example.com", "8080" },
	{ "RFC 3986 3.2.3 an empty port", "example.com:", "example.com", "" },
	{ "the highest port", "a:65535", "a", "65535" },
	{ "a port that cannot be", "a:65536", NULL, NULL },
	{ "a very long port", "a:99999999999999999999999", NULL, NULL },
	{ "a port with a sign", "a:+80", NULL, NULL },
	{ "a port of letters", "a:http", NULL, NULL },
	{ "a port and a space", "a:80 ", NULL, NULL },
	{ "two ports", "a:80:81", NULL, NULL },
	{ "a trailing dot", "example.com.", "example.com.", NULL },
	{ "an underscore", "a_b.example", "a_b.example", NULL },
	{ "RFC 3986 3.2.2 IPv4", "192.0.2.1:80", "192.0.2.1", "80" },
	{ "RFC 3986 3.2.2 IPv6", "[2001:db8::1]", "[2001:db8::1]", NULL },
	{ "RFC 3986 3.2.2 IPv6 and a port", "[::1]:443", "[::1]", "443" },
	{ "RFC 3986 3.2.2 IPv6 with IPv4", "[::ffff:192.0.2.1]",
	    "[::ffff:192.0.2.1]", NULL },
	{ "RFC 3986 3.2.2 a triplet", "a%20b", "a%20b", NULL },
	{ "RFC 3986 3.2.2 sub-delims", "a!$&'()*+,;=b", "a!$&'()*+,;=b", NULL },
	{ "RFC 3986 3.2.2 an empty name", "", "", NULL },
	{ "an empty name and a port", ":80", "", "80" },
	{ "IPv6 without brackets", "::1", NULL, NULL },
	{ "IPv6, not closed", "[::1", NULL, NULL },
	{ "IPv6, not opened", "::1]", NULL, NULL },
	{ "IPv6, empty", "[]", NULL, NULL },
	{ "IPv6, too many groups", "[1:2:3:4:5:6:7:8:9]", NULL, NULL },
	{ "IPv6, two gaps", "[1::2::3]", NULL, NULL },
	{ "IPv6, group too long", "[12345::]", NULL, NULL },
	{ "IPv6 and something behind", "[::1]a", NULL, NULL },
	{ "RFC 6874 a zone", "[fe80::1%25eth0]", NULL, NULL },
	{ "RFC 3986 3.2.2 an address of the future", "[v1.a]", NULL, NULL },
	{ "a very long literal",
	    "[1111111111111111111111111111111111111111111111111111]", NULL,
	    NULL },
	{ "RFC 3986 3.2.1 userinfo", "user@example.com", NULL, NULL },
	{ "RFC 3986 3.2.1 userinfo with a password", "u:p@example.com", NULL,
	    NULL },
	{ "a path", "example.com/a", NULL, NULL },
	{ "a query", "example.com?a", NULL, NULL },
	{ "a fragment", "example.com#a", NULL, NULL },
	{ "a space", "a b", NULL, NULL },
	{ "a tab", "a\tb", NULL, NULL },
	{ "a quote", "a\"b", NULL, NULL },
	{ "a backslash", "a\\b", NULL, NULL },
	{ "angle brackets", "<a>", NULL, NULL },
	{ "a triplet that is none", "a%2", NULL, NULL },
	{ "a triplet of no digits", "a%zz", NULL, NULL },
	{ "a byte above ASCII", "\xc3\xa4", NULL, NULL },
	{ "a list", "a.example, b.example", NULL, NULL },
};

static void
check_host(void **state)
{
	const struct host_row *row = *state;
	struct span host, port;

	if (row->host == NULL) {
		assert_false(uri_split_host(span_of(row->text), &host, &port));
		return;
	}
	assert_true(uri_split_host(span_of(row->text), &host, &port));
	assert_span(host, row->host);
	assert_span(port, row->port);
}

static const struct {
	const char *name;
	const char *path;
	const char *want;
} encoded[] = {
	{ "nothing to do", "/a/b.html", "/a/b.html" },
	{ "RFC 3986 2.3 unreserved", "/aZ09-._~", "/aZ09-._~" },
	{ "a space", "/a b", "/a%20b" },
	{ "a percent sign", "/100%", "/100%25" },
	{ "what would begin a query", "/a?b", "/a%3Fb" },
	{ "what would begin a fragment", "/a#b", "/a%23b" },
	{ "what would begin a scheme", "/a:b", "/a%3Ab" },
	{ "what HTML would read", "/<a href=\"'&", "/%3Ca%20href=%22%27%26" },
	{ "UTF-8", "/\xc3\xa4", "/%C3%A4" },
	{ "CR LF", "/a\r\nb", "/a%0D%0Ab" },
};

static void
check_encode(void **state)
{
	const __typeof__(*encoded) *row = *state;
	size_t need = strlen(row->want);
	char out[CAP];

	assert_int_equal(
	    uri_encode_path(span_of(row->path), out, sizeof(out)), need);
	assert_memory_equal(out, row->want, need);
	assert_int_equal(uri_encode_path(span_of(row->path), out, need), need);
	assert_int_equal(uri_encode_path(span_of(row->path), out, need - 1), 0);
}

static void
test_every_byte_is_encoded_so_that_it_decodes(void **state)
{
	(void)state;
	for (int c = 0x20; c < 0x100; c++) {
		char path[3] = { '/', (char)c, 'a' };
		char link[16], out[16];
		size_t link_len, len;

		if (c == '/' || c == '\\' || c == 0x7f)
			continue;
		link_len = uri_encode_path(
		    (struct span){ path, 3 }, link, sizeof(link));
		assert_int_equal(
		    uri_decode_path((struct span){ link, link_len }, out,
			sizeof(out), &len),
		    VERDICT_OK);
		assert_int_equal(len, 3);
		assert_memory_equal(out, path, 3);
	}
}

static const struct {
	const char *name;
	struct span text;
	bool good;
} names[] = {
	{ "letters", { "a.txt", 5 }, true },
	{ "a space, a percent sign, a colon", { " 100%:", 6 }, true },
	{ "what is not UTF-8", { "a\xff", 2 }, true },
	{ "a slash", { "a/b", 3 }, false },
	{ "a backslash", { "a\\b", 3 }, false },
	{ "a line end", { "a\nb", 3 }, false },
	{ "DEL", { "a\x7f", 2 }, false },
	{ "RFC 3629 3 overlong", { "a\xc0\xaf", 3 }, false },
	{ "nothing", { "", 0 }, false },
};

static void
check_name(void **state)
{
	const __typeof__(*names) *row = *state;

	assert_int_equal(uri_is_name(row->text), row->good);
}

/* A name is good when some request can say it, and then only. */
static void
test_names_are_what_decoding_gives(void **state)
{
	(void)state;
	for (int i = 1; i < 256 * 256; i++) {
		const char name[3] = { 'x', (char)(i >> 8), (char)i };
		char path[4] = { '/', 'x', name[1], name[2] };
		char link[16], out[16];
		size_t len, link_len;

		link_len = uri_encode_path(
		    (struct span){ path, 4 }, link, sizeof(link));
		assert_int_equal(uri_is_name((struct span){ name, 3 }),
		    name[1] != '/' && name[2] != '/' &&
			uri_decode_path((struct span){ link, link_len }, out,
			    sizeof(out), &len) == VERDICT_OK);
	}
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, paths, check_decode);
	ROWS_ADD(&rows, paths, check_decode_room);
	ROWS_TEST(&rows, test_a_decoded_path_may_be_shorter_than_the_sent_one);
	ROWS_ADD(&rows, hosts, check_host);
	ROWS_ADD(&rows, encoded, check_encode);
	ROWS_TEST(&rows, test_every_byte_is_encoded_so_that_it_decodes);
	ROWS_ADD(&rows, names, check_name);
	ROWS_TEST(&rows, test_names_are_what_decoding_gives);
	return rows_run(&rows, "uri");
}
