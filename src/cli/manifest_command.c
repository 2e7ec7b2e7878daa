/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/manifest_command.h"

#include <getopt.h>

#include "cli/jobs.h"
#include "tools/inventory.h"

/* 0, or -1 when the arguments make no sense. */
static int
manifest_command_parse(struct inventory_opts *opts, int argc, char **argv)
{
	static const struct option words[] = {
		{ "check", no_argument, NULL, 'c' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "cj:q", words, NULL)) != -1) {
		switch (option) {
		case 'c': opts->check = true; break;
		case 'j':
			if (jobs_parse(optarg, &opts->jobs) == -1)
				return -1;
			break;
		case 'q': opts->quiet = true; break;
		default: return -1;
		}
	}
	opts->folder = argv[optind];
	return argc - optind == 1 ? 0 : -1;
}

int
manifest_command_run(struct args *args, int argc, char **argv)
{
	struct inventory_opts opts = { .jobs = jobs_default() };

	(void)args;
	if (manifest_command_parse(&opts, argc, argv) == -1)
		return ARGS_SHOW_USAGE;
	return (int)inventory_run(&opts);
}
