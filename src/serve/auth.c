/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/auth.h"

#include "core/base64.h"
#include "serve/signature.h"

/* Passwords that are remembered; the wrong ones cannot push out the others. */
#define AUTH_GOOD_ROWS 1024
#define AUTH_BAD_ROWS  256

#define AUTH_GOOD_MS 300000
#define AUTH_BAD_MS  5000

/* When it is worth to try again (RFC 9110 10.2.3). */
#define AUTH_RETRY_S 5

static bool
auth_is_wanted(const struct site *sites, unsigned nsites)
{
	for (unsigned i = 0; i < nsites; i++)
		if (sites[i].auth_sections != 0)
			return true;
	return false;
}

int
auth_init(struct auth *auth, const struct site *sites, unsigned nsites)
{
	*auth = (struct auth){ 0 };
	if (!auth_is_wanted(sites, nsites))
		return 0;
	digest_draw(auth->secret, sizeof(auth->secret));
	if (authcache_init(&auth->good, AUTH_GOOD_ROWS, AUTH_GOOD_MS) == -1 ||
	    authcache_init(&auth->bad, AUTH_BAD_ROWS, AUTH_BAD_MS) == -1)
		return -1;
	return 0;
}

const struct conf_match *
auth_find_section(const struct site *site, uint64_t matched)
{
	return rules_last(site->conf->matches, matched & site->auth_sections);
}

/* The same for roles. */
static const struct conf_match *
auth_find_role_section(const struct site *site, uint64_t matched)
{
	return rules_last(site->conf->matches, matched & site->role_sections);
}

struct auth_pass
auth_get_pass(const struct auth *auth)
{
	struct auth_pass pass = { 0 };

	/* A signed link is for one path alone. */
	if (auth->outcome == AUTH_KNOWN && auth->way != AUTH_BY_LINK) {
		pass.guard = auth->section->guard;
		pass.role_section = auth->role_section;
	}
	return pass;
}

bool
auth_pass_admits(
    struct auth_pass pass, const struct site *site, uint64_t matched)
{
	const struct conf_match *section = auth_find_section(site, matched);
	const struct conf_match *role_section =
	    auth_find_role_section(site, matched);

	if (section == NULL)
		return role_section == NULL;
	if (section->guard == NULL)
		return true;
	return section->guard == pass.guard &&
	       (role_section == NULL || role_section == pass.role_section);
}

/* What stands behind the scheme (RFC 9110 11.4); zero: another one. */
static struct span
auth_find_credentials(const struct request *request, struct span scheme)
{
	struct span value = request->value[FIELD_AUTHORIZATION];
	struct span word = { value.ptr, scheme.len };

	if (value.len < scheme.len || !span_equal_nocase(word, scheme) ||
	    (value.len > scheme.len && value.ptr[scheme.len] != ' '))
		return (struct span){ 0 };
	return span_trim(
	    (struct span){ value.ptr + scheme.len, value.len - scheme.len });
}

static enum auth_outcome
auth_know(struct auth *auth, enum auth_way way, struct span subject)
{
	auth->way = way;
	auth->subject = subject;
	return AUTH_KNOWN;
}

static enum auth_outcome
auth_try_link(struct auth *auth, const struct conf_auth *guard,
    const struct auth_asked *asked)
{
	const struct conf_secret *key;

	switch (signature_check(&guard->urls, asked->path,
	    asked->request->query, asked->clock->wall_s, &key)) {
	case SIGNATURE_ABSENT: break;
	case SIGNATURE_WRONG: return AUTH_FORGED;
	case SIGNATURE_EXPIRED: return AUTH_EXPIRED;
	case SIGNATURE_GOOD:
		return auth_know(auth, AUTH_BY_LINK, span_of(key->name));
	}
	return AUTH_ANONYMOUS;
}

