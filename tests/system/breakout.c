/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server with a hole: a request for /breakout/NAME/ARG makes the worker
 * try something that an intruder would, and log how that went.  Linked with
 * --wrap=serve_request; for test_sandbox.py alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"
#include "serve/serve.h"

#define BREAKOUT_PREFIX "/breakout/"

/* What an attempt gets: the rest of the path, and a root that is open. */
struct breakout {
	const char *arg;
	long number; /* the same as one */
	int root_fd;
};

void __real_serve_request(struct serve *serve, const struct request *request,
    const struct address *client, const struct clock *clock,
    struct reply *reply);
void __wrap_serve_request(struct serve *serve, const struct request *request,
    const struct address *client, const struct clock *clock,
    struct reply *reply);

/* As fd: -1 with errno, or 0 when there was one to close. */
static int
breakout_got(long fd)
{
	if (fd == -1)
		return -1;
	(void)close((int)fd);
	return 0;
}

static int
breakout_read(const struct breakout *it)
{
	return breakout_got(open(it->arg, O_RDONLY | O_CLOEXEC));
}

static int
breakout_read_openat2(const struct breakout *it)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };

	return breakout_got(
	    syscall(SYS_openat2, AT_FDCWD, it->arg, &how, sizeof(how)));
}

static int
breakout_write_openat2(const struct breakout *it)
{
	struct open_how how = { .flags = O_WRONLY | O_CLOEXEC };

	return breakout_got(
	    syscall(SYS_openat2, AT_FDCWD, it->arg, &how, sizeof(how)));
}

/* Up from the root that is open, past any chroot, and down again. */
static int
breakout_climb(const struct breakout *it)
{
	char path[1024];

	(void)snprintf(
	    path, sizeof(path), "../../../../../../../..%s", it->arg);
	return breakout_got(openat(it->root_fd, path, O_RDONLY | O_CLOEXEC));
}

static int
breakout_climb_openat2(const struct breakout *it)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };
	char path[1024];

	(void)snprintf(
	    path, sizeof(path), "../../../../../../../..%s", it->arg);
	return breakout_got(
	    syscall(SYS_openat2, it->root_fd, path, &how, sizeof(how)));
}

static int
breakout_write(const struct breakout *it)
{
	return breakout_got(open(it->arg, O_RDWR | O_CLOEXEC));
}

static int
breakout_create(const struct breakout *it)
{
	return breakout_got(
	    open(it->arg, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

static int
breakout_unlink(const struct breakout *it)
{
	return unlink(it->arg);
}

static int
breakout_mkdir(const struct breakout *it)
{
	return mkdir(it->arg, 0700);
}

static int
breakout_symlink(const struct breakout *it)
{
	return symlink("/", it->arg);
}

static int
breakout_rename(const struct breakout *it)
{
	char to[1024];

	(void)snprintf(to, sizeof(to), "%s.moved", it->arg);
	return rename(it->arg, to);
}

static int
breakout_truncate(const struct breakout *it)
{
	return truncate(it->arg, 0);
}

static int
breakout_chmod(const struct breakout *it)
{
	return chmod(it->arg, 0644);
}

/* Does not return when it can: the worker is another program then. */
static int
breakout_exec(const struct breakout *it)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	return execve(it->arg, argv, NULL);
}

static int
breakout_execat(const struct breakout *it)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	return (int)syscall(SYS_execveat, AT_FDCWD, it->arg, argv, NULL, 0);
}

static int
breakout_fork(const struct breakout *it)
{
	pid_t pid = fork();

	(void)it;
	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}

static int
breakout_socket_inet(const struct breakout *it)
{
	(void)it;
	return breakout_got(socket(AF_INET, SOCK_DGRAM, 0));
}

static int
breakout_socket_unix(const struct breakout *it)
{
	(void)it;
	return breakout_got(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
breakout_socket_netlink(const struct breakout *it)
{
	(void)it;
	return breakout_got(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int
breakout_socket_packet(const struct breakout *it)
{
	(void)it;
	return breakout_got(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
breakout_socketpair(const struct breakout *it)
{
	int pair[2];

	(void)it;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	(void)close(pair[1]);
	return breakout_got(pair[0]);
}

static int
breakout_connect(int family, const void *addr, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error, rc;

	if (fd == -1)
		return -1;
	rc = connect(fd, addr, len);
	error = errno;
	(void)close(fd);
	errno = error;
	return rc;
}

static int
breakout_connect_tcp(const struct breakout *it)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)it->number),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};

	return breakout_connect(AF_INET, &addr, sizeof(addr));
}

static int
breakout_connect_unix(const struct breakout *it)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", it->arg);
	return breakout_connect(AF_UNIX, &addr, sizeof(addr));
}

/* A connection that a client made becomes one to whom we like. */
static int
breakout_reconnect(const struct breakout *it)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	int type;

	(void)it;
	for (int fd = 3; fd < 1000; fd++) {
		socklen_t len = sizeof(type);

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
		    type == SOCK_DGRAM)
			return connect(fd, &none, sizeof(none));
	}
	return connect(3, &none, sizeof(none));
}

static int
breakout_ptrace(const struct breakout *it)
{
	pid_t pid = (pid_t)it->number;

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == -1)
		return -1;
	(void)waitpid(pid, NULL, __WALL);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 0;
}

static int
breakout_kill(const struct breakout *it)
{
	return kill((pid_t)it->number, 0);
}

static int
breakout_pidfd(const struct breakout *it)
{
	return breakout_got(syscall(SYS_pidfd_open, (pid_t)it->number, 0));
}

