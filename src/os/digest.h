/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 and HMAC (RFC 6234, RFC 2104), by nettle.  On the stack: nothing is
 * taken from the heap.
 */
#ifndef OS_DIGEST_H
#define OS_DIGEST_H

#include <stdint.h>

#include "core/span.h"

#define DIGEST_BYTES 32

/*
 * False when the program was built without the library: then only
 * digest_sha256_file() may be called, and equal and draw.
 */
bool digest_is_there(void);

void digest_sha256(struct span data, unsigned char out[DIGEST_BYTES]);

/*
 * Of what fd gives from where it stands to its end; *size is how many bytes
 * these are.  0, or -1 with errno; ENOSYS without the library.
 */
int digest_sha256_file(int fd, unsigned char out[DIGEST_BYTES], uint64_t *size);

/* Of the parts, one behind the other. */
void digest_hmac(struct span key, const struct span *parts, unsigned nparts,
    unsigned char out[DIGEST_BYTES]);

/* Takes the same time whichever bytes differ. */
bool digest_equal(const void *a, const void *b, size_t len);

/* Random bytes that nobody can guess; may wait for the first ones at boot. */
void digest_draw(unsigned char *out, size_t len);

#endif
