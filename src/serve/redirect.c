/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/redirect.h"

#include "http/uri.h"

void
redirect_to_path(struct redirect *redirect, struct span path, bool slash,
    struct span query, struct reply *reply)
{
	char *out = redirect->location;
	size_t len;

	/*
	 * From the decoded path, which begins with exactly one slash: what was
	 * sent may begin with two, and "//host" is another site.
	 */
	len = uri_encode_path(path, out, sizeof(redirect->location));
	if (len == 0 || len + 1 + query.len > sizeof(redirect->location)) {
		reply_set_status(reply, 414);
		return;
	}
	if (slash)
		out[len++] = '/';
	if (query.len > 0)
		memcpy(out + len, query.ptr, query.len);
	len += query.len;
	reply_set_status(reply, 301);
	reply->response.location = (struct span){ out, len };
}
