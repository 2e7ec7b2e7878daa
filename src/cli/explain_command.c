/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/explain_command.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/url.h"
#include "conf/secrets.h"
#include "core/address.h"
#include "core/log.h"
#include "os/beneath.h"
#include "os/process.h"
#include "serve/explain.h"
#include "worker/rehearse.h"

/* What is asked for. */
struct explain_command_request {
	const char *url;
	const char *address; /* of -a; NULL: 127.0.0.1 */
	struct address from; /* the same */
	const char **fields; /* of -H; the array is ours */
	unsigned nfields;
};

/* Who asks.  0, or -1 when that is no address. */
static int
explain_command_set_from(struct explain_command_request *asked)
{
	struct span text = span_of(asked->address);

	if (text.ptr == NULL)
		text = SPAN("127.0.0.1");
	asked->from = (struct address){ .family = AF_UNIX };
	return span_equal(text, ADDRESS_UNIX)
		   ? 0
		   : address_parse(&asked->from, text);
}

/* What is wrong with the arguments; NULL when nothing is. */
static const char *
explain_command_check(
    struct explain_command_request *asked, struct url_parts *parts)
{
	if (url_split(asked->url, parts) == -1)
		return "URL begins with http://, https:// or a slash";
	if (strpbrk(asked->url, "\r\n") != NULL)
		return "URL has a line end in it";
	for (unsigned i = 0; i < asked->nfields; i++)
		if (strpbrk(asked->fields[i], "\r\n") != NULL)
			return "-H takes one field, without a line end";
	if (explain_command_set_from(asked) == -1)
		return "-a takes an address, or unix: for none";
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
	else if (user->pw_uid != geteuid() && geteuid() != 0)
		explain_say(stdout, "user",
		    "user id %u; the workers are %s, and what they may read "
		    "can differ",
		    (unsigned)geteuid(), name);
	else if (user->pw_uid == geteuid() ||
		 process_drop_privileges(name, user->pw_uid,
		     group == NULL ? user->pw_gid : group->gr_gid, -1) == 0)
		explain_say(stdout, "user", "%s, as the workers", name);
	else
		explain_say(stdout, "user", "root; cannot become %s: %s", name,
		    strerror(errno));
}

static void
explain_command_close_roots(int **fdsp, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		(void)close((*fdsp)[i]); /* nothing was written to it */
	free(*fdsp);
	*fdsp = NULL;
}

/* Opens the roots, as a master does.  NULL after a message. */
static int *
explain_command_open_roots(const struct conf *conf)
{
	int *fds = calloc(conf->nsites, sizeof(*fds));

	if (fds == NULL) {
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
		return NULL;
	}
	for (unsigned i = 0; i < conf->nsites; i++) {
		fds[i] = beneath_open_root(conf->sites[i].root);
		if (fds[i] != -1)
			continue;
		(void)fprintf(stderr,
		    "tined: site.root %s: %s; no server starts with it\n",
		    conf->sites[i].root, strerror(errno));
		explain_command_close_roots(&fds, i);
		return NULL;
	}
	return fds;
}

static int
explain_command_print(const struct conf *conf, const struct address *from,
    struct rehearsal *rehearsal)
{
	/* Too large for the stack. */
	struct explain *explain = calloc(1, sizeof(*explain));

	if (explain == NULL)
		return -1;
	*explain = (struct explain){
		.out = stdout,
		.conf = conf,
		.serve = rehearsal->serve,
		.clock = rehearsal->clock,
		.from = from,
		.client = rehearsal->client,
		.request = rehearsal->request,
		.reply = rehearsal->reply,
		.head = rehearsal->head,
	};
	explain_print(explain);
	free(explain);
	return fflush(stdout) == 0 ? 0 : -1;
}

static int
explain_command_with(
    const struct conf *conf, const struct address *from, struct span head)
{
	int *root_fds = explain_command_open_roots(conf);
	struct rehearsal rehearsal;
	int rc = -1;

	if (root_fds == NULL)
		return EXIT_FAILURE;
	explain_command_become_user(conf);
	/* The steps say what a worker would write into its log. */
	log_set_level(LOG_LEVEL_ERROR);
	if (rehearse_open(&rehearsal, conf, root_fds, from, head) == 0) {
		rc = explain_command_print(conf, from, &rehearsal);
		rehearse_close(&rehearsal);
	}
	if (rc == -1)
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
	explain_command_close_roots(&root_fds, conf->nsites);
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Who may not read them is told so, and hears of all else. */
static void
explain_command_read_secrets(struct conf *conf)
{
	struct conf_errors errors = { 0 };

	(void)secrets_load(conf, &errors);
	for (unsigned i = 0; i < errors.nlines; i++)
		(void)fprintf(stderr, "%s\n", errors.lines[i]);
	conf_errors_fini(&errors);
}

static int
explain_command_load(const struct args *args,
    const struct explain_command_request *asked, const struct url_parts *parts)
{
	struct conf *conf = args_load(args, true);
	int status = EXIT_FAILURE;
	size_t len;
	char *head;

	if (conf == NULL)
		return EXIT_FAILURE;
	explain_command_read_secrets(conf);
	head = url_write_request(parts, asked->fields, asked->nfields, &len);
	if (head == NULL)
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
	else
		status = explain_command_with(
		    conf, &asked->from, (struct span){ head, len });
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

	while ((option = getopt(argc, argv, ARGS_OPTIONS "a:H:")) != -1) {
		if (option == 'a')
			asked->address = optarg;
		else if (option == 'H')
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
	struct url_parts parts;
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
