/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/secrets.h"

#include <errno.h>
#include <stdlib.h>

#include "conf/internal.h"
#include "http/chars.h"
#include "os/digest.h"
#include "os/passhash.h"

/* What a key in a file of API keys begins with when it is the hash of one. */
#define SECRETS_HASHED SPAN("sha256:")

/* A file while it is read. */
struct secrets_file {
	struct conf *conf;
	struct report *report;
	const char *key;          /* of [auth], that names it */
	struct conf_origin place; /* of the line at hand */
	struct conf_secrets *list;
	unsigned max; /* subjects; 0: as many as it likes */
	/* Makes the value of a secret; NULL, or what is wrong with it. */
	const char *(*take)(
	    struct secrets_file *file, struct span text, struct span *value);
	bool copies_names;
};

static unsigned
secrets_count_errors(const struct report *report)
{
	return report->errors.nshown + report->errors.nhidden;
}

/* The hash stays where it is, with a NUL behind it. */
static const char *
secrets_take_hash(
    struct secrets_file *file, struct span text, struct span *value)
{
	const char *problem = passhash_judge(text.ptr);

	(void)file;
	*value = text;
	return problem;
}

/* 64 digits; false when text is anything else. */
static bool
secrets_read_digest(struct span text, unsigned char out[DIGEST_BYTES])
{
	if (text.len != 2 * DIGEST_BYTES)
		return false;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		const char *digits = text.ptr + 2 * i;

		if (!chars_is(digits[0], CHARS_HEX) ||
		    !chars_is(digits[1], CHARS_HEX))
			return false;
		out[i] = (unsigned char)(chars_hex_value(digits[0]) << 4 |
					 chars_hex_value(digits[1]));
	}
	return true;
}

/* What is sent in a field, so no blanks and no control characters. */
static const char *
secrets_judge_key(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
			return "a key with a blank or a character beyond "
			       "ASCII; make one with openssl rand -hex 32";
	return text.len < SECRETS_KEY_BYTES
		   ? "a key of less than 16 characters, which could be "
		     "guessed; make one with openssl rand -hex 32"
		   : NULL;
}

static const char *
secrets_take_api_key(
    struct secrets_file *file, struct span text, struct span *value)
{
	const struct span prefix = SECRETS_HASHED;
	unsigned char digest[DIGEST_BYTES];
	const char *problem;

	if (span_starts_with(text, prefix)) {
		text.ptr += prefix.len;
		text.len -= prefix.len;
		if (!secrets_read_digest(text, digest))
			return "behind sha256: not the 64 digits of a hash, as "
			       "sha256sum prints it";
	} else {
		problem = secrets_judge_key(text);
		if (problem != NULL)
			return problem;
		digest_sha256(text, digest);
	}
	value->len = DIGEST_BYTES;
	value->ptr = store_copy(&file->conf->internal->store,
	    (struct span){ (const char *)digest, DIGEST_BYTES });
	return NULL;
}

static const char *
secrets_take_url_key(
    struct secrets_file *file, struct span text, struct span *value)
{
	const char *problem = secrets_judge_key(text);

	if (problem == NULL)
		*value = (struct span){
			store_copy(&file->conf->internal->store, text), text.len
		};
	return problem;
}

static const char *
secrets_judge_name(struct span name)
{
	if (name.len == 0)
		return "no name before the colon";
	if (name.len > CONF_SUBJECT_BYTES)
		return "a name of more than 128 bytes";
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == 0x7f)
			return "a name with a blank or a control character";
	return NULL;
}

/* Says what is wrong with a line, of which nothing is shown. */
static void
secrets_refuse(const struct secrets_file *file, const char *problem)
{
	const char *advice =
	    strcmp(file->key, "htpasswd") == 0
		? "; write the line with htpasswd -B, or NAME: and what "
		  "mkpasswd prints"
		: "";

	report_add(file->report, file->place, "auth.%s: %s%s", file->key,
	    problem, advice);
}

