/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/codec.h"

#ifdef HAVE_ZLIB

#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

/* The largest window, and a gzip header, whose time zlib leaves at 0. */
#define CODEC_ZLIB_WINDOW (15 + 16)

static void *
codec_zlib_open_encoder(uint64_t size)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	(void)size;
	if (stream != NULL &&
	    deflateInit2(stream, Z_BEST_COMPRESSION, Z_DEFLATED,
		CODEC_ZLIB_WINDOW, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK)
		return stream;
	free(stream);
	return NULL;
}

static void
codec_zlib_give(z_stream *stream, const struct codec_io *io)
{
	stream->next_in = io->in;
	stream->avail_in = (uInt)io->in_len;
	stream->next_out = io->out;
	stream->avail_out = (uInt)io->out_len;
}

static void
codec_zlib_take(const z_stream *stream, struct codec_io *io)
{
	*io = (struct codec_io){ stream->next_in, stream->avail_in,
		stream->next_out, stream->avail_out };
}

static enum codec_result
codec_zlib_encode(void *encoder, struct codec_io *io, bool last)
{
	z_stream *stream = encoder;
	int rc;

	codec_zlib_give(stream, io);
	rc = deflate(stream, last ? Z_FINISH : Z_NO_FLUSH);
	codec_zlib_take(stream, io);
	return rc == Z_STREAM_END ? CODEC_DONE : CODEC_MORE;
}

static void
codec_zlib_close_encoder(void *encoder)
{
	if (encoder != NULL)
		(void)deflateEnd(encoder); /* what is discarded is known */
	free(encoder);
}

static void *
codec_zlib_open_decoder(void)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	if (stream != NULL && inflateInit2(stream, CODEC_ZLIB_WINDOW) == Z_OK)
		return stream;
	free(stream);
	return NULL;
}

static enum codec_result
codec_zlib_decode(void *decoder, struct codec_io *io)
{
	z_stream *stream = decoder;
	int rc;

	codec_zlib_give(stream, io);
	rc = inflate(stream, Z_NO_FLUSH);
	codec_zlib_take(stream, io);
	switch (rc) {
	case Z_OK:
	case Z_BUF_ERROR: return CODEC_MORE;
	case Z_STREAM_END:
		/* Members may follow each other (RFC 1952 2.2). */
		return inflateReset(stream) == Z_OK ? CODEC_DONE : CODEC_BAD;
	case Z_MEM_ERROR: return CODEC_NO_MEMORY;
	default: return CODEC_BAD;
	}
}

static void
codec_zlib_close_decoder(void *decoder)
{
	if (decoder != NULL)
		(void)inflateEnd(decoder); /* nothing is lost */
	free(decoder);
}

const struct codec codec_zlib = {
	.library = "zlib",
	.open_encoder = codec_zlib_open_encoder,
	.encode = codec_zlib_encode,
	.close_encoder = codec_zlib_close_encoder,
	.open_decoder = codec_zlib_open_decoder,
	.decode = codec_zlib_decode,
	.close_decoder = codec_zlib_close_decoder,
};

#else

const struct codec codec_zlib = { .library = "zlib" };

#endif
