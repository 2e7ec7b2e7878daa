/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes are either a configuration or at least one error that is safe to
 * print.  A configuration, dumped and loaded again, has the same values.  The
 * same holds for the lines of the input as options, where a file can say what
 * they say.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/dump.h"

#define OPTIONS_MAX 64

/* Aborts when ok is false, with or without NDEBUG. */
static void
require(bool ok)
{
	if (!ok)
		abort();
}

static void
check_errors(const struct conf_errors *errors, const char *place)
{
	require(errors->nlines > 0);
	for (unsigned i = 0; i < errors->nlines; i++) {
		require(strncmp(errors->lines[i], place, strlen(place)) == 0);
		for (const char *c = errors->lines[i]; *c != '\0'; c++)
			require(*c >= ' ' && *c <= '~');
	}
}

static struct conf *
load_bytes(const void *data, size_t len)
{
	struct conf_errors errors = { 0 };
	struct conf *conf;
	char path[64];
	int fd = memfd_create("conf", MFD_CLOEXEC);

	require(fd != -1);
	require(write(fd, data, len) == (ssize_t)len);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	conf = conf_load(path, NULL, &errors);
	if (conf == NULL)
		check_errors(&errors, "/proc/");
	else
		require(errors.nlines == 0);
	conf_errors_fini(&errors);
	(void)close(fd);
	return conf;
}

/* Lines of the input, up to a NUL, as options behind those that must be. */
static struct conf *
load_options(char *text)
{
	const char *options[OPTIONS_MAX + 2] = { "listen.address=1",
		"site.root=/" };
	struct conf_overrides overrides = { NULL, options, 2 };
	struct conf_errors errors = { 0 };
	struct conf *conf;

	for (char *line = strtok(text, "\n");
	     line != NULL && overrides.noptions < OPTIONS_MAX;
	     line = strtok(NULL, "\n"))
		options[overrides.noptions++] = line;
	conf = conf_load("/dev/null", &overrides, &errors);
	if (conf == NULL)
		check_errors(&errors, "-o ");
	conf_errors_fini(&errors);
	return conf;
}

/*
 * The values in force without their origins; the caller frees the text.  NULL
 * when no file can say one of them.
 */
static char *
print_values(const struct conf *conf, size_t *len)
{
	char *text = NULL, *in, *out;
	FILE *file = open_memstream(&text, len);

	require(file != NULL);
	dump_values(conf, file);
	require(fclose(file) == 0);
	for (in = out = text; *in != '\0';) {
		size_t line = strcspn(in, "\n"), keep = 0;

		while (keep < line && strncmp(in + keep, " ;", 2) != 0)
			keep++;
		if (*in == ';' && memmem(in, line, "(no file", 8) != NULL) {
			free(text);
			return NULL;
		}
		if (*in != ';') {
			memmove(out, in, keep);
			out += keep;
			*out++ = '\n';
		}
		in += line + 1;
	}
	*out = '\0';
	*len = (size_t)(out - text);
	return text;
}

/* Takes a configuration: it is the same when it is read back. */
static void
check_round_trip(struct conf *conf, bool from_file)
{
	struct conf *again;
	char *first, *second;
	size_t first_len, second_len;

	if (conf == NULL)
		return;
	first = print_values(conf, &first_len);
	conf_free(&conf);
	/* What a file said a file can say: see dump.c. */
	require(first != NULL || !from_file);
	if (first == NULL)
		return;
	again = load_bytes(first, first_len);
	require(again != NULL);
	second = print_values(again, &second_len);
	require(second != NULL && strcmp(first, second) == 0);
	conf_free(&again);
	free(first);
	free(second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text;

	/* An include reads what else there is on this machine. */
	if (memmem(data, len, "include", 7) != NULL)
		return 0;
	check_round_trip(load_bytes(data, len), true);
	text = strndup((const char *)data, len);
	require(text != NULL);
	check_round_trip(load_options(text), false);
	free(text);
	return 0;
}
