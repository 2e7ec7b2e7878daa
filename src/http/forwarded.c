/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/forwarded.h"

#include "core/number.h"
#include "http/request_field.h"

static bool
forwarded_is_port(struct span text)
{
	uint64_t port;

	return number_parse_u64(text, &port) == 0 && port <= UINT16_MAX;
}

/* An address in brackets, and perhaps a port behind them. */
static int
forwarded_parse_bracketed(struct address *address, struct span text)
{
	const char *end = memchr(text.ptr, ']', text.len);
	const struct span host = { text.ptr + 1,
		end == NULL ? 0 : (size_t)(end - text.ptr - 1) };
	const struct span rest = { host.ptr + host.len + 1,
		text.len - host.len - 2 };

	if (end == NULL || memchr(host.ptr, ':', host.len) == NULL)
		return -1;
	if (rest.len > 0 &&
	    (*rest.ptr != ':' || !forwarded_is_port((struct span){
				     rest.ptr + 1, rest.len - 1 })))
		return -1;
	return address_parse(address, host);
}

int
forwarded_parse_address(struct address *address, struct span text)
{
	const char *colon = memchr(text.ptr, ':', text.len);
	struct span host = text;

	if (text.len > 0 && *text.ptr == '[')
		return forwarded_parse_bracketed(address, text);
	if (colon != NULL) {
		const struct span port = { colon + 1,
			(size_t)(text.ptr + text.len - colon - 1) };

		/* With a second colon it is IPv6, and has no port. */
		if (memchr(port.ptr, ':', port.len) == NULL) {
			if (!forwarded_is_port(port))
				return -1;
			host.len = (size_t)(colon - text.ptr);
		}
	}
	return address_parse(address, host);
}

/* Takes the last element off a list; false when there is none (5.6.1). */
static bool
forwarded_take_last(struct span *list, struct span *item)
{
	while (list->len > 0) {
		const char *comma = memrchr(list->ptr, ',', list->len);
		const char *start = comma == NULL ? list->ptr : comma + 1;

		*item = span_trim((struct span){
		    start, (size_t)(list->ptr + list->len - start) });
		list->len = comma == NULL ? 0 : (size_t)(comma - list->ptr);
		if (item->len > 0)
			return true;
	}
	return false;
}

/*
 * The last lines of the field, which are one list (RFC 9110 5.3); line i is at
 * i modulo the room, which is enough: each proxy adds an element.
 */
struct forwarded_lines {
	struct span values[FORWARDED_HOPS];
	unsigned first; /* that is still there */
	unsigned n;     /* lines that were not taken yet, from 0 on */
};

static void
forwarded_find_lines(
    struct forwarded_lines *lines, const struct request *request)
{
	const struct span name = SPAN("X-Forwarded-For");
	struct span value;
	size_t at = 0;

	lines->n = 0;
	while (request_field_next(request, name, &at, &value))
		lines->values[lines->n++ % FORWARDED_HOPS] = value;
	lines->first =
	    lines->n > FORWARDED_HOPS ? lines->n - FORWARDED_HOPS : 0;
}

/* Takes the last element off the lines; false when there is none. */
static bool
forwarded_take(struct forwarded_lines *lines, struct span *item)
{
	for (; lines->n > lines->first; lines->n--)
		if (forwarded_take_last(
			&lines->values[(lines->n - 1) % FORWARDED_HOPS], item))
			return true;
	return false;
}

int
forwarded_follow(const struct request *request, const struct cidr_set *trusted,
    struct address *client)
{
	struct forwarded_lines lines;
	struct span item;

	if (cidr_set_find(trusted, client) == NULL)
		return 0;
	forwarded_find_lines(&lines, request);
	for (unsigned i = 0; i < FORWARDED_HOPS; i++) {
		struct address next;

		if (!forwarded_take(&lines, &item))
			return 0;
		if (forwarded_parse_address(&next, item) == -1)
			return -1;
		*client = next;
		if (cidr_set_find(trusted, client) == NULL)
			return 0;
	}
	return 0;
}
