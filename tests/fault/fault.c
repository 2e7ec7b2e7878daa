/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A library for LD_PRELOAD that lets allocations and system calls of a server
 * fail on demand.  Never installed, never linked: for the tests alone.
 *
 * What is to fail stands on a page of memory, the file $FAULT_PAGE, that all
 * processes of a server and the test map (tests/system/faults.py).  So a test
 * can change its mind while the server runs, and the page says how many calls
 * of each kind there were, which is how many points there are to try.
 *
 * The wrappers have names of their own and take those of the C library by an
 * assembler label, so that its prototypes do not get in the way.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FAULT_NAME_BYTES 24
#define FAULT_CALLS_MAX  96

/* What a call that is to fail does, instead of an errno. */
#define FAULT_SHORT 0x10000u /* moves one byte */
#define FAULT_END   0x10001u /* returns 0 */

enum fault_who {
	FAULT_ANYBODY,
	FAULT_MASTER,
	FAULT_OTHERS, /* workers, mostly */
};

struct fault_page {
	char call[FAULT_NAME_BYTES]; /* empty: nothing is to fail */
	uint32_t error;              /* errno, or as above */
	uint32_t first;              /* of the calls, counted from 1 */
	uint32_t count;              /* how many fail from there on */
	uint32_t who;                /* enum fault_who */
	uint32_t master;             /* the first process that had the page */
	uint32_t at;                 /* calls of this name so far */
	uint32_t failed;             /* of them */
	uint32_t seen[2][FAULT_CALLS_MAX]; /* by the master, by others */
	char names[FAULT_CALLS_MAX][FAULT_NAME_BYTES];
};

static struct fault_page *fault_page;
static bool fault_spares; /* now no call is to fail, or counts */

/* Whose calls are counted and what they do; the order is that of the page. */
#define FAULT_TABLE(X)                                                         \
	X(alloc)                                                               \
	X(accept4)                                                             \
	X(bind)                                                                \
	X(close)                                                               \
	X(connect)                                                             \
	X(dup)                                                                 \
	X(dup2)                                                                \
	X(epoll_create1)                                                       \
	X(epoll_ctl)                                                           \
	X(epoll_wait)                                                          \
	X(eventfd)                                                             \
	X(fcntl)                                                               \
	X(flock)                                                               \
	X(fopen)                                                               \
	X(fork)                                                                \
	X(fstat)                                                               \
	X(fstatat)                                                             \
	X(fstatfs)                                                             \
	X(ftruncate)                                                           \
	X(getdents64)                                                          \
	X(getrandom)                                                           \
	X(getrlimit)                                                           \
	X(getsockname)                                                         \
	X(getsockopt)                                                          \
	X(initgroups)                                                          \
	X(inotify_add_watch)                                                   \
	X(inotify_init1)                                                       \
	X(kill)                                                                \
	X(listen)                                                              \
	X(lstat)                                                               \
	X(memfd_create)                                                        \
	X(mmap)                                                                \
	X(open)                                                                \
	X(openat)                                                              \
	X(openat2)                                                             \
	X(pipe2)                                                               \
	X(ppoll)                                                               \
	X(prctl)                                                               \
	X(pread)                                                               \
	X(pwrite)                                                              \
	X(read)                                                                \
	X(recv)                                                                \
	X(recvmsg)                                                             \
	X(sched_setaffinity)                                                   \
	X(send)                                                                \
	X(sendfile)                                                            \
	X(sendmsg)                                                             \
	X(sendto)                                                              \
	X(setresgid)                                                           \
	X(setresuid)                                                           \
	X(setrlimit)                                                           \
	X(setsid)                                                              \
	X(setsockopt)                                                          \
	X(signalfd)                                                            \
	X(socket)                                                              \
	X(socketpair)                                                          \
	X(stat)                                                                \
	X(statx)                                                               \
	X(unlink)                                                              \
	X(waitpid)                                                             \
	X(write)                                                               \
	X(writev)

#define FAULT_ENUM(name) FAULT_##name,
#define FAULT_TEXT(name) #name,

enum fault_call { FAULT_TABLE(FAULT_ENUM) FAULT_CALLS };

static const char *const fault_names[FAULT_CALLS] = { FAULT_TABLE(FAULT_TEXT) };

_Static_assert(FAULT_CALLS <= FAULT_CALLS_MAX, "the page has room for each");

