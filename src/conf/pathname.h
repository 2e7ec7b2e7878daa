/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths in a configuration. */
#ifndef CONF_PATHNAME_H
#define CONF_PATHNAME_H

#include "core/span.h"

/* The longest path that a configuration names. */
#define PATHNAME_BYTES_MAX 1000

/*
 * Judges a decoded path as one that can be asked for and whose names are all
 * shown.  Returns NULL, or what is wrong, static text.
 */
const char *pathname_judge(struct span path);

/*
 * Takes the percent-encoding off text and writes it to out, which has room for
 * as many bytes.  Returns NULL, or what is wrong, static text.
 */
const char *pathname_decode(struct span text, char *out, size_t *len);

#endif
