/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer to a request, as a value: whoever sends it gives it back with
 * serve_release().
 */
#ifndef SERVE_REPLY_H
#define SERVE_REPLY_H

#include "http/multipart.h"
#include "http/response.h"
#include "serve/filecache.h"

/* Most ranges in one answer; a request for more gets the whole file. */
#define REPLY_RANGES 8

/* When who asked for a file of a disk that is too slow may ask again. */
#define REPLY_DISK_RETRY_S 5

/* What Allow says. */
#define REPLY_ALLOW SPAN(RESPONSE_METHODS)

struct listing;

/*
 * The body is page, or what listing writes, or else length bytes of file from
 * offset on; with nranges above 0 it is that many ranges of file, and multipart
 * text round them.
 */
struct reply {
	struct response response; /* connection is left to the sender */
	struct span page;
	struct file *file;       /* one reference, ours until serve_release() */
	struct listing *listing; /* ours until serve_release(); NULL: none */
	uint64_t offset;
	uint64_t length;
	int error; /* errno behind a 403, 500 or 503, for the log; 0: none */
	/* The path of an error page that is not there, and why; NULL: none. */
	const char *lost_page;
	int lost_page_error;
	enum verdict verdict; /* on the path; other than OK: refused for it */
	const struct site *site;       /* that was asked; NULL: none was */
	const struct conf_match *pace; /* says how fast it goes; NULL: none */
	enum filecache_lookup lookup;  /* how the file was found, or not */
	unsigned nranges;
	struct range ranges[REPLY_RANGES];
};

/* Makes it an answer without a body; ranges[] mean nothing yet. */
void reply_begin(struct reply *reply, int status);

/* Makes it one whose body is page, which is borrowed until it is sent. */
void reply_set_page(
    struct reply *reply, int status, struct span type, struct span page);

/* Makes it the built-in page of a status. */
void reply_set_status(struct reply *reply, int status);

/* What an open that failed with error becomes (errno): 404, 403, 503, 500. */
int reply_error_status(int error);

/* Makes it what an open that failed with error becomes (errno). */
void reply_set_error(struct reply *reply, int error);

#endif
