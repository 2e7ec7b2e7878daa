/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/body.h"

#include <assert.h>

#include "http/chars.h"

/* The longest chunk-size or trailer line that is read, its CR LF included. */
#define BODY_LINE_MAX 4096

/* The states of RFC 9112 7.1; REFUSED is 0, what the table does not name. */
enum {
	BODY_STATE_REFUSED,
	BODY_STATE_DONE,
	BODY_STATE_LENGTH, /* in a body with Content-Length */
	BODY_STATE_SIZE_FIRST,
	BODY_STATE_SIZE,
	BODY_STATE_BWS, /* white space that must lead to an extension */
	BODY_STATE_EXT_FIRST,
	BODY_STATE_EXT_NAME,
	BODY_STATE_EXT_BWS,
	BODY_STATE_EXT_EQUALS,
	BODY_STATE_EXT_VALUE,
	BODY_STATE_QUOTED,
	BODY_STATE_QUOTED_PAIR,
	BODY_STATE_QUOTED_END,
	BODY_STATE_SIZE_LF,
	BODY_STATE_DATA,
	BODY_STATE_DATA_CR,
	BODY_STATE_DATA_LF,
	BODY_STATE_TRAILER_FIRST,
	BODY_STATE_TRAILER_NAME,
	BODY_STATE_TRAILER_VALUE,
	BODY_STATE_TRAILER_LF,
	BODY_STATE_END_LF,
	BODY_STATE_COUNT,
};

enum body_class {
	BODY_CLASS_CONTROL,
	BODY_CLASS_CR,
	BODY_CLASS_LF,
	BODY_CLASS_SPACE, /* SP and HTAB */
	BODY_CLASS_HEX,   /* these are tokens as well */
	BODY_CLASS_TOKEN,
	BODY_CLASS_SEMICOLON,
	BODY_CLASS_EQUALS,
	BODY_CLASS_QUOTE,
	BODY_CLASS_BACKSLASH,
	BODY_CLASS_COLON,
	BODY_CLASS_OTHER, /* visible, or obs-text */
	BODY_CLASS_COUNT,
};

/* clang-format off */
#define ON(class, state) [BODY_CLASS_##class] = BODY_STATE_##state
#define ON_TOKEN(state) ON(HEX, state), ON(TOKEN, state)
#define ON_TEXT(state)                                                         \
	ON_TOKEN(state), ON(SPACE, state), ON(SEMICOLON, state),               \
	ON(EQUALS, state), ON(COLON, state), ON(OTHER, state)

static const unsigned char body_next[BODY_STATE_COUNT][BODY_CLASS_COUNT] = {
	[BODY_STATE_SIZE_FIRST] = { ON(HEX, SIZE) },
	[BODY_STATE_SIZE] = { ON(HEX, SIZE), ON(SPACE, BWS),
		ON(SEMICOLON, EXT_FIRST), ON(CR, SIZE_LF) },
	[BODY_STATE_BWS] = { ON(SPACE, BWS), ON(SEMICOLON, EXT_FIRST) },
	[BODY_STATE_EXT_FIRST] = { ON(SPACE, EXT_FIRST), ON_TOKEN(EXT_NAME) },
	[BODY_STATE_EXT_NAME] = { ON_TOKEN(EXT_NAME), ON(SPACE, EXT_BWS),
		ON(EQUALS, EXT_EQUALS), ON(SEMICOLON, EXT_FIRST),
		ON(CR, SIZE_LF) },
	[BODY_STATE_EXT_BWS] = { ON(SPACE, EXT_BWS), ON(EQUALS, EXT_EQUALS),
		ON(SEMICOLON, EXT_FIRST) },
	[BODY_STATE_EXT_EQUALS] = { ON(SPACE, EXT_EQUALS), ON_TOKEN(EXT_VALUE),
		ON(QUOTE, QUOTED) },
	[BODY_STATE_EXT_VALUE] = { ON_TOKEN(EXT_VALUE), ON(SPACE, BWS),
		ON(SEMICOLON, EXT_FIRST), ON(CR, SIZE_LF) },
	[BODY_STATE_QUOTED] = { ON_TEXT(QUOTED), ON(QUOTE, QUOTED_END),
		ON(BACKSLASH, QUOTED_PAIR) },
	[BODY_STATE_QUOTED_PAIR] = { ON_TEXT(QUOTED), ON(QUOTE, QUOTED),
		ON(BACKSLASH, QUOTED) },
	[BODY_STATE_QUOTED_END] = { ON(SPACE, BWS), ON(SEMICOLON, EXT_FIRST),
		ON(CR, SIZE_LF) },
	[BODY_STATE_SIZE_LF] = { ON(LF, DATA) },
	[BODY_STATE_DATA_CR] = { ON(CR, DATA_LF) },
	[BODY_STATE_DATA_LF] = { ON(LF, SIZE_FIRST) },
	[BODY_STATE_TRAILER_FIRST] = { ON_TOKEN(TRAILER_NAME),
		ON(CR, END_LF) },
	[BODY_STATE_TRAILER_NAME] = { ON_TOKEN(TRAILER_NAME),
		ON(COLON, TRAILER_VALUE) },
	[BODY_STATE_TRAILER_VALUE] = { ON_TEXT(TRAILER_VALUE),
		ON(QUOTE, TRAILER_VALUE), ON(BACKSLASH, TRAILER_VALUE),
		ON(CR, TRAILER_LF) },
	[BODY_STATE_TRAILER_LF] = { ON(LF, TRAILER_FIRST) },
	[BODY_STATE_END_LF] = { ON(LF, DONE) },
};
/* clang-format on */

