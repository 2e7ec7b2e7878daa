/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/coder.h"

#include <assert.h>
#include <stdio.h>

static const struct codec *const coder_rows[CODING_COUNT] = {
	[CODING_BR] = &codec_brotli,
	[CODING_ZSTD] = &codec_zstd,
	[CODING_GZIP] = &codec_zlib,
};

const struct codec *
coder_of(enum coding coding)
{
	assert(coding > CODING_IDENTITY && coding < CODING_COUNT);
	return coder_rows[coding];
}

bool
coder_is_there(enum coding coding)
{
	return coder_of(coding)->open_encoder != NULL;
}

unsigned
coder_all(void)
{
	unsigned codings = 0;

	for (int coding = CODING_BR; coding < CODING_COUNT; coding++)
		if (coder_is_there((enum coding)coding))
			codings |= 1u << coding;
	return codings;
}

/* The coding of an ending without its dot; identity when it is none. */
static enum coding
coder_find(struct span word)
{
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
		struct span suffix = coding_suffix((enum coding)coding);

		if (span_equal(
			word, (struct span){ suffix.ptr + 1, suffix.len - 1 }))
			return (enum coding)coding;
	}
	return CODING_IDENTITY;
}

int
coder_parse(const char *text, unsigned *codings)
{
	struct span list = span_of(text), word;

	*codings = 0;
	while (span_next_item(&list, &word)) {
		enum coding coding = coder_find(word);

		if (coding == CODING_IDENTITY) {
			(void)fprintf(stderr,
			    "tined: -f: \"%.*s\": not a format; allowed: br, "
			    "zst, gz, with commas between them\n",
			    (int)word.len, word.ptr);
			return -1;
		}
		if (!coder_is_there(coding)) {
			(void)fprintf(stderr,
			    "tined: -f: %.*s: this build has no %s: its "
			    "library was not there when it was configured\n",
			    (int)word.len, word.ptr, coder_of(coding)->library);
			return -1;
		}
		*codings |= 1u << coding;
	}
	if (*codings != 0)
		return 0;
	(void)fputs("tined: -f: no format; allowed: br, zst, gz\n", stderr);
	return -1;
}
