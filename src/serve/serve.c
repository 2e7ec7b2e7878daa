/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/serve.h"

#include <errno.h>
#include <stdlib.h>

#include "http/uri.h"

struct request_limits
serve_limits(const struct conf *conf)
{
	return (struct request_limits){
		.head_bytes = conf->limits.head_bytes,
		.target_bytes = conf->limits.target_bytes,
		.field_bytes = conf->limits.field_bytes,
		.nfields = (unsigned)conf->limits.fields,
	};
}

int
serve_init(struct serve *serve, const struct site *sites, unsigned nsites,
    const struct filecache_opts *opts, const struct mime_map *mime,
    struct counters *counters)
{
	size_t bytes = 0;

	serve->sites = sites;
	serve->nsites = nsites;
	for (unsigned i = 0; i < nsites; i++)
		if (bytes < sites[i].rules.bytes)
			bytes = sites[i].rules.bytes;
	/* Not of size 0, for which malloc(3) may return NULL. */
	serve->fields = malloc(bytes + 1);
	if (serve->fields == NULL)
		return -1;
	represent_init(&serve->represent);
	if (auth_init(&serve->auth, sites, nsites) == -1)
		return -1;
	return filecache_init(&serve->cache, opts, mime, counters);
}

static void
serve_redirect(struct serve *serve, const struct request *request,
    struct span path, struct reply *reply)
{
	size_t len;

	/*
	 * From the decoded path, which begins with exactly one slash: what was
	 * sent may begin with two, and "//host" is another site.
	 */
	len = uri_encode_path(path, serve->location, sizeof(serve->location));
	if (len == 0 ||
	    len + 1 + request->query.len > sizeof(serve->location)) {
		reply_set_status(reply, 414);
		return;
	}
	serve->location[len++] = '/';
	if (request->query.len > 0)
		memcpy(serve->location + len, request->query.ptr,
		    request->query.len);
	len += request->query.len;
	reply_set_status(reply, 301);
	reply->response.location = (struct span){ serve->location, len };
}

/* The first index file that exists; path ends with a slash, and grows. */
static const struct resource *
serve_find_index(struct serve *serve, const struct site *site, struct span path,
    const struct clock *clock)
{
	const struct conf_list *index = &site->conf->index;
	const struct resource *resource = NULL;

	for (unsigned i = 0; i < index->nitems; i++) {
		struct span name = span_of(index->items[i]);
		struct span full = { path.ptr, path.len + name.len };

		if (full.len >= sizeof(serve->path))
			break;
		memcpy(serve->path + path.len, name.ptr, name.len);
		serve->path[full.len] = '\0';
		resource = filecache_get(&serve->cache, site, full, clock);
		serve->found_len = full.len;
		if (resource->error != ENOENT && resource->error != EISDIR)
			break;
	}
	return resource;
}

static void
serve_resource(struct serve *serve, const struct request *request,
    const struct site *site, struct span path, const struct clock *clock,
    struct reply *reply)
{
	bool is_folder = path.ptr[path.len - 1] == '/';
	const struct resource *resource;
	enum coding coding;

	serve->found_len = path.len;
	resource = is_folder ? serve_find_index(serve, site, path, clock)
			     : filecache_get(&serve->cache, site, path, clock);
	if (resource == NULL) {
		reply_set_status(reply, 404);
		return;
	}
	if (resource->error == EISDIR && !is_folder) {
		serve_redirect(serve, request, path, reply);
		return;
	}
	if (resource->error != 0) {
		reply_set_error(reply, resource->error);
		return;
	}
	coding = resource->available == 1u << CODING_IDENTITY
		     ? CODING_IDENTITY
		     : accept_pick(request, resource->available, site->order);
	represent_file(&serve->represent, request,
	    file_get(resource->files[coding]), clock->wall_s, reply);
}

/* True when whoever asks may see what the sections that match are about. */
static bool
serve_lets_in(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	const struct auth_asked asked = {
		.request = request,
		.site = serve->site,
		.path = { serve->path, serve->decoded_len },
		.matched = serve->matched,
		.clock = clock,
	};

	return auth_check(&serve->auth, &asked, reply);
}

/* What is served for a folder has a longer path than was asked for. */
static void
serve_match_file(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	uint64_t before = serve->matched;
	struct file *file = reply->file;

	if (file == NULL || serve->found_len == serve->decoded_len)
		return;
	serve->matched |= rules_match(&serve->site->rules,
	    (struct span){ serve->path, serve->found_len });
	if (serve->matched != before &&
	    !serve_lets_in(serve, request, clock, reply))
		file_put(&serve->cache.files, &file);
}

/* Adds the fields of the sections that match the request or the file. */
static void
serve_add_fields(struct serve *serve, struct reply *reply)
{
	const struct rules *rules = &serve->site->rules;

	reply->response.extra = (struct span){ serve->fields,
		rules_write(rules, serve->matched,
		    reply->response.status >= 400, serve->fields) };
}

/* Answers what asks for a path that was decoded and may be shown. */
static void
serve_path(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	const struct site *site = serve->site;
	struct span path = { serve->path, serve->decoded_len };

	if (site->conf->nmatches > 0)
		serve->matched = rules_match(&site->rules, path);
	serve->cache.lookup = FILECACHE_UNASKED;
	if (serve->matched == 0 ||
	    serve_lets_in(serve, request, clock, reply)) {
		serve_resource(serve, request, site, path, clock, reply);
		if (site->conf->nmatches > 0)
			serve_match_file(serve, request, clock, reply);
	}
	reply->lookup = serve->cache.lookup;
	if (site->conf->nmatches > 0)
		serve_add_fields(serve, reply);
}

static void
serve_target(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	struct span path = { serve->path, 0 };
	enum verdict verdict;

	serve->site = site_match(serve->sites, serve->nsites, request->host);
	verdict = uri_decode_path(
	    request->path, serve->path, sizeof(serve->path), &path.len);
	if (verdict != VERDICT_OK) {
		reply_set_status(reply, verdict_status(verdict));
		reply->verdict = verdict;
	} else if (site_path_hidden(path)) {
		reply_set_status(reply, 404);
	} else {
		serve->decoded_len = path.len;
		serve_path(serve, request, clock, reply);
	}
	reply->site = serve->site;
}

void
serve_request(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	serve->decoded_len = 0;
	serve->matched = 0;
	if (auth_is_on(&serve->auth))
		auth_begin(&serve->auth);
	switch (request->method) {
	case METHOD_GET:
	case METHOD_HEAD: serve_target(serve, request, clock, reply); break;
	case METHOD_OPTIONS:
		reply_begin(reply, 204);
		reply->response.allow = REPLY_ALLOW;
		break;
	case METHOD_TRACE:
	case METHOD_CONNECT:
	case METHOD_OTHER: reply_set_status(reply, 405); break;
	}
}

void
serve_release(struct serve *serve, struct reply *reply)
{
	if (reply->file != NULL)
		file_put(&serve->cache.files, &reply->file);
}

void
serve_fini(struct serve *serve)
{
	filecache_fini(&serve->cache);
	auth_fini(&serve->auth);
	free(serve->fields);
	serve->fields = NULL;
}
