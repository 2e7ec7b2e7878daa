/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes one sidecar: a file, compressed, beside it. */
#ifndef TOOLS_SIDECAR_H
#define TOOLS_SIDECAR_H

#include "tools/crew.h"
#include "tools/tree.h"

/* A sidecar is of use below this part of the original, in percent. */
#define SIDECAR_WORTH 95

enum sidecar_outcome {
	SIDECAR_TODO,
	SIDECAR_STARTED, /* and never finished: its process was killed */
	SIDECAR_WRITTEN,
	SIDECAR_CURRENT, /* it was there, and is right */
	SIDECAR_USELESS, /* it would not be small enough, and there is none */
	SIDECAR_LEFT,    /* likewise, and an old one was left there */
	SIDECAR_REMOVED, /* likewise, and the old one is gone */
	SIDECAR_FAILED,
	SIDECAR_CHANGED, /* the original, while it was read */
	SIDECAR_BLOCKED, /* what has its name is no file */
	SIDECAR_STOPPED, /* by crew_stop() */
	SIDECAR_OUTCOMES,
};

/* What came of it. */
struct sidecar {
	enum sidecar_outcome outcome;
	int error;      /* errno of FAILED */
	bool reading;   /* that was about the original */
	uint64_t bytes; /* of the sidecar: WRITTEN, CURRENT */
};

struct sidecar_opts {
	bool dry;    /* write nothing, only say what would be written */
	bool remove; /* those that are of no use */
};

/*
 * Makes the sidecar of a coding for a file of the tree, unless it is current:
 * it has the very time of the original, or a later one and holds just that.  It
 * gets time, mode and owner of the original, and its name when it is whole.
 * Advances the crew by so many steps for each byte of the original.
 */
void sidecar_make(struct crew *crew, int root_fd, const struct tree_file *file,
    enum coding coding, const struct sidecar_opts *opts, uint64_t steps,
    struct sidecar *sidecar);

#endif
