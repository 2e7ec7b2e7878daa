/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls without a condition on their arguments cost next to nothing: the
 * kernel (5.11) knows them by a bitmap and does not run the filter.  All that
 * a request needs is of these.
 */
#include "os/sandbox_calls.h"

#include <errno.h>

#include "core/sandbox.h"

#ifdef HAVE_SECCOMP

#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SANDBOX_CALLS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What becomes of a call that is on no list; scripts/check-calls has another.
 */
#ifndef SANDBOX_CALLS_OTHER
#define SANDBOX_CALLS_OTHER SCMP_ACT_ERRNO(ENOSYS)
#endif

/* A binary tree instead of one comparison behind the other. */
#define SANDBOX_CALLS_TREE 2

/* Of both kinds of process, and all of a verifier: memory, logs, channels. */
static const int sandbox_calls_common[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(fstat),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getsockopt),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(newfstatat),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(pwritev2),
	SCMP_SYS(read),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sysinfo),
	SCMP_SYS(time),
	SCMP_SYS(write),
	SCMP_SYS(writev),
};

static const int sandbox_calls_worker[] = {
	SCMP_SYS(accept4),
	SCMP_SYS(dup3),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64),
	SCMP_SYS(getsockname),
	SCMP_SYS(inotify_add_watch),
	SCMP_SYS(inotify_rm_watch),
	SCMP_SYS(lseek),
	/* Its flags are behind a pointer; Landlock sees to them. */
	SCMP_SYS(openat2),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv2),
	SCMP_SYS(readlinkat),
	SCMP_SYS(sendfile),
	SCMP_SYS(shutdown),
	SCMP_SYS(statx),
};

/* Never by mistake: the process ends. */
static const int sandbox_calls_fatal[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(ptrace),
};

/* A call that is allowed with these arguments. */
struct sandbox_calls_rule {
	int call;
	unsigned n;
	struct scmp_arg_cmp args[2];
};

/* An int: what the register holds above it means nothing. */
#define SANDBOX_CALLS_IS(arg, value)                                           \
	{                                                                      \
		arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)(value)     \
	}

/* An argument without any of these bits. */
#define SANDBOX_CALLS_LACKS(arg, bits)                                         \
	{                                                                      \
		arg, SCMP_CMP_MASKED_EQ, bits, 0                               \
	}

/* To open something else than to read it. */
#define SANDBOX_CALLS_OPEN_WRITES                                              \
	(O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))

#define SANDBOX_CALLS_SOCKOPT(level, option)                                   \
	{                                                                      \
		SCMP_SYS(setsockopt), 2,                                       \
		{                                                              \
			SANDBOX_CALLS_IS(1, level),                            \
			    SANDBOX_CALLS_IS(2, option)                        \
		}                                                              \
	}

static const struct sandbox_calls_rule sandbox_calls_common_rules[] = {
	{ SCMP_SYS(mmap), 1, { SANDBOX_CALLS_LACKS(2, PROT_EXEC) } },
	{ SCMP_SYS(mprotect), 1, { SANDBOX_CALLS_LACKS(2, PROT_EXEC) } },
	{ SCMP_SYS(fcntl), 1, { SANDBOX_CALLS_IS(1, F_GETFL) } },
	/* isatty(3), of a log that is new */
	{ SCMP_SYS(ioctl), 1, { SANDBOX_CALLS_IS(1, TCGETS) } },
	{ SCMP_SYS(prctl), 1, { SANDBOX_CALLS_IS(0, PR_SET_NAME) } },
};

static const struct sandbox_calls_rule sandbox_calls_worker_rules[] = {
	/* The spare descriptor of a listener. */
	{ SCMP_SYS(fcntl), 1, { SANDBOX_CALLS_IS(1, F_DUPFD_CLOEXEC) } },
	{ SCMP_SYS(openat), 1,
	    { SANDBOX_CALLS_LACKS(2, SANDBOX_CALLS_OPEN_WRITES) } },
	{ SCMP_SYS(fcntl), 1, { SANDBOX_CALLS_IS(1, F_DUPFD_CLOEXEC) } },
	{ SCMP_SYS(ioctl), 1, { SANDBOX_CALLS_IS(1, SIOCOUTQ) } },
	SANDBOX_CALLS_SOCKOPT(SOL_SOCKET, SO_LINGER),
};

/* Whether it is there, and can end a process instead of a thread. */
static const char *
sandbox_calls_kernel_problem(void)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		return NULL;
	return errno == EPERM
		   ? "the container does not allow seccomp filters; allow the "
		     "system call seccomp"
		   : "the kernel has no seccomp filters; it needs 4.14 and "
		     "CONFIG_SECCOMP_FILTER";
}

