/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_head.h"

#include "conf/internal.h"
#include "serve/fallback.h"

/* Why an answer has a field; text is for what needs no other words. */
struct explain_reason {
	const char *field;
	const char *text;
	/* Writes into out, or returns static text. */
	const char *(*find)(
	    const struct explain *explain, char out[REPORT_PLACE]);
};

/* The key of [mime] that a type comes from; NULL when it is none. */
static const struct conf_pair *
explain_head_override(const struct conf_pairs *types, struct span type)
{
	for (unsigned i = 0; i < types->nitems; i++)
		if (types->items[i].value == type.ptr)
			return &types->items[i];
	return NULL;
}

/* True when a type comes from server.mime_types. */
static bool
explain_head_is_of_file(const struct mime_map *map, struct span type)
{
	for (size_t i = 0; i < map->ntypes; i++)
		if (map->types[i].type.ptr == type.ptr)
			return true;
	return false;
}

/* The section that a type comes from; NULL when none does. */
static const struct conf_match *
explain_head_section(const struct conf *conf, struct span type)
{
	for (unsigned i = 0; i < conf->nmatches; i++)
		if (conf->matches[i].type == type.ptr)
			return &conf->matches[i];
	return NULL;
}

static const char *
explain_head_type(const struct explain *explain, char out[REPORT_PLACE])
{
	const struct reply *reply = explain->reply;
	const struct conf_pair *pair;
	const struct conf_match *match;

	if (reply->page.ptr != NULL)
		return "of the page that is built in";
	if (reply->file == NULL)
		return "of the list of the folder";
	if (reply->nranges > 0)
		return "several ranges";
	pair = explain_head_override(
	    &explain->conf->mime.types, reply->file->type);
	if (pair != NULL)
		return report_place(out, pair->origin);
	match = explain_head_section(explain->conf, reply->file->type);
	if (match != NULL)
		return report_place(
		    out, internal_place(explain->conf, match, "type"));
	if (explain_head_is_of_file(
		&explain->conf->mime.map, reply->file->type))
		return report_place(
		    out, internal_place(explain->conf, &explain->conf->server,
			     "mime_types"));
	return span_equal(reply->file->type, SPAN("application/octet-stream"))
		   ? "no ending tells more"
		   : "built in";
}

static const char *
explain_head_etag(const struct explain *explain, char out[REPORT_PLACE])
{
	(void)out;
	if (explain->reply->file == NULL)
		return "from all that the list of the folder says";
	return explain->reply->file->vouched
		   ? "from the content, as the manifest has it"
		   : "from the time of change and the size";
}

static const char *
explain_head_vary(const struct explain *explain, char out[REPORT_PLACE])
{
	(void)out;
	return explain->reply->file == NULL ? "whoever prefers it gets JSON"
					    : "there are sidecars";
}

static const char *
explain_head_challenge(const struct explain *explain, char out[REPORT_PLACE])
{
	const struct conf_auth *guard = explain->serve->auth.section->guard;

	return report_place(out, internal_place(explain->conf, guard, "realm"));
}

static const char *
explain_head_digest(const struct explain *explain, char out[REPORT_PLACE])
{
	return report_place(out, internal_place(explain->conf,
				     explain->serve->site->conf, "manifest"));
}

/* The rule that sets a field line; NULL when it is one of our own. */
static const struct conf_addition *
explain_head_rule(const struct explain *explain, struct span line)
{
	const struct serve *serve = explain->serve;
	const struct conf_site *site = serve->site->conf;

	for (unsigned i = 0; i < site->nadditions; i++) {
		struct span text = site->additions[i].text;

		text.len -= 2; /* its CR LF */
		if (rules_line_counts(
			&site->additions[i], serve->matched, serve->when) &&
		    span_equal(text, line))
			return &site->additions[i];
	}
	return NULL;
}

