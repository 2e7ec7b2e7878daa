/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/chars.h"

#include <string.h>

#include "rows.h"

#define ALPHA      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT      "0123456789"
#define UNRESERVED ALPHA DIGIT "-._~"

struct chars_row {
	const char *name;
	enum chars_class class;
	const char *members;
	bool above_ascii; /* are 0x80 to 0xff members? */
};

static const struct chars_row classes[] = {
	{ "RFC 9110 5.6.2 tchar", CHARS_TOKEN, ALPHA DIGIT "!#$%&'*+-.^_`|~",
	    false },
	{ "RFC 5234 B.1 VCHAR without the number sign", CHARS_TARGET,
	    UNRESERVED "!\"$%&'()*+,/:;<=>?@[\\]^`{|}", false },
	{ "RFC 5234 B.1 HEXDIG", CHARS_HEX, DIGIT "abcdefABCDEF", false },
	{ "RFC 3986 3.2.2 reg-name", CHARS_HOST,
	    UNRESERVED "!$&'()*+,;=", false },
	{ "what a link and HTML take as it is", CHARS_LINK,
	    UNRESERVED "/!$()*+,;=@", false },
	{ "RFC 9110 8.8.3 etagc", CHARS_ETAG,
	    UNRESERVED "!#$%&'()*+,/:;<=>?@[\\]^`{|}", true },
	{ "what stands for itself in a path", CHARS_PATH,
	    UNRESERVED " !\"#$&'()*+,/:;<=>?@[]^`{|}", false },
};

static void
check_class(void **state)
{
	const struct chars_row *row = *state;

	assert_false(chars_is('\0', row->class));
	for (int c = 1; c < 0x80; c++)
		assert_int_equal(chars_is((char)c, row->class),
		    strchr(row->members, c) != NULL);
	for (int c = 0x80; c < 0x100; c++)
		assert_int_equal(
		    chars_is((char)c, row->class), row->above_ascii);
}

static void
test_hexadecimal_digits_have_their_values(void **state)
{
	static const char digits[] = "0123456789abcdef";

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(chars_hex_value(digits[i]), i);
	for (unsigned i = 10; i < 16; i++)
		assert_int_equal(chars_hex_value((char)(digits[i] ^ 0x20)), i);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, classes, check_class);
	ROWS_TEST(&rows, test_hexadecimal_digits_have_their_values);
	return rows_run(&rows, "chars");
}
