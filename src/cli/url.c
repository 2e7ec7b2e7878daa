/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/url.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "core/stream.h"

int
url_split(const char *url, struct url_parts *parts)
{
	const char *end = url + strcspn(url, "#");
	const char *at;

	*parts = (struct url_parts){ 0 };
	if (strncasecmp(url, "http://", 7) == 0)
		at = url + 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		at = url + 8;
	else if (*url == '/')
		at = url;
	else
		return -1;
	if (at != url) {
		parts->host = (struct span){ at, strcspn(at, "/?#") };
		at += parts->host.len;
	}
	parts->target = (struct span){ at, (size_t)(end - at) };
	return 0;
}

static bool
url_names_host(const char *const *fields, unsigned nfields)
{
	for (unsigned i = 0; i < nfields; i++)
		if (strncasecmp(fields[i], "Host:", 5) == 0)
			return true;
	return false;
}

char *
url_write_request(const struct url_parts *parts, const char *const *fields,
    unsigned nfields, size_t *len)
{
	struct span host = parts->host, target = parts->target;
	bool bare = target.len == 0 || *target.ptr == '?';
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	if (host.ptr == NULL)
		host = SPAN("localhost");
	(void)fprintf(out, "GET %s%.*s HTTP/1.1\r\n", bare ? "/" : "",
	    (int)target.len, target.ptr);
	if (!url_names_host(fields, nfields))
		(void)fprintf(out, "Host: %.*s\r\n", (int)host.len, host.ptr);
	for (unsigned i = 0; i < nfields; i++)
		(void)fprintf(out, "%s\r\n", fields[i]);
	(void)fputs("\r\n", out);
	if (stream_close(out, &text) == 0)
		return text;
	free(text);
	return NULL;
}
