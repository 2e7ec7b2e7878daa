/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/complain.h"

#include <errno.h>
#include <strings.h>

#include "core/escape.h"

/* What the operator can check. */
static const char *
complain_advise(int error)
{
	switch (error) {
	case EACCES:
		return ": may the worker's user read the file and enter its "
		       "folders?";
	case EBUSY: return ": too many requests wait for disks";
	case ETIMEDOUT: return ": its disk did not answer within timeouts.disk";
	default: return "";
	}
}

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
	    complain_advise(reply->error));
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

	if (!ration_is_due(&engine->page_warned_ms, engine->clock.mono_ms))
		return;
	log_warn("[site%s%s] has no error page %s for %d, and sends the one "
		 "that is built in: %s; %s",
	    *site == '\0' ? "" : ":", site, reply->lost_page,
	    reply->response.status, strerror(reply->lost_page_error),
	    complain_advise_page(reply->lost_page_error));
}

/* Why a client was kept out; NULL: it was not, or showed nothing. */
static const char *
complain_refusal(const struct engine *engine, const struct reply *reply)
{
	static const char *const reasons[] = {
		[AUTH_MALFORMED] = "credentials that cannot be read",
		[AUTH_WRONG] = "a wrong password or API key",
		[AUTH_FORGED] = "a link with a wrong signature",
		[AUTH_EXPIRED] = "a link whose time is over",
		[AUTH_ROLELESS] = "none of match.roles",
		[AUTH_WAITS] = NULL,
		[AUTH_BUSY] = NULL,
	};
	const struct auth *auth = &engine->serve.auth;

	if (auth_is_on(auth) && reasons[auth->outcome] != NULL)
		return reasons[auth->outcome];
	return reply->response.status == 403 && reply->error == 0
		   ? "an address that match.deny or match.allow keeps out"
		   : NULL;
}

/* Says that somebody tried to see what he may not, for who watches logs. */
static void
complain_of_refusal(struct engine *engine, const struct exchange *exchange)
{
	const char *why = complain_refusal(engine, &exchange->reply);
	const struct auth *auth = &engine->serve.auth;
	char client[ADDRESS_TEXT], path[512], user[256];
	size_t len, user_len = 0;

	if (why == NULL ||
	    !engine_may_log(engine, RATION_REFUSED, LOG_LEVEL_INFO))
		return;
	(void)address_format(exchange->client, client);
	len = escape_log(path, sizeof(path), exchange->request.path);
	if (auth->outcome == AUTH_WRONG && auth->question.user_len > 0)
		user_len = escape_log(user, sizeof(user),
		    (struct span){
			auth->question.text, auth->question.user_len });
	log_info("answered %d to \"%.*s\" from %s: %s%s%.*s%s",
	    exchange->reply.response.status, (int)len, path, client, why,
	    user_len > 0 ? " of \"" : "", (int)user_len, user,
	    user_len > 0 ? "\"" : "");
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
	if (reply->response.status >= 400 && reply->verdict == VERDICT_OK &&
	    exchange->request.verdict == VERDICT_OK)
		complain_of_refusal(engine, exchange);
}

struct span
complain_before_credentials(struct span bytes)
{
	static const struct span names[] = { { "authorization", 13 },
		{ "proxy-authorization", 19 }, { "x-api-key", 9 },
		{ "cookie", 6 } };

	for (size_t at = 0; at < bytes.len; at++) {
		struct span rest = { bytes.ptr + at, bytes.len - at };

		if (at > 0 && bytes.ptr[at - 1] != '\n')
			continue;
		/* Whatever is behind the name: it may be refused for that. */
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (rest.len >= names[i].len &&
			    strncasecmp(rest.ptr, names[i].ptr, names[i].len) ==
				0)
				return (struct span){ bytes.ptr, at };
	}
	return bytes;
}
