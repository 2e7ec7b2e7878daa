/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/codec.h"

#ifdef HAVE_BROTLI

#include <brotli/decode.h>
#include <brotli/encode.h>

static void *
codec_brotli_open_encoder(uint64_t size)
{
	BrotliEncoderState *state =
	    BrotliEncoderCreateInstance(NULL, NULL, NULL);
	uint32_t window = BROTLI_MIN_WINDOW_BITS;

	if (state == NULL)
		return NULL;
	/* No larger than the file: the client makes room for a window. */
	while (window < BROTLI_MAX_WINDOW_BITS &&
	       (UINT64_C(1) << window) - 16 < size)
		window++;
	/* They only fail for values that do not exist. */
	(void)BrotliEncoderSetParameter(
	    state, BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY);
	(void)BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, window);
	(void)BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT,
	    size < UINT32_MAX ? (uint32_t)size : UINT32_MAX);
	return state;
}

static enum codec_result
codec_brotli_encode(void *encoder, struct codec_io *io, bool last)
{
	BrotliEncoderState *state = encoder;
	BrotliEncoderOperation what =
	    last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;

	/* What is not allowed is not asked for, so it can only be memory. */
	if (!BrotliEncoderCompressStream(state, what, &io->in_len, &io->in,
		&io->out_len, &io->out, NULL))
		return CODEC_NO_MEMORY;
	return BrotliEncoderIsFinished(state) ? CODEC_DONE : CODEC_MORE;
}

static void
codec_brotli_close_encoder(void *encoder)
{
	if (encoder != NULL)
		BrotliEncoderDestroyInstance(encoder);
}

static void *
codec_brotli_open_decoder(void)
{
	return BrotliDecoderCreateInstance(NULL, NULL, NULL);
}

static enum codec_result
codec_brotli_decode(void *decoder, struct codec_io *io)
{
	BrotliDecoderState *state = decoder;

	/* Nothing may follow, though the library would not look at it. */
	if (BrotliDecoderIsFinished(state))
		return CODEC_BAD;
	switch (BrotliDecoderDecompressStream(
	    state, &io->in_len, &io->in, &io->out_len, &io->out, NULL)) {
	case BROTLI_DECODER_RESULT_SUCCESS: return CODEC_DONE;
	case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
	case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: return CODEC_MORE;
	case BROTLI_DECODER_RESULT_ERROR: break;
	}
	return CODEC_BAD;
}

static void
codec_brotli_close_decoder(void *decoder)
{
	if (decoder != NULL)
		BrotliDecoderDestroyInstance(decoder);
}

const struct codec codec_brotli = {
	.library = "brotli",
	.open_encoder = codec_brotli_open_encoder,
	.encode = codec_brotli_encode,
	.close_encoder = codec_brotli_close_encoder,
	.open_decoder = codec_brotli_open_decoder,
	.decode = codec_brotli_decode,
	.close_decoder = codec_brotli_close_decoder,
};

#else

const struct codec codec_brotli = { .library = "brotli" };

#endif
