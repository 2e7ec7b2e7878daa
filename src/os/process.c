/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/cgroup.h"

/* Where the kernel tells of control groups. */
#define PROCESS_CGROUPS    "/sys/fs/cgroup"
#define PROCESS_MEMBERSHIP "/proc/self/cgroup"

/* One bit a core. */
struct process_cores {
	cpu_set_t sets[PROCESS_CORES_MAX / CPU_SETSIZE];
};

static bool
process_has_core(const struct process_cores *cores, unsigned core)
{
	return core < PROCESS_CORES_MAX &&
	       CPU_ISSET_S(core, sizeof(cores->sets), cores->sets);
}

/* The affinity mask, which is within the cpuset; core 0 where it is unknown. */
static struct process_cores
process_get_cores(void)
{
	struct process_cores cores = { 0 };

	if (sched_getaffinity(0, sizeof(cores.sets), cores.sets) == -1)
		CPU_SET_S(0, sizeof(cores.sets), cores.sets);
	return cores;
}

unsigned
process_usable_cores(void)
{
	struct process_cores mask = process_get_cores();
	unsigned cores = (unsigned)CPU_COUNT_S(sizeof(mask.sets), mask.sets);
	unsigned granted = cgroup_cores(PROCESS_CGROUPS, PROCESS_MEMBERSHIP);

	return granted != 0 && granted < cores ? granted : cores;
}

uint64_t
process_usable_memory_bytes(void)
{
	uint64_t bytes =
	    (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t granted =
	    cgroup_memory_bytes(PROCESS_CGROUPS, PROCESS_MEMBERSHIP);

	return granted != 0 && granted < bytes ? granted : bytes;
}

bool
process_may_use_core(unsigned core)
{
	struct process_cores cores = process_get_cores();

	return process_has_core(&cores, core);
}

unsigned
process_core(unsigned n)
{
	struct process_cores cores = process_get_cores();
	unsigned core = 0;

	n %= (unsigned)CPU_COUNT_S(sizeof(cores.sets), cores.sets);
	while (!process_has_core(&cores, core) || n-- > 0)
		core++;
	return core;
}

void
process_format_cores(char *out, size_t cap)
{
	struct process_cores cores = process_get_cores();
	size_t len = 0;

	for (unsigned core = 0; core < PROCESS_CORES_MAX && len < cap; core++) {
		unsigned first = core;

		if (!process_has_core(&cores, core))
			continue;
		while (process_has_core(&cores, core + 1))
			core++;
		len += (size_t)snprintf(out + len, cap - len,
		    first == core ? "%s%u" : "%s%u-%u", len == 0 ? "" : ",",
		    first, core);
	}
}

int
process_pin(unsigned core)
{
	struct process_cores cores = { 0 };

	CPU_SET_S(core, sizeof(cores.sets), cores.sets);
	return sched_setaffinity(0, sizeof(cores.sets), cores.sets);
}

unsigned long
process_raise_nofile(unsigned long want)
{
	struct rlimit limit, raised;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 0;
	if (limit.rlim_cur >= want)
		return limit.rlim_cur;
	/* Root may raise the hard limit as well. */
	raised = limit;
	raised.rlim_cur = want;
	if (raised.rlim_max < want)
		raised.rlim_max = want;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return raised.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return getrlimit(RLIMIT_NOFILE, &limit) == -1 ? 0 : limit.rlim_cur;
}

int
process_no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
}

/* True when none of the three ids, user and group, is another one. */
static bool
process_ids_are(uid_t uid, gid_t gid)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	return getresuid(&ruid, &euid, &suid) == 0 &&
	       getresgid(&rgid, &egid, &sgid) == 0 && ruid == uid &&
	       euid == uid && suid == uid && rgid == gid && egid == gid &&
	       sgid == gid;
}

int
process_change_root(int folder_fd)
{
	return fchdir(folder_fd) == -1 || chroot(".") == -1 ? -1 : chdir("/");
}

void
process_hide_memory(void)
{
	/* It cannot fail. */
	(void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

int
process_drop_privileges(const char *name, uid_t uid, gid_t gid, int folder_fd)
{
	/*
	 * The groups first: the file that they are in may be out of reach then.
	 * The user last: after it there is no right to change the rest.
	 */
	if (initgroups(name, gid) == -1 ||
	    (folder_fd != -1 && process_change_root(folder_fd) == -1) ||
	    setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1 ||
	    process_no_new_privs() == -1)
		return -1;
	if (!process_ids_are(uid, gid) || (uid != 0 && setuid(0) != -1)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

/* Waits for the status of the start, and exits with it. */
_Noreturn static void
process_await_start(int fd)
{
	unsigned char status = EXIT_FAILURE;
	ssize_t got;

	do
		got = read(fd, &status, 1);
	while (got == -1 && errno == EINTR);
	_exit(got == 1 ? status : EXIT_FAILURE);
}

/* The parent exits when it sees the end of fd; the caller says why. */
static int
process_fail_start(int fd)
{
	int error = errno;

	(void)close(fd);
	errno = error;
	return -1;
}

/* Points the descriptors first to last at /dev/null. */
static int
process_null_fds(int first, int last)
{
	int fd, null_fd;

	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd == -1)
		return -1;
	for (fd = first; fd <= last; fd++)
		if (dup2(null_fd, fd) == -1)
			break;
	if (null_fd > last)
		(void)close(null_fd);
	return fd > last ? 0 : -1;
}

int
process_daemonize(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == -1) {
		(void)close(fds[0]);
		(void)close(fds[1]);
		return -1;
	}
	(void)close(fds[pid == 0 ? 0 : 1]);
	if (pid > 0)
		process_await_start(fds[0]);
	/* Of two forks the second is not a session leader: no terminal ever. */
	if (setsid() == -1 || (pid = fork()) == -1)
		return process_fail_start(fds[1]);
	if (pid > 0)
		_exit(EXIT_SUCCESS);
	if (process_null_fds(STDIN_FILENO, STDOUT_FILENO) == -1)
		return process_fail_start(fds[1]);
	return fds[1];
}

void
process_daemonized(int ready_fd, unsigned char status)
{
	/* If the parent was killed meanwhile there is nobody to tell. */
	if (write(ready_fd, &status, 1) == -1)
		errno = 0;
	(void)close(ready_fd);
	(void)process_null_fds(STDERR_FILENO, STDERR_FILENO);
}

int
process_fill_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd == -1)
			return -1;
	} while (fd <= STDERR_FILENO);
	return close(fd);
}

void
process_hold_stop_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

void
process_set_title(const char *title)
{
	/* The kernel keeps 15 bytes; it cannot fail. */
	(void)prctl(PR_SET_NAME, title, 0L, 0L, 0L);
}

void
process_describe_end(int status, char out[PROCESS_END_TEXT])
{
	if (WIFSIGNALED(status))
		(void)snprintf(out, PROCESS_END_TEXT,
		    "was killed by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		(void)snprintf(out, PROCESS_END_TEXT, "exited with status %d",
		    WEXITSTATUS(status));
}
