/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/redirect.h"

#include "conf/pathset.h"
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

bool
redirect_by_rule(struct redirect *redirect, const struct site *site,
    struct span path, struct span query, struct reply *reply)
{
	struct span text;
	const struct pathrule *rule =
	    pathset_find(site->conf->redirects, path, &text);
	size_t len = 0;

	if (rule == NULL)
		return false;
	if (rule->status != 410) {
		len = pathrule_write_location(rule, text, query,
		    redirect->location, sizeof(redirect->location));
		if (len == 0) {
			reply_set_status(reply, 414);
			return true;
		}
	}
	reply_set_status(reply, (int)rule->status);
	if (len > 0)
		reply->response.location =
		    (struct span){ redirect->location, len };
	return true;
}

/* The port that the client named, with its colon; the zero span: none. */
static struct span
redirect_port(const struct request *request)
{
	struct span host, port;

	/* With a host in the target, Host may be another one. */
	if (!uri_split_host(request->value[FIELD_HOST], &host, &port) ||
	    port.len == 0 || !span_equal_nocase(host, request->host))
		return (struct span){ 0 };
	return (struct span){ port.ptr - 1, port.len + 1 };
}

void
redirect_to_host(struct redirect *redirect, const struct site *site,
    const struct request *request, struct reply *reply)
{
	const struct conf_site *conf = site->conf;
	/* As they were sent: behind a host nothing else can be one. */
	const struct span parts[] = {
		conf->scheme == CONF_SCHEME_HTTPS ? SPAN("https://")
						  : SPAN("http://"),
		span_of(conf->hosts.items[0]),
		redirect_port(request),
		request->path,
		request->query,
	};
	size_t len = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].len > sizeof(redirect->location) - len) {
			reply_set_status(reply, 414);
			return;
		}
		if (parts[i].len > 0)
			memcpy(redirect->location + len, parts[i].ptr,
			    parts[i].len);
		len += parts[i].len;
	}
	reply_set_status(reply, 301);
	reply->response.location = (struct span){ redirect->location, len };
}
