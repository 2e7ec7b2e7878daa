/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first line is a format, the rest what a client sent.  A format is either
 * compiled or refused with a piece of itself; whatever the client sent, a line
 * has one newline, at its end, and nothing in it but visible text, and JSON is
 * an object.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "core/sink.h"
#include "worker/logline.h"

static const struct request_limits limits = {
	.head_bytes = 16384,
	.target_bytes = 8192,
	.field_bytes = 8192,
	.nfields = 100,
};

static const struct address peer = { .family = AF_INET6 };
static const struct clock when = { .wall_s = 971186136 };

/* The end of a JSON string that begins at p. */
static const char *
log_skip_string(const char *p, const char *end)
{
	assert(p < end && *p == '"');
	for (p++; *p != '"'; p++) {
		assert(p < end && *p >= 0x20 && *p < 0x7f);
		if (*p != '\\')
			continue;
		p++;
		assert(*p == '"' || *p == '\\' || *p == 'u');
		if (*p == 'u')
			for (int i = 0; i < 4; i++)
				assert(strchr("0123456789ABCDEF", *++p));
	}
	return p + 1;
}

static void
log_check_json(const char *p, const char *end)
{
	assert(*p == '{');
	do {
		p = log_skip_string(p + 1, end);
		assert(*p++ == ':');
		if (*p == '"')
			p = log_skip_string(p, end);
		else if (*p == 'n')
			p += strlen("null");
		else
			p += strspn(p, "0123456789");
		assert(p < end);
	} while (*p == ',');
	assert(*p == '}' && p + 1 == end);
}

static void
log_check_line(const struct logformat *format, const char *text, size_t len)
{
	static char out[SINK_LINE_BYTES];
	struct reply reply = { .response = { .status = 200 } };
	struct request request;
	struct logline line;
	const struct logline_entry entry = { .peer = &peer,
		.client = &peer,
		.request = &request,
		.reply = &reply,
		.fd = -1 };
	size_t n;

	request_init(&request);
	if (request_feed(&request, &limits, text, len) == REQUEST_MORE)
		request.verdict = VERDICT_HEAD_TIMEOUT;
	logline_init(&line, format);
	n = logline_write(&line, out, &entry, &when);
	assert(n > 0 && n <= sizeof(out) && out[n - 1] == '\n');
	/* What the format has of its own may be anything. */
	for (unsigned i = 0; i < format->ntext; i++)
		if (format->text[i] < 0x20 || format->text[i] == 0x7f)
			return;
	for (size_t i = 0; i < n - 1; i++)
		assert(out[i] >= 0x20 && out[i] < 0x7f);
	if (format->json)
		log_check_json(out, out + n - 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	const char *end = len == 0 ? NULL : memchr(text, '\n', len);
	struct logformat_problem problem;
	struct logformat format;
	struct span first;

	if (end == NULL)
		return 0;
	first = (struct span){ text, (size_t)(end - text) };
	if (logformat_compile(&format, first, &problem) == 0) {
		log_check_line(&format, end + 1, len - first.len - 1);
		return 0;
	}
	assert(problem.what != NULL && problem.allowed[0] != '\0');
	assert(problem.piece.ptr >= text &&
	       problem.piece.ptr + problem.piece.len <= end);
	return 0;
}
