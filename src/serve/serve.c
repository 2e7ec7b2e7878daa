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

struct span
serve_name(const struct conf *conf)
{
	switch (conf->server.server_header) {
	case CONF_SERVER_HEADER_OFF: break;
	case CONF_SERVER_HEADER_NAME: return SPAN("tined");
	case CONF_SERVER_HEADER_FULL: return SPAN("tined/" PACKAGE_VERSION);
	}
	return (struct span){ 0 };
}

int
serve_init(struct serve *serve, const struct site *sites, unsigned nsites,
    const struct filecache_opts *opts, const struct mime_map *mime,
    struct counters *counters)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < nsites; i++)
		if (bytes < sites[i].conf->addition_bytes)
			bytes = sites[i].conf->addition_bytes;
	/* Not of size 0, for which malloc(3) may return NULL. */
	serve->fields = (struct rules_text){ .bytes = malloc(bytes + 1) };
	if (serve->fields.bytes == NULL)
		return -1;
	represent_init(&serve->represent);
	if (hosts_init(&serve->hosts, sites, nsites) == -1 ||
	    auth_init(&serve->auth, sites, nsites) == -1)
		return -1;
	return filecache_init(&serve->cache, opts, mime, counters);
}

/* The sections that match a path. */
static uint64_t
serve_match(const struct serve *serve, struct span path)
{
	const struct site *site = serve->site;

	return site->conf->nmatches > 0 ? rules_match(&site->rules, path) : 0;
}

/* True when the client may have what the sections in matched are about. */
static bool
serve_admits(struct serve *serve, const struct request *request,
    uint64_t matched, const struct clock *clock, struct reply *reply)
{
	const struct auth_asked asked = {
		.request = request,
		.site = serve->site,
		.path = { serve->path, serve->decoded_len },
		.matched = matched,
		.clock = clock,
	};

	if (matched == 0)
		return true;
	if (gate_is_open(&serve->site->gate, matched, serve->client))
		return auth_check(&serve->auth, &asked, reply);
	reply_set_status(reply, 403);
	return false;
}

/*
 * What is served for a folder has a longer path than was asked for, which may
 * match further sections.  False when the client may not have that.
 */
static bool
serve_match_found(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	const struct span path = { serve->path, serve->found_len };
	uint64_t matched;

	if (serve->found_len == serve->decoded_len)
		return true;
	matched = serve_match(serve, path);
	serve->matched |= matched;
	return serve_admits(serve, request, matched, clock, reply);
}

static void
serve_redirect(struct serve *serve, const struct request *request,
    struct span path, const struct clock *clock, struct reply *reply)
{
	uint64_t matched;
	size_t len;

	/* That there is a folder is what some may not know. */
	serve->path[path.len] = '/';
	serve->found_len = path.len + 1;
	matched =
	    serve_match(serve, (struct span){ serve->path, serve->found_len });
	if (!serve_admits(serve, request, matched, clock, reply))
		return;
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
serve_resource(struct serve *serve, const struct request *request,
    const struct site *site, struct span path, const struct clock *clock,
    struct reply *reply)
{
	bool is_folder = path.ptr[path.len - 1] == '/';
	const struct resource *resource;

	serve->found_len = path.len;
	resource = is_folder ? serve_find_index(serve, site, path, clock)
			     : filecache_get(&serve->cache, site, path, clock);
	if (resource == NULL) {
		reply_set_status(reply, 404);
		return;
	}
	if (resource->error == EISDIR && !is_folder) {
		serve_redirect(serve, request, path, clock, reply);
		return;
	}
	if (resource->error != 0) {
		reply_set_error(reply, resource->error);
		return;
	}
	if (!serve_match_found(serve, request, clock, reply))
		return;
	represent_file(&serve->represent, request,
	    file_get(serve_pick(request, site, resource)), clock->wall_s,
	    reply);
}

/* What sections can ask of an answer, bits of enum conf_when. */
static unsigned
serve_when(const struct reply *reply)
{
	int status = reply->response.status;
	bool hashed = reply->file != NULL && reply->file->hashed;

	/* 204 answers OPTIONS, which is about the server and not the file. */
	if (status == 204)
		return CONF_WHEN_OTHER;
	if (status < 400)
		return CONF_WHEN_GOOD |
		       (hashed ? CONF_WHEN_HASHED : CONF_WHEN_PLAIN);
	return CONF_WHEN_OTHER |
	       (status == 404 || status == 410 ? CONF_WHEN_MISSING
					       : CONF_WHEN_FAILED);
}

/* What the sections that match the request or the file add to the answer. */
static void
serve_add_fields(
    struct serve *serve, const struct request *request, struct reply *reply)
{
	const struct rules *rules = &serve->site->rules;
	struct rules_text *fields = &serve->fields;
	const struct conf_cors *cors;