static int
breakout_vm_read(const struct breakout *it)
{
	char here = 0;
	struct iovec local = { &here, 1 };
	/* The same place in both: one is a copy of the other. */
	struct iovec remote = { &__environ, 1 };

	return process_vm_readv((pid_t)it->number, &local, 1, &remote, 1, 0) ==
		       -1
		   ? -1
		   : 0;
}

static int
breakout_mount(const struct breakout *it)
{
	if (mount("tmpfs", it->arg, "tmpfs", 0, NULL) == -1)
		return -1;
	(void)umount2(it->arg, MNT_DETACH);
	return 0;
}

static int
breakout_chroot(const struct breakout *it)
{
	return chroot(it->arg);
}

static int
breakout_mmap_exec(const struct breakout *it)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)it;
	if (map == MAP_FAILED)
		return -1;
	(void)munmap(map, 4096);
	return 0;
}

static int
breakout_mprotect_exec(const struct breakout *it)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int rc;

	(void)it;
	if (map == MAP_FAILED)
		return -1;
	rc = mprotect(map, 4096, PROT_READ | PROT_EXEC);
	(void)munmap(map, 4096);
	return rc;
}

static int
breakout_setuid(const struct breakout *it)
{
	return setresuid(
	    (uid_t)it->number, (uid_t)it->number, (uid_t)it->number);
}

static int
breakout_bpf(const struct breakout *it)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1 };

	(void)it;
	return breakout_got(
	    syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int
breakout_io_uring(const struct breakout *it)
{
	struct io_uring_params params = { 0 };

	(void)it;
	return breakout_got(syscall(SYS_io_uring_setup, 1, &params));
}

static int
breakout_userfaultfd(const struct breakout *it)
{
	(void)it;
	return breakout_got(
	    syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* user mode only */));
}

static int
breakout_perf(const struct breakout *it)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.exclude_kernel = 1 };

	(void)it;
	return breakout_got(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int
breakout_keyring(const struct breakout *it)
{
	(void)it;
	return syscall(SYS_add_key, "user", "tined", "x", 1, -1) == -1 ? -1 : 0;
}

static int
breakout_memfd(const struct breakout *it)
{
	(void)it;
	return breakout_got(memfd_create("breakout", MFD_CLOEXEC));
}

static int
breakout_undump(const struct breakout *it)
{
	(void)it;
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int
breakout_unshare(const struct breakout *it)
{
	(void)it;
	return unshare(CLONE_NEWUSER);
}

static const struct {
	const char *name;
	int (*attempt)(const struct breakout *it);
} breakouts[] = {
	{ "bpf", breakout_bpf },
	{ "chmod", breakout_chmod },
	{ "chroot", breakout_chroot },
	{ "climb", breakout_climb },
	{ "climb-openat2", breakout_climb_openat2 },
	{ "connect-tcp", breakout_connect_tcp },
	{ "connect-unix", breakout_connect_unix },
	{ "create", breakout_create },
	{ "exec", breakout_exec },
	{ "execat", breakout_execat },
	{ "fork", breakout_fork },
	{ "io-uring", breakout_io_uring },
	{ "keyring", breakout_keyring },
	{ "kill", breakout_kill },
	{ "memfd", breakout_memfd },
	{ "mkdir", breakout_mkdir },
	{ "mmap-exec", breakout_mmap_exec },
	{ "mount", breakout_mount },
	{ "mprotect-exec", breakout_mprotect_exec },
	{ "perf", breakout_perf },
	{ "pidfd", breakout_pidfd },
	{ "ptrace", breakout_ptrace },
	{ "read", breakout_read },
	{ "read-openat2", breakout_read_openat2 },
	{ "reconnect", breakout_reconnect },
	{ "rename", breakout_rename },
	{ "setuid", breakout_setuid },
	{ "socket-inet", breakout_socket_inet },
	{ "socket-netlink", breakout_socket_netlink },
	{ "socket-packet", breakout_socket_packet },
	{ "socket-unix", breakout_socket_unix },
	{ "socketpair", breakout_socketpair },
	{ "symlink", breakout_symlink },
	{ "truncate", breakout_truncate },
	{ "undump", breakout_undump },
	{ "unlink", breakout_unlink },
	{ "unshare", breakout_unshare },
	{ "userfaultfd", breakout_userfaultfd },
	{ "vm-read", breakout_vm_read },
	{ "write", breakout_write },
	{ "write-openat2", breakout_write_openat2 },
};

/* path: NAME/ARG. */
static void
breakout_try(char *path, int root_fd)
{
	char *slash = strchr(path, '/');
	struct breakout it = { .arg = "", .root_fd = root_fd };

	if (slash != NULL) {
		*slash = '\0';
		it.arg = slash + 1;
		it.number = strtol(it.arg, NULL, 10);
	}
	for (size_t i = 0; i < sizeof(breakouts) / sizeof(breakouts[0]); i++) {
		if (strcmp(path, breakouts[i].name) != 0)
			continue;
		log_notice("breakout %s %s: trying", path, it.arg);
		if (breakouts[i].attempt(&it) == 0)
			log_notice("breakout %s %s: done", path, it.arg);
		else
			log_notice("breakout %s %s: %s", path, it.arg,
			    strerrorname_np(errno));
		return;
	}
	log_error("breakout %s: unknown", path);
}

void
__wrap_serve_request(struct serve *serve, const struct request *request,
    const struct address *client, const struct clock *clock,
    struct reply *reply)
{
	const struct span prefix = SPAN(BREAKOUT_PREFIX);
	char path[1024];

	__real_serve_request(serve, request, client, clock, reply);
	if (!span_starts_with(request->path, prefix))
		return;
	(void)snprintf(path, sizeof(path), "%.*s",
	    (int)(request->path.len - prefix.len),
	    request->path.ptr + prefix.len);
	breakout_try(path, serve->site->root_fd);
}
