/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/sidecars_command.h"

#include <unistd.h>

#include "cli/jobs.h"
#include "tools/audit.h"
#include "tools/coder.h"

/* 0, or -1 when the arguments make no sense. */
static int
sidecars_command_parse(struct audit_opts *opts, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "f:j:mq")) != -1) {
		switch (option) {
		case 'f':
			if (coder_parse(optarg, &opts->codings) == -1)
				return -1;
			break;
		case 'j':
			if (jobs_parse(optarg, &opts->jobs) == -1)
				return -1;
			break;
		case 'm': opts->missing = true; break;
		case 'q': opts->quiet = true; break;
		default: return -1;
		}
	}
	opts->folder = argv[optind];
	return argc - optind == 1 ? 0 : -1;
}

int
sidecars_command_run(struct args *args, int argc, char **argv)
{
	/* Also those that this build cannot read, which it says then. */
	struct audit_opts opts = { .codings = ~0u, .jobs = jobs_default() };

	(void)args;
	if (sidecars_command_parse(&opts, argc, argv) == -1)
		return ARGS_SHOW_USAGE;
	return (int)audit_run(&opts);
}
