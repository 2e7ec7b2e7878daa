/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/tined-command-XXXXXX";
static char pid_file[64];
static struct command command;
static struct outcome outcome;

static int
setup_group(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(pid_file, sizeof(pid_file), "%s/pid", dir);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int
setup(void **state)
{
	(void)state;
	command_init(&command);
	return command_open(&command, pid_file, &outcome);
}

static int
teardown(void **state)
{
	(void)state;
	command_close(&command, true);
	return 0;
}

static int
connect_client(void)
{
	struct sock_addr addr;
	int fd;

	assert_int_equal(command_address(&addr, pid_file), 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(fd, -1);
	assert_int_equal(connect(fd, &addr.sa.any, addr.len), 0);
	return fd;
}

static void
test_only_the_commands_are_words(void **state)
{
	(void)state;
	assert_int_equal(command_parse("reload"), COMMAND_RELOAD);
	assert_int_equal(command_parse("reopen"), COMMAND_REOPEN);
	assert_int_equal(command_parse("stop"), COMMAND_STOP);
	assert_int_equal(command_parse("quit"), COMMAND_QUIT);
	assert_int_equal(command_parse("values"), COMMAND_VALUES);
	assert_int_equal(command_parse(""), COMMAND_NONE);
	assert_int_equal(command_parse("Reload"), COMMAND_NONE);
	assert_int_equal(command_parse("reload now"), COMMAND_NONE);
}

static void
test_a_word_may_come_in_pieces_and_is_answered(void **state)
{
	struct command_client *client = &command.clients[0];
	char answer[32];
	int fd = connect_client();

	(void)state;
	assert_int_equal(send(fd, "rel", 3, 0), 3);
	command_read(&command, 0);
	assert_int_equal(client->word, COMMAND_NONE);
	assert_int_equal(send(fd, "oad\n", 4, 0), 4);
	command_read(&command, 1);
	assert_int_equal(client->word, COMMAND_RELOAD);
	command_answer(client, "ok: done\n", true);
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), 9);
	assert_memory_equal(answer, "ok: done\n", 9);
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), 0);
	assert_int_equal(client->fd, -1);
	(void)close(fd);
}

static void
test_what_is_no_word_is_refused(void **state)
{
	static const char *const lines[] = { "dance\n", "\n",
		"a line that is longer than any word could be\n" };
	char answer[64] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int fd = connect_client();

		assert_int_not_equal(
		    send(fd, lines[i], strlen(lines[i]), 0), -1);
		command_read(&command, 0);
		assert_true(recv(fd, answer, sizeof(answer), 0) > 7);
		assert_memory_equal(answer, "failed:", 7);
		assert_int_equal(command.clients[0].fd, -1);
		(void)close(fd);
	}
}

static void
test_a_silent_client_is_dropped_at_its_deadline(void **state)
{
	char byte;
	int fd = connect_client();

	(void)state;
	command_read(&command, 1000);
	assert_int_not_equal(command.clients[0].fd, -1);
	assert_true(command_deadline(&command) > 1000);
	command_read(&command, command_deadline(&command));
	assert_int_equal(command.clients[0].fd, -1);
	assert_int_equal(command_deadline(&command), INT64_MAX);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	(void)close(fd);
}

static void
test_too_many_clients_wait_and_do_not_spin(void **state)
{
	struct pollfd pollfds[COMMAND_CLIENTS + 1];
	int fds[COMMAND_CLIENTS + 1];

	(void)state;
	for (int i = 0; i <= COMMAND_CLIENTS; i++)
		fds[i] = connect_client();
	command_read(&command, 0);
	/* The listener is not watched while there is no place. */
	assert_int_equal(command_poll(&command, pollfds), COMMAND_CLIENTS);
	(void)close(fds[0]);
	command_read(&command, 1);
	assert_int_equal(command_poll(&command, pollfds), COMMAND_CLIENTS);
	for (int i = 1; i <= COMMAND_CLIENTS; i++)
		(void)close(fds[i]);
}

static void
test_only_the_user_of_the_master_may_come_in(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(command.addr.sa.un.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_commands_are_words),
		cmocka_unit_test_setup_teardown(
		    test_a_word_may_come_in_pieces_and_is_answered, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_no_word_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_silent_client_is_dropped_at_its_deadline, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_too_many_clients_wait_and_do_not_spin, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_only_the_user_of_the_master_may_come_in, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
