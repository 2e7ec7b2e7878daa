/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/explain_command.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/beneath.h"
#include "os/process.h"
#include "serve/explain.h"

/* All that serving needs, as a worker has it. */
struct explain_command {
	const struct conf *conf;
	struct site *sites;
	struct serve serve;
	struct counters counters;
	struct clock clock;
	struct explain explain;
};

/* What is asked for. */
struct explain_command_request {
	const char *url;
	const char **fields; /* of -H; the array is ours */
	unsigned nfields;
};

/* A URL taken apart, as a client does; the spans are of the URL. */
struct explain_command_url {
	struct span host;   /* with its port; zero: there is none */
	struct span target; /* without a fragment; its slash may be missing */
};

/* http://HOST[:PORT]/PATH, or a path alone.  0, or -1 when it is neither. */
static int
explain_command_split(const char *url, struct explain_command_url *parts)
{
	const char *end = url + strcspn(url, "#");
	const char *at;

	*parts = (struct explain_command_url){ 0 };
	if (strncasecmp(url, "http://", 7) == 0)
		at = url + 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		at = url + 8;
	else if (*url == '/')
		at = url;
	else
		return -1;
	if (at != url) {
		parts->host = (struct span){ at, strcspn(at, "/?#") };
		at += parts->host.len;
	}
	parts->target = (struct span){ at, (size_t)(end - at) };
	return 0;
}

static bool
explain_command_names_host(const struct explain_command_request *asked)
{
	for (unsigned i = 0; i < asked->nfields; i++)
		if (strncasecmp(asked->fields[i], "Host:", 5) == 0)
			return true;
	return false;
}

/* What is wrong with the arguments; NULL when nothing is. */
static const char *
explain_command_check(const struct explain_command_request *asked,
    struct explain_command_url *parts)
{
	if (explain_command_split(asked->url, parts) == -1)
		return "URL begins with http://, https:// or a slash";
	if (strpbrk(asked->url, "\r\n") != NULL)
		return "URL has a line end in it";
	for (unsigned i = 0; i < asked->nfields; i++)
		if (strpbrk(asked->fields[i], "\r\n") != NULL)
			return "-H takes one field, without a line end";
	return NULL;
}

