/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/logline.h"

#include <time.h>
#include <unistd.h>

#include "core/escape.h"
#include "core/number.h"
#include "core/sink.h"

/* Each part of a line that a client chooses is cut at this many bytes. */
#define LOGLINE_PART_BYTES 2048

/* Where the line at hand ends so far. */
struct logline_cursor {
	const struct logline *line;
	const struct logline_entry *entry;
	const struct clock *clock;
	char *out;
	size_t room; /* for what clients sent, in the rest of the line */
	bool json;
};

void
logline_init(struct logline *line, const struct logformat *format)
{
	*line = (struct logline){
		.format = format,
		.pid = getpid(),
		.time_s = -1,
	};
}

static void
logline_put(struct logline_cursor *cursor, struct span span)
{
	memcpy(cursor->out, span.ptr, span.len);
	cursor->out += span.len;
}

static void
logline_put_absent(struct logline_cursor *cursor)
{
	logline_put(cursor, cursor->json ? SPAN("null") : SPAN("-"));
}

static void
logline_put_number(struct logline_cursor *cursor, uint64_t number)
{
	cursor->out += number_format_u64(cursor->out, number);
}

/* Three digits. */
static void
logline_put_three(struct logline_cursor *cursor, unsigned number)
{
	*cursor->out++ = (char)('0' + number / 100 % 10);
	*cursor->out++ = (char)('0' + number / 10 % 10);
	*cursor->out++ = (char)('0' + number % 10);
}

/* A word of ours. */
static void
logline_put_word(struct logline_cursor *cursor, struct span word)
{
	if (cursor->json)
		*cursor->out++ = '"';
	logline_put(cursor, word);
	if (cursor->json)
		*cursor->out++ = '"';
}

/* What a client sent; the zero span is absent. */
static void
logline_put_part(struct logline_cursor *cursor, struct span part)
{
	size_t cap = cursor->room;
	size_t len;

	if (part.ptr == NULL) {
		logline_put_absent(cursor);
		return;
	}
	if (cap > LOGLINE_PART_BYTES)
		cap = LOGLINE_PART_BYTES;
	if (cursor->json)
		*cursor->out++ = '"';
	len = cursor->json ? escape_json(cursor->out, cap, part)
			   : escape_log(cursor->out, cap, part);
	cursor->out += len;
	cursor->room -= len;
	if (cursor->json)
		*cursor->out++ = '"';
}

static void
logline_put_address(
    struct logline_cursor *cursor, const struct address *address)
{
	char text[ADDRESS_TEXT];

	logline_put(
	    cursor, (struct span){ text, address_format(address, text) });
}

static void
logline_put_status(struct logline_cursor *cursor)
{
	unsigned status = (unsigned)cursor->entry->reply->response.status;

	logline_put_three(cursor, status);
}

/* The texts of a second, made anew when it is another one. */
static void
logline_update_time(struct logline *line, int64_t wall_s)
{
	char text[sizeof(line->common) + 1];
	time_t when = wall_s;
	struct tm tm;

	line->time_s = wall_s;
	(void)gmtime_r(&when, &tm);
	(void)strftime(text, sizeof(text), "[%d/%b/%Y:%H:%M:%S +0000]", &tm);
	memcpy(line->common, text, sizeof(line->common));
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	memcpy(line->rfc3339, text, sizeof(line->rfc3339));
}

static void
logline_put_common(struct logline_cursor *cursor)
{
	const struct logline *line = cursor->line;

	logline_put(
	    cursor, (struct span){ line->common, sizeof(line->common) });
}

static void
logline_put_rfc3339(struct logline_cursor *cursor)
{
	const struct logline *line = cursor->line;

	logline_put(
	    cursor, (struct span){ line->rfc3339, sizeof(line->rfc3339) });
	*cursor->out++ = '.';
	logline_put_three(cursor, (unsigned)cursor->clock->wall_us / 1000);
	*cursor->out++ = 'Z';
}

