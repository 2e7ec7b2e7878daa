/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/diff_command.h"
#include "cli/explain_command.h"
#include "cli/healthcheck_command.h"
#include "cli/manifest_command.h"
#include "cli/precompress_command.h"
#include "cli/sidecars_command.h"
#include "cli/sign_command.h"
#include "conf/dump.h"
#include "conf/nearest.h"
#include "conf/quick.h"
#include "conf/sources.h"
#include "conf/workers.h"
#include "master/client.h"
#include "master/master.h"
#include "master/single.h"
#include "os/process.h"
#include "worker/footprint.h"

/* A command: what stands before all options, as in `tined diff`. */
struct main_word {
	const char *name;
	const char *arguments;
	const char *text;
	int (*run)(struct args *args, int argc, char **argv);
};

static const struct main_word main_words[] = {
	{ "diff", "[-c FILE] [-o KEY=VALUE]",
	    "say what a reload of the running server would change",
	    diff_command_run },
	{ "explain",
	    "[-a ADDRESS] [-c FILE] [-H 'NAME: VALUE'] [-o KEY=VALUE] URL",
	    "say step by step why a request gets the answer that it gets",
	    explain_command_run },
	{ "healthcheck", "[-c FILE] [-o KEY=VALUE]",
	    "say whether the running server is ready, for probes",
	    healthcheck_command_run },
	{ "sign", "[-c FILE] [-e DURATION] [-o KEY=VALUE] URL",
	    "print a link to what is protected, good for a while",
	    sign_command_run },
	{ "manifest", "[-cq] [-j N] DIR",
	    "write down the hash of each file of a folder, for site.manifest",
	    manifest_command_run },
	{ "precompress", "[-anrv] [-f FORMATS] [-j N] DIR",
	    "make compressed forms of the files of a folder, beside them",
	    precompress_command_run },
	{ "sidecars", "[-mq] [-f FORMATS] [-j N] DIR",
	    "say what is wrong with the compressed forms in a folder",
	    sidecars_command_run },
};

#define MAIN_NWORDS (sizeof(main_words) / sizeof(main_words[0]))

static const char main_usage[] =
    "usage: tined [-dfqtTX] [-c FILE] [-o KEY=VALUE]\n"
    "       tined [-X] [-o KEY=VALUE] [-p PORT] DIR\n"
    "       tined [-c FILE] [-o KEY=VALUE]\n"
    "             -s reload | reopen | upgrade | status | stop | quit\n";

static const char main_help[] =
    "\n"
    "  DIR      serve this folder on 127.0.0.1, without a configuration\n"
    "  -c FILE  the configuration; without it " TINED_CONF_PATH "\n"
    "  -d       go into the background\n"
    "  -f       stay in the foreground\n"
    "  -h       show this help\n"
    "  -o SECTION.KEY=VALUE\n"
    "           set a key, whatever the configuration says; may be repeated\n"
    "  -p PORT  the port for DIR; without it 8080, or the next free one\n"
    "  -q       with -t: say nothing when all is well\n"
    "  -s WORD  tell the running server to reload, reopen, upgrade, stop or "
    "quit,\n"
    "           or to print its status\n"
    "  -t       test the configuration and leave\n"
    "  -T       print every value in force with its origin and leave\n"
    "  -V       print the version and leave\n"
    "  -X       serve in this one process: for debuggers and profilers\n"
    "\n";

struct main_args {
	char **argv; /* of main() */
	struct args common;
	struct sources sources; /* of the configuration */
	const char *command;    /* of -s */
	const char *dir;        /* NULL: not quick mode */
	const char *port;       /* of -p */
	bool has_file;          /* -c */
	bool background;
	bool foreground;
	bool quiet;
	bool test;
	bool dump;
	bool single;
};

static const struct main_word *
main_find_word(const char *name)
{
	for (unsigned i = 0; i < MAIN_NWORDS; i++)
		if (strcmp(main_words[i].name, name) == 0)
			return &main_words[i];
	return NULL;
}

static void
main_print_usage(FILE *out)
{
	(void)fputs(main_usage, out);
	for (unsigned i = 0; i < MAIN_NWORDS; i++)
		(void)fprintf(out, "       tined %s %s\n", main_words[i].name,
		    main_words[i].arguments);
	(void)fputs("       tined -h | -V\n", out);
}

static int
main_fail_usage(const char *what)
{
	(void)fprintf(stderr, "tined: %s\n", what);
	main_print_usage(stderr);
	return ARGS_USAGE_STATUS;
}

