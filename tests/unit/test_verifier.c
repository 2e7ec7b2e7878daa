/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/verifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/fdpass.h"

/* Of the password "wonder". */
#define HASH "$2y$04$yWOfcDsjYWcFFqn81.I32.AXba4XgW.4fnOz2x5wUsckMY9tjCH66"

static struct conf_secret users[] = {
	{ "alice", { HASH, sizeof(HASH) - 1 }, 1 },
};
static struct conf_auth auths[] = {
	{ .name = "a", .users = { users, 1 } },
	{ .name = "nobody" },
};
static const struct conf conf = { .auths = auths, .nauths = 2 };

static struct auth_question
question_of(uint32_t auth, const char *user, const char *password)
{
	struct auth_question question = {
		.auth = auth,
		.user_len = (uint16_t)strlen(user),
		.password_len = (uint16_t)strlen(password),
	};

	strcpy(question.text, user);
	strcpy(question.text + strlen(user) + 1, password);
	return question;
}

static void
test_only_the_right_password_is_good(void **state)
{
	static const struct {
		uint32_t auth;
		const char *user, *password;
		bool good;
	} rows[] = {
		{ 0, "alice", "wonder", true },
		{ 0, "alice", "Wonder", false },
		{ 0, "alice", "", false },
		{ 0, "Alice", "wonder", false },
		{ 0, "", "wonder", false },
		{ 0, "alic", "wonder", false },
		{ 1, "alice", "wonder", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct auth_question question =
		    question_of(rows[i].auth, rows[i].user, rows[i].password);

		assert_int_equal(
		    verifier_judge(&conf, &question), rows[i].good);
	}
}

/* A verifier in a process of its own, with one worker and a master. */
struct process {
	pid_t pid;
	int control_fd;
	int worker_fd;
};

static struct process
start(void)
{
	struct process process;
	int control[2], worker[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, worker), 0);
	process.pid = fork();
	assert_int_not_equal(process.pid, -1);
	if (process.pid == 0) {
		(void)close(control[0]);
		(void)close(worker[0]);
		_exit(verifier_run(&conf, control[1], worker[1]));
	}
	(void)close(control[1]);
	(void)close(worker[1]);
	process.control_fd = control[0];
	process.worker_fd = worker[0];
	return process;
}

static void
assert_leaves(struct process *process)
{
	int status;

	assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
assert_answers(int fd, uint32_t serial, const char *password, bool good)
{
	const struct verifier_question question = { serial % 7, serial,
		question_of(0, "alice", password) };
	struct verifier_answer answer;

	assert_int_equal(
	    send(fd, &question, sizeof(question), 0), sizeof(question));
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), sizeof(answer));
	assert_int_equal(answer.serial, serial);
	assert_int_equal(answer.entry, serial % 7);
	assert_int_equal(answer.good, good);
}

static void
test_it_answers_until_all_have_hung_up(void **state)
{
	struct process process = start();
	int more[2];

	(void)state;
	assert_answers(process.worker_fd, 1, "wonder", true);
	assert_answers(process.worker_fd, 2, "x", false);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, more), 0);
	assert_int_equal(
	    fdpass_send(process.control_fd, VERIFIER_CLIENT, &more[1], 1), 0);
	(void)close(more[1]);
	assert_answers(more[0], 3, "wonder", true);
	(void)close(process.worker_fd);
	assert_answers(more[0], 4, "wonder", true);
	(void)close(process.control_fd);
	assert_answers(more[0], 5, "x", false);
	(void)close(more[0]);
	assert_leaves(&process);
}

/* Whatever a worker may have become, it can ask and nothing else. */
static void
test_what_makes_no_sense_is_no_password(void **state)
{
	struct process process = start();
	struct verifier_question question = { 0, 0,
		question_of(0, "alice", "wonder") };
	struct verifier_answer answer;
	int fd = process.worker_fd;

	(void)state;
	question.auth.auth = 2;
	assert_int_not_equal(send(fd, &question, sizeof(question), 0), -1);
	question.auth.auth = 0;
	question.auth.user_len = 4;
	assert_int_not_equal(send(fd, &question, sizeof(question), 0), -1);
	question.auth.user_len = 65535;
	assert_int_not_equal(send(fd, &question, sizeof(question), 0), -1);
	question.auth.user_len = 5;
	question.auth.password_len = 65535;
	assert_int_not_equal(send(fd, &question, sizeof(question), 0), -1);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(
		    recv(fd, &answer, sizeof(answer), 0), sizeof(answer));
		assert_false(answer.good);
	}
	/* Less than a question: it hangs up. */
	assert_int_equal(send(fd, "?", 1, 0), 1);
	assert_int_equal(recv(fd, &answer, sizeof(answer), 0), 0);
	(void)close(fd);
	(void)close(process.control_fd);
	assert_leaves(&process);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_right_password_is_good),
		cmocka_unit_test(test_it_answers_until_all_have_hung_up),
		cmocka_unit_test(test_what_makes_no_sense_is_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
