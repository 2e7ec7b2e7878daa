/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/logformat.h"

#include <stdio.h>

#include "core/sink.h"
#include "http/chars.h"

/* The least room for what clients send, in a line that is full of codes. */
#define LOGFORMAT_ROOM 512

/* The longest of what we write ourselves: an address. */
#define LOGFORMAT_WIDTH 46

_Static_assert(
    LOGFORMAT_TEXT_BYTES + LOGFORMAT_OPS * LOGFORMAT_WIDTH + LOGFORMAT_ROOM <=
	SINK_LINE_BYTES,
    "a line must go in one piece, whatever its format");

/* The formats that have names. */
static const struct {
	const char *name;
	const char *text;
	bool json;
} logformat_names[] = {
	{ "common", "%h - %u %t \"%r\" %s %B", false },
	{ "combined",
	    "%h - %u %t \"%r\" %s %B \"%{Referer}i\" \"%{User-Agent}i\"",
	    false },
	{ "json",
	    "{\"time\":\"%{rfc3339}t\",\"client\":\"%h\",\"site\":%v,"
	    "\"host\":%V,\"line\":%r,\"method\":%m,\"path\":%U,\"query\":%q,"
	    "\"protocol\":%H,\"status\":%s,\"body_bytes\":%B,"
	    "\"sent_bytes\":%O,\"duration_us\":%D,\"ttfb_us\":%{ttfb}x,"
	    "\"referer\":%{Referer}i,\"user_agent\":%{User-Agent}i,"
	    "\"variant\":%{variant}x,\"cache\":%{cache}x,"
	    "\"verdict\":%{verdict}x,\"user\":%u,\"request_id\":%{request_id}x,"
	    "\"worker\":%{worker}x,\"pid\":%P}",
	    true },
};

/* A code: %LETTER, or %{NAME}LETTER. */
struct logformat_row {
	char letter;
	const char *name; /* "": without one */
	enum logformat_code code;
};

static const struct logformat_row logformat_rows[] = {
	{ 'a', "", LOGFORMAT_CLIENT },
	{ 'a', "c", LOGFORMAT_PEER },
	{ 'b', "", LOGFORMAT_BODY_CLF },
	{ 'B', "", LOGFORMAT_BODY },
	{ 'D', "", LOGFORMAT_TOOK_US },
	{ 'h', "", LOGFORMAT_CLIENT },
	{ 'H', "", LOGFORMAT_PROTOCOL },
	{ 'k', "", LOGFORMAT_KEPT },
	{ 'l', "", LOGFORMAT_TEXT },
	{ 'm', "", LOGFORMAT_METHOD },
	{ 'O', "", LOGFORMAT_SENT },
	{ 'p', "", LOGFORMAT_PORT },
	{ 'P', "", LOGFORMAT_PID },
	{ 'q', "", LOGFORMAT_QUERY },
	{ 'r', "", LOGFORMAT_LINE },
	{ 's', "", LOGFORMAT_STATUS },
	{ 't', "", LOGFORMAT_TIME },
	{ 't', "rfc3339", LOGFORMAT_RFC3339 },
	{ 't', "sec", LOGFORMAT_EPOCH_S },
	{ 't', "msec", LOGFORMAT_EPOCH_MS },
	{ 'T', "", LOGFORMAT_TOOK_S },
	{ 'T', "s", LOGFORMAT_TOOK_S },
	{ 'T', "ms", LOGFORMAT_TOOK_MS },
	{ 'T', "us", LOGFORMAT_TOOK_US },
	{ 'u', "", LOGFORMAT_SUBJECT },
	{ 'U', "", LOGFORMAT_PATH },
	{ 'v', "", LOGFORMAT_SITE },
	{ 'V', "", LOGFORMAT_HOST },
	{ 'X', "", LOGFORMAT_END },
	{ 'x', "cache", LOGFORMAT_CACHE },
	{ 'x', "generation", LOGFORMAT_GENERATION },
	{ 'x', "request_id", LOGFORMAT_REQUEST_ID },
	{ 'x', "ttfb", LOGFORMAT_TTFB },
	{ 'x', "variant", LOGFORMAT_VARIANT },
	{ 'x', "verdict", LOGFORMAT_VERDICT },
	{ 'x', "worker", LOGFORMAT_WORKER },
};

#define LOGFORMAT_NROWS (sizeof(logformat_rows) / sizeof(logformat_rows[0]))

