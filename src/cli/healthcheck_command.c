/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/healthcheck_command.h"

#include <unistd.h>

#include "master/healthcheck.h"

int
healthcheck_command_run(struct args *args, int argc, char **argv)
{
	struct conf *conf;
	int option, status;

	while ((option = getopt(argc, argv, ARGS_OPTIONS)) != -1)
		if (args_take(args, option, optarg) == -1)
			return ARGS_SHOW_USAGE;
	if (optind < argc)
		return ARGS_SHOW_USAGE;
	conf = args_load(args, false);
	if (conf == NULL)
		return HEALTHCHECK_CONF;
	status = healthcheck_run(conf);
	conf_free(&conf);
	return status;
}