static int
main_help_and_leave(void)
{
	main_print_usage(stdout);
	(void)fputs(main_help, stdout);
	for (unsigned i = 0; i < MAIN_NWORDS; i++)
		(void)printf(
		    "  %-11s %s\n", main_words[i].name, main_words[i].text);
	(void)puts("\nSee tined(8) and tined.ini(5).");
	return EXIT_SUCCESS;
}

static int
main_version_and_leave(void)
{
	(void)printf("tined %s\nwith %s\nconfiguration: %s\n", PACKAGE_VERSION,
	    TINED_LIBRARIES, TINED_CONF_PATH);
	return EXIT_SUCCESS;
}

/* Options that do not go with DIR; NULL when all do. */
static const char *
main_find_conflict_of_dir(const struct main_args *args)
{
	if (main_find_word(args->dir) != NULL)
		return "a command comes first; a folder of its name is ./NAME";
	if (args->has_file)
		return "-c FILE or DIR, not both";
	if (args->background)
		return "DIR is served in the foreground";
	if (args->command != NULL)
		return "-s finds the server by a configuration, not by DIR";
	return NULL;
}

/* An option that has nothing to say to a server that runs. */
static bool
main_starts_or_tests(const struct main_args *args)
{
	return args->background || args->foreground || args->single ||
	       args->test || args->dump;
}

/* Options that do not go together; NULL when all do. */
static const char *
main_find_conflict(const struct main_args *args)
{
	if (args->background && args->foreground)
		return "-d and -f are opposites";
	if (args->single && args->background)
		return "-X stays in the foreground";
	if (args->quiet && !args->test)
		return "-q is for -t";
	if (args->test && args->dump)
		return "-t or -T, not both";
	if (args->command != NULL && main_starts_or_tests(args))
		return "-s takes -c and -o, nothing else";
	if (args->dir != NULL)
		return main_find_conflict_of_dir(args);
	if (args->port != NULL)
		return "-p is for DIR; a configuration has [listen] address";
	return NULL;
}

/* Fills *args.  Returns -1 to go on, or the status to leave with. */
static int
main_parse(struct main_args *args, int argc, char **argv)
{
	const char *conflict;
	int option;

	while ((option = getopt(argc, argv, "c:dfho:p:qs:tTVX")) != -1) {
		switch (option) {
		case 'c':
			args->has_file = true;
			(void)args_take(&args->common, option, optarg);
			break;
		case 'd': args->background = true; break;
		case 'f': args->foreground = true; break;
		case 'h': return main_help_and_leave();
		case 'o': (void)args_take(&args->common, option, optarg); break;
		case 'p': args->port = optarg; break;
		case 'q': args->quiet = true; break;
		case 's': args->command = optarg; break;
		case 't': args->test = true; break;
		case 'T': args->dump = true; break;
		case 'V': return main_version_and_leave();
		case 'X': args->single = true; break;
		default: main_print_usage(stderr); return ARGS_USAGE_STATUS;
		}
	}
	if (argc - optind > 1)
		return main_fail_usage(main_find_word(argv[optind]) != NULL
					   ? "a command comes first, its "
					     "options behind it"
					   : "one DIR at most");
	args->dir = argv[optind];
	conflict = main_find_conflict(args);
	return conflict == NULL ? -1 : main_fail_usage(conflict);
}

/* What the configuration comes from, for people. */
static const char *
main_name_source(const struct main_args *args)
{
	return args->dir != NULL ? args->dir : args->common.conf_path;
}

/* The configuration that the arguments ask for, or NULL after a message. */
static struct conf *
main_load(struct main_args *args)
{
	const struct conf_overrides *overrides = &args->common.overrides;
	struct conf_errors errors = { 0 };
	struct conf *conf;

	if (args->dir != NULL)
		conf = quick_load(args->dir, args->port, overrides, &errors);
	else
		conf = conf_load_watched(
		    args->common.conf_path, overrides, &args->sources, &errors);
	/* A dump does not need what this machine has. */
	if (conf != NULL && !args->dump)
		(void)conf_check_system(conf, &errors);
	if (args_report(&errors, main_name_source(args), true) == -1)
		conf_free(&conf);
	return conf;
}

/*
 * For -s, which needs the file to find the server.  One that has mistakes is
 * no reason not to stop it; a server that is to read it says and logs them
 * itself.
 */
