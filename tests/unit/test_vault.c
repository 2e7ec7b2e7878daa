/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/vault.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct scratch {
	char dir[32];
	char path[48];
};

static int
setup(void **state)
{
	static struct scratch scratch;

	(void)snprintf(scratch.dir, sizeof(scratch.dir), "/tmp/vault-XXXXXX");
	if (mkdtemp(scratch.dir) == NULL)
		return -1;
	(void)snprintf(scratch.path, sizeof(scratch.path), "%s/f", scratch.dir);
	*state = &scratch;
	return 0;
}

static int
teardown(void **state)
{
	struct scratch *scratch = *state;

	(void)unlink(scratch->path);
	return rmdir(scratch->dir);
}

static void
write_file(const struct scratch *scratch, const char *text, mode_t mode)
{
	FILE *file = fopen(scratch->path, "w");

	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(scratch->path, mode), 0);
}

static void
test_a_file_is_read_whole_with_a_nul_behind_it(void **state)
{
	struct scratch *scratch = *state;
	struct vault vault;

	write_file(scratch, "a:b\n", 0640);
	assert_int_equal(vault_open(&vault, scratch->path), 0);
	assert_int_equal(vault.len, 4);
	assert_string_equal(vault.data, "a:b\n");
	assert_false(vault.public);
	vault_close(&vault);
	assert_null(vault.data);
	vault_close(&vault);
	write_file(scratch, "", 0644);
	assert_int_equal(vault_open(&vault, scratch->path), 0);
	assert_int_equal(vault.len, 0);
	assert_string_equal(vault.data, "");
	assert_true(vault.public);
	vault_close(&vault);
}

static void
test_what_is_no_file_is_refused(void **state)
{
	struct scratch *scratch = *state;
	struct vault vault;

	assert_int_equal(vault_open(&vault, "/nowhere"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(vault_open(&vault, scratch->dir), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(mkfifo(scratch->path, 0600), 0);
	assert_int_equal(vault_open(&vault, scratch->path), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(unlink(scratch->path), 0);
	write_file(scratch, "x", 0600);
	assert_int_equal(truncate(scratch->path, VAULT_BYTES_MAX + 1), 0);
	assert_int_equal(vault_open(&vault, scratch->path), -1);
	assert_int_equal(errno, EFBIG);
	assert_null(vault.data);
}

/* Whether a child has the pages; it also gives the vault back. */
static bool
child_has_them(struct vault *vault)
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		unsigned char seen;
		size_t page = (size_t)sysconf(_SC_PAGESIZE);
		bool mapped = mincore(vault->data, page, &seen) == 0;

		vault_close(vault);
		_exit(mapped ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 1;
}

static void
test_a_child_has_only_what_is_lent(void **state)
{
	struct scratch *scratch = *state;
	struct vault vault;

	write_file(scratch, "secret", 0600);
	assert_int_equal(vault_open(&vault, scratch->path), 0);
	assert_true(child_has_them(&vault));
	vault_hide(&vault);
	assert_false(child_has_them(&vault));
	vault_lend(&vault, true);
	assert_true(child_has_them(&vault));
	vault_lend(&vault, false);
	assert_false(child_has_them(&vault));
	assert_string_equal(vault.data, "secret");
	vault_close(&vault);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_a_file_is_read_whole_with_a_nul_behind_it, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_no_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_child_has_only_what_is_lent, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
