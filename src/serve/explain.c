/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain.h"

#include <stdarg.h>
#include <stdlib.h>

#include "conf/internal.h"
#include "serve/explain_auth.h"
#include "serve/explain_file.h"
#include "serve/explain_gate.h"
#include "serve/explain_head.h"
#include "serve/explain_limits.h"
#include "serve/explain_locate.h"

/* Writes text that may hold bytes of a client, safe for a terminal. */
static void
explain_put(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte >= 0x20 && byte < 0x7f)
			(void)fputc(byte, out);
		else
			(void)fprintf(out, "\\x%02X", byte);
	}
}

void
explain_say(FILE *out, const char *step, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	(void)fprintf(out, "%-11s ", step);
	explain_put(out, n == -1 ? "no memory" : text);
	(void)fputc('\n', out);
	if (n != -1)
		free(text);
}

const char *
explain_origin(const struct explain *explain, const void *section,
    const char *key, char out[REPORT_PLACE])
{
	struct conf_origin origin =
	    internal_origin(explain->conf, section, key);

	return origin.file == NULL ? "default" : report_place(out, origin);
}

/* Why the site is the one; may write into out. */
static const char *
explain_site_choice(const struct explain *explain, char out[REPORT_PLACE])
{
	struct span host = explain->request->host;
	const struct hosts_name *name =
	    hosts_find(&explain->serve->hosts, host);

	if (name == NULL)
		return "the default site, as none has the host";
	if (name->renamed != NULL)
		return "redirect_hosts has the host";
	if (*name->key.ptr != '.')
		return "it has the host";
	(void)snprintf(out, REPORT_PLACE, "it has *%.*s, the longest for",
	    (int)name->key.len, name->key.ptr);
	return out;
}

static void
explain_site(const struct explain *explain)
{
	const struct site *site = explain->serve->site;
	struct span host = explain->request->host;
	char place[REPORT_PLACE], choice[REPORT_PLACE];

	explain_say(explain->out, "site", "[site%s%s] (%s): %s %.*s",
	    site->conf->name[0] == '\0' ? "" : ":", site->conf->name,
	    report_place(
		place, internal_place(explain->conf, site->conf, "root")),
	    explain_site_choice(explain, choice), (int)host.len, host.ptr);
	explain_say(explain->out, "root", "%s", site->conf->root);
}

/* True when the host is redirected, so that nothing else was looked at. */
static bool
explain_host(const struct explain *explain)
{
	const struct conf_site *site = explain->serve->site->conf;
	char place[REPORT_PLACE];

	if (hosts_renamed(&explain->serve->hosts, explain->request->host) ==
	    NULL)
		return false;
	explain_say(explain->out, "host", "redirected to %s (%s)",
	    site->hosts.items[0],
	    explain_origin(explain, site, "redirect_hosts", place));
	return true;
}

/* No site answers, so nothing else was looked at. */
static void
explain_no_site(const struct explain *explain)
{
	struct span host = explain->request->host;
	char place[REPORT_PLACE];

	explain_say(explain->out, "site",
	    "none has the host %.*s, and server.unmatched is 421 (%s)",
	    (int)host.len, host.ptr,
	    explain_origin(
		explain, &explain->conf->server, "unmatched", place));
}

static void
explain_refused(const struct explain *explain, enum verdict verdict)
{
	explain_say(explain->out, "refused", "%s: %s", verdict_name(verdict),
	    verdict_text(verdict));
}

/* The path as it was decoded; false when it leads to no file. */
static bool
explain_path(struct explain *explain)
{
	const struct serve *serve = explain->serve;
	bool hidden = serve->decoded_len == 0;
	struct span path = { serve->path, serve->decoded_len };

	if (explain->reply->verdict != VERDICT_OK) {
		explain_refused(explain, explain->reply->verdict);
		return false;
	}
	if (hidden)
		path.len = strlen(serve->path);
	memcpy(explain->path, path.ptr, path.len);
	explain->path[path.len] = '\0';
	explain->path_len = path.len;
	explain_say(explain->out, "path", "%s%s", explain->path,
	    explain->request->query.len == 0 ? ""
	    : site_may_list(serve->site)
		? " (the query is for lists of folders)"
		: " (the query is not looked at)");
	explain_say(explain->out, "dotfiles", "%s",
	    hidden ? "hidden: a name begins with a dot; as if it were not there"
	    : span_starts_with(path, SPAN("/.well-known/"))
		? "shown: .well-known is an exception"
		: "no name begins with a dot");
	return !hidden;
}

