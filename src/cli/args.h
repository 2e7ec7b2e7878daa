/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every command line can say of the configuration: -c FILE and -o
 * SECTION.KEY=VALUE.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "conf/conf.h"

/* The exit status for arguments that make no sense. */
#define ARGS_USAGE_STATUS 2

/* What a command returns in place of a status when its usage is to be shown. */
#define ARGS_SHOW_USAGE (-1)

struct args {
	const char *conf_path; /* borrowed; the default without -c */
	const char **options;  /* of -o; the array is ours */
	struct conf_overrides overrides;
};

/* Makes room for the options of argc arguments.  0, or -1 after a message. */
int args_init(struct args *args, int argc);

void args_fini(struct args *args);

/* For getopt(3). */
#define ARGS_OPTIONS "c:o:"

/* Takes -c or -o and its value.  0, or -1 when it is another option. */
int args_take(struct args *args, int option, const char *value);

/*
 * Prints what there is to say of the configuration that path names, and frees
 * it: errors, their number, and warnings if they are wanted.  Returns 0, or
 * -1 when there were errors.
 */
int args_report(struct conf_errors *errors, const char *path, bool warnings);

/* Loads the configuration.  NULL after its errors were printed. */
struct conf *args_load(const struct args *args, bool warnings);

#endif
