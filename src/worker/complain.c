/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/complain.h"

#include <errno.h>

#include "core/escape.h"

/* How often the log hears of an error page that is not there. */
#define COMPLAIN_PAGE_WARN_MS 60000

/* Says why a file could not be served, with what the operator can check. */
static void
complain_of_error(struct engine *engine, const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	char path[512];
	size_t len;

	if (!engine_may_log(engine, RATION_FILES, LOG_LEVEL_WARN))
		return;
	len = escape_log(path, sizeof(path), exchange->request.path);
	log_warn("answered %d to \"%.*s\": %s%s", reply->response.status,
	    (int)len, path, strerror(reply->error),
	    reply->error == EACCES
		? ": may the worker's user read the file and enter its folders?"
		: "");
}

/* Says that a manifest is not that of the files, when one is opened. */
static void
complain_of_manifest(struct engine *engine, const struct exchange *exchange)
{
	char path[512];
	size_t len;

	if (!engine_may_log(engine, RATION_FILES, LOG_LEVEL_WARN))
		return;
	len = escape_log(path, sizeof(path), exchange->request.path);
	log_warn("the manifest of %s knows another size or time of change of "
		 "\"%.*s\", and is not used for it; run tined manifest, then "
		 "tined -s reload",
	    exchange->reply.site->conf->root, (int)len, path);
}

static const char *
complain_advise_page(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "put it below site.root or take it out of [error_pages]";
	case EACCES: return "may the worker's user read it?";
	case EISDIR: return "name a file, not a folder";
	case ELOOP:
	case EXDEV: return "site.symlinks does not let its link be followed";
	default: return "look at where it lies";
	}
}

/* Says that the page that is built in was sent in place of another. */
static void
complain_of_lost_page(struct engine *engine, const struct reply *reply)
{
	const char *site = reply->site->conf->name;
	int64_t now_ms = engine->clock.mono_ms;

	if (engine->page_warned_ms != 0 &&
	    now_ms - engine->page_warned_ms < COMPLAIN_PAGE_WARN_MS)
		return;
	engine->page_warned_ms = now_ms;
	log_warn("[site%s%s] has no error page %s for %d, and sends the one "
		 "that is built in: %s; %s",
	    *site == '\0' ? "" : ":", site, reply->lost_page,
	    reply->response.status, strerror(reply->lost_page_error),
	    complain_advise_page(reply->lost_page_error));
}

void
complain_of_answer(struct engine *engine, const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;

	if (reply->error != 0)
		complain_of_error(engine, exchange);
	if (reply->lookup == FILECACHE_MISS && reply->file != NULL &&
	    reply->file->outdated)
		complain_of_manifest(engine, exchange);
	if (reply->lost_page != NULL)
		complain_of_lost_page(engine, reply);
}
