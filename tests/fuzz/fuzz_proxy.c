/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A header of the PROXY protocol is the same whether its bytes come at once or
 * one by one, and whatever follows it.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "http/proxy.h"

/* Parses exactly len bytes, so that a read past them is seen. */
static enum proxy_result
parse(struct proxy *proxy, const uint8_t *data, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	enum proxy_result result;

	assert(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	result = proxy_parse(proxy, copy, len);
	free(copy);
	return result;
}

static void
check_done(const struct proxy *proxy, size_t len)
{
	char text[ADDRESS_TEXT];

	assert(proxy->problem == NULL);
	assert(proxy->len >= sizeof("PROXY UNKNOWN\r\n") - 1);
	assert(proxy->len <= len && proxy->len <= PROXY_BYTES);
	assert(address_format(&proxy->client, text) == strlen(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct proxy whole, part;
	enum proxy_result result = parse(&whole, data, len), early = PROXY_MORE;
	size_t most = len < PROXY_BYTES + 1 ? len : PROXY_BYTES + 1;

	if (result == PROXY_DONE)
		check_done(&whole, len);
	/* No header is longer, so by then all is decided. */
	assert(len <= PROXY_BYTES || result != PROXY_MORE);
	for (size_t n = 0; n <= most && early == PROXY_MORE; n++)
		early = parse(&part, data, n);
	assert(early == result);
	if (result == PROXY_MORE)
		return 0;
	assert(part.problem == whole.problem);
	assert(part.has_client == whole.has_client);
	if (result == PROXY_DONE) {
		assert(part.len == whole.len);
		assert(part.client.family == whole.client.family);
		assert(part.client.port == whole.client.port);
		assert(memcmp(part.client.addr, whole.client.addr,
			   sizeof(part.client.addr)) == 0);
	}
	return 0;
}
