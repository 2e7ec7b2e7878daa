/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/serve.h"

#include <errno.h>
#include <stdlib.h>

#include "http/uri.h"
#include "serve/fallback.h"

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

	for (unsigned i = 0; i < nsites; i++)
		if (bytes < sites[i].rules.bytes)
			bytes = sites[i].rules.bytes;
	serve->fields = malloc(bytes + FALLBACK_FIELD_BYTES);
	if (serve->fields == NULL)
		return -1;
	represent_init(&serve->represent);
	if (hosts_init(&serve->hosts, sites, nsites) == -1)
		return -1;
	return filecache_init(&serve->cache, opts, mime, counters);
}

/*
 * What is served for a path, plain being what it stands for itself, if that was
 * looked up.  NULL after an answer that is no file.  Kept out of the way of
 * what most requests are for.
 */
static const struct resource *serve_search(struct serve *serve,
    const struct request *request, const struct clock *clock,
    const struct resource *plain, struct reply *reply) __attribute__((cold));

static const struct resource *
serve_search(struct serve *serve, const struct request *request,
    const struct clock *clock, const struct resource *plain,
    struct reply *reply)
{
	struct locate search = {
		.cache = &serve->cache,
		.clock = clock,
		.site = serve->site,
		.matched = serve->matched,
		.path = serve->path,
		.len = serve->decoded_len,
		.resource = plain,
		.uri_error = plain == NULL ? -1 : plain->error,
	};
	const struct resource *resource;

	if (plain == NULL)
		serve->cache.lookup = FILECACHE_UNASKED;
	resource = find_resource(&serve->find, request, &search, reply);
	serve->matched = search.matched;
	/* What is served for a path often has another one, which counts too. */
	if (resource != NULL && serve->site->conf->nmatches > 0)
		serve->matched |=
		    rules_match(&serve->site->rules, search.found);
	serve->searched = true;
	return resource;
}

/* The representation that the client likes most. */
static struct file *
serve_pick(const struct request *request, const struct site *site,
    const struct resource *resource)
{
	enum coding coding = CODING_IDENTITY;

	if (resource->available != 1u << CODING_IDENTITY)
		coding = accept_pick(request, resource->available, site->order);
	return resource->files[coding];
}

static void
serve_file(struct serve *serve, const struct request *request,
    const struct resource *resource, const struct clock *clock,
    struct reply *reply)
{
	represent_file(&serve->represent, request,
	    file_get(serve_pick(request, serve->site, resource)), clock->wall_s,
	    reply);
}

/* Adds the fields of the sections that match the request or the file. */
static void
serve_add_fields(struct serve *serve, struct reply *reply)
{
	const struct rules *rules = &serve->site->rules;
	size_t len;

	len = rules_write(rules, serve->matched, reply->response.status >= 400,
	    serve->fields);
	if (serve->searched && serve->find.fallback != FALLBACK_UNASKED)
		len += fallback_write_fields(serve->site, serve->matched,
		    serve->find.fallback == FALLBACK_SERVED,
		    serve->fields + len);
	reply->response.extra = (struct span){ serve->fields, len };
}

/* Answers what asks for a path that was decoded and may be shown. */
static void
serve_path(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	const struct site *site = serve->site;
	const struct span path = { serve->path, serve->decoded_len };
	const struct resource *resource = NULL;
	uint64_t matched = 0;

	if (site->conf->nmatches > 0)
		serve->matched = matched = rules_match(&site->rules, path);
	/* Most requests are for what is tried first: a file at the path. */
	if (locate_is_plain(site, matched, path))
		resource = filecache_get(&serve->cache, site, path, clock);
	if (resource == NULL || resource->error != 0)
		resource = serve_search(serve, request, clock, resource, reply);
	if (resource != NULL)
		serve_file(serve, request, resource, clock, reply);
	reply->lookup = serve->cache.lookup;
	if (site->adds_fields)
		serve_add_fields(serve, reply);
}

static void
serve_target(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	struct span path = { serve->path, 0 };
	enum verdict verdict;

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
}

/* Shows the site's own page for an answer that is an error. */
static void
serve_show_error(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	const struct site *site = serve->site;
	char folder[ERRORPAGES_FOLDER_BYTES];
	const char *path =
	    errorpages_path(&site->errorpages, reply->response.status, folder);
	const struct resource *resource;

	if (path == NULL)
		return;
	resource = filecache_get(&serve->cache, site, span_of(path), clock);
	if (resource->error == 0) {
		represent_error_page(
		    file_get(serve_pick(request, site, resource)), reply);
	} else if (path != folder || resource->error != ENOENT) {
		reply->lost_page = path != folder ? path : "/STATUS/index.html";
		reply->lost_page_error = resource->error;
	}
}

void
serve_request(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	serve->decoded_len = 0;
	serve->matched = 0;
	serve->searched = false;
	serve->site = hosts_match(&serve->hosts, request->host);
	if (serve->site == NULL) {
		reply_set_status(reply, 421);
		return;
	}
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
	reply->site = serve->site;
	if (reply->response.status >= 400 &&
	    errorpages_are_on(&serve->site->errorpages))
		serve_show_error(serve, request, clock, reply);
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
	hosts_fini(&serve->hosts);
	free(serve->fields);
	serve->fields = NULL;
}
