/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/codec.h"

#ifdef HAVE_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

/* The highest that needs no flag of its own in the command line tool. */
#define CODEC_ZSTD_LEVEL 19

/* 8 MiB: as a content coding zstd has no larger window (RFC 9659 3). */
#define CODEC_ZSTD_WINDOW_LOG 23

static void *
codec_zstd_open_encoder(uint64_t size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	if (context == NULL)
		return NULL;
	if (!ZSTD_isError(ZSTD_CCtx_setParameter(
		context, ZSTD_c_compressionLevel, CODEC_ZSTD_LEVEL)) &&
	    !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, size)))
		return context;
	(void)ZSTD_freeCCtx(context);
	return NULL;
}

static enum codec_result
codec_zstd_encode(void *encoder, struct codec_io *io, bool last)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t left = ZSTD_compressStream2(
	    encoder, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);

	*io = (struct codec_io){ io->in + in.pos, io->in_len - in.pos,
		io->out + out.pos, io->out_len - out.pos };
	/* A file that has not the size that was promised is told apart. */
	if (ZSTD_isError(left))
		return ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation
			   ? CODEC_NO_MEMORY
			   : CODEC_BAD;
	return last && left == 0 ? CODEC_DONE : CODEC_MORE;
}

static void
codec_zstd_close_encoder(void *encoder)
{
	(void)ZSTD_freeCCtx(encoder); /* NULL is allowed */
}

static void *
codec_zstd_open_decoder(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();

	if (context != NULL &&
	    ZSTD_isError(ZSTD_DCtx_setParameter(
		context, ZSTD_d_windowLogMax, CODEC_ZSTD_WINDOW_LOG))) {
		(void)ZSTD_freeDCtx(context);
		return NULL;
	}
	return context;
}

static enum codec_result
codec_zstd_decode(void *decoder, struct codec_io *io)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t left = ZSTD_decompressStream(decoder, &out, &in);

	*io = (struct codec_io){ io->in + in.pos, io->in_len - in.pos,
		io->out + out.pos, io->out_len - out.pos };
	if (!ZSTD_isError(left))
		return left == 0 ? CODEC_DONE : CODEC_MORE;
	if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
		return CODEC_NO_MEMORY;
	return ZSTD_getErrorCode(left) ==
		       ZSTD_error_frameParameter_windowTooLarge
		   ? CODEC_WINDOW
		   : CODEC_BAD;
}

static void
codec_zstd_close_decoder(void *decoder)
{
	(void)ZSTD_freeDCtx(decoder); /* NULL is allowed */
}

const struct codec codec_zstd = {
	.library = "zstd",
	.open_encoder = codec_zstd_open_encoder,
	.encode = codec_zstd_encode,
	.close_encoder = codec_zstd_close_encoder,
	.open_decoder = codec_zstd_open_decoder,
	.decode = codec_zstd_decode,
	.close_decoder = codec_zstd_close_decoder,
};

#else

const struct codec codec_zstd = { .library = "zstd" };

#endif
