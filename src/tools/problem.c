/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/problem.h"

#include <errno.h>
#include <stdarg.h>

#include "core/escape.h"

void
problem_put_path(FILE *out, struct span path)
{
	char piece[256];

	/* A byte becomes four at most. */
	while (path.len > 0) {
		struct span taken = { path.ptr, path.len < sizeof(piece) / 4
						    ? path.len
						    : sizeof(piece) / 4 };
		size_t len = escape_log(piece, sizeof(piece), taken);

		(void)fwrite(piece, 1, len, out);
		path.ptr += taken.len;
		path.len -= taken.len;
	}
}

void
problem_add(struct problems *problems, struct span path, const char *fmt, ...)
{
	va_list ap;

	if (++problems->n > PROBLEM_LINES)
		return;
	(void)fputs("tined: ", stderr);
	if (path.ptr != NULL) {
		problem_put_path(stderr, path);
		(void)fputs(": ", stderr);
	}
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

const char *
problem_of_errno(int error)
{
	switch (error) {
	case EACCES: return "permission denied; run as the owner of the folder";
	case EDQUOT: return "the quota is used up; make room and run again";
	case EFBIG:
		return "the file would be too large for this process; see "
		       "ulimit -f";
	case ELOOP: return "a symbolic link, which is not followed";
	case ENOMEM: return "no memory; use fewer processes, -j 1";
	case ENOSPC:
		return "no space left on the disk; make room and run "
		       "again";
	case EROFS: return "the file system can only be read";
	default: return strerror(error);
	}
}

void
problems_tell(const struct problems *problems)
{
	if (problems->n > PROBLEM_LINES)
		(void)fprintf(stderr, "tined: and %lu more like these\n",
		    problems->n - PROBLEM_LINES);
}