/* Where it is said which origins may read, if that sets a field line. */
static struct conf_origin
explain_head_cors(const struct explain *explain, struct span line)
{
	const struct conf_cors *cors =
	    rules_cors(&explain->serve->site->rules, explain->serve->matched);

	if (cors == NULL || !(span_starts_with(line, SPAN("Access-Control-")) ||
				span_equal(line, SPAN("Vary: Origin"))))
		return (struct conf_origin){ 0 };
	return cors->origins->origins[0];
}

/* What a section says of a field line; file NULL: none has set it. */
static struct conf_origin
explain_head_origin(const struct explain *explain, struct span line)
{
	const struct conf_addition *rule;

	if (explain->serve->matched == 0)
		return (struct conf_origin){ 0 };
	rule = explain_head_rule(explain, line);
	return rule == NULL ? explain_head_cors(explain, line) : rule->origin;
}

static const char *
explain_head_server(const struct explain *explain, char out[REPORT_PLACE])
{
	return explain_origin(
	    explain, &explain->conf->server, "server_header", out);
}

static const char *
explain_head_retry(const struct explain *explain, char out[REPORT_PLACE])
{
	return explain_origin(
	    explain, explain->serve->site->conf, "maintenance_retry", out);
}

static const struct explain_reason explain_reasons[] = {
	{ "Accept-Ranges", "ranges can be asked for", NULL },
	{ "Allow", "what a static site answers", NULL },
	{ "Content-Encoding", "the sidecar that was chosen", NULL },
	{ "Content-Security-Policy",
	    "lets the page do what it does, and nothing else", NULL },
	{ "Content-Type", NULL, explain_head_type },
	{ "ETag", NULL, explain_head_etag },
	{ "Last-Modified", "the time of change", NULL },
	{ "Location", "see the steps", NULL },
	{ "Repr-Digest", NULL, explain_head_digest },
	{ "Retry-After", NULL, explain_head_retry },
	{ "Server", NULL, explain_head_server },
	{ "Transfer-Encoding", "its length is not known when it begins", NULL },
	{ "Vary", NULL, explain_head_vary },
	{ "WWW-Authenticate", NULL, explain_head_challenge },
};

/* What set a field; NULL when there is nothing to say of it. */
static const char *
explain_head_reason(
    const struct explain *explain, struct span line, char out[REPORT_PLACE])
{
	size_t n = sizeof(explain_reasons) / sizeof(explain_reasons[0]);
	struct conf_origin origin = explain_head_origin(explain, line);

	if (origin.file != NULL)
		return report_place(out, origin);
	if (explain->reply->listing == NULL && !explain->serve->find.lists &&
	    fallback_has_field(line))
		return "the fallback is for some requests alone";
	for (size_t i = 0; i < n; i++) {
		const struct explain_reason *reason = &explain_reasons[i];
		size_t len = strlen(reason->field);

		if (!span_starts_with(line, span_of(reason->field)) ||
		    line.ptr[len] != ':')
			continue;
		return reason->find == NULL ? reason->text
					    : reason->find(explain, out);
	}
	return NULL;
}

/* Takes a line off a head, without its CR LF; an empty one ends it. */
static struct span
explain_head_take_line(struct span *head)
{
	const char *end = memchr(head->ptr, '\r', head->len);
	struct span line = { head->ptr, (size_t)(end - head->ptr) };

	head->ptr += line.len + 2;
	head->len -= line.len + 2;
	return line;
}

void
explain_head_print(const struct explain *explain)
{
	char scratch[REPORT_PLACE];
	struct span head = explain->head, line;

	(void)fputc('\n', explain->out);
	while ((line = explain_head_take_line(&head)).len > 0) {
		const char *reason =
		    explain_head_reason(explain, line, scratch);

		if (span_starts_with(line, SPAN("Date:")))
			continue;
		(void)fprintf(explain->out, "%.*s", (int)line.len, line.ptr);
		if (reason != NULL)
			(void)fprintf(explain->out, "  (%s)", reason);
		(void)fputc('\n', explain->out);
	}
}
