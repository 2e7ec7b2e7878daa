/* SPDX-License-Identifier: BSD-2-Clause */
/* A value to its key: single values, lists, media types, old names. */
#ifndef CONF_ASSIGN_H
#define CONF_ASSIGN_H

#include "conf/build.h"

/*
 * Sets a key of a section, or adds to its list.  What an earlier layer said is
 * replaced, all of a list too; what the same layer said is an error.
 */
void assign_key(struct build *build, struct conf_instance *instance,
    struct span name, struct span value, struct conf_origin origin);

/*
 * A comment stands behind the value of a key, which may have been meant to go
 * on: the values of fields often have semicolons.  instance may be NULL.
 */
void assign_warn_of_comment(struct build *build,
    const struct conf_instance *instance, struct span name,
    struct conf_origin origin);

#endif
