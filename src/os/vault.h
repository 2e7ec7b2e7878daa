/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of a file of secrets, on pages of their own.
 *
 * They are on no heap and in no buffer of stdio, so that nothing is left of
 * them when they go; and once they are hidden a child has no such pages, but
 * for one that they are lent to.
 */
#ifndef OS_VAULT_H
#define OS_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A file of secrets is no longer than this. */
#define VAULT_BYTES_MAX (4 * 1024 * 1024)

struct vault {
	char *data; /* NULL: nothing; a NUL is behind the last byte */
	size_t len;
	size_t mapped;
	pid_t hidden_by; /* who alone has the pages; 0: they are inherited */
	bool public;     /* everybody on this machine may read the file */
};

/*
 * Reads a file.  Returns 0, or -1 with errno: EISDIR for a folder, EINVAL when
 * it is no regular file either, EFBIG when it is too long.
 */
int vault_open(struct vault *vault, const char *path);

/* From now on no child gets the pages. */
void vault_hide(struct vault *vault);

/* But for children that are forked until it is taken back. */
void vault_lend(const struct vault *vault, bool lent);

/* Wipes and gives back what is there; in a child it only forgets. */
void vault_close(struct vault *vault);

#endif