/* The preconditions that a request may bring. */
static const struct {
	enum field field;
	const char *name;
} explain_preconditions[] = {
	{ FIELD_IF_MATCH, "If-Match" },
	{ FIELD_IF_UNMODIFIED_SINCE, "If-Unmodified-Since" },
	{ FIELD_IF_NONE_MATCH, "If-None-Match" },
	{ FIELD_IF_MODIFIED_SINCE, "If-Modified-Since" },
};

/* What became of preconditions, by the answer. */
static const char *
explain_condition(const struct reply *reply)
{
	if (reply->file == NULL)
		return "not looked at: the answer is no file";
	/* The file may be an error page. */
	if (reply->response.status >= 400 && reply->response.status != 412)
		return "not looked at: the answer is an error";
	switch (reply->response.status) {
	case 304: return "what the client has is current: 304";
	case 412: return "not met: 412";
	default: return "let the file be sent";
	}
}

static void
explain_conditions(const struct explain *explain)
{
	const size_t n =
	    sizeof(explain_preconditions) / sizeof(explain_preconditions[0]);
	unsigned nfields = 0;

	for (size_t i = 0; i < n; i++) {
		struct span value =
		    explain->request->value[explain_preconditions[i].field];

		if (value.ptr == NULL)
			continue;
		explain_say(explain->out, "condition", "%s: %.*s",
		    explain_preconditions[i].name, (int)value.len, value.ptr);
		nfields++;
	}
	if (nfields > 0)
		explain_say(explain->out, "conditions", "%s",
		    explain_condition(explain->reply));
}

/* What became of Range, by the answer. */
static const char *
explain_range(const struct explain *explain)
{
	switch (explain->reply->response.status) {
	case 206: return "sent";
	case 416: return "past the end of the file: 416";
	case 200: break;
	default: return "not looked at: the answer is no file";
	}
	if (explain->request->value[FIELD_IF_RANGE].ptr != NULL)
		return "the whole file: If-Range does not match, or it is "
		       "malformed, too many, or of no use";
	return "the whole file: it is malformed, too many, or of no use";
}

static void
explain_ranges(const struct explain *explain)
{
	struct span value = explain->request->value[FIELD_RANGE];

	if (value.ptr != NULL)
		explain_say(explain->out, "range", "%.*s: %s", (int)value.len,
		    value.ptr, explain_range(explain));
}

/* The sections that say something of the path. */
static void
explain_matches(const struct explain *explain)
{
	const struct serve *serve = explain->serve;
	const struct conf_site *site = serve->site->conf;
	char place[REPORT_PLACE];

	for (unsigned i = 0; i < site->nmatches; i++)
		if ((serve->matched >> i & 1) != 0)
			explain_say(explain->out, "match", "[match:%s] (%s)",
			    site->matches[i]->name,
			    report_place(place, internal_place(explain->conf,
						    site->matches[i], "")));
}

