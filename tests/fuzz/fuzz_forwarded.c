/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom X-Forwarded-For names is what a second, plainer reading of it finds; and
 * once it is somebody who is not trusted, nothing that stands before him can
 * change it.  A newline in the input begins another line of the field.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/forwarded.h"

#define NAME  "X-Forwarded-For: "
#define FORGE NAME "10.0.0.1, \"6.6.6.6\r\n"

static const struct request_limits limits = {
	.head_bytes = 1 << 20,
	.target_bytes = 100,
	.field_bytes = 1 << 20,
	.nfields = 1 << 20,
};

/* What follows from a head; -2: it is none. */
static int
follow(const char *head, size_t len, const struct cidr_set *trusted,
    struct address *client)
{
	struct request request;

	request_init(&request);
	if (request_feed(&request, &limits, head, len) != REQUEST_DONE)
		return -2;
	assert(address_parse(client, SPAN("10.9.9.9")) == 0);
	return forwarded_follow(&request, trusted, client);
}

/* The head of a request with these lines of the field, behind before. */
static char *
write_head(const char *before, const char *lines, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	char *copy = strdup(lines), *rest = copy;

	assert(out != NULL && copy != NULL);
	(void)fprintf(out, "GET / HTTP/1.1\r\nHost: x\r\n%s", before);
	while (rest != NULL)
		(void)fprintf(out, NAME "%s\r\n", strsep(&rest, "\n"));
	(void)fputs("\r\n", out);
	(void)fclose(out);
	free(copy);
	return text;
}

/* The same by words in a row: all of them, and then from the last. */
static int
search(
    const char *lines, const struct cidr_set *trusted, struct address *client)
{
	char *copy = strdup(lines);
	char **words = calloc(strlen(lines) + 1, sizeof(*words));
	size_t n = 0, hops = 0;
	int rc = 0;

	assert(copy != NULL && words != NULL);
	assert(address_parse(client, SPAN("10.9.9.9")) == 0);
	for (char *word = strtok(copy, ",\n"); word != NULL;
	     word = strtok(NULL, ",\n"))
		if (span_trim(span_of(word)).len > 0)
			words[n++] = word;
	while (rc == 0 && n > 0 && hops++ < FORWARDED_HOPS &&
	       cidr_set_find(trusted, client) != NULL) {
		struct address next;

		rc = forwarded_parse_address(
		    &next, span_trim(span_of(words[--n])));
		if (rc == 0)
			*client = next;
	}
	free(words);
	free(copy);
	return rc;
}

static bool
is_same(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->addr, b->addr, 16) == 0;
}

static void
check(const char *lines, const struct cidr_set *trusted)
{
	struct address client, other;
	size_t len, nlines = 1;
	char *head = write_head("", lines, &len);
	int rc = follow(head, len, trusted, &client);

	free(head);
	if (rc == -2)
		return;
	for (const char *p = lines; *p != '\0'; p++)
		nlines += *p == '\n';
	/* Of more lines only the last are read, which may be empty. */
	if (nlines <= FORWARDED_HOPS) {
		assert(search(lines, trusted, &other) == rc);
		assert(is_same(&client, &other));
	}
	if (rc == -1 || cidr_set_find(trusted, &client) != NULL)
		return;
	head = write_head(FORGE FORGE, lines, &len);
	assert(follow(head, len, trusted, &other) == 0);
	assert(is_same(&client, &other));
	free(head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cidr_entry entry = { 0 };
	struct cidr_range room[CIDR_ROOM(1)];
	struct cidr_set trusted;
	char *lines;

	/* Neither stands in a field. */
	if (memchr(data, '\0', len) != NULL || memchr(data, '\r', len) != NULL)
		return 0;
	assert(cidr_parse(&entry.cidr, SPAN("10.0.0.0/8")) == NULL);
	cidr_set_make(&trusted, &entry, 1, room);
	lines = strndup((const char *)data, len);
	assert(lines != NULL);
	check(lines, &trusted);
	free(lines);
	return 0;
}
