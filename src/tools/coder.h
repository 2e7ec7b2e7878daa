/* SPDX-License-Identifier: BSD-2-Clause */
/* Which library makes and reads the sidecars of a coding. */
#ifndef TOOLS_CODER_H
#define TOOLS_CODER_H

#include <stdbool.h>

#include "http/coding.h"
#include "os/codec.h"

/* The codec of a coding other than identity. */
const struct codec *coder_of(enum coding coding);

/* False when this build has no library for it. */
bool coder_is_there(enum coding coding);

/* The bits, 1u << coding, of all that are there. */
unsigned coder_all(void);

/*
 * Parses "gz,br,zst", the endings of sidecars, into bits.  0, or -1 after a
 * message: also when this build has no library for one of them.
 */
int coder_parse(const char *text, unsigned *codings);

#endif
