/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sha256.h"

#include <errno.h>
#include <unistd.h>

#ifdef HAVE_NETTLE

#include <nettle/sha2.h>

_Static_assert(SHA256_BYTES == SHA256_DIGEST_SIZE, "two sizes of one hash");

bool
sha256_is_there(void)
{
	return true;
}

int
sha256_read(int fd, unsigned char hash[SHA256_BYTES], uint64_t *size)
{
	unsigned char bytes[65536];
	struct sha256_ctx context;
	ssize_t n;

	*size = 0;
	sha256_init(&context);
	for (;;) {
		n = read(fd, bytes, sizeof(bytes));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		sha256_update(&context, (size_t)n, bytes);
		*size += (uint64_t)n;
	}
	sha256_digest(&context, SHA256_BYTES, hash);
	return n == 0 ? 0 : -1;
}

#else

bool
sha256_is_there(void)
{
	return false;
}

int
sha256_read(int fd, unsigned char hash[SHA256_BYTES], uint64_t *size)
{
	(void)fd;
	(void)hash;
	*size = 0;
	errno = ENOSYS;
	return -1;
}

#endif
