/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_head.h"

#include "conf/internal.h"

/* Why an answer has a field; text is for what needs no other words. */
struct explain_reason {
	const char *field;
	const char *text;
	/* Writes into out, or returns static text. */
	const char *(*find)(
	    const struct explain *explain, char out[REPORT_PLACE]);
};

/* The row of [mime] that a type comes from; -1 when it is none. */
static int
explain_head_override(const struct mime_map *map, struct span type)
{
	for (size_t i = 0; i < map->noverrides; i++)
		if (map->overrides[i].type.ptr == type.ptr)
			return (int)i;
	return -1;
}

static const char *
explain_head_type(const struct explain *explain, char out[REPORT_PLACE])
{
	const struct reply *reply = explain->reply;
	int row;

	if (reply->page.ptr != NULL)
		return "of the page that is built in";
	if (reply->nranges > 0)
		return "several ranges";
	row = explain_head_override(&explain->conf->mime, reply->file->type);
	if (row != -1)
		return report_place(
		    out, explain->conf->internal->mime_origins[row]);
	return span_equal(reply->file->type, SPAN("application/octet-stream"))
		   ? "no ending tells more"
		   : "built in";
}

static const char *
explain_head_challenge(const struct explain *explain, char out[REPORT_PLACE])
{
	const struct conf_auth *guard = explain->serve->auth.section->guard;

	return report_place(out, internal_place(explain->conf, guard, "realm"));
}

/* The section that sets a field line; NULL when it is one of our own. */
static const struct conf_match *
explain_head_rule(const struct explain *explain, struct span line)
{
	const struct site *site = explain->serve->site;
	const struct rules *rules = &site->rules;

	for (unsigned i = 0; i < rules->nlines; i++) {
		struct span text = rules->lines[i].text;
		uint64_t section = rules->lines[i].section;

		text.len -= 2; /* its CR LF */
		if ((explain->serve->matched & section) != 0 &&
		    span_equal(text, line))
			return site->conf->matches[__builtin_ctzll(section)];
	}
	return NULL;
}

static const struct explain_reason explain_reasons[] = {
	{ "Accept-Ranges", "ranges can be asked for", NULL },
	{ "Allow", "what a static site answers", NULL },
	{ "Content-Encoding", "the sidecar that was chosen", NULL },
	{ "Content-Type", NULL, explain_head_type },
	{ "ETag", "from the time of change and the size", NULL },
	{ "Last-Modified", "the time of change", NULL },
	{ "Location", "a folder has a slash at its end", NULL },
	{ "Retry-After", "nobody can tell now", NULL },
	{ "Vary", "there are sidecars", NULL },
	{ "WWW-Authenticate", NULL, explain_head_challenge },
};

/* What set a field; NULL when there is nothing to say of it. */
static const char *
explain_head_reason(
    const struct explain *explain, struct span line, char out[REPORT_PLACE])
{
	size_t n = sizeof(explain_reasons) / sizeof(explain_reasons[0]);
	const struct conf_match *rule = explain->serve->matched == 0
					    ? NULL
					    : explain_head_rule(explain, line);

	if (rule != NULL)
		return report_place(
		    out, internal_place(explain->conf, rule, "set"));
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