__attribute__((constructor)) static void
fault_start(void)
{
	const char *path = getenv("FAULT_PAGE");
	struct fault_page *page;
	int fd = path == NULL ? -1
			      : (int)syscall(SYS_openat, AT_FDCWD, path,
				    O_RDWR | O_CLOEXEC);

	if (fd == -1)
		return;
	page = mmap(
	    NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)syscall(SYS_close, fd);
	if (page == MAP_FAILED)
		return;
	for (unsigned i = 0; i < FAULT_CALLS; i++)
		(void)strncpy(
		    page->names[i], fault_names[i], FAULT_NAME_BYTES - 1);
	if (page->master == 0)
		page->master = (uint32_t)getpid();
	fault_page = page;
}

/* 0: the call is to be made; or what it does instead. */
static uint32_t
fault_judge(enum fault_call call)
{
	struct fault_page *page = fault_page;
	uint32_t at;
	bool other;

	if (page == NULL || fault_spares)
		return 0;
	/* Our threads take no memory; their beginning, in a sanitizer, does. */
	if (call == FAULT_alloc && gettid() != getpid())
		return 0;
	other = (uint32_t)getpid() != page->master;
	(void)__atomic_add_fetch(&page->seen[other][call], 1, __ATOMIC_RELAXED);
	if (strncmp(page->call, fault_names[call], FAULT_NAME_BYTES) != 0 ||
	    (page->who == FAULT_MASTER && other) ||
	    (page->who == FAULT_OTHERS && !other))
		return 0;
	at = __atomic_add_fetch(&page->at, 1, __ATOMIC_RELAXED);
	if (at < page->first || at - page->first >= page->count)
		return 0;
	(void)__atomic_add_fetch(&page->failed, 1, __ATOMIC_RELAXED);
	return page->error;
}

/* True when the call is to fail; errno is set. */
static bool
fault_fails(enum fault_call call)
{
	uint32_t error = fault_judge(call);

	if (error == 0 || error >= FAULT_SHORT)
		return false;
	errno = (int)error;
	return true;
}

/* What the next library in the order has under this name. */
static void *
fault_next(void **real, const char *name)
{
	if (*real == NULL)
		*real = dlsym(RTLD_NEXT, name);
	if (*real == NULL)
		abort();
	return *real;
}

/* ISO C has no conversion from a pointer to an object into one to a function.
 */