/* Hashes are compared, all of them, so that no time tells what was near. */
static enum auth_outcome
auth_try_key(struct auth *auth, const struct conf_auth *guard,
    const struct auth_asked *asked)
{
	struct span key = asked->request->value[FIELD_API_KEY];
	const struct conf_secret *found = NULL;
	unsigned char digest[DIGEST_BYTES];

	if (key.ptr == NULL)
		key = auth_find_credentials(asked->request, SPAN("Bearer"));
	if (key.ptr == NULL)
		return AUTH_ANONYMOUS;
	digest_sha256(key, digest);
	for (unsigned i = 0; i < guard->keys.nitems; i++)
		if (digest_equal(
			digest, guard->keys.items[i].value.ptr, DIGEST_BYTES))
			found = &guard->keys.items[i];
	return found == NULL
		   ? AUTH_WRONG
		   : auth_know(auth, AUTH_BY_API_KEY, span_of(found->name));
}

/* RFC 7617 2: a user without a colon, and no control characters. */
static bool
auth_decode(struct auth_question *question, struct span credentials)
{
	char *text = question->text, *colon;
	size_t len;

	if (!base64_decode(credentials, text, sizeof(question->text) - 1, &len))
		return false;
	colon = memchr(text, ':', len);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	if (colon == NULL || colon - text > CONF_SUBJECT_BYTES ||
	    text + len - colon - 1 > PASSHASH_PASSWORD_BYTES)
		return false;
	*colon = '\0';
	text[len] = '\0';
	question->user_len = (uint16_t)(colon - text);
	question->password_len = (uint16_t)(text + len - colon - 1);
	return true;
}

static void
auth_make_tag(const struct auth *auth, struct auth_question *question)
{
	size_t len = (size_t)question->user_len + question->password_len + 1;
	const struct span parts[] = {
		{ (const char *)&question->auth, sizeof(question->auth) },
		{ question->text, len },
	};
	unsigned char digest[DIGEST_BYTES];

	digest_hmac(
	    (struct span){ (const char *)auth->secret, sizeof(auth->secret) },
	    parts, 2, digest);
	memcpy(question->tag, digest, AUTHCACHE_TAG_BYTES);
}

/* What is known of the question at hand. */
static enum auth_outcome
auth_judge(struct auth *auth, int64_t now_ms)
{
	const unsigned char *tag = auth->question.tag;

	if (authcache_has(&auth->good, tag, now_ms))
		return AUTH_KNOWN;
	if (authcache_has(&auth->bad, tag, now_ms))
		return AUTH_WRONG;
	if (auth->ruling.outcome != AUTH_OPEN &&
	    memcmp(auth->ruling.tag, tag, AUTHCACHE_TAG_BYTES) == 0)
		return auth->ruling.outcome;
	return AUTH_WAITS;
}

static enum auth_outcome
auth_try_password(struct auth *auth, const struct conf_auth *guard,
    const struct auth_asked *asked)
{
	struct auth_question *question = &auth->question;
	struct span credentials =
	    auth_find_credentials(asked->request, SPAN("Basic"));
	enum auth_outcome outcome = AUTH_MALFORMED;

	if (credentials.ptr == NULL)
		return AUTH_ANONYMOUS;
	question->auth = guard->number;
	question->user_len = 0;
	if (auth_decode(question, credentials)) {
		auth_make_tag(auth, question);
		outcome = auth_judge(auth, asked->clock->mono_ms);
	}
	if (outcome == AUTH_WAITS)
		return AUTH_WAITS;
	explicit_bzero(question->text + question->user_len,
	    sizeof(question->text) - question->user_len);
	if (outcome == AUTH_KNOWN)
		return auth_know(auth, AUTH_BY_PASSWORD,
		    (struct span){ question->text, question->user_len });
	return outcome;
}