/* What is allowed: all codes, or those of a letter. */
static void
logformat_allow(struct logformat_problem *problem, char letter)
{
	size_t len = 0;

	problem->allowed[0] = '\0';
	for (size_t i = 0; i < LOGFORMAT_NROWS; i++) {
		const struct logformat_row *row = &logformat_rows[i];
		bool named = row->name[0] != '\0';

		if (letter == '\0' ? named : row->letter != letter)
			continue;
		len += (size_t)snprintf(problem->allowed + len,
		    sizeof(problem->allowed) - len, "%%%s%s%s%c ",
		    named ? "{" : "", row->name, named ? "}" : "", row->letter);
	}
	if (letter == '\0')
		(void)snprintf(problem->allowed + len,
		    sizeof(problem->allowed) - len,
		    "%%{c}a %%{NAME}i %%{NAME}t %%{NAME}T %%{NAME}x %%%%");
	else if (len > 0)
		problem->allowed[len - 1] = '\0';
}

static int
logformat_refuse(struct logformat_problem *problem, struct span piece,
    const char *what, char letter)
{
	problem->piece = piece;
	problem->what = what;
	logformat_allow(problem, letter);
	return -1;
}

/* The operation to come; NULL when there is no room for it. */
static struct logformat_op *
logformat_add(struct logformat *format, enum logformat_code code)
{
	struct logformat_op *op = &format->ops[format->nops];

	if (format->nops == LOGFORMAT_OPS)
		return NULL;
	*op = (struct logformat_op){ .code = code, .at = format->ntext };
	format->nops++;
	if (code != LOGFORMAT_TEXT)
		format->fixed_bytes += LOGFORMAT_WIDTH;
	return op;
}

/* Keeps bytes that op is about. */
static int
logformat_keep(
    struct logformat *format, struct logformat_op *op, struct span bytes)
{
	if (sizeof(format->text) - format->ntext < bytes.len)
		return -1;
	memcpy(format->text + format->ntext, bytes.ptr, bytes.len);
	format->ntext += (uint16_t)bytes.len;
	op->len += (uint16_t)bytes.len;
	return 0;
}

/* Bytes as they are; behind others like them they need no operation. */
static int
logformat_add_text(struct logformat *format, struct span bytes)
{
	struct logformat_op *op = NULL;

	if (format->nops > 0)
		op = &format->ops[format->nops - 1];
	if (op == NULL || op->code != LOGFORMAT_TEXT)
		op = logformat_add(format, LOGFORMAT_TEXT);
	if (op == NULL)
		return -1;
	format->fixed_bytes += bytes.len;
	return logformat_keep(format, op, bytes);
}

/* The fields that the parser keeps for us; others are looked for. */
static enum field
logformat_field(struct span name)
{
	if (span_equal_nocase(name, SPAN("Referer")))
		return FIELD_REFERER;
	if (span_equal_nocase(name, SPAN("User-Agent")))
		return FIELD_USER_AGENT;
	return FIELD_COUNT;
}

static int
logformat_add_field(struct logformat *format, struct span name)
{
	enum field field = logformat_field(name);
	struct logformat_op *op = logformat_add(
	    format, field == FIELD_COUNT ? LOGFORMAT_OTHER : LOGFORMAT_FIELD);

	if (op == NULL)
		return -1;
	op->field = field;
	return field == FIELD_COUNT ? logformat_keep(format, op, name) : 0;
}

static bool
logformat_is_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!chars_is(name.ptr[i], CHARS_TOKEN))
			return false;
	return name.len > 0;
}

/* The row of a code; NULL with *known telling whether its letter exists. */
static const struct logformat_row *
logformat_find(char letter, struct span name, bool *known)
{
	*known = false;
	for (size_t i = 0; i < LOGFORMAT_NROWS; i++) {
		const struct logformat_row *row = &logformat_rows[i];

		if (row->letter != letter)
			continue;
		*known = true;
		if (span_equal(span_of(row->name), name))
			return row;
	}
	return NULL;
}

/* A code, cut in its parts.  piece is all of it. */
struct logformat_piece {
	struct span piece;
	struct span name; /* between the braces */
	char letter;      /* 0: the text ends before it */
	bool open;        /* a brace is not closed */
};