static void
logline_put_epoch_ms(struct logline_cursor *cursor)
{
	logline_put_number(cursor, (uint64_t)cursor->line->time_s);
	logline_put_three(cursor, (unsigned)cursor->clock->wall_us / 1000);
}

/* Was the request line understood, whatever came after it? */
static bool
logline_is_parsed(const struct request *request)
{
	return request->verdict == VERDICT_OK || request->path.ptr != NULL;
}

/* The first word of the request line. */
static void
logline_put_method(struct logline_cursor *cursor)
{
	const struct request *request = cursor->entry->request;
	struct span word = { 0 };

	if (logline_is_parsed(request)) {
		const char *line = request->line.ptr;
		const char *space = memchr(line, ' ', request->line.len);

		if (space != NULL)
			word = (struct span){ line, (size_t)(space - line) };
	}
	logline_put_part(cursor, word);
}

/* And its last. */
static void
logline_put_protocol(struct logline_cursor *cursor)
{
	const struct request *request = cursor->entry->request;
	struct span word = { 0 };

	if (logline_is_parsed(request)) {
		const char *line = request->line.ptr;
		const char *end = line + request->line.len;
		const char *space = memrchr(line, ' ', request->line.len);

		if (space != NULL)
			word = (struct span){ space + 1,
				(size_t)(end - space - 1) };
	}
	logline_put_part(cursor, word);
}

static void
logline_put_query(struct logline_cursor *cursor)
{
	struct span query = cursor->entry->request->query;

	if (query.ptr != NULL || cursor->json)
		logline_put_part(cursor, query);
}

/* The name of the site that was asked, if it has one. */
static void
logline_put_site(struct logline_cursor *cursor)
{
	const struct site *site = cursor->entry->reply->site;
	struct span name = { 0 };

	if (site != NULL && site->conf->name[0] != '\0')
		name = span_of(site->conf->name);
	logline_put_part(cursor, name);
}

/* A number of which 0 means that there is none. */
static void
logline_put_positive(struct logline_cursor *cursor, uint64_t number)
{
	if (number == 0)
		logline_put_absent(cursor);
	else
		logline_put_number(cursor, number);
}

static void
logline_put_ttfb(struct logline_cursor *cursor)
{
	if (cursor->entry->first_us < 0)
		logline_put_absent(cursor);
	else
		logline_put_number(cursor, (uint64_t)cursor->entry->first_us);
}

static void
logline_put_variant(struct logline_cursor *cursor)
{
	const struct file *file = cursor->entry->reply->file;

	if (file == NULL)
		logline_put_absent(cursor);
	else
		logline_put_word(cursor, coding_name(file->coding));
}

static void
logline_put_cache(struct logline_cursor *cursor)
{
	switch (cursor->entry->reply->lookup) {
	case FILECACHE_UNASKED: logline_put_absent(cursor); break;
	case FILECACHE_HIT: logline_put_word(cursor, SPAN("hit")); break;
	case FILECACHE_MISS: logline_put_word(cursor, SPAN("miss")); break;
	}
}

static void
logline_put_verdict(struct logline_cursor *cursor)
{
	const struct logline_entry *entry = cursor->entry;
	enum verdict verdict = entry->request->verdict;

	if (verdict == VERDICT_OK)
		verdict = entry->reply->verdict;
	logline_put_word(cursor, span_of(verdict_name(verdict)));
}

/* How the connection goes on: X broken off, + kept, - closed. */
static char
logline_end(const struct logline_entry *entry)
{
	if (entry->aborted)
		return 'X';
	return entry->keep ? '+' : '-';
}

static void
logline_put_text(struct logline_cursor *cursor, const struct logformat_op *op)
{
	logline_put(cursor,
	    (struct span){ cursor->line->format->text + op->at, op->len });
}

/* A field of the request that only this format asks for. */
static void
logline_put_other(struct logline_cursor *cursor, const struct logformat_op *op)
{
	const struct span name = { cursor->line->format->text + op->at,
		op->len };

	logline_put_part(
	    cursor, request_find_value(cursor->entry->request, name));
}