/* One way that leads to a subject is enough; else the last failure counts. */
static enum auth_outcome
auth_identify(struct auth *auth, const struct auth_asked *asked)
{
	static enum auth_outcome (*const ways[])(struct auth * auth,
	    const struct conf_auth *guard, const struct auth_asked *asked) = {
		auth_try_link,
		auth_try_key,
		auth_try_password,
	};
	const struct conf_auth *guard = auth->section->guard;
	const unsigned nsecrets[] = { guard->urls.nitems, guard->keys.nitems,
		guard->users.nitems };
	enum auth_outcome outcome = AUTH_ANONYMOUS;

	auth->way = AUTH_BY_NOTHING;
	auth->subject = (struct span){ 0 };
	for (unsigned i = 0; i < 3 && outcome != AUTH_KNOWN; i++) {
		enum auth_outcome tried = AUTH_ANONYMOUS;

		if (nsecrets[i] > 0)
			tried = ways[i](auth, guard, asked);
		if (tried != AUTH_ANONYMOUS)
			outcome = tried;
	}
	return outcome;
}

static bool
auth_has_role(const struct auth *auth)
{
	const struct conf_match *section = auth->role_section;

	for (unsigned i = 0; i < section->roles.nitems; i++) {
		const struct conf_list *users = &section->role_refs[i]->users;

		for (unsigned j = 0; j < users->nitems; j++)
			if (span_equal(span_of(users->items[j]), auth->subject))
				return true;
	}
	return false;
}

/* Finds out who asks, unless that is known, and whether it has a role. */
static enum auth_outcome
auth_decide(struct auth *auth, const struct auth_asked *asked, uint64_t matched)
{
	const struct site *site = asked->site;
	const struct conf_auth *before =
	    auth->section == NULL ? NULL : auth->section->guard;
	enum auth_outcome outcome = AUTH_KNOWN;

	auth->section = auth_find_section(site, matched);
	auth->role_section = auth_find_role_section(site, matched);
	if (auth->section == NULL)
		return AUTH_ROLELESS; /* nobody is known: deny */
	if (auth->section->guard == NULL)
		return AUTH_OPEN; /* auth = none */
	if (auth->section->guard != before)
		outcome = auth_identify(auth, asked);
	if (outcome != AUTH_KNOWN || auth->role_section == NULL)
		return outcome;
	return auth_has_role(auth) ? AUTH_KNOWN : AUTH_ROLELESS;
}

static int
auth_status(const struct auth *auth)
{
	switch (auth->outcome) {
	case AUTH_ANONYMOUS:
	case AUTH_MALFORMED:
	case AUTH_WRONG:
		/* Where links alone count there is nothing to ask for. */
		if (auth->section->guard->challenge.len > 0)
			return 401;
		break;
	case AUTH_EXPIRED: return 410;
	case AUTH_WAITS:
	case AUTH_BUSY: return 503;
	case AUTH_OPEN:
	case AUTH_KNOWN:
	case AUTH_FORGED:
	case AUTH_ROLELESS: break;
	}
	return 403;
}

bool
auth_check(struct auth *auth, const struct auth_asked *asked, uint64_t matched,
    struct reply *reply)
{
	const struct site *site = asked->site;
	int status;

	if ((matched & (site->auth_sections | site->role_sections)) == 0)
		return true;
	auth->outcome = auth_decide(auth, asked, matched);
	if (auth->outcome == AUTH_OPEN || auth->outcome == AUTH_KNOWN)
		return true;
	status = auth_status(auth);
	reply_set_status(reply, status);
	if (status == 401)
		reply->response.challenge = auth->section->guard->challenge;
	if (status == 503)
		reply->response.retry_after_s = AUTH_RETRY_S;
	return false;
}

void
auth_remember(
    struct auth *auth, const unsigned char *tag, bool good, int64_t now_ms)
{
	authcache_add(good ? &auth->good : &auth->bad, tag, now_ms);
}

void
auth_fini(struct auth *auth)
{
	authcache_fini(&auth->good);
	authcache_fini(&auth->bad);
	explicit_bzero(auth->secret, sizeof(auth->secret));
}
