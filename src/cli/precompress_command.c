/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/precompress_command.h"

#include <unistd.h>

#include "cli/jobs.h"
#include "tools/coder.h"
#include "tools/precompress.h"

/* 0, or -1 when the arguments make no sense. */
static int
precompress_command_parse(struct precompress_opts *opts, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "af:j:nrv")) != -1) {
		switch (option) {
		case 'a': opts->all = true; break;
		case 'f':
			if (coder_parse(optarg, &opts->codings) == -1)
				return -1;
			break;
		case 'j':
			if (jobs_parse(optarg, &opts->jobs) == -1)
				return -1;
			break;
		case 'n': opts->dry = true; break;
		case 'r': opts->remove = true; break;
		case 'v': opts->verbose = true; break;
		default: return -1;
		}
	}
	opts->folder = argv[optind];
	return argc - optind == 1 ? 0 : -1;
}

int
precompress_command_run(struct args *args, int argc, char **argv)
{
	struct precompress_opts opts = { .codings = coder_all(),
		.jobs = jobs_default() };

	(void)args;
	if (precompress_command_parse(&opts, argc, argv) == -1)
		return ARGS_SHOW_USAGE;
	if (opts.codings == 0) {
		(void)fputs("tined: this build can compress nothing: there was "
			    "neither zlib, brotli nor zstd when it was "
			    "configured\n",
		    stderr);
		return ARGS_USAGE_STATUS;
	}
	return precompress_run(&opts);
}
