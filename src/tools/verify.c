/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/verify.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/coder.h"

/* A piece: what is read, decoded or compared at a time. */
#define VERIFY_BYTES 65536

struct verify {
	const struct codec *codec;
	void *decoder;
	int sidecar_fd;
	int original_fd;
	bool at_end; /* of the sidecar */
	enum codec_result decoded;
	struct codec_io io;
	unsigned char in[VERIFY_BYTES];
	unsigned char out[VERIFY_BYTES];
	unsigned char want[VERIFY_BYTES];
};

/* As much as there is, up to len.  -1 with errno. */
static ssize_t
verify_read(int fd, unsigned char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = read(fd, bytes + at, len - at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		at += (size_t)n;
	}
	return (ssize_t)at;
}

static enum verify_result
verify_compare(struct verify *verify, size_t len)
{
	ssize_t n = verify_read(verify->original_fd, verify->want, len);

	if (n == -1)
		return VERIFY_ERROR;
	return (size_t)n == len && memcmp(verify->out, verify->want, len) == 0
		   ? VERIFY_SAME
		   : VERIFY_DIFFERS;
}

/* Decodes one piece and compares what came out. */
static enum verify_result
verify_step(struct verify *verify)
{
	struct codec_io *io = &verify->io;
	size_t len;

	io->out = verify->out;
	io->out_len = sizeof(verify->out);
	verify->decoded = verify->codec->decode(verify->decoder, io);
	switch (verify->decoded) {
	case CODEC_MORE:
	case CODEC_DONE: break;
	case CODEC_BAD: return VERIFY_DAMAGED;
	case CODEC_WINDOW: return VERIFY_WINDOW;
	case CODEC_NO_MEMORY: errno = ENOMEM; return VERIFY_ERROR;
	}
	len = sizeof(verify->out) - io->out_len;
	/* It wants more, and there is no more. */
	if (len == 0 && verify->at_end && io->in_len == 0 &&
	    verify->decoded == CODEC_MORE)
		return VERIFY_DAMAGED;
	return verify_compare(verify, len);
}

static enum verify_result
verify_run(const struct crew *crew, struct verify *verify)
{
	enum verify_result result = VERIFY_SAME;
	struct codec_io *io = &verify->io;

	while (result == VERIFY_SAME) {
		if (crew_is_stopped(crew))
			return VERIFY_STOPPED;
		if (io->in_len == 0 && !verify->at_end) {
			ssize_t n = verify_read(
			    verify->sidecar_fd, verify->in, sizeof(verify->in));

			if (n == -1)
				return VERIFY_ERROR;
			io->in = verify->in;
			io->in_len = (size_t)n;
			verify->at_end = n == 0;
		}
		if (verify->at_end && io->in_len == 0 &&
		    verify->decoded == CODEC_DONE) {
			ssize_t n =
			    verify_read(verify->original_fd, verify->want, 1);

			/* The original must have ended as well. */
			if (n == -1)
				return VERIFY_ERROR;
			return n == 0 ? VERIFY_SAME : VERIFY_DIFFERS;
		}
		result = verify_step(verify);
	}
	return result;
}

enum verify_result
verify_sidecar(const struct crew *crew, enum coding coding, int sidecar_fd,
    int original_fd)
{
	struct verify verify = { .codec = coder_of(coding),
		.sidecar_fd = sidecar_fd,
		.original_fd = original_fd,
		.decoded = CODEC_MORE };
	enum verify_result result = VERIFY_ERROR;
	int error;

	errno = ENOMEM;
	verify.decoder = verify.codec->open_decoder();
	if (verify.decoder != NULL)
		result = verify_run(crew, &verify);
	error = errno;
	verify.codec->close_decoder(verify.decoder);
	errno = error;
	return result;
}
