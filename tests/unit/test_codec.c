/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/codec.h"

#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define PLAIN_BYTES 300000

struct row {
	const char *name;
	const struct codec *codec;
	size_t len;   /* of what is compressed */
	size_t piece; /* how much of input and output at a time */
};

/* clang-format off */
#define ROWS(word, codec) \
	{ word " nothing", codec, 0, 100 }, \
	{ word " one byte", codec, 1, 100 }, \
	{ word " byte by byte", codec, 2000, 1 }, \
	{ word " in pieces", codec, PLAIN_BYTES, 4096 }, \
	{ word " at once", codec, PLAIN_BYTES, 2 * PLAIN_BYTES }
/* clang-format on */

static const struct row table[] = {
	ROWS("brotli", &codec_brotli),
	ROWS("zlib", &codec_zlib),
	ROWS("zstd", &codec_zstd),
};

static unsigned char plain[PLAIN_BYTES];
static unsigned char coded[2 * PLAIN_BYTES];
static unsigned char again[2 * PLAIN_BYTES];

/* Some of it repeats, and some does not. */
static void
fill_plain(void)
{
	uint32_t number = 1;

	for (size_t i = 0; i < sizeof(plain); i++) {
		number = number * 1664525 + 1013904223;
		plain[i] = (unsigned char)(i % 7 == 0 ? number >> 24 : i % 50);
	}
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Gives the encoder pieces and takes pieces; returns the length. */
static size_t
encode(const struct row *row)
{
	void *encoder = row->codec->open_encoder(row->len);
	enum codec_result result = CODEC_MORE;
	size_t in = 0, out = 0;

	assert_non_null(encoder);
	while (result != CODEC_DONE) {
		size_t give = least(row->piece, row->len - in);
		struct codec_io io = { plain + in, give, coded + out,
			least(row->piece, sizeof(coded) - out) };
		size_t room = io.out_len;

		assert_true(room > 0);
		result =
		    row->codec->encode(encoder, &io, in + give == row->len);
		assert_true(result == CODEC_MORE || result == CODEC_DONE);
		in += give - io.in_len;
		out += room - io.out_len;
	}
	assert_int_equal(in, row->len);
	row->codec->close_encoder(encoder);
	return out;
}

/* The same of the decoder, with len bytes; what it said last. */
static enum codec_result
decode(const struct row *row, size_t len, size_t *out)
{
	void *decoder = row->codec->open_decoder();
	enum codec_result result = CODEC_MORE;
	size_t in = 0;

	assert_non_null(decoder);
	*out = 0;
	for (;;) {
		size_t give = least(row->piece, len - in);
		struct codec_io io = { coded + in, give, again + *out,
			least(row->piece, sizeof(again) - *out) };
		size_t room = io.out_len;

		assert_true(room > 0);
		result = row->codec->decode(decoder, &io);
		in += give - io.in_len;
		*out += room - io.out_len;
		if (result != CODEC_MORE || (in == len && io.out_len == room))
			break;
	}
	row->codec->close_decoder(decoder);
	return result;
}

static void
check_row(void **state)
{
	const struct row *row = *state;
	size_t len, out;

	/* Nothing of it is in this build. */
	if (row->codec->open_encoder == NULL) {
		assert_null(row->codec->decode);
		return;
	}
	len = encode(row);
	assert_int_equal(decode(row, len, &out), CODEC_DONE);
	assert_int_equal(out, row->len);
	assert_memory_equal(again, plain, out);
	/* Without its last byte it wants more. */
	assert_int_equal(decode(row, len - 1, &out), CODEC_MORE);
}

static void
test_what_is_none_of_it_is_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t out;

		if (table[i].codec->open_encoder == NULL)
			continue;
		memset(coded, 0xff, 1000);
		assert_int_equal(decode(&table[i], 1000, &out), CODEC_BAD);
	}
}

static void
test_closing_nothing_is_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].codec->open_encoder != NULL) {
			table[i].codec->close_encoder(NULL);
			table[i].codec->close_decoder(NULL);
		}
}

int
main(void)
{
	static struct rows rows;

	fill_plain();
	ROWS_ADD(&rows, table, check_row);
	ROWS_TEST(&rows, test_what_is_none_of_it_is_bad);
	ROWS_TEST(&rows, test_closing_nothing_is_allowed);
	return rows_run(&rows, "codec");
}
