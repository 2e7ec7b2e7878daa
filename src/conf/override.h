/* SPDX-License-Identifier: BSD-2-Clause */
/* What the environment and the command line say in place of the files. */
#ifndef CONF_OVERRIDE_H
#define CONF_OVERRIDE_H

#include "conf/build.h"
#include "conf/keys.h"

/* Enough for the name of a variable, with its NUL. */
#define OVERRIDE_NAME 64

/*
 * Writes the name of the variable that sets a key of a section without a name:
 * "TINED_SERVER_USER".  Returns out.
 */
const char *override_name(
    char out[OVERRIDE_NAME], const char *section, const char *key);

/*
 * Sets the keys that variables of the environment name.  One that begins with
 * TINED_ and names no key is warned of: images and orchestrators set such.
 */
void override_environment(
    struct build *build, const struct conf_overrides *overrides);

/* Sets what the options say, each "section.key=value". */
void override_options(
    struct build *build, const struct conf_overrides *overrides);

#endif
