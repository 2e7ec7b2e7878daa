/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a request to a reply: every decision, and nothing but decisions.
 *
 * A reply is a value.  Nothing was sent when it is returned, so every error
 * can still become a status; whoever sends it gives it back.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "http/response.h"
#include "serve/file.h"

/* Longest decoded path, its NUL included; a longer one is 414. */
#define SERVE_PATH_BYTES 8192

/* The methods of a static site, as Allow lists them (RFC 9110 10.2.1). */
#define SERVE_ALLOW SPAN("GET, HEAD, OPTIONS")

struct serve {
	const struct site *sites; /* borrowed; sites[0] is the default */
	unsigned nsites;
	struct files files;
	char path[SERVE_PATH_BYTES];         /* of the request at hand */
	char location[3 * SERVE_PATH_BYTES]; /* likewise */
};

struct reply {
	struct response response; /* connection is left to the sender */
	struct span page;  /* the body, in static memory; zero: look below */
	struct file *file; /* the body, if there is no page and a length */
	uint64_t offset;          /* where the body begins in the file */
	int error; /* errno behind a 403, 500 or 503, for the log; 0: none */
};

/* Makes *serve ready; keep is for files_init(). */
void serve_init(struct serve *serve, const struct site *sites, unsigned nsites,
    const struct mime_map *mime, size_t keep);

/*
 * Decides the answer to a whole request at the time now, in seconds.  The
 * reply may point into *serve and is good until the next call.  The body is
 * described for HEAD too; the sender leaves it out.
 */
void serve_request(struct serve *serve, const struct request *request,
    int64_t now, struct reply *reply);

/* The answer to what is not a request: the page of a status. */
void serve_status(struct reply *reply, int status);

/* Gives back what the reply holds. */
void serve_release(struct serve *serve, struct reply *reply);

/* Every reply must be released by now. */
void serve_fini(struct serve *serve);

#endif