/* Takes a code, which begins with '%', off *text. */
static struct logformat_piece
logformat_take(struct span *text)
{
	struct logformat_piece code = { .piece = { text->ptr, 0 },
		.name = SPAN("") };
	const char *p = text->ptr + 1, *end = text->ptr + text->len;
	const char *brace;

	/* %>s is the last status, and we have no other. */
	if (end - p >= 2 && p[0] == '>' && p[1] == 's')
		p++;
	if (p < end && *p == '{') {
		brace = memchr(p, '}', (size_t)(end - p));
		code.open = brace == NULL;
		if (code.open)
			brace = end - 1;
		code.name = (struct span){ p + 1, (size_t)(brace - p - 1) };
		p = brace + 1;
	}
	if (p < end)
		code.letter = *p++;
	code.piece.len = (size_t)(p - text->ptr);
	text->ptr = p;
	text->len = (size_t)(end - p);
	return code;
}

/* Takes a code off *text.  0; -1 with *problem, which is empty: no room. */
static int
logformat_add_code(struct logformat *format, struct span *text,
    struct logformat_problem *problem)
{
	struct logformat_piece code = logformat_take(text);
	const struct logformat_row *row;
	bool known;

	if (code.open)
		return logformat_refuse(
		    problem, code.piece, "no } behind the {", '\0');
	if (code.letter == '\0')
		return logformat_refuse(problem, code.piece,
		    "no letter behind the %; write %% for itself", '\0');
	if (code.letter == '%' && code.piece.len == 2)
		return logformat_add_text(format, SPAN("%"));
	if (code.letter == 'i') {
		if (logformat_is_name(code.name))
			return logformat_add_field(format, code.name);
		return logformat_refuse(problem, code.piece,
		    "not the name of a field, as in %{Referer}i", '\0');
	}
	row = logformat_find(code.letter, code.name, &known);
	if (row == NULL)
		return logformat_refuse(problem, code.piece, "no such code",
		    known ? code.letter : '\0');
	if (row->code == LOGFORMAT_TEXT)
		return logformat_add_text(format, SPAN("-"));
	return logformat_add(format, row->code) == NULL ? -1 : 0;
}

/* Takes an escape, which begins with a backslash, off *text; as above. */
static int
logformat_add_escape(struct logformat *format, struct span *text,
    struct logformat_problem *problem)
{
	struct span piece = { text->ptr, text->len < 2 ? text->len : 2 };
	char c = piece.len < 2 ? '\0' : piece.ptr[1];

	text->ptr += piece.len;
	text->len -= piece.len;
	if (c == 't')
		return logformat_add_text(format, SPAN("\t"));
	if (c == '"' || c == '\\')
		return logformat_add_text(
		    format, (struct span){ piece.ptr + 1, 1 });
	(void)logformat_refuse(problem, piece, "no such escape", '\0');
	(void)snprintf(problem->allowed, sizeof(problem->allowed),
	    "\\t for a tab, \\\", \\\\");
	return -1;
}

/* Takes bytes that stand for themselves off *text. */
static struct span
logformat_take_text(struct span *text)
{
	struct span taken = { text->ptr, 0 };

	while (taken.len < text->len && text->ptr[taken.len] != '%' &&
	       text->ptr[taken.len] != '\\')
		taken.len++;
	text->ptr += taken.len;
	text->len -= taken.len;
	return taken;
}

static int
logformat_add_next(struct logformat *format, struct span *text,
    struct logformat_problem *problem)
{
	if (*text->ptr == '%')
		return logformat_add_code(format, text, problem);
	if (*text->ptr == '\\')
		return logformat_add_escape(format, text, problem);
	return logformat_add_text(format, logformat_take_text(text));
}

int
logformat_compile(struct logformat *format, struct span text,
    struct logformat_problem *problem)
{
	struct span rest = text;

	*format = (struct logformat){ .fixed_bytes = 1 }; /* the newline */
	*problem = (struct logformat_problem){ .what = NULL };
	for (size_t i = 0;
	     i < sizeof(logformat_names) / sizeof(logformat_names[0]); i++) {
		if (!span_equal(span_of(logformat_names[i].name), text))
			continue;
		rest = span_of(logformat_names[i].text);
		format->json = logformat_names[i].json;
	}
	if (memchr(rest.ptr, '%', rest.len) == NULL)
		return logformat_refuse(problem, text,
		    "neither a name nor a text with codes in it", '\0');
	while (rest.len > 0)
		if (logformat_add_next(format, &rest, problem) == -1)
			return problem->what != NULL
				   ? -1
				   : logformat_refuse(
					 problem, text, "too long", '\0');
	return 0;
}
