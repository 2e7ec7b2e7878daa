/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a sidecar holds what its original does: by decompressing it.
 *
 * Piece by piece, and no further than to the first difference or the end of
 * the original: what a sidecar would become otherwise costs neither time nor
 * memory.
 */
#ifndef TOOLS_VERIFY_H
#define TOOLS_VERIFY_H

#include "http/coding.h"
#include "tools/crew.h"

enum verify_result {
	VERIFY_SAME,
	VERIFY_DIFFERS,
	VERIFY_DAMAGED, /* not of this coding, or cut off, or more behind it */
	VERIFY_WINDOW,  /* browsers refuse it: it needs too much memory */
	VERIFY_ERROR,   /* errno says which */
	VERIFY_STOPPED, /* by crew_stop() */
};

/*
 * Compares what the two give from where they stand.  The coding is one that
 * coder_is_there().
 */
enum verify_result verify_sidecar(const struct crew *crew, enum coding coding,
    int sidecar_fd, int original_fd);

#endif
