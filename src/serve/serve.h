/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a request to a reply: every decision, and nothing but decisions.
 *
 * A reply is a value.  Nothing was sent when it is returned, so every error
 * can still become a status; whoever sends it gives it back.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "serve/auth.h"
#include "serve/cors.h"
#include "serve/find.h"
#include "serve/hosts.h"
#include "serve/listing.h"
#include "serve/represent.h"

struct serve {
	struct hosts hosts; /* of the sites, which it borrows */
	struct filecache cache;
	struct represent represent;
	struct listings listings;
	struct auth auth;
	struct rules_text fields; /* its bytes are ours */
	struct find find;
	/* Said before a request: it is refused for this; OK: it is not. */
	enum verdict refusal;
	uint64_t retry_s; /* when it may come again */
	/* Of the request at hand, whose client is borrowed; path grows by what
	 * is looked for. */
	const struct address *client;
	const struct site *site; /* NULL: none has the host */
	size_t decoded_len; /* of path before that; 0: hidden, or not decoded */
	uint64_t matched;   /* rules of the site that count; see rules.h */
	unsigned when;      /* what is true of the answer, if any counts */
	bool searched;      /* find says more of it, and found is set */
	struct span found;  /* the path that was looked at last */
	char path[RESOURCE_PATH_BYTES];
};

/* What Server says; zero when there is to be none. */
struct span serve_name(const struct conf *conf);

/* What the configuration lets a request be; nothing is remembered. */
struct request_limits serve_limits(const struct conf *conf);

/* Makes *serve ready; it counts in *counters.  0, or -1 with errno ENOMEM. */
int serve_init(struct serve *serve, const struct site *sites, unsigned nsites,
    const struct filecache_opts *opts, const struct mime_map *mime,
    struct counters *counters);

/*
 * Sets memory aside for listings, as listings_init(), if a site wants that; to
 * be called once.  0, or -1 with errno ENOMEM.
 */
int serve_init_listings(struct serve *serve, const struct site *sites,
    unsigned nsites, size_t bytes, size_t nlistings);

/* From now on nothing waits for a disk: errands, borrowed, do. */
void serve_use_errands(struct serve *serve, struct errands *errands);

/*
 * Decides the answer to a whole request of client.  The reply may point into
 * *serve and is good until the next call.  The body is described for HEAD too;
 * the sender leaves it out.
 */
void serve_request(struct serve *serve, const struct request *request,
    const struct address *client, const struct clock *clock,
    struct reply *reply);

/* Gives back what the reply holds. */
void serve_release(struct serve *serve, struct reply *reply);

/* Every reply must be released by now. */
void serve_fini(struct serve *serve);

#endif
