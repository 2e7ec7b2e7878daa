/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/fallback.h"

#include "http/accept.h"

/* The page stands for many paths, of which the next deploy may take some. */
#define FALLBACK_CACHE "Cache-Control: no-cache\r\n"
#define FALLBACK_VARY  "Vary: Accept, Sec-Fetch-Mode\r\n"

_Static_assert(sizeof(FALLBACK_CACHE FALLBACK_VARY) <= FALLBACK_FIELD_BYTES,
    "what fallback_write_fields() writes has a largest size");

struct span
fallback_path(const struct site *site, uint64_t matched)
{
	const struct conf_match *match =
	    rules_last(site->conf->matches, matched & site->with_fallback);
	struct span path =
	    span_of(match == NULL ? site->conf->fallback : match->fallback);

	/* Else it is "off". */
	return span_starts_with(path, SPAN("/")) ? path : (struct span){ 0 };
}

bool
fallback_may_be_page(struct span path)
{
	const char *slash = memrchr(path.ptr, '/', path.len);
	size_t before = (size_t)(slash - path.ptr);

	return memchr(slash, '.', path.len - before) == NULL;
}

bool
fallback_is_navigation(const struct request *request)
{
	struct span mode = request_find_value(request, SPAN("Sec-Fetch-Mode"));
	struct span accept = request->value[FIELD_ACCEPT];

	if (mode.ptr != NULL && span_equal_nocase(mode, SPAN("navigate")))
		return true;
	if (accept_asks_for(request, SPAN("text/html")))
		return true;
	/* What is no browser, and does not say what it wants. */
	return mode.ptr == NULL &&
	       (accept.len == 0 || span_equal(accept, SPAN("*/*")));
}

bool
fallback_has_field(struct span line)
{
	return line.len > 0 && memmem(FALLBACK_CACHE FALLBACK_VARY,
				   sizeof(FALLBACK_CACHE FALLBACK_VARY) - 1,
				   line.ptr, line.len) != NULL;
}

size_t
fallback_write_fields(
    const struct site *site, uint64_t matched, bool with_file, char *out)
{
	struct span fields = SPAN(FALLBACK_CACHE FALLBACK_VARY);

	if (!with_file ||
	    rules_name_field(&site->rules, matched, SPAN("Cache-Control")))
		fields = SPAN(FALLBACK_VARY);
	memcpy(out, fields.ptr, fields.len);
	return fields.len;
}
