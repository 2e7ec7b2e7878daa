/* SPDX-License-Identifier: BSD-2-Clause */
/* What a configuration remembers beyond its values: where each came from. */
#ifndef CONF_INTERNAL_H
#define CONF_INTERNAL_H

#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/store.h"

/* One section as it is in force; [NAME] and [NAME:INSTANCE] each have one. */
struct conf_instance {
	const struct key_section *section;
	const char *name;            /* "" without :INSTANCE */
	struct conf_origin origin;   /* its first line; file NULL: none */
	void *values;                /* the section's struct */
	struct conf_origin *origins; /* where each key was first named */
};

struct conf_internal {
	unsigned nsharers;        /* owners beside the first */
	struct store store;       /* owns all that the configuration holds */
	struct conf_origin start; /* where to point when nothing was written */
	struct conf_instance **instances; /* in the order of the files */
	unsigned ninstances;
};

/* The position of key in the arrays of its section. */
unsigned internal_index(
    const struct key_section *section, const struct key *key);

/*
 * Where a key of the section whose struct is at values was set; file NULL: it
 * has its default.
 */
struct conf_origin internal_origin(
    const struct conf *conf, const void *values, const char *name);

/*
 * Where a key was set to something else than its default; file NULL: nowhere.
 */
struct conf_origin internal_origin_of_change(
    const struct conf *conf, const void *values, const char *name);

/*
 * Where to point for a key of the section whose struct is at values: its own
 * line, else the section's, else the start of the configuration.
 */
struct conf_origin internal_place(
    const struct conf *conf, const void *values, const char *name);

#endif
