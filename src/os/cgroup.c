/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "core/number.h"

#define CGROUP_FILE_BYTES 4096

/* Takes what is before the first separator off *text. */
static struct span
cgroup_cut(struct span *text, char separator)
{
	const char *end;
	struct span head = *text;

	end = text->len == 0 ? NULL : memchr(text->ptr, separator, text->len);
	if (end == NULL) {
		*text = (struct span){ 0 };
		return head;
	}
	head.len = (size_t)(end - text->ptr);
	text->ptr += head.len + 1;
	text->len -= head.len + 1;
	return head;
}

static unsigned
cgroup_divide(struct span quota_text, struct span period_text)
{
	uint64_t quota, period, cores;

	if (number_parse_u64(quota_text, &quota) == -1 ||
	    number_parse_u64(period_text, &period) == -1 || quota == 0 ||
	    period == 0)
		return 0;
	cores = (quota - 1) / period + 1;
	return cores > UINT_MAX ? 0 : (unsigned)cores;
}

unsigned
cgroup_parse_max(struct span text)
{
	struct span line = cgroup_cut(&text, '\n');
	struct span quota = cgroup_cut(&line, ' ');

	/* "max" is no number, and so no limit. */
	return cgroup_divide(quota, line);
}

unsigned
cgroup_parse_quota(struct span quota, struct span period)
{
	return cgroup_divide(
	    cgroup_cut(&quota, '\n'), cgroup_cut(&period, '\n'));
}

bool
cgroup_find(struct span membership, struct span controller,
    struct span *controllers, struct span *path)
{
	struct span line, list, item;

	while (membership.len > 0) {
		line = cgroup_cut(&membership, '\n');
		(void)cgroup_cut(&line, ':');
		*controllers = cgroup_cut(&line, ':');
		*path = line;
		if (controllers->len == 0 && controller.len == 0)
			return true;
		list = *controllers;
		while (list.len > 0) {
			item = cgroup_cut(&list, ',');
			if (span_equal(item, controller))
				return true;
		}
	}
	return false;
}

/* Reads a small file into buf; the zero span when it cannot be read. */
static struct span
cgroup_read(const char *path, char buf[CGROUP_FILE_BYTES])
{
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return (struct span){ 0 };
	got = read(fd, buf, CGROUP_FILE_BYTES);
	(void)close(fd);
	return got <= 0 ? (struct span){ 0 }
			: (struct span){ buf, (size_t)got };
}

static struct span
cgroup_read_in(const char *dir, const char *name, char buf[CGROUP_FILE_BYTES])
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return (struct span){ 0 };
	return cgroup_read(path, buf);
}

/* A limit of the group in dir; 0: none.  It knows only its own files. */
typedef uint64_t cgroup_limit(const char *dir);

static uint64_t
cgroup_dir_cores(const char *dir)
{
	char quota[CGROUP_FILE_BYTES], period[CGROUP_FILE_BYTES];
	unsigned cores;

	cores = cgroup_parse_max(cgroup_read_in(dir, "cpu.max", quota));
	if (cores != 0)
		return cores;
	return cgroup_parse_quota(
	    cgroup_read_in(dir, "cpu.cfs_quota_us", quota),
	    cgroup_read_in(dir, "cpu.cfs_period_us", period));
}

static uint64_t
cgroup_dir_memory(const char *dir)
{
	static const char *const names[] = { "memory.max", "memory.high",
		"memory.limit_in_bytes" };
	char buf[CGROUP_FILE_BYTES];
	uint64_t bytes, least = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct span text = cgroup_read_in(dir, names[i], buf);

		/* "max" is no number, and so no limit. */
		if (number_parse_u64(cgroup_cut(&text, '\n'), &bytes) == 0 &&
		    (least == 0 || bytes < least))
			least = bytes;
	}
	return least;
}

/*
 * The smallest limit from the group upwards.  In a container the path may be
 * the host's and not exist here; its own group is then the mount itself,
 * where the walk ends.
 */
static uint64_t
cgroup_walk(const char *mount, struct span controllers, struct span path,
    cgroup_limit *get_limit)
{
	char dir[PATH_MAX];
	uint64_t limit, least = 0;
	size_t top;
	int len;

	len = snprintf(dir, sizeof(dir), "%s/%.*s", mount, (int)controllers.len,
	    controllers.ptr == NULL ? "" : controllers.ptr);
	if (len < 0 || (size_t)len + path.len >= sizeof(dir))
		return 0;
	top = (size_t)len;
	if (path.len > 0)
		memcpy(dir + top, path.ptr, path.len);
	dir[top + path.len] = '\0';
	for (;;) {
		limit = get_limit(dir);
		if (limit != 0 && (least == 0 || limit < least))
			least = limit;
		if (strlen(dir) <= top)
			return least;
		*strrchr(dir, '/') = '\0';
	}
}

/* The limit that a controller sets; v1 has a hierarchy for it, v2 one. */
static uint64_t
cgroup_find_limit(const char *mount, const char *membership,
    struct span controller, cgroup_limit *get_limit)
{
	char buf[CGROUP_FILE_BYTES];
	struct span text, controllers, path;
	uint64_t limit = 0;

	text = cgroup_read(membership, buf);
	if (cgroup_find(text, controller, &controllers, &path))
		limit = cgroup_walk(mount, controllers, path, get_limit);
	if (limit == 0 && cgroup_find(text, SPAN(""), &controllers, &path))
		limit = cgroup_walk(mount, controllers, path, get_limit);
	return limit;
}

unsigned
cgroup_cores(const char *mount, const char *membership)
{
	return (unsigned)cgroup_find_limit(
	    mount, membership, SPAN("cpu"), cgroup_dir_cores);
}

uint64_t
cgroup_memory_bytes(const char *mount, const char *membership)
{
	return cgroup_find_limit(
	    mount, membership, SPAN("memory"), cgroup_dir_memory);
}
