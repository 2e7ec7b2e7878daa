/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/chunk.h"

#include <assert.h>
#include <string.h>

/* "ffff" CR LF before the bytes; CR LF, "0" CR LF CR LF behind them. */
#define CHUNK_SIZE_BYTES 6
#define CHUNK_END        "0\r\n\r\n"

size_t
chunk_room(const struct buf *buf)
{
	size_t room = buf->cap - buf->len;

	if (room <= CHUNK_FRAME_BYTES)
		return 0;
	room -= CHUNK_FRAME_BYTES;
	return room < CHUNK_BYTES ? room : CHUNK_BYTES;
}

char *
chunk_at(struct buf *buf)
{
	return buf->data + buf->len + CHUNK_SIZE_BYTES;
}

static void
chunk_put(struct buf *buf, const char *bytes, size_t len)
{
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
}

void
chunk_add(struct buf *buf, size_t len, bool last)
{
	static const char hex[] = "0123456789abcdef";

	assert(len <= CHUNK_BYTES);
	if (len > 0) {
		const char size[CHUNK_SIZE_BYTES] = {
			hex[len >> 12],
			hex[len >> 8 & 15],
			hex[len >> 4 & 15],
			hex[len & 15],
			'\r',
			'\n',
		};

		chunk_put(buf, size, sizeof(size));
		buf->len += len;
		chunk_put(buf, "\r\n", 2);
	}
	if (last)
		chunk_put(buf, CHUNK_END, sizeof(CHUNK_END) - 1);
	assert(buf->len <= buf->cap);
}
