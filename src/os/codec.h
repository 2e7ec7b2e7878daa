/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Libraries that compress and decompress, behind one shape.
 *
 * Each is optional when tined is built: without it the functions are NULL.  The
 * server never compresses; what does has its time (`tined precompress`).
 */
#ifndef OS_CODEC_H
#define OS_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum codec_result {
	CODEC_MORE,   /* wants more input, or more room for output */
	CODEC_DONE,   /* a stream has ended; all of it is in the output */
	CODEC_BAD,    /* the input is none of this kind, or damaged */
	CODEC_WINDOW, /* it needs more memory than browsers give it */
	CODEC_NO_MEMORY,
};

/* What is left of the input, and of the room; a call moves both on. */
struct codec_io {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t out_len;
};

struct codec {
	const char *library; /* as configure calls it */
	/*
	 * A compressor for size bytes, at the highest level that is of use;
	 * equal bytes give equal output.  NULL when there is no memory.
	 */
	void *(*open_encoder)(uint64_t size);
	/* last: no input comes behind this.  MORE, DONE, or NO_MEMORY. */
	enum codec_result (*encode)(
	    void *encoder, struct codec_io *io, bool last);
	void (*close_encoder)(void *encoder); /* NULL is allowed */

	void *(*open_decoder)(void);
	/* Input behind a DONE begins another stream, or is BAD. */
	enum codec_result (*decode)(void *decoder, struct codec_io *io);
	void (*close_decoder)(void *decoder); /* NULL is allowed */
};

extern const struct codec codec_brotli, codec_zlib, codec_zstd;

#endif
