/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_auth.h"

static const char *
explain_auth_way(enum auth_way way)
{
	switch (way) {
	case AUTH_BY_NOTHING: break;
	case AUTH_BY_PASSWORD: return "by a password";
	case AUTH_BY_API_KEY: return "by an API key";
	case AUTH_BY_LINK: return "by the key of a signed link";
	}
	return "by nothing";
}

/* Why nobody is known. */
static const char *
explain_auth_failure(enum auth_outcome outcome)
{
	switch (outcome) {
	case AUTH_ANONYMOUS:
		return "nobody: nothing was sent that it knows anybody by";
	case AUTH_MALFORMED:
		return "nobody: what Authorization has cannot be read";
	case AUTH_WRONG: return "nobody: the password or key is not right";
	case AUTH_FORGED: return "nobody: the signature is not right";
	case AUTH_EXPIRED: return "nobody: the time of the link is over";
	case AUTH_OPEN:
	case AUTH_KNOWN:
	case AUTH_ROLELESS:
	case AUTH_WAITS:
	case AUTH_BUSY: break;
	}
	return "nobody";
}

static void
explain_auth_subject(const struct explain *explain)
{
	const struct auth *auth = &explain->serve->auth;
	const struct conf_match *section = auth->section;
	char place[REPORT_PLACE];

	if (section->guard == NULL)
		explain_say(explain->out, "auth", "none (%s): everybody",
		    explain_origin(explain, section, "auth", place));
	else if (!section->guard->is_read)
		explain_say(explain->out, "auth",
		    "%s (%s): its files cannot be read here", section->auth,
		    explain_origin(explain, section, "auth", place));
	else if (auth->subject.len > 0)
		explain_say(explain->out, "auth", "%s (%s): %.*s, %s",
		    section->auth,
		    explain_origin(explain, section, "auth", place),
		    (int)auth->subject.len, auth->subject.ptr,
		    explain_auth_way(auth->way));
	else
		explain_say(explain->out, "auth", "%s (%s): %s", section->auth,
		    explain_origin(explain, section, "auth", place),
		    explain_auth_failure(auth->outcome));
}

static void
explain_auth_roles(const struct explain *explain)
{
	const struct auth *auth = &explain->serve->auth;
	const struct conf_list *roles = &auth->role_section->roles;
	char place[REPORT_PLACE];

	for (unsigned i = 0; i < roles->nitems; i++)
		explain_say(explain->out, "role", "%s (%s)", roles->items[i],
		    report_place(place, roles->origins[i]));
	explain_say(explain->out, "roles", "%s",
	    auth->outcome == AUTH_KNOWN ? "who asks has one of them"
					: "who asks has none of them: 403");
}

bool
explain_auth_steps(const struct explain *explain)
{
	const struct auth *auth = &explain->serve->auth;
	bool known = auth->outcome == AUTH_KNOWN;

	if (auth->section != NULL)
		explain_auth_subject(explain);
	if (auth->role_section != NULL &&
	    (known || auth->outcome == AUTH_ROLELESS))
		explain_auth_roles(explain);
	return known || auth->outcome == AUTH_OPEN;
}
