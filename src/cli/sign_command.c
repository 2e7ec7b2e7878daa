/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/sign_command.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/url.h"
#include "conf/secrets.h"
#include "core/log.h"
#include "core/number.h"
#include "serve/signature.h"
#include "worker/rehearse.h"

#define SIGN_COMMAND_DEFAULT "1h"

/* Room for the digits of any time. */
#define SIGN_COMMAND_TIME 20

/* What is asked for. */
struct sign_command_request {
	const char *url;
	uint64_t expires_s; /* from now */
};

/* Prints the URL with its signature, which needs no encoding. */
static int
sign_command_print(
    const char *url, uint64_t expires_s, struct span path, struct span key)
{
	char expires[SIGN_COMMAND_TIME], text[SIGNATURE_LEN];
	struct span time = { expires, number_format_u64(expires, expires_s) };

	signature_make(key, path, time, text);
	(void)printf("%s%sexpires=%.*s&signature=%.*s\n", url,
	    strchr(url, '?') == NULL ? "?" : "&", (int)time.len, time.ptr,
	    (int)sizeof(text), text);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Why a link to what was asked cannot be signed; NULL: it can. */
static const char *
sign_command_judge(
    const struct rehearsal *rehearsal, const struct conf_auth **auth)
{
	const struct serve *serve = rehearsal->serve;
	const struct conf_match *section;

	if (rehearsal->request->verdict != VERDICT_OK ||
	    serve->decoded_len == 0)
		return "no such path is served";
	section = auth_find_section(serve->site, serve->matched);
	if (section == NULL || section->guard == NULL)
		return "no [match] section for this path sets auth: everybody "
		       "may see it";
	if (section->guard->urls.nitems == 0)
		return "the [auth] section for this path has no key of "
		       "url_keys that can be read";
	*auth = section->guard;
	return NULL;
}

/* Signs what a server would take for the path of the request. */
static int
sign_command_with(const struct sign_command_request *asked,
    const struct rehearsal *rehearsal, const struct conf_errors *errors)
{
	const struct serve *serve = rehearsal->serve;
	const struct conf_auth *auth;
	const char *problem = sign_command_judge(rehearsal, &auth);

	if (problem == NULL)
		return sign_command_print(asked->url,
		    (uint64_t)rehearsal->clock->wall_s + asked->expires_s,
		    (struct span){ serve->path, serve->decoded_len },
		    auth->urls.items[0].value);
	/* Why a file could not be read is more to the point. */
	for (unsigned i = 0; i < errors->nlines; i++)
		(void)fprintf(stderr, "%s\n", errors->lines[i]);
	(void)fprintf(stderr, "tined: %s: %s\n", asked->url, problem);
	return EXIT_FAILURE;
}

/* Lets the server's own code decide what the URL stands for, without files. */
static int
sign_command_rehearse(
    struct conf *conf, const struct sign_command_request *asked)
{
	static const struct address nobody = { .family = AF_UNIX };
	struct conf_errors errors = { 0 };
	struct rehearsal rehearsal;
	struct url_parts parts;
	int *no_roots = malloc((conf->nsites + 1) * sizeof(*no_roots));
	int status = EXIT_FAILURE;
	size_t len;
	char *head;

	(void)url_split(asked->url, &parts); /* was checked */
	head = url_write_request(&parts, NULL, 0, &len);
	for (unsigned i = 0; no_roots != NULL && i < conf->nsites; i++)
		no_roots[i] = -1;
	(void)secrets_load(conf, &errors);
	/* Files that cannot be opened are a server's business. */
	log_set_level(LOG_LEVEL_ERROR);
	if (head == NULL || no_roots == NULL ||
	    rehearse_open(&rehearsal, conf, no_roots, &nobody,
		(struct span){ head, len }) == -1) {
		(void)fprintf(stderr, "tined: %s\n", strerror(errno));
	} else {
		status = sign_command_with(asked, &rehearsal, &errors);
		rehearse_close(&rehearsal);
	}
	conf_errors_fini(&errors);
	free(no_roots);
	free(head);
	return status;
}

/* What is wrong with the URL; NULL when nothing is. */
static const char *
sign_command_check(const char *url)
{
	struct url_parts parts;

	if (url_split(url, &parts) == -1)
		return "URL begins with http://, https:// or a slash";
	if (strpbrk(url, "\r\n") != NULL)
		return "URL has a line end in it";
	if (parts.target.len == 0 || *parts.target.ptr != '/')
		return "URL has no path; write a slash behind the host";
	if (strchr(url, '#') != NULL)
		return "URL has a fragment, which no server gets; take it out";
	if (strstr(url, "signature=") != NULL ||
	    strstr(url, "expires=") != NULL)
		return "URL is signed already";
	return NULL;
}

/* Fills in what is asked for.  0, or -1 when the arguments make no sense. */
static int
sign_command_parse(struct args *args, struct sign_command_request *asked,
    int argc, char **argv)
{
	static const struct option words[] = {
		{ "expires", required_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};
	const char *expires = SIGN_COMMAND_DEFAULT;
	uint64_t ms;
	int option;

	while ((option = getopt_long(
		    argc, argv, ARGS_OPTIONS "e:", words, NULL)) != -1) {
		if (option == 'e')
			expires = optarg;
		else if (args_take(args, option, optarg) == -1)
			return -1;
	}
	asked->url = argv[optind];
	if (argc - optind != 1)
		return -1;
	if (number_parse_duration(span_of(expires), &ms) == -1 || ms < 1000 ||
	    ms / 1000 > UINT32_MAX) {
		(void)fprintf(stderr,
		    "tined: %s: not a duration of a second or more, as in "
		    "30m, 1h or 7d\n",
		    expires);
		return -1;
	}
	asked->expires_s = ms / 1000;
	return 0;
}

int
sign_command_run(struct args *args, int argc, char **argv)
{
	struct sign_command_request asked;
	const char *wrong;
	struct conf *conf;
	int status;

	if (sign_command_parse(args, &asked, argc, argv) == -1)
		return ARGS_SHOW_USAGE;
	wrong = sign_command_check(asked.url);
	if (wrong != NULL) {
		(void)fprintf(stderr, "tined: %s\n", wrong);
		return ARGS_SHOW_USAGE;
	}
	conf = args_load(args, false);
	if (conf == NULL)
		return EXIT_FAILURE;
	status = sign_command_rehearse(conf, &asked);
	conf_free(&conf);
	return status;
}
