/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base64.h"

#include "rows.h"

struct decode_row {
	const char *name;
	const char *text;
	const char *bytes; /* NULL: refused */
};

/* RFC 4648 10, and what is not of one form alone. */
static const struct decode_row decode_rows[] = {
	{ "nothing", "", "" },
	{ "f", "Zg==", "f" },
	{ "fo", "Zm8=", "fo" },
	{ "foo", "Zm9v", "foo" },
	{ "foob", "Zm9vYg==", "foob" },
	{ "fooba", "Zm9vYmE=", "fooba" },
	{ "foobar", "Zm9vYmFy", "foobar" },
	{ "plus and slash", "+/+/", "\xfb\xff\xbf" },
	{ "no padding", "Zg", NULL },
	{ "half of the padding", "Zg=", NULL },
	{ "padding alone", "====", NULL },
	{ "padding in the middle", "Zg==Zg==", NULL },
	{ "padding before a letter", "Zm=v", NULL },
	{ "bits behind the end, one byte", "Zh==", NULL },
	{ "bits behind the end, two bytes", "Zm9=", NULL },
	{ "the letters of URLs", "-_-_", NULL },
	{ "a blank", "Zm 9", NULL },
	{ "a byte above ASCII", "Zm9\xe4", NULL },
	{ "too long for the room", "Zm9vYmFyZm9v", NULL },
};

static void
check_decode(void **state)
{
	const struct decode_row *row = *state;
	char out[8];
	size_t len;
	bool good = base64_decode(span_of(row->text), out, sizeof(out), &len);

	assert_int_equal(good, row->bytes != NULL);
	if (good)
		assert_span(((struct span){ out, len }), row->bytes);
}

struct encode_row {
	const char *name;
	const char *bytes;
	const char *text;
};

static const struct encode_row encode_rows[] = {
	{ "encodes one byte", "f", "Zg" },
	{ "encodes two bytes", "fo", "Zm8" },
	{ "encodes three bytes", "foo", "Zm9v" },
	{ "encodes dash and underscore", "\xfb\xff\xbf", "-_-_" },
};

static void
check_encode(void **state)
{
	const struct encode_row *row = *state;
	char out[8] = "........";
	size_t len = strlen(row->bytes);

	base64_encode_url((const unsigned char *)row->bytes, len, out);
	assert_span(((struct span){ out, BASE64_URL_LEN(len) }), row->text);
	assert_int_equal(out[BASE64_URL_LEN(len)], '.');
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, decode_rows, check_decode);
	ROWS_ADD(&rows, encode_rows, check_encode);
	return rows_run(&rows, "base64");
}
