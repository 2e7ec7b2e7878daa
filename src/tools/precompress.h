/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined precompress`: sidecars for all files of a folder. */
#ifndef TOOLS_PRECOMPRESS_H
#define TOOLS_PRECOMPRESS_H

#include <stdbool.h>

#include "core/span.h"

/* A smaller file gains nothing: it is sent in one packet as it is. */
#define PRECOMPRESS_MIN_BYTES 256

struct precompress_opts {
	const char *folder;
	unsigned codings; /* bits, 1u << coding */
	unsigned jobs;    /* processes */
	bool all;         /* files of any type and size */
	bool dry;
	bool remove; /* old sidecars that are of no use any more */
	bool verbose;
};

/*
 * True for a media type whose files are worth compressing: text, and what is
 * written like text, fonts and programs that are not compressed in themselves.
 */
bool precompress_wants(struct span type);

/* Does it, and says how it went.  The exit status. */
int precompress_run(const struct precompress_opts *opts);

#endif
