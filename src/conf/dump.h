/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of keys, printed: for people, for the manual, for a file. */
#ifndef CONF_DUMP_H
#define CONF_DUMP_H

#include <stdio.h>

#include "conf/conf.h"

/*
 * `tined -T`: every value in force with its origin, as an INI file again.
 * Returns 0, or -1 with errno.
 */
int dump_values(const struct conf *conf, FILE *out);

/* conf/tined.ini: every key with its text and default, commented out. */
void dump_sample(FILE *out);

/* The list of keys for tined.ini(5), in mdoc. */
void dump_mdoc(FILE *out);

#endif
