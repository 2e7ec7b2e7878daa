/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined manifest`: writes and checks what serve/manifest.h reads. */
#ifndef TOOLS_INVENTORY_H
#define TOOLS_INVENTORY_H

#include <stdbool.h>

enum inventory_status {
	INVENTORY_GOOD,
	INVENTORY_DIFFERS, /* a manifest that was checked is not true */
	INVENTORY_TROUBLE,
};

struct inventory_opts {
	const char *folder;
	unsigned jobs; /* processes */
	bool check;    /* compare, and write nothing */
	bool quiet;    /* say nothing of files */
};

/* Does it, and says how it went. */
enum inventory_status inventory_run(const struct inventory_opts *opts);

#endif
