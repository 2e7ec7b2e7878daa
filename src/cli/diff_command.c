/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/diff_command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/compare.h"
#include "conf/workers.h"
#include "core/number.h"
#include "master/client.h"
#include "master/values.h"

enum diff_status { DIFF_SAME, DIFF_DIFFERS, DIFF_TROUBLE };

/* The server that runs. */
struct diff_server {
	struct compare_side side;
	struct workers_room room;
	const char *version;
	const char *file;     /* NULL: quick mode */
	const char **options; /* of -o, and behind it variables; ours */
	const char **variables;
	struct conf_overrides overrides; /* the same, for a reload */
};

/* Sorts a record of no section into its place. */
static void
diff_command_take_fact(struct diff_server *server, const struct record *fact)
{
	struct span value = span_of(fact->value);
	uint64_t number = 0;

	/* Only a master writes these, so what should be a number is one. */
	(void)number_parse_u64(value, &number);
	if (strcmp(fact->key, VALUES_WORKERS) == 0)
		server->side.nworkers = (unsigned)number;
	else if (strcmp(fact->key, VALUES_CORES) == 0)
		server->room.cores = (unsigned)number;
	else if (strcmp(fact->key, VALUES_MEMORY) == 0)
		server->room.memory_bytes = number;
	else if (strcmp(fact->key, VALUES_VERSION) == 0)
		server->version = fact->value;
	else if (strcmp(fact->key, VALUES_FILE) == 0)
		server->file = fact->value;
	else if (strcmp(fact->key, VALUES_OPTION) == 0)
		server->options[server->overrides.noptions++] = fact->value;
	else if (strcmp(fact->key, VALUES_VARIABLE) == 0)
		*server->variables++ = fact->value;
}

/* Takes the facts off the records, which are the configuration then. */
static int
diff_command_take_facts(struct diff_server *server)
{
	struct records *records = &server->side.records;
	unsigned n = 0;

	while (n < records->n && records->items[n].section[0] == '\0')
		n++;
	/* Each is an option or a variable at most; a NULL ends either. */
	server->options = calloc(2 * ((size_t)n + 1), sizeof(char *));
	if (server->options == NULL)
		return -1;
	server->variables = server->options + n + 1;
	server->overrides.options = server->options;
	server->overrides.environment = server->variables;
	for (unsigned i = 0; i < n; i++)
		diff_command_take_fact(server, &records->items[i]);
	records->items += n;
	records->n -= n;
	return 0;
}

/* Asks the server that conf names.  0, or -1 after a message. */
static int
diff_command_ask(struct diff_server *server, const struct conf *conf)
{
	int fd = client_fetch_values(conf), rc;

	if (fd == -1)
		return -1;
	rc = records_read(&server->side.records, fd);
	if (rc == 0)
		rc = diff_command_take_facts(server);
	if (rc == -1)
		(void)fprintf(stderr, "tined: cannot read its values: %s\n",
		    strerror(errno));
	(void)close(fd); /* only read from */
	return rc;
}

/* What makes the answer less than the whole truth. */
static void
diff_command_note(const struct diff_server *server, const char *path)
{
	char *full = realpath(path, NULL);

	if (strcmp(server->version, PACKAGE_VERSION) != 0)
		(void)fprintf(stderr,
		    "tined: note: the server that runs is tined %s, this is "
		    "%s; a reload keeps the program\n",
		    server->version, PACKAGE_VERSION);
	if (full == NULL || strcmp(full, server->file) != 0)
		(void)fprintf(stderr,
		    "tined: note: a reload reads %s, this compares %s\n",
		    server->file, path);
	free(full);
}

/* The configuration as a reload would find it; NULL after its errors. */
static struct conf *
diff_command_load(const struct diff_server *server, const char *path)
{
	struct conf_errors errors = { 0 };
	struct conf *conf = conf_load(path, &server->overrides, &errors);

	if (conf != NULL)
		(void)conf_check_system(conf, &errors);
	if (args_report(&errors, path, true) == -1)
		conf_free(&conf);
	return conf;
}

static enum diff_status
diff_command_compare(const struct diff_server *server, const struct conf *conf)
{
	struct compare_side side = { .nworkers =
					 workers_count(conf, &server->room) };
	unsigned n;

	if (records_of_conf(&side.records, conf) == -1) {
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
		return DIFF_TROUBLE;
	}
	n = compare_print(stdout, &server->side, &side);
	records_fini(&side.records);
	if (n == 0)
		(void)puts("nothing would change");
	if (fflush(stdout) != 0)
		return DIFF_TROUBLE;
	return n == 0 ? DIFF_SAME : DIFF_DIFFERS;
}

static enum diff_status
diff_command_with(const struct diff_server *server, const char *path)
{
	enum diff_status status;
	struct conf *conf;

	if (server->file == NULL) {
		(void)fprintf(stderr,
		    "tined: the server that runs has no configuration to "
		    "reload: it serves a folder\n");
		return DIFF_TROUBLE;
	}
	diff_command_note(server, path);
	conf = diff_command_load(server, path);
	if (conf == NULL)
		return DIFF_TROUBLE;
	status = diff_command_compare(server, conf);
	conf_free(&conf);
	return status;
}

int
diff_command_run(struct args *args, int argc, char **argv)
{
	struct diff_server server = { 0 };
	enum diff_status status = DIFF_TROUBLE;
	struct conf *conf;
	int option;

	while ((option = getopt(argc, argv, ARGS_OPTIONS)) != -1)
		if (args_take(args, option, optarg) == -1)
			return ARGS_SHOW_USAGE;
	if (optind < argc)
		return ARGS_SHOW_USAGE;
	/* Only to find the server, whose overrides are what counts. */
	conf = args_load(args, false);
	if (conf == NULL)
		return DIFF_TROUBLE;
	if (diff_command_ask(&server, conf) == 0)
		status = diff_command_with(&server, args->conf_path);
	free(server.options);
	records_fini(&server.side.records);
	conf_free(&conf);
	return (int)status;
}
