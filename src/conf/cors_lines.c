/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/cors_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/internal.h"
#include "core/stream.h"
#include "http/response.h"

/* The keys that mean nothing by themselves. */
static const char *const cors_lines_details[] = {
	"cors_headers",
	"cors_expose",
	"cors_max_age",
	"cors_credentials",
};

static bool
cors_lines_has_word(const struct conf_list *list, const char *word)
{
	for (unsigned i = 0; i < list->nitems; i++)
		if (strcmp(list->items[i], word) == 0)
			return true;
	return false;
}

static void
cors_lines_check_details(const struct conf *conf,
    const struct conf_match *match, struct report *report)
{
	const size_t n =
	    sizeof(cors_lines_details) / sizeof(cors_lines_details[0]);

	for (size_t i = 0; match->cors.nitems == 0 && i < n; i++) {
		struct conf_origin origin = internal_origin_of_change(
		    conf, match, cors_lines_details[i]);

		if (origin.file != NULL)
			report_add(report, origin,
			    "match.%s: means nothing in a section without "
			    "cors; write cors = ORIGIN above it, or take it "
			    "out",
			    cors_lines_details[i]);
	}
}

/* "off" and "*" say it all. */
static void
cors_lines_check_words(const struct conf_match *match, struct report *report)
{
	static const char *const words[] = { "off", "*" };

	for (unsigned i = 0; match->cors.nitems > 1 && i < 2; i++)
		if (cors_lines_has_word(&match->cors, words[i]))
			report_add(report, match->cors.origins[0],
			    "match.cors: \"%s\": not together with others; "
			    "take one of them out",
			    words[i]);
}

/* What the Fetch standard has no meaning for. */
static void
cors_lines_check_credentials(const struct conf *conf,
    const struct conf_match *match, struct report *report)
{
	if (!match->cors_credentials)
		return;
	if (cors_lines_has_word(&match->cors, "*"))
		report_add(report,
		    internal_place(conf, match, "cors_credentials"),
		    "match.cors_credentials: not for all origins; name those "
		    "that may read what is for one person");
	if (cors_lines_has_word(&match->cors_headers, "*") ||
	    cors_lines_has_word(&match->cors_expose, "*"))
		report_add(report,
		    internal_place(conf, match, "cors_credentials"),
		    "match.cors_credentials: with it, \"*\" is the name of a "
		    "field; name the fields");
}

/* A field whose value is a list of names; nothing for an empty one. */
static void
cors_lines_write_names(
    FILE *out, const char *field, const struct conf_list *names)
{
	for (unsigned i = 0; i < names->nitems; i++)
		(void)fprintf(out, "%s%s%s", i == 0 ? field : "",
		    i == 0 ? ": " : ", ", names->items[i]);
	if (names->nitems > 0)
		(void)fputs("\r\n", out);
}

/* What follows the origin that may, in an answer of either kind. */
static void
cors_lines_write(FILE *out, const struct conf_match *match, bool preflight)
{
	(void)fputs("\r\n", out);
	if (match->cors_credentials)
		(void)fputs("Access-Control-Allow-Credentials: true\r\n", out);
	if (!preflight) {
		cors_lines_write_names(
		    out, "Access-Control-Expose-Headers", &match->cors_expose);
		return;
	}
	(void)fputs(
	    "Access-Control-Allow-Methods: " RESPONSE_METHODS "\r\n", out);
	cors_lines_write_names(
	    out, "Access-Control-Allow-Headers", &match->cors_headers);
	(void)fprintf(out, "Access-Control-Max-Age: %" PRIu64 "\r\n",
	    match->cors_max_age_ms / 1000);
}

/* The same as text of the configuration; zero when there is no memory. */
static struct span
cors_lines_make_text(
    struct store *store, const struct conf_match *match, bool preflight)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct span copy = { 0 };

	if (out != NULL)
		cors_lines_write(out, match, preflight);
	if (out != NULL && stream_close(out, &text) == 0) {
		copy.ptr = store_copy(store, (struct span){ text, len });
		copy.len = copy.ptr == NULL ? 0 : len;
	} else {
		store->failed = true;
	}
	free(text);
	return copy;
}

static size_t
cors_lines_measure(const struct conf_cors *cors)
{
	size_t longest = 0, more = cors->allowed.len;

	for (unsigned i = 0; i < cors->origins->nitems; i++) {
		size_t len = strlen(cors->origins->items[i]);

		if (longest < len)
			longest = len;
	}
	if (more < cors->preflight.len)
		more = cors->preflight.len;
	return cors->shared.len + strlen(CONF_CORS_ORIGIN) + longest + more;
}

void
cors_lines_complete(
    struct conf *conf, struct conf_match *match, struct report *report)
{
	struct store *store = &conf->internal->store;
	struct conf_cors *cors;

	cors_lines_check_details(conf, match, report);
	cors_lines_check_words(match, report);
	cors_lines_check_credentials(conf, match, report);
	if (match->cors_max_age_ms % 1000 != 0)
		report_add(report, internal_place(conf, match, "cors_max_age"),
		    "match.cors_max_age: not whole seconds");
	if (match->cors.nitems == 0 || cors_lines_has_word(&match->cors, "off"))
		return;
	cors = store_alloc(store, sizeof(*cors));
	if (cors == NULL)
		return;
	cors->origins = &match->cors;
	cors->any = cors_lines_has_word(&match->cors, "*");
	/* What is the same for all need not say that it differs. */
	cors->shared = cors->any ? SPAN("") : SPAN("Vary: Origin\r\n");
	cors->allowed = cors_lines_make_text(store, match, false);
	cors->preflight = cors_lines_make_text(store, match, true);
	cors->bytes = cors_lines_measure(cors);
	match->cors_lines = cors;
}
