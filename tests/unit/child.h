/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks in a child process, which may change itself for good. */
#ifndef CHILD_H
#define CHILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

/* Waits for a child; its end as waitpid(2) has it. */
static inline int
child_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* The same for one that ends by itself; its exit status. */
static inline int
child_wait_exit(pid_t pid)
{
	int status = child_wait(pid);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Runs check in a child; its exit status. */
static inline int
in_child(int (*check)(void))
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(check());
	return child_wait_exit(pid);
}

#endif