	serve->when = serve_when(reply);
	rules_write(rules, serve->matched, serve->when, fields);
	reply->response.extra = (struct span){ fields->bytes, fields->len };
	cors = rules_cors(rules, serve->matched);
	if (cors != NULL)
		reply->response.extra.len +=
		    cors_write(cors, request, fields->bytes + fields->len);
}

/* The same for an answer that was decided without asking the sections. */
static void
serve_add_fields_of(struct serve *serve, const struct request *request,
    struct span path, struct reply *reply)
{
	if (serve->site->conf->nmatches == 0)
		return;
	serve->matched = rules_match(&serve->site->rules, path);
	serve_add_fields(serve, request, reply);
}

/* For maintenance (RFC 9110 15.6.4). */
static void
serve_refuse_closed(const struct site *site, struct reply *reply)
{
	reply_set_status(reply, 503);
	reply->response.retry_after_s =
	    (site->conf->maintenance_retry_ms + 999) / 1000;
}

/* Answers what asks for a path that was decoded and may be shown. */
static void
serve_path(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	const struct site *site = serve->site;
	struct span path = { serve->path, serve->decoded_len };

	serve->matched = serve_match(serve, path);
	if (site_is_closed(site)) {
		serve_refuse_closed(site, reply);
	} else if (serve_admits(serve, request, serve->matched, clock, reply)) {
		serve->cache.lookup = FILECACHE_UNASKED;
		serve_resource(serve, request, site, path, clock, reply);
		reply->lookup = serve->cache.lookup;
	}
	if (site->conf->nmatches > 0)
		serve_add_fields(serve, request, reply);
}

/* Answers a method that asks for no file. */
static void
serve_method(enum method method, struct reply *reply)
{
	if (method == METHOD_OPTIONS) {
		reply_begin(reply, 204);
		reply->response.allow = REPLY_ALLOW;
	} else {
		reply_set_status(reply, 405);
	}
}

static bool
serve_wants_file(const struct request *request)
{
	return request->method == METHOD_GET || request->method == METHOD_HEAD;
}

/* Answers what has a path as its target. */
static void
serve_target(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	struct span path = { serve->path, 0 };
	enum verdict verdict;

	verdict = uri_decode_path(
	    request->path, serve->path, sizeof(serve->path), &path.len);
	if (!serve_wants_file(request)) {
		/* Whatever the path: it need not lead anywhere. */
		serve_method(request->method, reply);
		if (verdict == VERDICT_OK)
			serve_add_fields_of(serve, request, path, reply);
	} else if (verdict != VERDICT_OK) {
		reply_set_status(reply, verdict_status(verdict));
		reply->verdict = verdict;
	} else if (site_path_hidden(path)) {
		reply_set_status(reply, 404);
		serve_add_fields_of(serve, request, path, reply);
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
    const struct address *client, const struct clock *clock,
    struct reply *reply)
{
	serve->client = client;
	serve->decoded_len = 0;
	serve->matched = 0;
	if (auth_is_on(&serve->auth))
		auth_begin(&serve->auth);
	serve->site = hosts_match(&serve->hosts, request->host);
	if (serve->site == NULL) {
		reply_set_status(reply, 421);
		return;
	}
	/* "*" and an authority are for OPTIONS and CONNECT alone. */
	if (request->path.ptr == NULL)
		serve_method(request->method, reply);
	else
		serve_target(serve, request, clock, reply);
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
	auth_fini(&serve->auth);
	free(serve->fields.bytes);
	serve->fields.bytes = NULL;
}