static struct conf *
main_load_for_command(const struct main_args *args)
{
	const char *path = args->common.conf_path;
	struct conf_errors errors = { 0 };
	struct conf *conf =
	    conf_load_broken(path, &args->common.overrides, &errors);

	if (conf != NULL && conf->server.pid_file[0] != '\0') {
		if (errors.nlines > 0 && !client_reads_file(args->command))
			(void)fprintf(stderr,
			    "tined: note: %s has mistakes; tined -t shows "
			    "them\n",
			    path);
		conf_errors_fini(&errors);
	} else if (args_report(&errors, path, false) == -1) {
		conf_free(&conf);
	}
	return conf;
}

static int
main_serve(struct main_args *args, struct conf **confp)
{
	bool quick = args->dir != NULL;
	const struct master_opts opts = {
		.argv = args->argv,
		.conf_path = quick ? NULL : args->common.conf_path,
		.overrides = &args->common.overrides,
		.sources = &args->sources,
		.background = args->background,
		.foreground = args->foreground,
		.quick = quick,
		.try_ports = quick && quick_has_default_port(*confp),
	};

	return args->single ? single_run(confp, &opts)
			    : master_run(confp, &opts);
}

/* What the values in force amount to on this machine.  0, or -1 with errno. */
static int
main_dump_memory(const struct conf *conf)
{
	const struct workers_room room = workers_find_room();
	unsigned nworkers = workers_count(conf, &room);
	uint64_t buffers_bytes = workers_buffers_bytes(conf, &room, nworkers);
	uint64_t bytes = footprint_bytes(conf, buffers_bytes);

	return printf(
		   "\n; Each of %u workers takes at most %llu MiB of memory, "
		   "%llu of these for %zu requests in flight.\n",
		   nworkers, (unsigned long long)bytes >> 20,
		   (unsigned long long)footprint_buffers_bytes(
		       conf, buffers_bytes) >>
		       20,
		   footprint_exchanges(conf, buffers_bytes)) < 0 ||
		       fflush(stdout) == EOF
		   ? -1
		   : 0;
}

static int
main_act(struct main_args *args, struct conf **confp)
{
	if (args->command != NULL)
		return client_run(*confp, args->command);
	if (args->dump) {
		if (dump_values(*confp, stdout) == 0 &&
		    main_dump_memory(*confp) == 0)
			return EXIT_SUCCESS;
		(void)fprintf(stderr, "tined: -T: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	if (!args->test)
		return main_serve(args, confp);
	if (!args->quiet)
		(void)printf(
		    "configuration %s is ok\n", main_name_source(args));
	return EXIT_SUCCESS;
}

/* A folder that is not there was perhaps meant to be a command. */
static void
main_suggest_word(const char *dir)
{
	struct nearest nearest;

	nearest_init(&nearest, span_of(dir));
	for (unsigned i = 0; i < MAIN_NWORDS; i++)
		nearest_offer(&nearest, main_words[i].name);
	if (nearest.best != NULL && access(dir, F_OK) == -1)
		(void)fprintf(stderr, "tined: did you mean the command %s?\n",
		    nearest.best);
}

static int
main_run(struct main_args *args, int argc, char **argv)
{
	int status = main_parse(args, argc, argv);
	struct conf *conf;

	if (status != -1)
		return status;
	conf = args->command == NULL ? main_load(args)
				     : main_load_for_command(args);
	if (conf == NULL) {
		if (args->dir != NULL)
			main_suggest_word(args->dir);
		return EXIT_FAILURE;
	}
	status = main_act(args, &conf);
	conf_free(&conf);
	return status;
}

static int
main_run_word(
    const struct main_word *word, struct args *args, int argc, char **argv)
{
	bool help = argc == 2 && strcmp(argv[1], "-h") == 0;
	int status = ARGS_SHOW_USAGE;

	if (!help)
		status = word->run(args, argc, argv);
	if (status != ARGS_SHOW_USAGE)
		return status;
	(void)fprintf(help ? stdout : stderr, "usage: tined %s %s\n",
	    word->name, word->arguments);
	return help ? EXIT_SUCCESS : ARGS_USAGE_STATUS;
}

int
main(int argc, char **argv)
{
	struct main_args args = { .argv = argv };
	const struct main_word *word =
	    argc > 1 ? main_find_word(argv[1]) : NULL;
	int status;

	if (process_fill_stdio() == -1) {
		(void)fprintf(stderr, "tined: cannot open /dev/null: %s\n",
		    strerror(errno));
		return EXIT_FAILURE;
	}
	if (args_init(&args.common, argc) == -1)
		return EXIT_FAILURE;
	if (getpid() == 1)
		process_hold_stop_signals();
	if (word != NULL)
		status = main_run_word(word, &args.common, argc - 1, argv + 1);
	else
		status = main_run(&args, argc, argv);
	sources_fini(&args.sources);
	args_fini(&args.common);
	return status;
}