static void
logline_put_op(struct logline_cursor *to, const struct logformat_op *op)
{
	const struct logline *line = to->line;
	const struct logline_entry *entry = to->entry;
	const struct request *request = entry->request;
	const uint64_t took_us = (uint64_t)entry->took_us;
	const uint64_t body = entry->body_bytes;
	const uint64_t wall_s = (uint64_t)line->time_s;

	switch (op->code) {
	case LOGFORMAT_TEXT: logline_put_text(to, op); break;
	case LOGFORMAT_CLIENT: logline_put_address(to, entry->client); break;
	case LOGFORMAT_PEER: logline_put_address(to, entry->peer); break;
	case LOGFORMAT_TIME: logline_put_common(to); break;
	case LOGFORMAT_RFC3339: logline_put_rfc3339(to); break;
	case LOGFORMAT_EPOCH_S: logline_put_number(to, wall_s); break;
	case LOGFORMAT_EPOCH_MS: logline_put_epoch_ms(to); break;
	case LOGFORMAT_LINE: logline_put_part(to, request->line); break;
	case LOGFORMAT_STATUS: logline_put_status(to); break;
	case LOGFORMAT_BODY: logline_put_number(to, body); break;
	case LOGFORMAT_BODY_CLF: logline_put_positive(to, body); break;
	case LOGFORMAT_SENT:
		logline_put_number(to, body + entry->head_bytes);
		break;
	case LOGFORMAT_TOOK_US: logline_put_number(to, took_us); break;
	case LOGFORMAT_TOOK_MS: logline_put_number(to, took_us / 1000); break;
	case LOGFORMAT_TOOK_S: logline_put_number(to, took_us / 1000000); break;
	case LOGFORMAT_METHOD: logline_put_method(to); break;
	case LOGFORMAT_PATH: logline_put_part(to, request->path); break;
	case LOGFORMAT_QUERY: logline_put_query(to); break;
	case LOGFORMAT_PROTOCOL: logline_put_protocol(to); break;
	case LOGFORMAT_SITE: logline_put_site(to); break;
	case LOGFORMAT_HOST: logline_put_part(to, request->host); break;
	case LOGFORMAT_PORT:
		logline_put_positive(to, sock_local_port(entry->fd));
		break;
	case LOGFORMAT_PID: logline_put_number(to, (uint64_t)line->pid); break;
	case LOGFORMAT_KEPT: logline_put_number(to, entry->nearlier); break;
	case LOGFORMAT_END: *to->out++ = logline_end(entry); break;
	case LOGFORMAT_FIELD:
		logline_put_part(to, request->value[op->field]);
		break;
	case LOGFORMAT_OTHER: logline_put_other(to, op); break;
	case LOGFORMAT_TTFB: logline_put_ttfb(to); break;
	case LOGFORMAT_VARIANT: logline_put_variant(to); break;
	case LOGFORMAT_CACHE: logline_put_cache(to); break;
	case LOGFORMAT_VERDICT: logline_put_verdict(to); break;
	case LOGFORMAT_REQUEST_ID:
		logline_put_part(to, entry->request_id);
		break;
	case LOGFORMAT_SUBJECT: logline_put_part(to, entry->subject); break;
	case LOGFORMAT_WORKER: logline_put_number(to, line->slot); break;
	case LOGFORMAT_GENERATION:
		logline_put_number(to, line->generation);
		break;
	case LOGFORMAT_CODES: break;
	}
}

size_t
logline_write(struct logline *line, char *out,
    const struct logline_entry *entry, const struct clock *clock)
{
	const struct logformat *format = line->format;
	struct logline_cursor to = {
		.line = line,
		.entry = entry,
		.clock = clock,
		.out = out,
		.room = SINK_LINE_BYTES - format->fixed_bytes,
		.json = format->json,
	};

	if (line->time_s != clock->wall_s)
		logline_update_time(line, clock->wall_s);
	for (unsigned i = 0; i < format->nops; i++)
		logline_put_op(&to, &format->ops[i]);
	*to.out++ = '\n';
	return (size_t)(to.out - out);
}
