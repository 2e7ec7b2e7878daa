/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/dump.h"
#include "core/number.h"
#include "master/healthcheck.h"
#include "master/master.h"
#include "os/process.h"

#define MAIN_USAGE_STATUS 2

/* Of quick mode, unless -p says another. */
#define MAIN_PORT 8080

static const char main_usage[] =
    "usage: tined [-dfqtTX] [-c FILE]\n"
    "       tined [-X] [-p PORT] DIR\n"
    "       tined [-c FILE] -s reload | reopen | upgrade | status | stop | "
    "quit\n"
    "       tined [-c FILE] healthcheck\n"
    "       tined -h | -V\n";

static const char main_help[] =
    "\n"
    "  DIR      serve this folder on 127.0.0.1, without a configuration\n"
    "  -c FILE  the configuration; without it " TINED_CONF_PATH "\n"
    "  -d       go into the background\n"
    "  -f       stay in the foreground\n"
    "  -h       show this help\n"
    "  -p PORT  the port for DIR; without it 8080, or the next free one\n"
    "  -q       with -t: say nothing when all is well\n"
    "  -s WORD  tell the running server to reload, reopen, upgrade, stop or "
    "quit,\n"
    "           or to print its status\n"
    "  -t       test the configuration and leave\n"
    "  -T       print every value in force with its origin and leave\n"
    "  -V       print the version and leave\n"
    "  -X       serve in this one process: for debuggers and profilers\n"
    "  healthcheck  ask the running server whether it is ready\n"
    "\n"
    "See tined(8) and tined.ini(5).\n";

struct main_args {
	char **argv; /* of main() */
	const char *conf_path;
	const char *command; /* of -s */
	const char *dir;     /* NULL: not quick mode */
	const char *port;    /* of -p */
	bool background;
	bool foreground;
	bool quiet;
	bool test;
	bool dump;
	bool single;
	bool healthcheck; /* in the place of DIR */
};

static int
main_fail_usage(const char *what)
{
	(void)fprintf(stderr, "tined: %s\n%s", what, main_usage);
	return MAIN_USAGE_STATUS;
}

static int
main_help_and_leave(void)
{
	(void)printf("%s%s", main_usage, main_help);
	return EXIT_SUCCESS;
}

static int
main_version_and_leave(void)
{
	(void)printf("tined %s\nwith %s\nconfiguration: %s\n", PACKAGE_VERSION,
	    TINED_LIBRARIES, TINED_CONF_PATH);
	return EXIT_SUCCESS;
}

/* Options that do not go together; NULL when all do. */
static const char *
main_find_conflict(const struct main_args *args)
{
	bool quick = args->dir != NULL;

	if (args->background && args->foreground)
		return "-d and -f are opposites";
	if (args->port != NULL && !quick)
		return "-p is for DIR; a configuration has [listen] address";
	if (quick && args->conf_path != NULL)
		return "-c FILE or DIR, not both";
	if (quick && args->background)
		return "DIR is served in the foreground";
	if (quick && args->command != NULL)
		return "-s finds the server by a configuration, not by DIR";
	if (args->single && args->background)
		return "-X stays in the foreground";
	if (args->quiet && !args->test)
		return "-q is for -t";
	return NULL;
}

/* healthcheck asks and serves nothing. */
static const char *
main_find_misuse(const struct main_args *args)
{
	if (args->background || args->foreground || args->quiet || args->test ||
	    args->dump || args->single || args->port != NULL ||
	    args->command != NULL)
		return "healthcheck takes no option but -c FILE";
	return NULL;
}

