/* SPDX-License-Identifier: BSD-2-Clause */
/* The known word that a mistyped one was probably meant to be. */
#ifndef CONF_NEAREST_H
#define CONF_NEAREST_H

#include "core/span.h"

struct nearest {
	struct span word;  /* as typed */
	const char *best;  /* borrowed; NULL while nothing is near enough */
	unsigned distance; /* edits from word to best */
};

/* Begins a search; a candidate must be within 3 edits, 1 for a short word. */
void nearest_init(struct nearest *nearest, struct span word);

/* Considers one more candidate; the first of equals is kept. */
void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
