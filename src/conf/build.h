/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration in the making: sections and keys come in one by one, from a
 * file or from flags, and errors go into a report.
 */
#ifndef CONF_BUILD_H
#define CONF_BUILD_H

#include "conf/conf.h"
#include "conf/internal.h"
#include "conf/report.h"
#include "conf/sources.h"

struct build {
	struct conf *conf;
	struct report report;
	unsigned nunknown;       /* sections that nobody knows */
	bool broken;             /* mistakes are told, but end nothing */
	struct sources *sources; /* borrowed; NULL: nobody asks */
};

/* The memory of the configuration. */
static inline struct store *
build_store(struct build *build)
{
	return &build->conf->internal->store;
}

/*
 * Begins a configuration of defaults.  start is where to point for what was
 * never written.  Returns 0, or -1 when there is no memory even for an error.
 */
int build_init(
    struct build *build, struct conf_origin start, struct conf_errors *errors);

/*
 * Opens the section `name` or `name:instance`, perhaps again.
 * Returns NULL after an error: the keys below it cannot be judged.
 */
struct conf_instance *build_enter(
    struct build *build, struct span header, struct conf_origin origin);

/*
 * Refuses a line that cannot be read.  name, if it is not empty, is its key,
 * which then counts as set; instance may be NULL.
 */
void build_refuse(struct build *build, struct conf_instance *instance,
    struct span name, const char *problem, struct conf_origin origin);

/*
 * Completes and checks the configuration.  Returns it, the caller's from now
 * on, or NULL when there were errors.
 */
struct conf *build_fini(struct build *build);

#endif
