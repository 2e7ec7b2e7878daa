/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined sidecars`: what is wrong with the sidecars of a folder. */
#ifndef TOOLS_AUDIT_H
#define TOOLS_AUDIT_H

#include <stdbool.h>

#include "core/span.h"

enum audit_status {
	AUDIT_GOOD,
	AUDIT_WRONG,   /* at least one */
	AUDIT_TROUBLE, /* not all could be looked at */
};

struct audit_opts {
	const char *folder;
	unsigned codings; /* bits, 1u << coding */
	unsigned jobs;    /* processes */
	bool missing;     /* files without one are wrong too */
	bool quiet;       /* say nothing of sidecars */
};

/*
 * True when a compressed file that has no original should have one: nobody
 * offers it for itself, as one does with an archive.
 */
bool audit_is_orphan(struct span path);

/* Does it: a line for each that is wrong, on stdout. */
enum audit_status audit_run(const struct audit_opts *opts);

#endif
