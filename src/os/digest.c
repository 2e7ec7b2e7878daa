/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/digest.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#ifdef HAVE_NETTLE
#include <nettle/hmac.h>
#include <nettle/sha2.h>
#endif

bool
digest_equal(const void *a, const void *b, size_t len)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned differences = 0;

	for (size_t i = 0; i < len; i++)
		differences |= (unsigned)(x[i] ^ y[i]);
	return differences == 0;
}

void
digest_draw(unsigned char *out, size_t len)
{
	while (len > 0) {
		ssize_t n = getrandom(out, len, 0);

		/* Without it any password could be guessed: better no start. */
		assert(n > 0 || errno == EINTR);
		if (n > 0) {
			out += n;
			len -= (size_t)n;
		}
	}
}

#ifdef HAVE_NETTLE

bool
digest_is_there(void)
{
	return true;
}

static const uint8_t *
digest_bytes(struct span span)
{
	return (const uint8_t *)span.ptr;
}

void
digest_sha256(struct span data, unsigned char out[DIGEST_BYTES])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, data.len, digest_bytes(data));
	sha256_digest(&context, DIGEST_BYTES, out);
}

int
digest_sha256_file(int fd, unsigned char out[DIGEST_BYTES], uint64_t *size)
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
	sha256_digest(&context, DIGEST_BYTES, out);
	return n == 0 ? 0 : -1;
}

void
digest_hmac(struct span key, const struct span *parts, unsigned nparts,
    unsigned char out[DIGEST_BYTES])
{
	struct hmac_sha256_ctx context;

	hmac_sha256_set_key(&context, key.len, digest_bytes(key));
	for (unsigned i = 0; i < nparts; i++)
		hmac_sha256_update(
		    &context, parts[i].len, digest_bytes(parts[i]));
	hmac_sha256_digest(&context, DIGEST_BYTES, out);
	explicit_bzero(&context, sizeof(context));
}

#else

bool
digest_is_there(void)
{
	return false;
}

int
digest_sha256_file(int fd, unsigned char out[DIGEST_BYTES], uint64_t *size)
{
	(void)fd;
	(void)out;
	*size = 0;
	errno = ENOSYS;
	return -1;
}

void
digest_sha256(struct span data, unsigned char out[DIGEST_BYTES])
{
	(void)data;
	(void)out;
	abort();
}

void
digest_hmac(struct span key, const struct span *parts, unsigned nparts,
    unsigned char out[DIGEST_BYTES])
{
	(void)key;
	(void)parts;
	(void)nparts;
	(void)out;
	abort();
}

#endif
