/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/request_field.h"

#include "core/number.h"
#include "http/chars.h"
#include "http/uri.h"

/* What a second line with the same name means. */
enum repeat {
	REPEAT_LIST,   /* one more value (RFC 9110 5.3) */
	REPEAT_IGNORE, /* the first counts */
	REPEAT_SPOIL,  /* a date with two members is no date (13.1.3, 13.1.4) */
	REPEAT_REFUSE,
};

struct field_row {
	const char *name; /* lower case; NULL: no row */
	enum field field;
	enum repeat repeat;
};

/* By the length of the name: up to three that share one, and an empty row. */
#define REQUEST_FIELD_NAME_MAX 19
#define REQUEST_FIELD_ROWS     4
static const struct field_row field_rows[REQUEST_FIELD_NAME_MAX +
					 1][REQUEST_FIELD_ROWS] = {
	[4] = { { "host", FIELD_HOST, REPEAT_REFUSE } },
	[5] = { { "range", FIELD_RANGE, REPEAT_REFUSE } },
	[6] = { { "accept", FIELD_ACCEPT, REPEAT_LIST },
	    { "expect", FIELD_EXPECT, REPEAT_LIST },
	    { "origin", FIELD_ORIGIN, REPEAT_IGNORE } },
	[7] = { { "referer", FIELD_REFERER, REPEAT_IGNORE } },
	[8] = { { "if-match", FIELD_IF_MATCH, REPEAT_LIST },
	    { "if-range", FIELD_IF_RANGE, REPEAT_REFUSE } },
	[9] = { { "x-api-key", FIELD_API_KEY, REPEAT_REFUSE } },
	[10] = { { "connection", FIELD_CONNECTION, REPEAT_LIST },
	    { "user-agent", FIELD_USER_AGENT, REPEAT_IGNORE } },
	[13] = { { "if-none-match", FIELD_IF_NONE_MATCH, REPEAT_LIST },
	    { "authorization", FIELD_AUTHORIZATION, REPEAT_REFUSE } },
	[14] = { { "content-length", FIELD_CONTENT_LENGTH, REPEAT_REFUSE } },
	[15] = { { "accept-encoding", FIELD_ACCEPT_ENCODING, REPEAT_LIST } },
	[17] = { { "if-modified-since", FIELD_IF_MODIFIED_SINCE, REPEAT_SPOIL },
	    { "transfer-encoding", FIELD_TRANSFER_ENCODING, REPEAT_LIST } },
	[19] = { { "if-unmodified-since", FIELD_IF_UNMODIFIED_SINCE,
	    REPEAT_SPOIL } },
};

static struct span
request_field_span(const char *start, const char *end)
{
	return (struct span){ start, (size_t)(end - start) };
}

/* The row of a name, which is a token, or NULL for one that nobody reads. */
static const struct field_row *
request_field_find_row(struct span name)
{
	const struct field_row *row;

	if (name.len > REQUEST_FIELD_NAME_MAX)
		return NULL;
	for (row = field_rows[name.len]; row->name != NULL; row++) {
		size_t n = 0;

		/* No token byte becomes one of ours but by its case. */
		while (n < name.len && (name.ptr[n] | 0x20) == row->name[n])
			n++;
		if (n == name.len)
			return row;
	}
	return NULL;
}

static enum verdict
request_field_repeat(
    struct request *request, const struct field_row *row, struct span value)
{
	switch (row->repeat) {
	case REPEAT_IGNORE: return VERDICT_OK;
	case REPEAT_SPOIL:
		request->value[row->field].len = 0;
		return VERDICT_OK;
	case REPEAT_REFUSE:
		if (row->field == FIELD_HOST)
			return VERDICT_DUPLICATE_HOST;
		if (row->field == FIELD_CONTENT_LENGTH)
			return VERDICT_BAD_CONTENT_LENGTH;
		return VERDICT_DUPLICATE_FIELD;
	case REPEAT_LIST: break;
	}
	if (request->nmore == REQUEST_MORE_VALUES)
		return VERDICT_TOO_MANY_FIELDS;
	request->more[request->nmore].field = row->field;
	request->more[request->nmore].value = value;
	request->nmore++;
	return VERDICT_OK;
}

/*
 * Host is host[:port] and not empty: an http URI without a host is invalid
 * (RFC 9110 4.2.1).  The host of an absolute target wins (RFC 9112 3.2.2).
 */
static enum verdict
request_field_take_host(struct request *request, struct span value)
{
	struct span host, port;

	if (!uri_split_host(value, &host, &port) || host.len == 0)
		return VERDICT_BAD_HOST;
	if (request->host.ptr == NULL)
		request->host = host;
	return VERDICT_OK;
}

/*
 * Digits, and no zero before them: the grammar (RFC 9110 8.6) lets it pass,
 * but whoever reads it as octal sees another length.
 */
static enum verdict
request_field_take_length(struct request *request, struct span value)
{
	if (number_parse_u64(value, &request->content_length) == -1 ||
	    request->content_length > INT64_MAX ||
	    (value.len > 1 && *value.ptr == '0'))
		return VERDICT_BAD_CONTENT_LENGTH;
	return VERDICT_OK;
}

/* Why a field line does not begin with token ":"; p is where it stops. */
static enum verdict
request_field_refuse_name(const char *line, const char *p, const char *end)
{
	const char *stop = p;

	while (*p == ' ' || *p == '\t')
		p++;
	if (stop == line && p > stop)
		return VERDICT_OBS_FOLD;
	if (stop > line && p > stop && p < end && *p == ':')
		return VERDICT_SPACE_BEFORE_COLON;
	return VERDICT_BAD_FIELD_NAME;
}

/* name ":" OWS value OWS (RFC 9112 5); *end is the CR. */
enum verdict
request_field_parse(struct request *request, const char *line, const char *end)
{
	const struct field_row *row;
	const char *p = line;
	struct span value;

	while (chars_is(*p, CHARS_TOKEN))
		p++;
	if (p == line || *p != ':')
		return request_field_refuse_name(line, p, end);
	row = request_field_find_row(request_field_span(line, p));
	if (row == NULL)
		return VERDICT_OK;
	value = span_trim(request_field_span(p + 1, end));
	if (request->value[row->field].ptr != NULL)
		return request_field_repeat(request, row, value);
	request->value[row->field] = value;
	if (row->field == FIELD_HOST)
		return request_field_take_host(request, value);
	if (row->field == FIELD_CONTENT_LENGTH)
		return request_field_take_length(request, value);
	return VERDICT_OK;
}

bool
request_field_next(const struct request *request, struct span name, size_t *at,
    struct span *value)
{
	const char *line, *eol, *end;

	if (request->head_len == 0)
		return false;
	end = request->data + request->head_len;
	line = *at == 0 ? request->line.ptr + request->line.len + 2
			: request->data + *at;
	for (; line < end; line = eol + 2) {
		/* The end of the head is one, so there always is one. */
		eol = memchr(line, '\r', (size_t)(end - line));
		if ((size_t)(eol - line) <= name.len || line[name.len] != ':' ||
		    !span_equal_nocase((struct span){ line, name.len }, name))
			continue;
		value->ptr = line + name.len + 1;
		value->len = (size_t)(eol - value->ptr);
		*value = span_trim(*value);
		*at = (size_t)(eol + 2 - request->data);
		return true;
	}
	return false;
}
