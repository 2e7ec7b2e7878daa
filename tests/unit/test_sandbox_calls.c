/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "core/sandbox.h"

/* What a child ends with when the filter could not be had. */
#define NOT_ENTERED 99

/*
 * Runs check in a child behind the filter, and returns the status of its end
 * as wait(2) has it.
 */
static int
behind_filter(const struct sandbox_calls *who, int (*check)(void))
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		uint32_t parts = 0;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == -1 ||
		    sandbox_calls_enter(who, &parts) == -1 ||
		    parts != SANDBOX_CALLS)
			_exit(NOT_ENTERED);
		_exit(check());
	}
	return child_wait(pid);
}

static const struct sandbox_calls worker = { SANDBOX_CALLS_WORKER, false,
	false };
static const struct sandbox_calls verifier = { SANDBOX_CALLS_VERIFIER, false,
	false };

static void
assert_passes(const struct sandbox_calls *who, int (*check)(void))
{
	int status = behind_filter(who, check);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A pipe that is there before. */
static int logging_fds[2];

static bool
is_denied(long rc)
{
	return rc == -1 && errno == ENOSYS;
}

/* What core/sink.c does with a pipe that may wait, and one that does not. */
static int
check_logging(void)
{
	struct pollfd poller = { .events = POLLOUT };
	char byte = 0;
	const struct iovec iov = { &byte, 1 };

	poller.fd = logging_fds[1];
	if (poll(&poller, 1, 0) != 1)
		return 1;
	if (pwritev2(logging_fds[1], &iov, 1, -1, RWF_NOWAIT) == -1 &&
	    errno != EOPNOTSUPP)
		return 2;
	return write(logging_fds[1], &byte, 1) == 1 ? 0 : 3;
}

static void
test_logs_can_be_written_whatever_they_are(void **state)
{
	(void)state;
	assert_int_equal(pipe(logging_fds), 0);
	assert_passes(&worker, check_logging);
	assert_passes(&verifier, check_logging);
	(void)close(logging_fds[0]);
	(void)close(logging_fds[1]);
}

static int
check_serving(void)
{
	struct stat st;
	int epoll_fd, fd, pair_fd = STDIN_FILENO;
	char *p = malloc(1 << 20);

	if (p == NULL)
		return 1;
	free(p);
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1 || close(fd) == -1)
		return 2;
	epoll_fd = epoll_create1(0);
	if (!is_denied(epoll_fd)) /* it was made before */
		return 3;
	if (fcntl(pair_fd, F_GETFL) == -1)
		return 4;
	return prctl(PR_SET_NAME, "name", 0L, 0L, 0L) == -1 ? 5 : 0;
}

static void
test_what_a_worker_needs_it_may(void **state)
{
	(void)state;
	assert_passes(&worker, check_serving);
}

/* System calls that nobody needs: with arguments that would do no harm. */
static const struct {
	long call;
	long args[3];
} denied[] = {
	{ SYS_bpf, { 0, 0, 0 } },
	{ SYS_fchmodat, { -1, 0, 0 } },
	{ SYS_chroot, { 0, 0, 0 } },
	{ SYS_connect, { -1, 0, 0 } },
	{ SYS_clone, { 0, 0, 0 } },
	{ SYS_clone3, { 0, 0, 0 } },
	{ SYS_init_module, { 0, 0, 0 } },
	{ SYS_io_uring_setup, { 0, 0, 0 } },
	{ SYS_kexec_load, { 0, 0, 0 } },
	{ SYS_keyctl, { 0, 0, 0 } },
	{ SYS_kill, { 0, 0, 0 } },
	{ SYS_listen, { -1, 0, 0 } },
	{ SYS_bind, { -1, 0, 0 } },
	{ SYS_memfd_create, { 0, 0, 0 } },
	{ SYS_mkdirat, { -1, 0, 0 } },
	{ SYS_mount, { 0, 0, 0 } },
	{ SYS_open_by_handle_at, { -1, 0, 0 } },
	{ SYS_perf_event_open, { 0, 0, 0 } },
	{ SYS_personality, { 0xffffffff, 0, 0 } },
	{ SYS_pidfd_open, { 0, 0, 0 } },
	{ SYS_prctl, { PR_SET_DUMPABLE, 1, 0 } },
	{ SYS_renameat2, { -1, 0, -1 } },
	{ SYS_seccomp, { 0, 0, 0 } },
	{ SYS_setns, { -1, 0, 0 } },
	{ SYS_setuid, { 0, 0, 0 } },
	{ SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
	{ SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0 } },
	{ SYS_symlinkat, { 0, -1, 0 } },
	{ SYS_tgkill, { 1, 1, 0 } },
	{ SYS_unlinkat, { -1, 0, 0 } },
	{ SYS_unshare, { 0, 0, 0 } },
	{ SYS_userfaultfd, { 0, 0, 0 } },
	/* With other arguments these are allowed. */
	{ SYS_fcntl, { 0, F_SETFL, 0 } },
	{ SYS_ioctl, { 0, TIOCSTI, 0 } },
	{ SYS_mprotect, { 0, 0, PROT_EXEC } },
	{ SYS_mprotect, { 0, 0, PROT_READ | PROT_EXEC } },
	{ SYS_mmap, { 0, 0, PROT_WRITE | PROT_EXEC } },
	{ SYS_openat, { AT_FDCWD, 0, O_WRONLY } },
	{ SYS_openat, { AT_FDCWD, 0, O_RDWR } },
	{ SYS_openat, { AT_FDCWD, 0, O_RDONLY | O_CREAT } },
	{ SYS_openat, { AT_FDCWD, 0, O_RDONLY | O_TRUNC } },
	{ SYS_setsockopt, { -1, SOL_SOCKET, SO_ATTACH_FILTER } },
	{ SYS_setsockopt, { -1, SOL_SOCKET, SO_REUSEPORT } },
};

