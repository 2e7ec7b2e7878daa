/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain.h"

#include <stdarg.h>
#include <stdlib.h>

#include "conf/internal.h"
#include "http/uri.h"
#include "serve/explain_file.h"
#include "serve/explain_head.h"

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

static bool
explain_has_host(const struct site *site, struct span host)
{
	const struct conf_list *hosts = &site->conf->hosts;

	for (unsigned i = 0; i < hosts->nitems; i++)
		if (span_equal_nocase(span_of(hosts->items[i]), host))
			return true;
	return false;
}

static void
explain_site(struct explain *explain)
{
	struct span host = explain->request.host;
	const struct conf_site *site;
	char place[REPORT_PLACE];
	const char *why;

	explain->site =
	    site_match(explain->serve->sites, explain->serve->nsites, host);
	site = explain->site->conf;
	if (explain_has_host(explain->site, host))
		why = "it has the host";
	else if (host.ptr == NULL)
		why = "the default site, as there is no host";
	else
		why = "the default site, as none has the host";
	explain_say(explain->out, "site", "[site%s%s] (%s): %s%s%.*s",
	    site->name[0] == '\0' ? "" : ":", site->name,
	    report_place(place, internal_place(explain->conf, site, "root")),
	    why, host.ptr == NULL ? "" : " ", (int)host.len,
	    host.ptr == NULL ? "" : host.ptr);
	explain_say(explain->out, "root", "%s", site->root);
}

static void
explain_refused(const struct explain *explain, enum verdict verdict)
{
	explain_say(explain->out, "refused", "%s: %s", verdict_name(verdict),
	    verdict_text(verdict));
}

/* From the target to the path of a file; false when there is none. */
static bool
explain_path(struct explain *explain)
{
	const struct request *request = &explain->request;
	enum verdict verdict = uri_decode_path(request->path, explain->path,
	    sizeof(explain->path), &explain->path_len);
	struct span path = { explain->path, explain->path_len };
	bool query = request->query.len > 0;

	if (verdict != VERDICT_OK) {
		explain_refused(explain, verdict);
		return false;
	}
	explain_say(explain->out, "path", "%.*s%s", (int)path.len, path.ptr,
	    query ? " (the query is not looked at)" : "");
	if (site_path_hidden(path)) {
		explain_say(explain->out, "dotfiles",
		    "hidden: a name begins with a dot; as if it were not "
		    "there");
		return false;
	}
	explain_say(explain->out, "dotfiles", "%s",
	    span_starts_with(path, SPAN("/.well-known/"))
		? "shown: .well-known is an exception"
		: "no name begins with a dot");
	return true;
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

static const char *
explain_condition(const struct explain *explain, const struct file *file)
{
	if (file == NULL)
		return "not looked at: the answer is no file";
	switch (cond_evaluate(
	    &explain->request, &file->validators, explain->clock->wall_s)) {
	case COND_PROCEED: return "lets the file be sent";
	case COND_NOT_MODIFIED: return "what the client has is current: 304";
	case COND_FAILED: break;
	}
	return "not met: 412";
}

static void
explain_conditions(const struct explain *explain, const struct reply *reply)
{
	const size_t n =
	    sizeof(explain_preconditions) / sizeof(explain_preconditions[0]);
	unsigned nfields = 0;

	for (size_t i = 0; i < n; i++) {
		struct span value =
		    explain->request.value[explain_preconditions[i].field];

		if (value.ptr == NULL)
			continue;
		explain_say(explain->out, "condition", "%s: %.*s",
		    explain_preconditions[i].name, (int)value.len, value.ptr);
		nfields++;
	}
	if (nfields > 0)
		explain_say(explain->out, "conditions", "%s",
		    explain_condition(explain, reply->file));
}

/* What became of Range, by what serve_request() answered. */
static const char *
explain_range(const struct explain *explain, const struct reply *reply)
{
	switch (reply->response.status) {
	case 206: return "sent";
	case 416: return "past the end of the file: 416";
	case 200: break;
	default: return "not looked at: the answer is no file";
	}
	return cond_range_applies(&explain->request, &reply->file->validators,
		   explain->clock->wall_s)
		   ? "malformed, too many, or of no use: the whole file"
		   : "If-Range does not match: the whole file";
}

static void
explain_answer(const struct explain *explain, const struct reply *reply)
{
	struct span range = explain->request.value[FIELD_RANGE];

	explain_conditions(explain, reply);
	if (range.ptr != NULL)
		explain_say(explain->out, "range", "%.*s: %s", (int)range.len,
		    range.ptr, explain_range(explain, reply));
}

static void
explain_steps(struct explain *explain)
{
	explain_site(explain);
	if (explain_path(explain))
		explain_file_steps(explain);
}

static int
explain_reply(struct explain *explain, struct reply *reply)
{
	int status = reply->response.status;
	bool keep = explain->request.verdict == VERDICT_OK &&
		    explain->request.keep_alive;

	reply->response.connection = keep ? RESPONSE_PERSIST : RESPONSE_CLOSE;
	if (explain_head_print(explain, reply) == -1)
		status = -1;
	serve_release(explain->serve, reply);
	return status;
}

int
explain_request(struct explain *explain, struct span head)
{
	const struct request_limits limits = serve_limits(explain->conf);
	struct request *request = &explain->request;
	struct reply reply;
	int status;

	request_init(request);
	/* All that there will be is there. */
	if (request_feed(request, &limits, head.ptr, head.len) == REQUEST_MORE)
		request->verdict = VERDICT_HEAD_TIMEOUT;
	explain_say(explain->out, "request", "%.*s", (int)request->line.len,
	    request->line.ptr == NULL ? "" : request->line.ptr);
	if (request->verdict == VERDICT_OK) {
		explain_steps(explain);
		serve_request(explain->serve, request, explain->clock, &reply);
		explain_answer(explain, &reply);
		return explain_reply(explain, &reply);
	}
	explain_refused(explain, request->verdict);
	status = verdict_status(request->verdict);
	if (status == 0) {
		explain_say(explain->out, "status",
		    "none: the connection is closed without an answer");
		return 0;
	}
	serve_status(&reply, status);
	return explain_reply(explain, &reply);
}