static void
secrets_add(struct secrets_file *file, const struct conf_secret *secret)
{
	struct conf_secrets *list = file->list;
	struct conf_secret *grown = store_grow(&file->conf->internal->store,
	    list->items, list->nitems, sizeof(*grown));

	if (grown == NULL)
		return;
	grown[list->nitems++] = *secret;
	list->items = grown;
}

/* A line, which has a NUL behind it. */
static void
secrets_take_line(struct secrets_file *file, struct span line)
{
	char *colon = memchr(line.ptr, ':', line.len);
	struct conf_secret secret = { .line = file->place.line };
	struct span name, text;
	const char *problem;

	if (colon == NULL) {
		secrets_refuse(file, "a line without a colon: not NAME:SECRET");
		return;
	}
	if (memchr(line.ptr, '\0', line.len) != NULL) {
		secrets_refuse(file, "a line with a NUL in it");
		return;
	}
	name = (struct span){ line.ptr, (size_t)(colon - line.ptr) };
	text = (struct span){ colon + 1, line.len - name.len - 1 };
	problem = secrets_judge_name(name);
	if (problem == NULL)
		problem = file->take(file, text, &secret.value);
	if (problem != NULL) {
		secrets_refuse(file, problem);
		return;
	}
	*colon = '\0';
	secret.name = file->copies_names
			  ? store_copy(&file->conf->internal->store, name)
			  : name.ptr;
	secrets_add(file, &secret);
}

static void
secrets_take_lines(struct secrets_file *file, struct vault *vault)
{
	char *at = vault->data, *end = vault->data + vault->len;

	while (at < end) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		char *stop = newline == NULL ? end : newline;
		char *next = stop + 1;

		file->place.line++;
		while (stop > at && (stop[-1] == '\r' || stop[-1] == ' ' ||
					stop[-1] == '\t'))
			stop--;
		*stop = '\0';
		if (stop > at && *at != '#')
			secrets_take_line(
			    file, (struct span){ at, (size_t)(stop - at) });
		at = next;
	}
}

static int
on_compare_secrets(const void *a, const void *b)
{
	const struct conf_secret *x = *(const struct conf_secret *const *)a;
	const struct conf_secret *y = *(const struct conf_secret *const *)b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : x->line > y->line;
}

static void
secrets_refuse_repeated(struct secrets_file *file)
{
	const struct conf_secrets *list = file->list;
	const struct conf_secret **sorted = store_alloc(
	    &file->conf->internal->store, list->nitems * sizeof(*sorted));
	char quoted[REPORT_QUOTED];

	if (sorted == NULL)
		return;
	for (unsigned i = 0; i < list->nitems; i++)
		sorted[i] = &list->items[i];
	qsort(sorted, list->nitems, sizeof(*sorted), on_compare_secrets);
	for (unsigned i = 1; i < list->nitems; i++) {
		if (strcmp(sorted[i]->name, sorted[i - 1]->name) != 0)
			continue;
		file->place.line = sorted[i]->line;
		report_add(file->report, file->place,
		    "auth.%s: %s is in line %u already; take one of them out",
		    file->key, report_quote(quoted, span_of(sorted[i]->name)),
		    sorted[i - 1]->line);
	}
}

static void
secrets_check_file(
    struct secrets_file *file, const struct vault *vault, unsigned nerrors)
{
	file->place.line = 1;
	if (vault->public)
		report_warn(file->report, file->place,
		    "auth.%s: everybody on this machine can read it; "
		    "chmod o-r helps",
		    file->key);
	if (file->list->nitems == 0 &&
	    secrets_count_errors(file->report) == nerrors)
		report_add(file->report, file->place,
		    "auth.%s: nobody is in it; add NAME:SECRET", file->key);
	if (file->max != 0 && file->list->nitems > file->max)
		report_add(file->report, file->place,
		    "auth.%s: %u keys; there can be %u, all of which are "
		    "tried for each request",
		    file->key, file->list->nitems, file->max);
	secrets_refuse_repeated(file);
}

