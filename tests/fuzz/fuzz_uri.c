/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A decoded path stays below the root, whatever was sent; a host and its port
 * are the text, and a host alone is one too.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "http/uri.h"

static void
uri_check_decoded(const char *path, size_t len)
{
	assert(path[0] == '/' && path[len] == '\0');
	assert(strlen(path) == len);
	assert(strstr(path, "//") == NULL && strchr(path, '\\') == NULL);
	assert(strstr(path, "/./") == NULL && strstr(path, "/../") == NULL);
	assert(len < 2 || strcmp(path + len - 2, "/.") != 0);
	assert(len < 3 || strcmp(path + len - 3, "/..") != 0);
}

static void
uri_check_host(struct span text)
{
	struct span host, port, again;

	if (!uri_split_host(text, &host, &port))
		return;
	assert(host.ptr == text.ptr);
	assert(host.len + (port.ptr != NULL) + port.len == text.len);
	assert(port.ptr != NULL || port.len == 0);
	for (size_t i = 0; i < port.len; i++)
		assert(port.ptr[i] >= '0' && port.ptr[i] <= '9');
	for (size_t i = 0; i < host.len; i++)
		assert(memchr("/?#@\\\" \r\n", host.ptr[i], 9) == NULL);
	assert(uri_split_host(host, &again, &port) && port.ptr == NULL);
	assert(span_equal(again, host));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span text = { (const char *)data, len };
	char path[512], encoded[3 * sizeof(path)], again[sizeof(path)];
	size_t path_len, encoded_len, again_len;

	/* No field has a NUL in its value. */
	if (memchr(data, '\0', len) == NULL)
		uri_check_host(text);
	if (len == 0 || data[0] != '/' ||
	    uri_decode_path(text, path, sizeof(path), &path_len) != VERDICT_OK)
		return 0;
	uri_check_decoded(path, path_len);

	/* Encoding and decoding it again gives the same path. */
	encoded_len = uri_encode_path(
	    (struct span){ path, path_len }, encoded, sizeof(encoded));
	assert(encoded_len >= path_len);
	assert(uri_decode_path((struct span){ encoded, encoded_len }, again,
		   sizeof(again), &again_len) == VERDICT_OK);
	assert(again_len == path_len && memcmp(again, path, path_len) == 0);
	return 0;
}