/* The number of the first that is not denied, from 1 on; 0: all are. */
static int
check_denied(void)
{
	for (unsigned i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
		if (!is_denied(syscall(denied[i].call, denied[i].args[0],
			denied[i].args[1], denied[i].args[2])))
			return (int)i + 1;
	return 0;
}

static void
test_what_nobody_needs_is_not_there(void **state)
{
	(void)state;
	assert_passes(&worker, check_denied);
	assert_passes(&verifier, check_denied);
}

static int
check_verifier(void)
{
	if (!is_denied(open("/", O_RDONLY)))
		return 1;
	if (!is_denied(syscall(SYS_openat2, -1, 0, 0, 0)))
		return 2;
	if (!is_denied(syscall(SYS_accept4, -1, 0, 0, 0)))
		return 3;
	return is_denied(syscall(SYS_sendfile, -1, -1, 0, 0)) ? 0 : 4;
}

static void
test_a_verifier_opens_and_accepts_nothing(void **state)
{
	(void)state;
	assert_passes(&verifier, check_verifier);
}

static int
check_connect(void)
{
	return connect(-1, NULL, 0) == -1 && errno == EBADF ? 0 : 1;
}

static void
test_who_logs_to_syslogd_may_connect(void **state)
{
	const struct sandbox_calls who = { SANDBOX_CALLS_WORKER, true, false };

	(void)state;
	assert_passes(&who, check_connect);
}

static int
check_chdir(void)
{
	return fchdir(-1) == -1 && errno == EBADF && chdir("/") == 0 ? 0 : 1;
}

static void
test_who_watches_without_proc_may_change_its_folder(void **state)
{
	const struct sandbox_calls who = { SANDBOX_CALLS_WORKER, false, true };

	(void)state;
	assert_passes(&who, check_chdir);
}

static int
check_execve(void)
{
	return (int)syscall(SYS_execve, 0, 0, 0) + 2;
}

static int
check_execveat(void)
{
	return (int)syscall(SYS_execveat, -1, 0, 0, 0, 0) + 2;
}

static int
check_ptrace(void)
{
	return (int)syscall(SYS_ptrace, 0, 0, 0, 0) + 2;
}

static int
check_vm_read(void)
{
	return (int)syscall(SYS_process_vm_readv, 0, 0, 0, 0, 0, 0) + 2;
}

static int
check_vm_write(void)
{
	return (int)syscall(SYS_process_vm_writev, 0, 0, 0, 0, 0, 0) + 2;
}

static void
test_what_only_an_intruder_does_ends_the_process(void **state)
{
	int (*const checks[])(void) = { check_execve, check_execveat,
		check_ptrace, check_vm_read, check_vm_write };

	(void)state;
	for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		int status = behind_filter(&worker, checks[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

static int
check_abort(void)
{
	abort();
}

static void
test_a_failed_assertion_ends_as_without_a_filter(void **state)
{
	int status = behind_filter(&worker, check_abort);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* A thread that was there before, and what it is told over a pipe. */
static int thread_fds[2];

static void *
thread_main(void *arg)
{
	char byte;

	if (read(thread_fds[0], &byte, 1) != 1)
		return arg;
	return is_denied(syscall(SYS_setuid, 0)) ? NULL : arg;
}

static int
check_thread(void)
{
	uint32_t parts = 0;
	pthread_t thread;
	void *failed = &parts;

	if (pipe(thread_fds) == -1 ||
	    pthread_create(&thread, NULL, thread_main, &parts) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == -1 ||
	    sandbox_calls_enter(&worker, &parts) == -1 ||
	    write(thread_fds[1], "", 1) != 1 ||
	    pthread_join(thread, &failed) != 0)
		return 1;
	return failed == NULL ? 0 : 2;
}

static void
test_threads_that_are_there_get_the_filter_too(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_thread), 0);
}

static void
test_without_a_filter_the_reason_is_said(void **state)
{
	uint32_t parts = 0;

	(void)state;
	assert_non_null(sandbox_calls_problem());
	assert_int_equal(sandbox_calls_enter(&worker, &parts), -1);
	assert_int_equal(parts, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_worker_needs_it_may),
		cmocka_unit_test(test_logs_can_be_written_whatever_they_are),
		cmocka_unit_test(test_what_nobody_needs_is_not_there),
		cmocka_unit_test(test_a_verifier_opens_and_accepts_nothing),
		cmocka_unit_test(test_who_logs_to_syslogd_may_connect),
		cmocka_unit_test(
		    test_who_watches_without_proc_may_change_its_folder),
		cmocka_unit_test(
		    test_what_only_an_intruder_does_ends_the_process),
		cmocka_unit_test(
		    test_a_failed_assertion_ends_as_without_a_filter),
		cmocka_unit_test(
		    test_threads_that_are_there_get_the_filter_too),
	};
	const struct CMUnitTest without[] = {
		cmocka_unit_test(test_without_a_filter_the_reason_is_said),
	};

	return sandbox_calls_problem() != NULL
		   ? cmocka_run_group_tests(without, NULL, NULL)
		   : cmocka_run_group_tests(tests, NULL, NULL);
}