#define FAULT_REAL(type, params, name)                                         \
	static void *next;                                                     \
	type(*real) params;                                                    \
	void *found = fault_next(&next, #name);                                \
	(void)memcpy(&real, &found, sizeof(real))

/* A call that returns -1 when it fails. */
#define FAULT_WRAP(type, name, params, args)                                   \
	type fault_##name params __asm__(#name);                               \
	type fault_##name params                                               \
	{                                                                      \
		FAULT_REAL(type, params, name);                                \
		return fault_fails(FAULT_##name) ? -1 : real args;             \
	}

/* One that moves len bytes: it can also move less than it was asked to. */
#define FAULT_MOVE(name, params, args)                                         \
	ssize_t fault_##name params __asm__(#name);                            \
	ssize_t fault_##name params                                            \
	{                                                                      \
		uint32_t error = fault_judge(FAULT_##name);                    \
		FAULT_REAL(ssize_t, params, name);                             \
		if (error == FAULT_END)                                        \
			return 0;                                              \
		if (error == FAULT_SHORT && len > 1)                           \
			len = 1;                                               \
		if (error == 0 || error == FAULT_SHORT)                        \
			return real args;                                      \
		errno = (int)error;                                            \
		return -1;                                                     \
	}

struct stat;
struct statx;
struct statfs;
struct rlimit;

FAULT_WRAP(int, accept4, (int fd, void *addr, void *len, int flags),
    (fd, addr, len, flags))
FAULT_WRAP(int, bind, (int fd, const void *addr, unsigned len), (fd, addr, len))
FAULT_WRAP(
    int, connect, (int fd, const void *addr, unsigned len), (fd, addr, len))
FAULT_WRAP(int, dup, (int fd), (fd))
FAULT_WRAP(int, dup2, (int from, int to), (from, to))
FAULT_WRAP(int, epoll_create1, (int flags), (flags))
FAULT_WRAP(int, epoll_wait, (int fd, void *events, int most, int timeout),
    (fd, events, most, timeout))
FAULT_WRAP(int, eventfd, (unsigned value, int flags), (value, flags))
FAULT_WRAP(int, flock, (int fd, int operation), (fd, operation))
FAULT_WRAP(int, fork, (void), ())
FAULT_WRAP(int, fstat, (int fd, struct stat *st), (fd, st))
FAULT_WRAP(int, fstatat, (int fd, const char *path, struct stat *st, int flags),
    (fd, path, st, flags))
FAULT_WRAP(int, fstatfs, (int fd, struct statfs *st), (fd, st))
FAULT_WRAP(int, ftruncate, (int fd, off_t length), (fd, length))
FAULT_WRAP(ssize_t, getdents64, (int fd, void *buf, size_t len), (fd, buf, len))
FAULT_WRAP(ssize_t, getrandom, (void *buf, size_t len, unsigned flags),
    (buf, len, flags))
FAULT_WRAP(
    int, getrlimit, (int resource, struct rlimit *limit), (resource, limit))
FAULT_WRAP(int, getsockname, (int fd, void *addr, void *len), (fd, addr, len))
FAULT_WRAP(int, getsockopt,
    (int fd, int level, int name, void *value, void *len),
    (fd, level, name, value, len))
FAULT_WRAP(int, initgroups, (const char *user, gid_t gid), (user, gid))
FAULT_WRAP(int, inotify_add_watch, (int fd, const char *path, uint32_t mask),
    (fd, path, mask))
FAULT_WRAP(int, inotify_init1, (int flags), (flags))
FAULT_WRAP(int, kill, (pid_t pid, int signum), (pid, signum))
FAULT_WRAP(int, listen, (int fd, int backlog), (fd, backlog))
FAULT_WRAP(int, lstat, (const char *path, struct stat *st), (path, st))
FAULT_WRAP(int, memfd_create, (const char *name, unsigned flags), (name, flags))
FAULT_WRAP(int, pipe2, (int *fds, int flags), (fds, flags))
FAULT_WRAP(int, ppoll,
    (void *fds, unsigned long nfds, const void *timeout, const void *mask),
    (fds, nfds, timeout, mask))
FAULT_WRAP(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags),
    (fd, message, flags))
FAULT_WRAP(int, sched_setaffinity, (pid_t pid, size_t bytes, const void *set),
    (pid, bytes, set))
FAULT_WRAP(
    int, setresgid, (gid_t rgid, gid_t egid, gid_t sgid), (rgid, egid, sgid))
FAULT_WRAP(
    int, setresuid, (uid_t ruid, uid_t euid, uid_t suid), (ruid, euid, suid))
FAULT_WRAP(int, setrlimit, (int resource, const struct rlimit *limit),
    (resource, limit))
FAULT_WRAP(int, setsid, (void), ())
FAULT_WRAP(int, setsockopt,
    (int fd, int level, int name, const void *value, unsigned len),
    (fd, level, name, value, len))
FAULT_WRAP(
    int, signalfd, (int fd, const void *set, int flags), (fd, set, flags))
FAULT_WRAP(
    int, socket, (int domain, int type, int protocol), (domain, type, protocol))
FAULT_WRAP(int, socketpair, (int domain, int type, int protocol, int *fds),
    (domain, type, protocol, fds))
FAULT_WRAP(int, stat, (const char *path, struct stat *st), (path, st))
FAULT_WRAP(int, statx,
    (int fd, const char *path, int flags, unsigned mask, struct statx *st),
    (fd, path, flags, mask, st))
FAULT_WRAP(int, unlink, (const char *path), (path))
FAULT_WRAP(pid_t, waitpid, (pid_t pid, int *status, int options),
    (pid, status, options))

FAULT_MOVE(pread, (int fd, void *buf, size_t len, off_t at), (fd, buf, len, at))
FAULT_MOVE(
    pwrite, (int fd, const void *buf, size_t len, off_t at), (fd, buf, len, at))
FAULT_MOVE(read, (int fd, void *buf, size_t len), (fd, buf, len))
FAULT_MOVE(
    recv, (int fd, void *buf, size_t len, int flags), (fd, buf, len, flags))
FAULT_MOVE(send, (int fd, const void *buf, size_t len, int flags),
    (fd, buf, len, flags))
FAULT_MOVE(
    sendfile, (int out, int in, off_t *at, size_t len), (out, in, at, len))
FAULT_MOVE(sendto,
    (int fd, const void *buf, size_t len, int flags, const void *addr,
	unsigned addr_len),
    (fd, buf, len, flags, addr, addr_len))
FAULT_MOVE(write, (int fd, const void *buf, size_t len), (fd, buf, len))

ssize_t fault_sendmsg(int fd, const struct msghdr *message, int flags) __asm__(
    "sendmsg");

ssize_t
fault_sendmsg(int fd, const struct msghdr *message, int flags)
{
	uint32_t error = fault_judge(FAULT_sendmsg);
	struct msghdr less = *message;
	struct iovec first = { 0 };
	FAULT_REAL(ssize_t, (int, const struct msghdr *, int), sendmsg);

	if (error == 0)
		return real(fd, message, flags);
	if (error == FAULT_SHORT && message->msg_iov[0].iov_len > 0) {
		first.iov_base = message->msg_iov[0].iov_base;
		first.iov_len = 1;
		less.msg_iov = &first;
		less.msg_iovlen = 1;
		return real(fd, &less, flags);
	}
	errno = error == FAULT_SHORT ? EINTR : (int)error;
	return -1;
}

ssize_t fault_writev(int fd, const struct iovec *iov, int niov) __asm__(
    "writev");

ssize_t
fault_writev(int fd, const struct iovec *iov, int niov)
{
	uint32_t error = fault_judge(FAULT_writev);
	FAULT_REAL(ssize_t, (int, const struct iovec *, int), writev);

	if (error == FAULT_SHORT)
		niov = 1;
	if (error == 0 || error == FAULT_SHORT)
		return real(fd, iov, niov);
	errno = (int)error;
	return -1;
}

int fault_close(int fd) __asm__("close");

/* Linux closes whatever it returns. */
int
fault_close(int fd)
{
	FAULT_REAL(int, (int), close);

	if (!fault_fails(FAULT_close))
		return real(fd);
	(void)syscall(SYS_close, fd);
	return -1;
}

int fault_epoll_ctl(int epoll, int operation, int fd, void *event) __asm__(
    "epoll_ctl");

/* To remove what is there cannot fail. */
int
fault_epoll_ctl(int epoll, int operation, int fd, void *event)
{
	FAULT_REAL(int, (int, int, int, void *), epoll_ctl);

	if (operation != 2 && fault_fails(FAULT_epoll_ctl))
		return -1;
	return real(epoll, operation, fd, event);
}

void *fault_mmap(void *at, size_t bytes, int prot, int flags, int fd,
    off_t offset) __asm__("mmap");

void *
fault_mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	FAULT_REAL(void *, (void *, size_t, int, int, int, off_t), mmap);

	if (fault_fails(FAULT_mmap))
		return MAP_FAILED;
	return real(at, bytes, prot, flags, fd, offset);
}

void *fault_fopen(const char *path, const char *mode) __asm__("fopen");

void *
fault_fopen(const char *path, const char *mode)
{
	FAULT_REAL(void *, (const char *, const char *), fopen);

	return fault_fails(FAULT_fopen) ? NULL : real(path, mode);
}

int fault_open(const char *path, int flags, ...) __asm__("open");
int fault_open_2(const char *path, int flags) __asm__("__open_2");
int fault_openat(int folder, const char *path, int flags, ...) __asm__(
    "openat");
int fault_openat_2(int folder, const char *path, int flags) __asm__(
    "__openat_2");

int
fault_open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = va_arg(rest, mode_t);
	va_end(rest);
	if (fault_fails(FAULT_open))
		return -1;
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
fault_open_2(const char *path, int flags)
{
	return fault_open(path, flags, (mode_t)0);
}

int
fault_openat(int folder, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = va_arg(rest, mode_t);
	va_end(rest);
	if (fault_fails(FAULT_openat))
		return -1;
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

int
fault_openat_2(int folder, const char *path, int flags)
{
	return fault_openat(folder, path, flags, (mode_t)0);
}

int fault_fcntl(int fd, int operation, ...) __asm__("fcntl");

int
fault_fcntl(int fd, int operation, ...)
{
	va_list rest;
	long value;

	va_start(rest, operation);
	value = va_arg(rest, long);
	va_end(rest);
	if (fault_fails(FAULT_fcntl))
		return -1;
	return (int)syscall(SYS_fcntl, fd, operation, value);
}

int fault_prctl(int operation, ...) __asm__("prctl");

int
fault_prctl(int operation, ...)
{
	long value[4];
	va_list rest;

	va_start(rest, operation);
	for (int i = 0; i < 4; i++)
		value[i] = va_arg(rest, long);
	va_end(rest);
	if (fault_fails(FAULT_prctl))
		return -1;
	return (int)syscall(
	    SYS_prctl, operation, value[0], value[1], value[2], value[3]);
}

long fault_syscall(long number, ...) __asm__("syscall");

long
fault_syscall(long number, ...)
{
	long value[6];
	va_list rest;
	FAULT_REAL(long, (long, ...), syscall);

	va_start(rest, number);
	for (int i = 0; i < 6; i++)
		value[i] = va_arg(rest, long);
	va_end(rest);
	/* As os/socket.h calls them. */
	switch (number) {
	case SYS_recvfrom:
		return fault_recv((int)value[0], (void *)value[1],
		    (size_t)value[2], (int)value[3]);
	case SYS_sendto:
		return fault_send((int)value[0], (void *)value[1],
		    (size_t)value[2], (int)value[3]);
	case SYS_sendmsg:
		return fault_sendmsg(
		    (int)value[0], (void *)value[1], (int)value[2]);
	default: break;
	}
	if (number == SYS_openat2 && fault_fails(FAULT_openat2))
		return -1;
	return real(
	    number, value[0], value[1], value[2], value[3], value[4], value[5]);
}

/*
 * The heap.  A build without the address sanitizer defines malloc itself, which
 * comes first, and calls what the C library has under the names below
 * (os/heap.c); one with it takes the library's, and so ours.  Either way each
 * allocation passes here once.
 */
#define FAULT_ALLOC(name, alias, params, args)                                 \
	void *fault_##name params __asm__(#alias);                             \
	void *fault_##name params                                              \
	{                                                                      \
		FAULT_REAL(void *, params, alias);                             \
		return fault_fails(FAULT_alloc) ? NULL : real args;            \
	}

FAULT_ALLOC(malloc, malloc, (size_t bytes), (bytes))
FAULT_ALLOC(calloc, calloc, (size_t n, size_t bytes), (n, bytes))
FAULT_ALLOC(realloc, realloc, (void *old, size_t bytes), (old, bytes))
FAULT_ALLOC(libc_malloc, __libc_malloc, (size_t bytes), (bytes))
FAULT_ALLOC(libc_calloc, __libc_calloc, (size_t n, size_t bytes), (n, bytes))
FAULT_ALLOC(
    libc_realloc, __libc_realloc, (void *old, size_t bytes), (old, bytes))

/* The C library's own looks at databases end the program without memory. */
#define FAULT_SPARE(name, params, args)                                        \
	void *fault_##name params __asm__(#name);                              \
	void *fault_##name params                                              \
	{                                                                      \
		void *entry;                                                   \
		FAULT_REAL(void *, params, name);                              \
		fault_spares = true;                                           \
		entry = real args;                                             \
		fault_spares = false;                                          \
		return entry;                                                  \
	}

FAULT_SPARE(getpwnam, (const char *name), (name))
FAULT_SPARE(getgrnam, (const char *name), (name))
FAULT_SPARE(getpwuid, (uid_t uid), (uid))

void *seccomp_init(uint32_t action);
void seccomp_release(void *filter);

/* So does libseccomp 2.5, in all that is done with a filter. */
void *
seccomp_init(uint32_t action)
{
	FAULT_REAL(void *, (uint32_t action), seccomp_init);
	fault_spares = true;
	return real(action);
}

void
seccomp_release(void *filter)
{
	FAULT_REAL(void, (void *filter), seccomp_release);
	real(filter);
	fault_spares = false;
}

char *fault_strdup(const char *text) __asm__("strdup");
int fault_posix_memalign(void **out, size_t align, size_t bytes) __asm__(
    "posix_memalign");

/* The sanitizer's would not pass by malloc. */
char *
fault_strdup(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy = malloc(bytes);

	if (copy != NULL)
		(void)memcpy(copy, text, bytes);
	return copy;
}

int
fault_posix_memalign(void **out, size_t align, size_t bytes)
{
	int saved = errno;
	FAULT_REAL(int, (void **, size_t, size_t), posix_memalign);

	if (!fault_fails(FAULT_alloc))
		return real(out, align, bytes);
	errno = saved;
	return ENOMEM;
}
