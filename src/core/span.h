/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Borrowed bytes: a pointer and a length into memory that somebody else owns.
 *
 * Request fields are spans into the input buffer, so parsing copies nothing.
 * A span is not NUL-terminated and may hold any byte.
 */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *ptr; /* NULL only in the zero span, which means "absent" */
	size_t len;
};

/* The span of a string literal, without its NUL. */
#define SPAN(literal)                                                          \
	((struct span){ .ptr = (literal), .len = sizeof(literal) - 1 })

/* The span of a C string, without its NUL; NULL gives the zero span. */
static inline struct span
span_of(const char *str)
{
	return (struct span){ str, str == NULL ? 0 : strlen(str) };
}

static inline bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/*
 * By their bytes, as memcmp(3) does; what the other begins with comes before
 * it.
 */
int span_compare(struct span a, struct span b);

/* Equal when A to Z and a to z are the same; other bytes as they are. */
bool span_equal_nocase(struct span a, struct span b);

static inline bool
span_starts_with(struct span span, struct span prefix)
{
	return span.len >= prefix.len &&
	       (prefix.len == 0 ||
		   memcmp(span.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool
span_ends_with(struct span span, struct span suffix)
{
	return span.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(span.ptr + span.len - suffix.len,
				       suffix.ptr, suffix.len) == 0);
}

/* Without optional whitespace, SP and HTAB, at both ends (RFC 9110 5.6.3). */
struct span span_trim(struct span span);

/*
 * Takes the next element of a comma-separated list off *list into *item,
 * trimmed; empty elements are passed over (RFC 9110 5.6.1).  A comma inside a
 * quoted string does not separate.  Returns false at the end of the list.
 */
bool span_next_item(struct span *list, struct span *item);

#endif
