/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
args_init(struct args *args, int argc)
{
	*args = (struct args){ .conf_path = TINED_CONF_PATH };
	args->options = calloc((size_t)argc + 1, sizeof(*args->options));
	if (args->options == NULL) {
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
		return -1;
	}
	args->overrides = (struct conf_overrides){
		.environment = (const char *const *)environ,
		.options = args->options,
	};
	return 0;
}

void
args_fini(struct args *args)
{
	free(args->options);
	*args = (struct args){ 0 };
}

int
args_take(struct args *args, int option, const char *value)
{
	switch (option) {
	case 'c': args->conf_path = value; return 0;
	case 'o': args->options[args->overrides.noptions++] = value; return 0;
	default: return -1;
	}
}

int
args_report(struct conf_errors *errors, const char *path, bool warnings)
{
	unsigned n = errors->nlines;

	for (unsigned i = 0; i < n; i++)
		(void)fprintf(stderr, "%s\n", errors->lines[i]);
	for (unsigned i = 0; warnings && i < errors->nwarnings; i++)
		(void)fprintf(stderr, "%s\n", errors->warnings[i]);
	conf_errors_fini(errors);
	if (n == 0)
		return 0;
	(void)fprintf(
	    stderr, "tined: %s: %u error%s\n", path, n, n == 1 ? "" : "s");
	return -1;
}

struct conf *
args_load(const struct args *args, bool warnings)
{
	struct conf_errors errors = { 0 };
	struct conf *conf =
	    conf_load(args->conf_path, &args->overrides, &errors);

	if (args_report(&errors, args->conf_path, warnings) == -1)
		conf_free(&conf);
	return conf;
}
