/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Request targets, hosts and paths (RFC 3986, RFC 9112 3.2).
 *
 * A path is decoded once.  What comes out names a file below the root and
 * nothing else: no NUL, no control byte, no backslash, no slash that was
 * encoded, no dot segment, no overlong UTF-8.
 */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include "core/span.h"
#include "http/verdict.h"

/*
 * Decodes the raw path of a target, which begins with '/', into out with a
 * NUL behind it; *len excludes the NUL.  Dot segments are removed and
 * repeated slashes merged; the result begins with '/', and ends with '/' when
 * the path named a directory ("/a/", "/a/.", "/a/b/..").
 * VERDICT_OK, VERDICT_BAD_PATH, or VERDICT_TARGET_TOO_LONG if cap is too small.
 */
enum verdict uri_decode_path(
    struct span path, char *out, size_t cap, size_t *len);

/*
 * True when name, a part of a path, can come out of uri_decode_path(): a file
 * with another name cannot be asked for.
 */
bool uri_is_name(struct span name);

/*
 * Splits host[:port] (RFC 3986 3.2, no userinfo); the host keeps the brackets
 * of an IPv6 address, the port may be empty.  False when it is malformed.
 */
bool uri_split_host(struct span text, struct span *host, struct span *port);

/*
 * Percent-encodes a decoded path for use in a Location field or a link,
 * without a NUL.  Returns the length, or 0 when cap is too small.
 */
size_t uri_encode_path(struct span path, char *out, size_t cap);

#endif
