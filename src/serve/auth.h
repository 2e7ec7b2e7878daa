/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who asks, by what it knows, and whether that one may see the path.
 *
 * The sections of [match] that count say which [auth] must know the client and
 * which roles it must have; of each the last one decides.  What takes long, the
 * hash of a password, is not made here: such a request waits, and is decided
 * again when a process of its own has judged the password (worker/verify.h).
 */
#ifndef SERVE_AUTH_H
#define SERVE_AUTH_H

#include "core/clock.h"
#include "http/request.h"
#include "os/digest.h"
#include "os/passhash.h"
#include "serve/authcache.h"
#include "serve/reply.h"
#include "serve/site.h"

enum auth_outcome {
	AUTH_OPEN,      /* nobody is asked */
	AUTH_KNOWN,     /* auth->subject may see it */
	AUTH_ANONYMOUS, /* nothing was sent that could tell */
	AUTH_MALFORMED, /* it cannot be read */
	AUTH_WRONG,     /* a password or key that is not right */
	AUTH_FORGED,    /* a link whose signature is not right */
	AUTH_EXPIRED,   /* a link whose time is over */
	AUTH_ROLELESS,  /* auth->subject has none of the roles */
	AUTH_WAITS,     /* auth->question must be answered first */
	AUTH_BUSY,      /* and nobody can answer it */
};

/* By what a subject is known. */
enum auth_way {
	AUTH_BY_NOTHING,
	AUTH_BY_PASSWORD,
	AUTH_BY_API_KEY,
	AUTH_BY_LINK,
};

/* "USER", NUL, "PASSWORD", NUL. */
#define AUTH_TEXT_BYTES (CONF_SUBJECT_BYTES + PASSHASH_PASSWORD_BYTES + 2)

/* A password that is to be compared with the hash that a user has. */
struct auth_question {
	uint32_t auth; /* the number of an [auth] section */
	uint16_t user_len;
	uint16_t password_len;
	unsigned char tag[AUTHCACHE_TAG_BYTES];
	char text[AUTH_TEXT_BYTES];
};

/* What became of a question. */
struct auth_ruling {
	enum auth_outcome outcome; /* KNOWN, WRONG, BUSY; OPEN: of none */
	unsigned char tag[AUTHCACHE_TAG_BYTES];
};

struct auth {
	struct authcache good; /* passwords */
	struct authcache bad;
	unsigned char secret[DIGEST_BYTES]; /* of the tags */
	/* Of the request at hand. */
	struct auth_ruling ruling; /* whoever asks again sets it before */
	enum auth_outcome outcome;
	enum auth_way way;
	const struct conf_match *section;      /* that sets auth, or NULL */
	const struct conf_match *role_section; /* likewise */
	struct span subject; /* may point into question; zero: not known */
	struct auth_question question;
};

/* Takes memory if any site asks who comes.  0, or -1 with errno ENOMEM. */
int auth_init(struct auth *auth, const struct site *sites, unsigned nsites);

/* False where no site asks who comes: then nothing below need be called. */
static inline bool
auth_is_on(const struct auth *auth)
{
	return auth->good.rows != NULL;
}

/* Nothing is known of another request, whose ruling was set. */
static inline void
auth_begin(struct auth *auth)
{
	auth->outcome = AUTH_OPEN;
	auth->subject = (struct span){ 0 };
	auth->section = auth->role_section = NULL;
}

/* The section that sets auth for a path that matched matches; NULL: none. */
const struct conf_match *auth_find_section(
    const struct site *site, uint64_t matched);

/* What let a client in, for asking about other paths later. */
struct auth_pass {
	const struct conf_auth *guard;         /* NULL: nothing had to */
	const struct conf_match *role_section; /* likewise */
};

struct auth_pass auth_get_pass(const struct auth *auth);

/*
 * True when who has the pass would be let in to a path that matched matches,
 * without a look at roles that did not count before.
 */
bool auth_pass_admits(
    struct auth_pass pass, const struct site *site, uint64_t matched);

/* Who asks for what; all borrowed. */
struct auth_asked {
	const struct request *request;
	const struct site *site;
	struct span path; /* as it was decoded, whatever is served for it */
	const struct clock *clock;
};

/*
 * True when the client may see what the sections in matched are about.
 * Otherwise *reply says why not; if outcome is WAITS it may be another once the
 * question has its answer.  For one request it may be asked of several paths,
 * each of which must let the client in.
 */
bool auth_check(struct auth *auth, const struct auth_asked *asked,
    uint64_t matched, struct reply *reply);

/* Keeps an answer to a question: right, or wrong. */
void auth_remember(
    struct auth *auth, const unsigned char *tag, bool good, int64_t now_ms);

void auth_fini(struct auth *auth);

#endif
