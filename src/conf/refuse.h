/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for what a file may get wrong: what it is, what is allowed, and
 * what was perhaps meant.
 */
#ifndef CONF_REFUSE_H
#define CONF_REFUSE_H

#include "conf/keys.h"
#include "conf/report.h"

/* Copies a name from a file, safe for a terminal, with a NUL; returns out. */
const char *refuse_name(char out[REPORT_QUOTED], struct span name);

/* Nobody knows this section. */
void refuse_section(
    struct report *report, struct span name, struct conf_origin origin);

/* The section has no such key. */
void refuse_key(struct report *report, const struct key_section *section,
    struct span name, struct conf_origin origin);

/* It is no name that a user may give to a key; what is static text. */
void refuse_pair(struct report *report, const struct key_section *section,
    struct span name, const char *what, struct conf_origin origin);

/* The key cannot have this value; what is wrong is static text. */
void refuse_value(struct report *report, const struct key_section *section,
    const struct key *key, struct span value, const char *what,
    struct conf_origin origin);

/* The key has a value already, from first. */
void refuse_again(struct report *report, const struct key_section *section,
    const char *name, struct conf_origin first, struct conf_origin origin);

/* The key that has the place of an old one has a value already, from first. */
void refuse_old_name(struct report *report, const struct key_moved *moved,
    struct conf_origin first, struct conf_origin origin);

#endif
