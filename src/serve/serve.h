/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a request to a reply: every decision, and nothing but decisions.
 *
 * A reply is a value.  Nothing was sent when it is returned, so every error
 * can still become a status; whoever sends it gives it back.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "http/multipart.h"
#include "http/response.h"
#include "serve/filecache.h"

/* Most ranges in one answer; a request for more gets the whole file. */
#define SERVE_RANGES 8

/* What Server says. */
#define SERVE_NAME SPAN("tined")

/* The methods of a static site, as Allow lists them (RFC 9110 10.2.1). */
#define SERVE_ALLOW SPAN("GET, HEAD, OPTIONS")

struct serve {
	const struct site *sites; /* borrowed; sites[0] is the default */
	unsigned nsites;
	struct filecache cache;
	char boundary[MULTIPART_BOUNDARY_LEN];
	/* Of the request at hand; path grows by the name of an index file. */
	const struct site *site;
	size_t decoded_len; /* of path before that; 0: hidden, or not decoded */
	char path[RESOURCE_PATH_BYTES];
	char location[3 * RESOURCE_PATH_BYTES];
	char multipart_type[64]; /* Content-Type with boundary */
};

/*
 * The body is page, or else length bytes of file from offset on; with nranges
 * above 0 it is that many ranges of file, and multipart text round them.
 */
struct reply {
	struct response response; /* connection is left to the sender */
	struct span page;
	struct file *file; /* one reference, ours until serve_release() */
	uint64_t offset;
	uint64_t length;
	int error; /* errno behind a 403, 500 or 503, for the log; 0: none */
	enum verdict verdict; /* on the path; other than OK: refused for it */
	const struct site *site;      /* that was asked; NULL: none was */
	enum filecache_lookup lookup; /* how the file was found, or not */
	unsigned nranges;
	struct range ranges[SERVE_RANGES];
};

/* What the configuration lets a request be; nothing is remembered. */
struct request_limits serve_limits(const struct conf *conf);

/* Makes *serve ready; it counts in *counters.  0, or -1 with errno ENOMEM. */
int serve_init(struct serve *serve, const struct site *sites, unsigned nsites,
    const struct filecache_opts *opts, const struct mime_map *mime,
    struct counters *counters);

/*
 * Decides the answer to a whole request.  The reply may point into *serve and
 * is good until the next call.  The body is described for HEAD too; the sender
 * leaves it out.
 */
void serve_request(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply);

/* An answer whose body is page, which is borrowed until it is sent. */
void serve_page(
    struct reply *reply, int status, struct span type, struct span page);

/* The answer to what is not a request: the page of a status. */
void serve_status(struct reply *reply, int status);

/* What stands between the ranges of a reply that has several. */
struct multipart serve_multipart(
    const struct serve *serve, const struct reply *reply);

/* Gives back what the reply holds. */
void serve_release(struct serve *serve, struct reply *reply);

/* Every reply must be released by now. */
void serve_fini(struct serve *serve);

#endif