const char *
sandbox_calls_problem(void)
{
	const uint32_t arch = seccomp_arch_native();

	/* Others have calls of other names for the same, or pass structs. */
	if (arch != SCMP_ARCH_X86_64 && arch != SCMP_ARCH_AARCH64)
		return "our list of system calls is for x86-64 and arm64";
	return sandbox_calls_kernel_problem();
}

static int
sandbox_calls_add(
    scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = seccomp_rule_add_array(ctx, action, calls[i], 0, NULL);
		if (rc == -EDOM)
			rc = 0; /* not a call of this architecture */
	}
	return rc;
}

static int
sandbox_calls_add_rules(
    scmp_filter_ctx ctx, const struct sandbox_calls_rule *rules, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, rules[i].call,
		    rules[i].n, rules[i].args);
	return rc;
}

/* What only some of a kind do. */
static int
sandbox_calls_add_wanted(scmp_filter_ctx ctx, const struct sandbox_calls *who)
{
	/* abort(3) signals itself. */
	const struct sandbox_calls_rule aborts = { SCMP_SYS(tgkill), 1,
		{ SANDBOX_CALLS_IS(0, getpid()) } };
	const int connects = SCMP_SYS(connect);
	const int chdirs[] = { SCMP_SYS(chdir), SCMP_SYS(fchdir) };
	int rc = sandbox_calls_add_rules(ctx, &aborts, 1);

	if (rc == 0 && who->connects)
		rc = sandbox_calls_add(ctx, SCMP_ACT_ALLOW, &connects, 1);
	if (rc == 0 && who->chdirs)
		rc = sandbox_calls_add(
		    ctx, SCMP_ACT_ALLOW, chdirs, SANDBOX_CALLS_COUNT(chdirs));
	return rc;
}

static int
sandbox_calls_fill(scmp_filter_ctx ctx, const struct sandbox_calls *who)
{
	int rc = sandbox_calls_add(ctx, SCMP_ACT_ALLOW, sandbox_calls_common,
	    SANDBOX_CALLS_COUNT(sandbox_calls_common));

	if (rc == 0 && SANDBOX_CALLS_OTHER != SCMP_ACT_KILL_PROCESS)
		rc = sandbox_calls_add(ctx, SCMP_ACT_KILL_PROCESS,
		    sandbox_calls_fatal,
		    SANDBOX_CALLS_COUNT(sandbox_calls_fatal));
	if (rc == 0)
		rc = sandbox_calls_add_rules(ctx, sandbox_calls_common_rules,
		    SANDBOX_CALLS_COUNT(sandbox_calls_common_rules));
	if (rc == 0)
		rc = sandbox_calls_add_wanted(ctx, who);
	if (rc != 0)
		return rc;
	if (who->role == SANDBOX_CALLS_VERIFIER)
		return 0;
	rc = sandbox_calls_add(ctx, SCMP_ACT_ALLOW, sandbox_calls_worker,
	    SANDBOX_CALLS_COUNT(sandbox_calls_worker));
	return rc != 0
		   ? rc
		   : sandbox_calls_add_rules(ctx, sandbox_calls_worker_rules,
			 SANDBOX_CALLS_COUNT(sandbox_calls_worker_rules));
}

/*
 * Without memory libseccomp 2.5 can load a filter that denies everything, and
 * whoever has that cannot even exit.
 */
static void
sandbox_calls_prove(void)
{
	if (syscall(SYS_getpid) == -1)
		__builtin_trap();
}

int
sandbox_calls_enter(const struct sandbox_calls *who, uint32_t *parts)
{
	scmp_filter_ctx ctx = seccomp_init(SANDBOX_CALLS_OTHER);
	int rc;

	if (ctx == NULL) {
		errno = ENOMEM;
		return -1;
	}
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	/*
	 * Where these are not known it goes without.  SSB: no code of others
	 * runs here, so the kernel need not slow down loads from memory.
	 */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, 1);
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_SSB, 1);
	(void)seccomp_attr_set(
	    ctx, SCMP_FLTATR_CTL_OPTIMIZE, SANDBOX_CALLS_TREE);
	if (rc == 0)
		rc = sandbox_calls_fill(ctx, who);
	if (rc == 0)
		rc = seccomp_load(ctx);
	if (rc == 0)
		sandbox_calls_prove();
	seccomp_release(ctx);
	if (rc != 0) {
		errno = -rc;
		return -1;
	}
	*parts |= SANDBOX_CALLS;
	return 0;
}

#else

const char *
sandbox_calls_problem(void)
{
	return "this program was built without libseccomp; install "
	       "libseccomp-dev and build it again";
}

int
sandbox_calls_enter(const struct sandbox_calls *who, uint32_t *parts)
{
	(void)who;
	(void)parts;
	errno = ENOSYS;
	return -1;
}

#endif
