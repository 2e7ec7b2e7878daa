/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4) of files; optional when tined is built. */
#ifndef OS_SHA256_H
#define OS_SHA256_H

#include <stdbool.h>
#include <stdint.h>

#define SHA256_BYTES 32

/* False in a build without the library. */
bool sha256_is_there(void);

/*
 * Hashes what fd gives from where it stands to its end, and says in *size how
 * many bytes these were.  0, or -1 with errno; ENOSYS without the library.
 */
int sha256_read(int fd, unsigned char hash[SHA256_BYTES], uint64_t *size);

#endif