void
body_init(struct body *body, const struct request *request, uint64_t max)
{
	*body = (struct body){
		.left = request->content_length,
		.max = max,
		.state = request->chunked ? BODY_STATE_SIZE_FIRST
					  : BODY_STATE_LENGTH,
	};
	if (!request->chunked && request->content_length == 0)
		body->state = BODY_STATE_DONE;
}

static enum body_class
body_class(char c)
{
	switch (c) {
	case '\r': return BODY_CLASS_CR;
	case '\n': return BODY_CLASS_LF;
	case ' ':
	case '\t': return BODY_CLASS_SPACE;
	case ';': return BODY_CLASS_SEMICOLON;
	case '=': return BODY_CLASS_EQUALS;
	case '"': return BODY_CLASS_QUOTE;
	case '\\': return BODY_CLASS_BACKSLASH;
	case ':': return BODY_CLASS_COLON;
	}
	if (chars_is(c, CHARS_HEX))
		return BODY_CLASS_HEX;
	if (chars_is(c, CHARS_TOKEN))
		return BODY_CLASS_TOKEN;
	if ((unsigned char)c < 0x20 || c == 0x7f)
		return BODY_CLASS_CONTROL;
	return BODY_CLASS_OTHER;
}

static bool
body_refuse(struct body *body, enum verdict verdict)
{
	body->state = BODY_STATE_REFUSED;
	body->verdict = verdict;
	return false;
}

/* A chunk-size line is complete: left says how many bytes follow. */
static bool
body_begin_chunk(struct body *body)
{
	if (body->left == 0)
		body->state = BODY_STATE_TRAILER_FIRST;
	else if (body->left > body->max - body->total)
		return body_refuse(body, VERDICT_BODY_TOO_LARGE);
	return true;
}

/* Takes one byte of framing. */
static bool
body_step(struct body *body, char c)
{
	enum body_class class = body_class(c);
	int state = body->state;

	if (body->total == body->max)
		return body_refuse(body, VERDICT_BODY_TOO_LARGE);
	body->total++;
	body->line_len++;
	body->state = body_next[state][class];
	if (body->state == BODY_STATE_REFUSED || body->line_len > BODY_LINE_MAX)
		return body_refuse(body, VERDICT_BAD_CHUNK);
	if (body->state == BODY_STATE_SIZE) {
		/* No size that a signed number cannot hold (RFC 9112 7.1). */
		if (body->left > INT64_MAX >> 4)
			return body_refuse(body, VERDICT_BAD_CHUNK);
		body->left = body->left << 4 | chars_hex_value(c);
	}
	if (class == BODY_CLASS_LF)
		body->line_len = 0;
	return state == BODY_STATE_SIZE_LF ? body_begin_chunk(body) : true;
}

/* Passes over bytes of content; returns how many. */
static size_t
body_skip(struct body *body, size_t len)
{
	size_t n = body->left < len ? (size_t)body->left : len;

	body->left -= n;
	body->total += n;
	if (body->left == 0)
		body->state = body->state == BODY_STATE_DATA
				  ? BODY_STATE_DATA_CR
				  : BODY_STATE_DONE;
	return n;
}

enum body_result
body_feed(struct body *body, const char *data, size_t len, size_t *used)
{
	size_t i = 0;

	*used = 0;
	if (body->state == BODY_STATE_LENGTH &&
	    body->left > body->max - body->total)
		(void)body_refuse(body, VERDICT_BODY_TOO_LARGE);
	while (i < len && body->state != BODY_STATE_DONE) {
		if (body->state == BODY_STATE_REFUSED)
			break;
		if (body->state == BODY_STATE_LENGTH ||
		    body->state == BODY_STATE_DATA)
			i += body_skip(body, len - i);
		else if (body_step(body, data[i]))
			i++;
	}
	*used = i;
	if (body->state == BODY_STATE_REFUSED)
		return BODY_REFUSED;
	return body->state == BODY_STATE_DONE ? BODY_DONE : BODY_MORE;
}