/* Which page an answer of 400 and above has, and why. */
static void
explain_error_page(const struct explain *explain)
{
	const struct reply *reply = explain->reply;
	const struct errorpages *pages = &explain->serve->site->errorpages;
	const struct conf_pair *pair;
	char place[REPORT_PLACE];
	const char *why = "as no folder has its name";

	if (reply->response.status < 400 || !errorpages_are_on(pages))
		return;
	pair = errorpages_find(pages, reply->response.status);
	if (pair != NULL)
		why = report_place(place, pair->origin);
	else if (!pages->conf->folders)
		why = "as [error_pages] has none for this status";
	else if (reply->page.ptr == NULL || reply->lost_page != NULL)
		why = explain_origin(explain, pages->conf, "folders", place);
	if (reply->lost_page != NULL)
		explain_say(explain->out, "error page",
		    "the one that is built in, as %s (%s) cannot be sent: %s",
		    reply->lost_page, why, strerror(reply->lost_page_error));
	else if (reply->page.ptr != NULL)
		explain_say(explain->out, "error page",
		    "the one that is built in (%s)", why);
	else if (pair != NULL)
		explain_say(
		    explain->out, "error page", "%s (%s)", pair->value, why);
	else
		explain_say(explain->out, "error page",
		    "/%d/index.html, a folder with its name (%s)",
		    reply->response.status, why);
}

static void
explain_pace(const struct explain *explain)
{
	const struct conf_match *match = explain->reply->pace;
	char place[REPORT_PLACE];

	if (match != NULL)
		explain_say(explain->out, "bandwidth",
		    "%s bytes a second, after %llu bytes (%s)",
		    match->bandwidth,
		    (unsigned long long)match->bandwidth_after_bytes,
		    explain_origin(explain, match, "bandwidth", place));
}

/* Whether pages of other origins may read the answer. */
static void
explain_cors(const struct explain *explain)
{
	const struct serve *serve = explain->serve;
	const struct conf_cors *cors =
	    rules_cors(&serve->site->rules, serve->matched);
	struct span origin = explain->request->value[FIELD_ORIGIN];
	char place[REPORT_PLACE];

	if (cors == NULL)
		return;
	explain_say(explain->out, "cors", "%.*s %s (%s)",
	    origin.ptr == NULL ? 12 : (int)origin.len,
	    origin.ptr == NULL ? "every origin" : origin.ptr,
	    cors->any || cors_allows(cors, explain->request) ? "may read this"
	    : origin.ptr == NULL ? "is treated alike: the request names none"
				 : "may not read this: it is not in the list",
	    report_place(place, cors->origins->origins[0]));
}

/* True when the site is closed, so that no file was looked for. */
static bool
explain_maintenance(const struct explain *explain)
{
	const struct site *site = explain->serve->site;
	const char *flag = site->conf->maintenance;
	char place[REPORT_PLACE];
	const char *origin =
	    explain_origin(explain, site->conf, "maintenance", place);

	if (*flag == '/')
		explain_say(explain->out, "maintenance",
		    "%s: %s is %sthere (%s)",
		    site_is_closed(site) ? "closed" : "open", flag,
		    site_is_closed(site) ? "" : "not ", origin);
	else if (site_is_closed(site))
		explain_say(
		    explain->out, "maintenance", "closed: on (%s)", origin);
	return site_is_closed(site);
}

static void
explain_steps(struct explain *explain)
{
	explain_site(explain);
	if (explain_host(explain))
		return;
	if (explain_path(explain)) {
		explain_limits_steps(
		    explain, (struct span){ explain->path, explain->path_len });
		if (!explain_maintenance(explain) &&
		    explain_gate_path(explain,
			(struct span){ explain->path, explain->path_len }) &&
		    explain_auth_steps(explain)) {
			explain_locate_steps(explain);
			explain_gate_found(explain);
		}
		explain_conditions(explain);
		explain_ranges(explain);
	}
	explain_matches(explain);
	explain_pace(explain);
	explain_cors(explain);
}

void
explain_print(struct explain *explain)
{
	const struct request *request = explain->request;

	explain_say(explain->out, "request", "%.*s", (int)request->line.len,
	    request->line.ptr == NULL ? "" : request->line.ptr);
	explain_gate_client(explain);
	if (request->verdict != VERDICT_OK) {
		explain_refused(explain, request->verdict);
	} else if (explain->serve->site == NULL) {
		explain_no_site(explain);
	} else {
		explain_steps(explain);
		explain_error_page(explain);
	}
	if (explain->reply == NULL)
		explain_say(explain->out, "status",
		    "none: the connection is closed without an answer");
	else
		explain_head_print(explain);
}
