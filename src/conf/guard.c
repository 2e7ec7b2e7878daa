/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/guard.h"

#include "conf/internal.h"
#include "conf/nearest.h"
#include "conf/reader.h"
#include "os/digest.h"

/* In what a 401 says (RFC 7617 2, RFC 6750 3). */
#define GUARD_BASIC                                                            \
	"WWW-Authenticate: Basic realm=\"%s\", charset=\"UTF-8\"\r\n"
#define GUARD_BEARER "WWW-Authenticate: Bearer realm=\"%s\"\r\n"

static struct conf_auth *
guard_find_auth(const struct conf *conf, struct span name)
{
	for (unsigned i = 0; i < conf->nauths; i++)
		if (span_equal(span_of(conf->auths[i].name), name))
			return &conf->auths[i];
	return NULL;
}

static struct conf_role *
guard_find_role(const struct conf *conf, struct span name)
{
	for (unsigned i = 0; i < conf->nroles; i++)
		if (span_equal(span_of(conf->roles[i].name), name))
			return &conf->roles[i];
	return NULL;
}

/* A name that no section has; what was meant is among those that there are. */
static void
guard_refuse_name(struct report *report, struct conf_origin place,
    const char *key, const char *name, const char *best)
{
	char quoted[REPORT_QUOTED];

	report_add(report, place, "match.%s: %s: no such section%s%s%s", key,
	    report_quote(quoted, span_of(name)),
	    best == NULL ? "" : "; did you mean \"", best == NULL ? "" : best,
	    best == NULL ? "" : "\"?");
}

static void
guard_complete_match(
    struct conf *conf, struct conf_match *match, struct report *report)
{
	struct nearest nearest;

	if (!guard_is_set(match) || strcmp(match->auth, GUARD_NONE) == 0)
		return;
	match->guard = guard_find_auth(conf, span_of(match->auth));
	if (match->guard != NULL)
		return;
	nearest_init(&nearest, span_of(match->auth));
	nearest_offer(&nearest, GUARD_NONE);
	for (unsigned i = 0; i < conf->nauths; i++)
		nearest_offer(&nearest, conf->auths[i].name);
	guard_refuse_name(report, internal_place(conf, match, "auth"), "auth",
	    match->auth, nearest.best);
}

static void
guard_complete_roles(
    struct conf *conf, struct conf_match *match, struct report *report)
{
	const struct conf_list *roles = &match->roles;

	if (roles->nitems == 0)
		return;
	match->role_refs = store_alloc(
	    &conf->internal->store, roles->nitems * sizeof(*match->role_refs));
	for (unsigned i = 0; match->role_refs != NULL && i < roles->nitems;
	     i++) {
		struct nearest nearest;

		match->role_refs[i] =
		    guard_find_role(conf, span_of(roles->items[i]));
		if (match->role_refs[i] != NULL)
			continue;
		nearest_init(&nearest, span_of(roles->items[i]));
		for (unsigned j = 0; j < conf->nroles; j++)
			nearest_offer(&nearest, conf->roles[j].name);
		guard_refuse_name(report, roles->origins[i], "roles",
		    roles->items[i], nearest.best);
	}
}

/* Roles are of those whom an [auth] knows: without one nobody gets in. */
static void
guard_check_site(const struct conf_site *site, struct report *report)
{
	const struct conf_match *with_roles = NULL;

	for (unsigned i = 0; i < site->nmatches; i++) {
		if (guard_is_set(site->matches[i]))
			return;
		if (site->matches[i]->roles.nitems > 0)
			with_roles = site->matches[i];
	}
	if (with_roles != NULL)
		report_add(report, with_roles->roles.origins[0],
		    "match.roles: no section of this site sets auth, so "
		    "nobody is known and all are refused; add auth = NAME");
}

/* The realm as a quoted string may hold it; false when it cannot. */
static bool
guard_quote_realm(const char *realm, char out[2 * READER_LINE_MAX + 1])
{
	size_t len = 0;

	for (const char *c = realm; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~' || c - realm >= READER_LINE_MAX)
			return false;
		if (*c == '"' || *c == '\\')
			out[len++] = '\\';
		out[len++] = *c;
	}
	out[len] = '\0';
	return true;
}

static void
guard_make_challenge(
    struct conf *conf, struct conf_auth *auth, struct report *report)
{
	char realm[2 * READER_LINE_MAX + 1];
	char text[2 * sizeof(realm) + sizeof(GUARD_BASIC GUARD_BEARER)];
	size_t len = 0;

	if (!guard_quote_realm(auth->realm, realm)) {
		report_add(report, internal_place(conf, auth, "realm"),
		    "auth.realm: not in ASCII, or too long; browsers show it "
		    "as it stands");
		return;
	}
	if (auth->htpasswd[0] != '\0')
		len += (size_t)snprintf(text, sizeof(text), GUARD_BASIC, realm);
	if (auth->api_keys[0] != '\0')
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, GUARD_BEARER, realm);
	auth->challenge.len = len;
	auth->challenge.ptr =
	    store_copy(&conf->internal->store, (struct span){ text, len });
}

static void
guard_complete_auth(
    struct conf *conf, struct conf_auth *auth, struct report *report)
{
	struct conf_origin place = internal_place(conf, auth, "");

	if (strcmp(auth->name, GUARD_NONE) == 0)
		report_add(report, place,
		    "auth: the name none is taken: it lets everybody in; "
		    "choose another");
	if (auth->htpasswd[0] == '\0' && auth->api_keys[0] == '\0' &&
	    auth->url_keys[0] == '\0')
		report_add(report, place,
		    "auth: nobody can be known; set htpasswd, api_keys or "
		    "url_keys");
	if (!digest_is_there())
		report_add(report, place,
		    "auth: this program was built without nettle, which that "
		    "needs; build it with nettle-dev");
	guard_make_challenge(conf, auth, report);
}

void
guard_complete(struct conf *conf, struct report *report)
{
	for (unsigned i = 0; i < conf->nauths; i++) {
		conf->auths[i].number = i;
		guard_complete_auth(conf, &conf->auths[i], report);
	}
	for (unsigned i = 0; i < conf->nroles; i++)
		if (conf->roles[i].users.nitems == 0)
			report_add(report,
			    internal_place(conf, &conf->roles[i], ""),
			    "role: nobody has it; write users = NAME");
	for (unsigned i = 0; i < conf->nmatches; i++) {
		guard_complete_match(conf, &conf->matches[i], report);
		guard_complete_roles(conf, &conf->matches[i], report);
	}
	for (unsigned i = 0; i < conf->nsites; i++)
		guard_check_site(&conf->sites[i], report);
}

void
guard_watch(const struct conf *conf, struct sources *sources)
{
	for (unsigned i = 0; i < conf->nauths; i++) {
		const struct conf_auth *auth = &conf->auths[i];
		const char *paths[] = { auth->htpasswd, auth->api_keys,
			auth->url_keys };

		for (unsigned j = 0; j < 3; j++)
			if (paths[j][0] != '\0')
				sources_add_file(sources, paths[j], NULL);
	}
}
