/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process is: its user, its limits, its cores, its terminal. */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Cores this process may use: its affinity mask, no more than the cgroup's
 * cpu.max (v2) or cfs quota (v1) rounded up, at least 1.
 */
unsigned process_usable_cores(void);

/*
 * Memory this process may use: the machine's, no more than the cgroup's
 * memory.max and memory.high (v2) or limit (v1).
 */
uint64_t process_usable_memory_bytes(void);

/* Cores have numbers below this; it is the kernel's own limit. */
#define PROCESS_CORES_MAX 8192

/* True when this process may run on the core. */
bool process_may_use_core(unsigned core);

/*
 * The core that is number n, from 0 on, of those that this process may use;
 * behind the last comes the first again.
 */
unsigned process_core(unsigned n);

/* Writes the cores that this process may use, "0-3,6", as far as cap allows. */
void process_format_cores(char *out, size_t cap);

/* This process runs on the core alone from now on.  0, or -1 with errno. */
int process_pin(unsigned core);

/*
 * Raises the soft limit of open descriptors to want, or as far as the hard
 * limit allows.  Returns the limit in force.
 */
unsigned long process_raise_nofile(unsigned long want);

/*
 * Becomes uid and gid for good: supplementary groups of name, the root folder
 * that folder_fd is of (-1: the one there is), setresgid, setresuid, and
 * no_new_privs; then proves that there is no way back.
 * Returns 0, or -1 with errno.
 */
int process_drop_privileges(
    const char *name, uid_t uid, gid_t gid, int folder_fd);

/* The open folder is / from now on, and where we are.  0, or -1 with errno. */
int process_change_root(int folder_fd);

/*
 * Nobody but root may trace this process or read its memory, and it leaves no
 * core file.
 */
void process_hide_memory(void);

/* Sets no_new_privs alone.  0, or -1 with errno. */
int process_no_new_privs(void);

/*
 * Goes into the background: fork, setsid, fork, stdin and stdout to /dev/null.
 * The parent does not return: it waits for process_daemonized() and exits with
 * its status, or with 1 when the child dies first.  Until then the child still
 * has the terminal as stderr, for the errors of the start.
 * Returns the descriptor for process_daemonized(), or -1 with errno.
 */
int process_daemonize(void);

/* The start is over: lets the parent exit, and stderr go to /dev/null. */
void process_daemonized(int ready_fd, unsigned char status);

/*
 * Opens /dev/null in place of standard descriptors that are closed, so that no
 * socket gets their number.  0, or -1 with errno.
 */
int process_fill_stdio(void);

/* Enough for process_describe_end(). */
#define PROCESS_END_TEXT 96

/* How a child ended, of wait(2): "exited with status 1".  With a NUL. */
void process_describe_end(int status, char out[PROCESS_END_TEXT]);

/*
 * The kernel keeps from process 1 of a container every signal that nobody
 * handles.  Holds back those that stop us, until somebody does.
 */
void process_hold_stop_signals(void);

/* Names the process for ps and top, in at most 15 bytes: "tined worker 0". */
void process_set_title(const char *title);

#endif
