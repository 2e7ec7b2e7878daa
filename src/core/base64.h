/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as letters (RFC 4648): read as 4 has it, written as 5, for URLs. */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include "core/span.h"

/* Letters that nbytes become, where none stands for padding. */
#define BASE64_URL_LEN(nbytes) (((nbytes)*8 + 5) / 6)

/*
 * Decodes text with its padding into out, which has cap bytes.  Returns false
 * when it is not exactly what an encoder would write, or when cap is too small.
 */
bool base64_decode(struct span text, char *out, size_t cap, size_t *len);

/* Writes BASE64_URL_LEN(nbytes) letters, without a NUL. */
void base64_encode_url(const unsigned char *bytes, size_t nbytes, char *out);

#endif
