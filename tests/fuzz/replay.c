/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs one fuzzer over its corpus, without libFuzzer, as a test that speaks
 * TAP: replay_uri feeds every file of corpus/uri to fuzz_uri.c.  With
 * arguments it feeds those files instead, to look into a crash.
 */
#include "fuzz.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
replay_file(const char *path)
{
	struct stat st;
	uint8_t *data;
	size_t len;
	FILE *file = fopen(path, "rb");

	if (file == NULL || fstat(fileno(file), &st) == -1)
		err(1, "%s", path);
	len = (size_t)st.st_size;
	/* Exactly as large as the input, so that ASan sees a read past it. */
	data = malloc(len > 0 ? len : 1);
	if (data == NULL || fread(data, 1, len, file) != len)
		err(1, "%s", path);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, len);
	free(data);
}

static int
replay_is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int
replay_corpus(const char *dir)
{
	struct dirent **entries;
	int n;

	if (chdir(dir) == -1)
		err(1, "%s", dir);
	n = scandir(".", &entries, replay_is_input, alphasort);
	if (n <= 0)
		errx(1, "%s: no corpus", dir);
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		/* Said before, so that a crash tells which one it was. */
		printf("# %s/%s\n", dir, entries[i]->d_name);
		(void)fflush(stdout);
		replay_file(entries[i]->d_name);
		printf("ok %d - %s\n", i + 1, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *name = strstr(argv[0], "replay_");
	const char *srcdir = getenv("srcdir");
	char dir[4096];

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			replay_file(argv[i]);
		return 0;
	}
	if (name == NULL)
		errx(1, "not called replay_NAME");
	(void)snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
	    srcdir != NULL ? srcdir : ".", name + strlen("replay_"));
	return replay_corpus(dir);
}