/* Fills *args.  Returns -1 to go on, or the status to leave with. */
static int
main_parse(struct main_args *args, int argc, char **argv)
{
	const char *conflict;
	int option;

	while ((option = getopt(argc, argv, "c:dfhp:qs:tTVX")) != -1) {
		switch (option) {
		case 'c': args->conf_path = optarg; break;
		case 'd': args->background = true; break;
		case 'f': args->foreground = true; break;
		case 'h': return main_help_and_leave();
		case 'p': args->port = optarg; break;
		case 'q': args->quiet = true; break;
		case 's': args->command = optarg; break;
		case 't': args->test = true; break;
		case 'T': args->dump = true; break;
		case 'V': return main_version_and_leave();
		case 'X': args->single = true; break;
		default:
			(void)fputs(main_usage, stderr);
			return MAIN_USAGE_STATUS;
		}
	}
	if (argc - optind > 1)
		return main_fail_usage("one DIR at most");
	args->healthcheck =
	    argc > optind && strcmp(argv[optind], "healthcheck") == 0;
	if (!args->healthcheck)
		args->dir = argv[optind];
	conflict = args->healthcheck ? main_find_misuse(args)
				     : main_find_conflict(args);
	return conflict == NULL ? -1 : main_fail_usage(conflict);
}

/* What there is to say about a configuration; -1 when it cannot be used. */
static int
main_report(struct conf_errors *errors, const char *path)
{
	unsigned n = errors->nlines;

	for (unsigned i = 0; i < n; i++)
		(void)fprintf(stderr, "%s\n", errors->lines[i]);
	conf_errors_fini(errors);
	if (n == 0)
		return 0;
	(void)fprintf(
	    stderr, "tined: %s: %u error%s\n", path, n, n == 1 ? "" : "s");
	return -1;
}

/* The configuration that the arguments ask for, or NULL after a message. */
static struct conf *
main_load(const struct main_args *args, const char *path)
{
	struct conf_errors errors = { 0 };
	uint64_t port = MAIN_PORT;
	struct conf *conf;

	if (args->port != NULL &&
	    (number_parse_u64(span_of(args->port), &port) == -1 ||
		port > UINT16_MAX)) {
		(void)fprintf(stderr,
		    "tined: -p %s: a port is a number from 0 to 65535\n",
		    args->port);
		return NULL;
	}
	if (args->dir != NULL)
		conf = conf_quick(args->dir, (uint16_t)port, &errors);
	else
		conf = conf_load(path, &errors);
	/* Neither a command nor a dump needs what this machine has. */
	if (conf != NULL && args->command == NULL && !args->dump &&
	    !args->healthcheck)
		(void)conf_check_system(conf, &errors);
	if (main_report(&errors, path) == -1)
		conf_free(&conf);
	return conf;
}

static int
main_serve(const struct main_args *args, const char *path, struct conf **confp)
{
	const struct master_opts opts = {
		.argv = args->argv,
		.conf_path = args->dir == NULL ? path : NULL,
		.background = args->background,
		.foreground = args->foreground,
		.quick = args->dir != NULL,
		.try_ports = args->dir != NULL && args->port == NULL,
	};

	return args->single ? master_run_single(confp, &opts)
			    : master_run(confp, &opts);
}

static int
main_run(const struct main_args *args, struct conf **confp, const char *path)
{
	if (args->command != NULL)
		return master_command(*confp, args->command);
	if (args->healthcheck)
		return healthcheck_run(*confp);
	if (args->dump) {
		dump_values(*confp, stdout);
		return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	if (!args->test)
		return main_serve(args, path, confp);
	if (!args->quiet)
		(void)printf("configuration %s is ok\n", path);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct main_args args = { .argv = argv };
	const char *path;
	struct conf *conf;
	int status;

	if (process_fill_stdio() == -1)
		return EXIT_FAILURE;
	status = main_parse(&args, argc, argv);
	if (status != -1)
		return status;
	path = args.conf_path;
	if (path == NULL)
		path = args.dir != NULL ? args.dir : TINED_CONF_PATH;
	conf = main_load(&args, path);
	if (conf == NULL)
		return args.healthcheck ? HEALTHCHECK_CONF : EXIT_FAILURE;
	status = main_run(&args, &conf, path);
	conf_free(&conf);
	return status;
}