/* Reads the file that a key of auth names; *vault is the caller's. */
static void
secrets_read_file(struct secrets_file *file, const struct conf_auth *auth,
    const char *path, struct vault *vault)
{
	unsigned nerrors = secrets_count_errors(file->report);
	char quoted[REPORT_QUOTED];

	*vault = (struct vault){ 0 };
	if (path[0] == '\0')
		return;
	if (vault_open(vault, path) == -1) {
		report_add(file->report,
		    internal_place(file->conf, auth, file->key),
		    "auth.%s: %s: %s; name a file that can be read", file->key,
		    report_quote(quoted, span_of(path)),
		    errno == EINVAL ? "not a regular file" : strerror(errno));
		return;
	}
	file->place = (struct conf_origin){ .file = path };
	secrets_take_lines(file, vault);
	secrets_check_file(file, vault, nerrors);
}

static void
secrets_read_auth(
    struct conf *conf, struct conf_auth *auth, struct report *report)
{
	struct secrets_file htpasswd = { .conf = conf,
		.report = report,
		.key = "htpasswd",
		.list = &auth->users,
		.take = secrets_take_hash };
	struct secrets_file api_keys = { .conf = conf,
		.report = report,
		.key = "api_keys",
		.list = &auth->keys,
		.max = SECRETS_API_KEYS_MAX,
		.take = secrets_take_api_key,
		.copies_names = true };
	struct secrets_file url_keys = { .conf = conf,
		.report = report,
		.key = "url_keys",
		.list = &auth->urls,
		.max = SECRETS_URL_KEYS_MAX,
		.take = secrets_take_url_key,
		.copies_names = true };
	unsigned nerrors = secrets_count_errors(report);
	struct vault vault;

	secrets_read_file(&htpasswd, auth, auth->htpasswd, &auth->vault);
	secrets_read_file(&api_keys, auth, auth->api_keys, &vault);
	vault_close(&vault);
	secrets_read_file(&url_keys, auth, auth->url_keys, &vault);
	vault_close(&vault);
	auth->is_read = secrets_count_errors(report) == nerrors;
}

const struct conf_secret *
secrets_find(const struct conf_secrets *secrets, struct span name)
{
	for (unsigned i = 0; i < secrets->nitems; i++)
		if (span_equal(span_of(secrets->items[i].name), name))
			return &secrets->items[i];
	return NULL;
}

/* A name in a role that nobody has is one that was mistyped. */
static void
secrets_check_role(const struct conf *conf, const struct conf_role *role,
    struct report *report)
{
	char quoted[REPORT_QUOTED];

	for (unsigned i = 0; i < role->users.nitems; i++) {
		struct span name = span_of(role->users.items[i]);
		bool known = false;

		for (unsigned j = 0; j < conf->nauths && !known; j++)
			known = secrets_find(&conf->auths[j].users, name) ||
				secrets_find(&conf->auths[j].keys, name) ||
				secrets_find(&conf->auths[j].urls, name);
		if (!known)
			report_warn(report, role->users.origins[i],
			    "role.users: %s: no file of an [auth] section has "
			    "this name",
			    report_quote(quoted, name));
	}
}

void
secrets_read(struct conf *conf, struct report *report)
{
	bool all = true;

	for (unsigned i = 0; i < conf->nauths; i++) {
		secrets_read_auth(conf, &conf->auths[i], report);
		all = all && conf->auths[i].is_read;
	}
	for (unsigned i = 0; all && i < conf->nroles; i++)
		secrets_check_role(conf, &conf->roles[i], report);
	if (conf->internal->store.failed)
		report_no_memory(report);
}

int
secrets_load(struct conf *conf, struct conf_errors *errors)
{
	struct report report;

	if (report_init(&report, errors) == -1)
		return -1;
	secrets_read(conf, &report);
	return report_fini(&report);
}

void
secrets_hide(struct conf *conf)
{
	for (unsigned i = 0; i < conf->nauths; i++)
		vault_hide(&conf->auths[i].vault);
}

void
secrets_lend(const struct conf *conf, bool lent)
{
	for (unsigned i = 0; i < conf->nauths; i++)
		vault_lend(&conf->auths[i].vault, lent);
}

void
secrets_close(struct conf *conf)
{
	for (unsigned i = 0; i < conf->nauths; i++)
		vault_close(&conf->auths[i].vault);
}