/* The head of the request, which the caller frees; NULL with errno. */
static char *
explain_command_write(const struct explain_command_request *asked,
    const struct explain_command_url *parts, size_t *len)
{
	struct span host = parts->host, target = parts->target;
	bool bare = target.len == 0 || *target.ptr == '?';
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	if (host.ptr == NULL)
		host = SPAN("localhost");
	(void)fprintf(out, "GET %s%.*s HTTP/1.1\r\n", bare ? "/" : "",
	    (int)target.len, target.ptr);
	if (!explain_command_names_host(asked))
		(void)fprintf(out, "Host: %.*s\r\n", (int)host.len, host.ptr);
	for (unsigned i = 0; i < asked->nfields; i++)
		(void)fprintf(out, "%s\r\n", asked->fields[i]);
	(void)fputs("\r\n", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Becomes whom a worker becomes, if we may, and says who looks at the files. */
static void
explain_command_become_user(const struct conf *conf)
{
	const char *name = conf->server.user;
	const struct passwd *user = *name == '\0' ? NULL : getpwnam(name);
	const struct group *group = getgrnam(conf->server.group);

	if (*name == '\0')
		return;
	if (user == NULL)
		explain_say(stdout, "user", "%s does not exist here", name);
	else if (user->pw_uid == geteuid())
		explain_say(stdout, "user", "%s, as the workers", name);
	else if (geteuid() != 0)
		explain_say(stdout, "user",
		    "user id %u; the workers are %s, and what they may read "
		    "can differ",
		    (unsigned)geteuid(), name);
	else if (process_drop_privileges(name, user->pw_uid,
		     group == NULL ? user->pw_gid : group->gr_gid) == 0)
		explain_say(stdout, "user", "%s, as the workers", name);
	else
		explain_say(stdout, "user", "root; cannot become %s: %s", name,
		    strerror(errno));
}

/* Opens the roots, as a master does.  0, or -1 after a message. */
static int
explain_command_open_sites(struct explain_command *command)
{
	const struct conf *conf = command->conf;

	command->sites = calloc(conf->nsites, sizeof(*command->sites));
	if (command->sites == NULL) {
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
		return -1;
	}
	for (unsigned i = 0; i < conf->nsites; i++)
		command->sites[i].root_fd = -1;
	for (unsigned i = 0; i < conf->nsites; i++) {
		int fd = beneath_open_root(conf->sites[i].root);

		if (fd == -1) {
			(void)fprintf(stderr,
			    "tined: site.root %s: %s; no server starts with "
			    "it\n",
			    conf->sites[i].root, strerror(errno));
			return -1;
		}
		site_init(&command->sites[i], &conf->sites[i], fd);
	}
	return 0;
}

static void
explain_command_close_sites(struct explain_command *command)
{
	unsigned nsites = command->sites == NULL ? 0 : command->conf->nsites;

	for (unsigned i = 0; i < nsites; i++)
		if (command->sites[i].root_fd != -1)
			(void)close(command->sites[i].root_fd);
	free(command->sites);
}

static int
explain_command_explain(struct explain_command *command, struct span head)
{
	const struct conf *conf = command->conf;
	const struct filecache_opts opts = {
		.nmissing = 1,
		.keep = TINED_POOL_KEEP,
	};
	int status;

	if (serve_init(&command->serve, command->sites, conf->nsites, &opts,
		&conf->mime, &command->counters) == -1)
		return -1;
	(void)clock_update(&command->clock);
	command->explain = (struct explain){
		.out = stdout,
		.serve = &command->serve,
		.conf = conf,
		.clock = &command->clock,
	};
	explain_command_become_user(conf);
	status = explain_request(&command->explain, head);
	serve_fini(&command->serve);
	return status == -1 || fflush(stdout) != 0 ? -1 : 0;
}

static int
explain_command_with(const struct conf *conf, struct span head)
{
	/* Too large for the stack. */
	struct explain_command *command = calloc(1, sizeof(*command));
	int status = EXIT_FAILURE;

	if (command == NULL) {
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	command->conf = conf;
	if (explain_command_open_sites(command) == 0) {
		if (explain_command_explain(command, head) == 0)
			status = EXIT_SUCCESS;
		else
			(void)fprintf(stderr, "tined: %s\n", strerror(errno));
	}
	explain_command_close_sites(command);
	free(command);
	return status;
}

static int
explain_command_load(const struct args *args,
    const struct explain_command_request *asked,
    const struct explain_command_url *parts)
{
	struct conf *conf = args_load(args, true);
	int status = EXIT_FAILURE;
	size_t len;
	char *head;

	if (conf == NULL)
		return EXIT_FAILURE;
	head = explain_command_write(asked, parts, &len);
	if (head == NULL)
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
	else
		status = explain_command_with(conf, (struct span){ head, len });
	free(head);
	conf_free(&conf);
	return status;
}

/* Fills in what is asked for.  0, or -1 when the arguments make no sense. */
static int
explain_command_parse(struct args *args, struct explain_command_request *asked,
    int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, ARGS_OPTIONS "H:")) != -1) {
		if (option == 'H')
			asked->fields[asked->nfields++] = optarg;
		else if (args_take(args, option, optarg) == -1)
			return -1;
	}
	asked->url = argv[optind];
	return argc - optind == 1 ? 0 : -1;
}

int
explain_command_run(struct args *args, int argc, char **argv)
{
	struct explain_command_request asked = { 0 };
	struct explain_command_url parts;
	const char *wrong = NULL;
	int status = ARGS_SHOW_USAGE;

	asked.fields = calloc((size_t)argc, sizeof(*asked.fields));
	if (asked.fields == NULL) {
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	if (explain_command_parse(args, &asked, argc, argv) == 0) {
		wrong = explain_command_check(&asked, &parts);
		if (wrong == NULL)
			status = explain_command_load(args, &asked, &parts);
		else
			(void)fprintf(stderr, "tined: %s\n", wrong);
	}
	free(asked.fields);
	return status;
}
