/* SPDX-License-Identifier: BSD-2-Clause */
/* The content codings that a file may have ready beside it (RFC 9110 8.4). */
#ifndef HTTP_CODING_H
#define HTTP_CODING_H

#include "core/span.h"

enum coding {
	CODING_IDENTITY,
	CODING_BR,
	CODING_ZSTD,
	CODING_GZIP,
	CODING_COUNT,
};

/* The token for Content-Encoding; "identity" is never sent. */
struct span coding_name(enum coding coding);

/* The ending of a sidecar file: ".br"; identity has none. */
struct span coding_suffix(enum coding coding);

#endif
