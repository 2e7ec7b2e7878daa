/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows.h"

/* SHA-256 of nothing, and of "abc" (FIPS 180-4). */
#define HASH_OF_NOTHING                                                        \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HASH_OF_ABC                                                            \
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct row {
	const char *name;
	const char *text;
	unsigned line; /* that is wrong; 0: none */
};

static const struct row table[] = {
	{ "no file", "tined-manifest 1 sha256 0\n", 0 },
	{ "one file", "tined-manifest 1 sha256 1\n" HASH_OF_ABC " 3 1 a b/c\n",
	    0 },
	{ "the largest numbers",
	    "tined-manifest 1 sha256 1\n" HASH_OF_ABC
	    " 18446744073709551615 18446744073709551615 a\n",
	    0 },
	{ "a number that is too large",
	    "tined-manifest 1 sha256 1\n" HASH_OF_ABC
	    " 18446744073709551616 1 a\n",
	    2 },
	{ "nothing", "", 1 },
	{ "no end of line", "tined-manifest 1 sha256 0", 1 },
	{ "another first line", "tined-manifest 1 md5 0\n", 1 },
	{ "a path is a beginning of the next",
	    "tined-manifest 1 sha256 2\n" HASH_OF_ABC " 3 1 a\n" HASH_OF_ABC
	    " 3 1 a/b\n",
	    0 },
	{ "order of bytes, not of a language",
	    "tined-manifest 1 sha256 2\n" HASH_OF_ABC " 3 1 B\n" HASH_OF_ABC
	    " 3 1 a\n",
	    0 },
	{ "order of bytes above ASCII",
	    "tined-manifest 1 sha256 2\n" HASH_OF_ABC " 3 1 z\n" HASH_OF_ABC
	    " 3 1 \xc3\xa4\n",
	    0 },
	{ "a hash alone", "tined-manifest 1 sha256 1\n" HASH_OF_ABC "\n", 2 },
	{ "a hash and a blank", "tined-manifest 1 sha256 1\n" HASH_OF_ABC " \n",
	    2 },
	{ "no time", "tined-manifest 1 sha256 1\n" HASH_OF_ABC " 3\n", 2 },
	{ "a time and no path",
	    "tined-manifest 1 sha256 1\n" HASH_OF_ABC " 3 1\n", 2 },
	{ "a letter behind f",
	    "tined-manifest 1 sha256 1\n"
	    "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	    " 3 1 a\n",
	    2 },
	{ "a tab for a blank",
	    "tined-manifest 1 sha256 1\n" HASH_OF_ABC "\t3 1 a\n", 2 },
	{ "two blanks", "tined-manifest 1 sha256 1\n" HASH_OF_ABC "  3 1 a\n",
	    2 },
};

static void
check_row(void **state)
{
	const struct row *row = *state;
	struct manifest manifest;
	unsigned line = 0;
	int rc = manifest_of_text(&manifest, span_of(row->text), &line);

	assert_int_equal(rc, row->line == 0 ? 0 : -1);
	if (rc == -1)
		assert_int_equal(line, row->line);
	manifest_fini(&manifest);
}

/* All that there is, before the first, between and behind the last. */
static void
test_every_path_is_found_and_no_other(void **state)
{
	enum { N = 300 };
	static char text[N * 96 + 64];
	size_t len = (size_t)sprintf(text, MANIFEST_HEAD "%d\n", N);
	struct manifest manifest;
	struct manifest_entry entry;
	unsigned line;

	(void)state;
	for (int i = 0; i < N; i++)
		len += (size_t)sprintf(
		    text + len, HASH_OF_NOTHING " %d 7 f%03d\n", i, 2 * i + 1);
	assert_int_equal(
	    manifest_of_text(&manifest, (struct span){ text, len }, &line), 0);
	for (int i = 0; i <= 2 * N; i++) {
		char path[16];
		bool found;

		(void)snprintf(path, sizeof(path), "f%03d", i);
		found = manifest_find(&manifest, span_of(path), &entry);
		assert_int_equal(found, i % 2);
		if (found) {
			assert_int_equal(entry.size, i / 2);
			assert_int_equal(entry.mtime_ns, 7);
			assert_span(entry.path, path);
		}
	}
	assert_false(manifest_find(&manifest, SPAN(""), &entry));
	assert_false(manifest_find(&manifest, SPAN("zzz"), &entry));
	manifest_fini(&manifest);
}

static void
test_nothing_is_found_in_none(void **state)
{
	const struct manifest manifest = { 0 };
	struct manifest_entry entry;

	(void)state;
	assert_false(manifest_find(&manifest, SPAN("a"), &entry));
}

static void
test_a_digest_is_base64(void **state)
{
	struct manifest_entry entry = { .hash = HASH_OF_NOTHING };
	char out[MANIFEST_DIGEST_LEN + 1] = "";

	(void)state;
	manifest_format_digest(&entry, out);
	assert_string_equal(
	    out, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	entry.hash = HASH_OF_ABC;
	manifest_format_digest(&entry, out);
	assert_string_equal(
	    out, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

static void
test_what_is_no_file_is_not_read(void **state)
{
	char dir[] = "/tmp/tined-manifest-XXXXXX";
	struct manifest manifest;
	unsigned line;
	int root_fd, fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	root_fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(manifest_load(&manifest, root_fd, "m", &line), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(mkfifoat(root_fd, "m", 0600), 0);
	assert_int_equal(manifest_load(&manifest, root_fd, "m", &line), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(unlinkat(root_fd, "m", 0), 0);
	fd = openat(root_fd, "m", O_WRONLY | O_CREAT, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, 512 * 1024 * 1024), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(manifest_load(&manifest, root_fd, "m", &line), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(unlinkat(root_fd, "m", 0), 0);
	assert_int_equal(symlinkat("/dev/zero", root_fd, "m"), 0);
	assert_int_equal(manifest_load(&manifest, root_fd, "m", &line), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(unlinkat(root_fd, "m", 0), 0);
	assert_int_equal(close(root_fd), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_row);
	ROWS_TEST(&rows, test_every_path_is_found_and_no_other);
	ROWS_TEST(&rows, test_nothing_is_found_in_none);
	ROWS_TEST(&rows, test_a_digest_is_base64);
	ROWS_TEST(&rows, test_what_is_no_file_is_not_read);
	return rows_run(&rows, "manifest");
}
