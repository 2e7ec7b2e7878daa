/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/serve.h"

#include <errno.h>

#include "http/uri.h"

#define SERVE_MULTIPART_TYPE "multipart/byteranges; boundary="

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
	const size_t at = sizeof(SERVE_MULTIPART_TYPE) - 1;

	serve->sites = sites;
	serve->nsites = nsites;
	multipart_draw_boundary(serve->boundary);
	memcpy(serve->multipart_type, SERVE_MULTIPART_TYPE, at);
	memcpy(serve->multipart_type + at, serve->boundary,
	    sizeof(serve->boundary));
	return filecache_init(&serve->cache, opts, mime, counters);
}

/* An empty reply; ranges[] mean nothing yet. */
static void
serve_begin(struct reply *reply, int status)
{
	reply->response = (struct response){ .status = status };
	reply->page = (struct span){ 0 };
	reply->file = NULL;
	reply->offset = 0;
	reply->length = 0;
	reply->error = 0;
	reply->verdict = VERDICT_OK;
	reply->site = NULL;
	reply->lookup = FILECACHE_UNASKED;
	reply->nranges = 0;
}

void
serve_page(struct reply *reply, int status, struct span type, struct span page)
{
	serve_begin(reply, status);
	reply->page = page;
	reply->response.type = type;
	reply->length = page.len;
	reply->response.has_length = true;
	reply->response.length = page.len;
}

void
serve_status(struct reply *reply, int status)
{
	serve_page(reply, status, RESPONSE_PAGE_TYPE, response_page(status));
	/* RFC 9110 15.5.6: a 405 names what is allowed. */
	if (status == 405)
		reply->response.allow = SERVE_ALLOW;
}

/* Which status an open that failed becomes. */
static void
serve_open_error(struct reply *reply, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case EISDIR:
	case ENXIO:
	case ELOOP: /* the policy on symbolic links refuses it: as if absent */
	case EXDEV: serve_status(reply, 404); return;
	case EACCES:
	case EPERM: serve_status(reply, 403); break;
	case EMFILE:
	case ENFILE:
	case ENOMEM: serve_status(reply, 503); break;
	default: serve_status(reply, 500); break;
	}
	reply->error = error;
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
		serve_status(reply, 414);
		return;
	}
	serve->location[len++] = '/';
	if (request->query.len > 0)
		memcpy(serve->location + len, request->query.ptr,
		    request->query.len);
	len += request->query.len;
	serve_status(reply, 301);
	reply->response.location = (struct span){ serve->location, len };
}

struct multipart
serve_multipart(const struct serve *serve, const struct reply *reply)
{
	return (struct multipart){
		.boundary = { serve->boundary, sizeof(serve->boundary) },
		.type = reply->file->type,
		.total = reply->file->size,
	};
}

static void
serve_one_range(struct reply *reply, struct range range)
{
	struct response *response = &reply->response;

	reply->offset = range.first;
	reply->length = range.last - range.first + 1;
	response->type = reply->file->type;
	response->length = reply->length;
	response->has_content_range = true;
	response->range = range;
	response->total = reply->file->size;
}

static void
serve_many_ranges(
    const struct serve *serve, struct reply *reply, unsigned nranges)
{
	const struct multipart multipart = serve_multipart(serve, reply);
	struct response *response = &reply->response;

	reply->nranges = nranges;
	reply->length = 0; /* until the first range's turn */
	response->type = (struct span){ serve->multipart_type,
		sizeof(SERVE_MULTIPART_TYPE) - 1 + sizeof(serve->boundary) };
	response->length = multipart_length(&multipart, reply->ranges, nranges);
}

/* Turns a 416 round the file that could not be cut that way. */
static void
serve_unsatisfiable(struct reply *reply)
{
	struct file *file = reply->file;

	serve_status(reply, 416);
	reply->file = file;
	reply->response.fields = file->vary;
	reply->response.has_content_range = true;
	reply->response.total = file->size;
}

/* Ranges of the file instead of all of it; for GET alone (RFC 9110 14.2). */
static void
serve_ranges(const struct serve *serve, const struct request *request,
    int64_t now, struct reply *reply)
{
	struct span value = request->value[FIELD_RANGE];
	struct response *response = &reply->response;
	unsigned n = 0;

	if (request->method != METHOD_GET || value.ptr == NULL ||
	    !cond_range_applies(request, &reply->file->validators, now))
		return;
	switch (range_parse(
	    value, reply->file->size, reply->ranges, SERVE_RANGES, &n)) {
	case RANGE_IGNORE: return;
	case RANGE_UNSATISFIABLE: serve_unsatisfiable(reply); return;
	case RANGE_OK: break;
	}
	response->status = 206;
	response->has_length = true;
	response->fields = reply->file->fields_206;
	if (n == 1)
		serve_one_range(reply, reply->ranges[0]);
	else
		serve_many_ranges(serve, reply, n);
}

static void
serve_file(const struct serve *serve, const struct request *request,
    struct file *file, int64_t now, struct reply *reply)
{
	serve_begin(reply, 200);
	reply->response.fields = file->fields;
	reply->file = file;
	reply->length = file->size;
	switch (cond_evaluate(request, &file->validators, now)) {
	case COND_PROCEED: serve_ranges(serve, request, now, reply); break;
	case COND_NOT_MODIFIED:
		reply->response.status = 304;
		reply->response.fields = file->fields_304;
		reply->length = 0;
		break;
	case COND_FAILED:
		serve_status(reply, 412);
		reply->response.fields = file->vary;
		reply->file = file;
		break;
	}
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

	resource = is_folder ? serve_find_index(serve, site, path, clock)
			     : filecache_get(&serve->cache, site, path, clock);
	if (resource == NULL) {
		serve_status(reply, 404);
		return;
	}
	if (resource->error == EISDIR && !is_folder) {
		serve_redirect(serve, request, path, reply);
		return;
	}
	if (resource->error != 0) {
		serve_open_error(reply, resource->error);
		return;
	}
	coding = resource->available == 1u << CODING_IDENTITY
		     ? CODING_IDENTITY
		     : accept_pick(request, resource->available, site->order);
	serve_file(serve, request, file_get(resource->files[coding]),
	    clock->wall_s, reply);
}

static void
serve_path(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	struct span path = { serve->path, 0 };
	enum verdict verdict;

	serve->site = site_match(serve->sites, serve->nsites, request->host);
	verdict = uri_decode_path(
	    request->path, serve->path, sizeof(serve->path), &path.len);
	if (verdict != VERDICT_OK) {
		serve_status(reply, verdict_status(verdict));
		reply->verdict = verdict;
	} else if (site_path_hidden(path)) {
		serve_status(reply, 404);
	} else {
		serve->decoded_len = path.len;
		serve->cache.lookup = FILECACHE_UNASKED;
		serve_resource(serve, request, serve->site, path, clock, reply);
		reply->lookup = serve->cache.lookup;
	}
	reply->site = serve->site;
}

void
serve_request(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	serve->decoded_len = 0;
	switch (request->method) {
	case METHOD_GET:
	case METHOD_HEAD: serve_path(serve, request, clock, reply); break;
	case METHOD_OPTIONS:
		serve_begin(reply, 204);
		reply->response.allow = SERVE_ALLOW;
		break;
	case METHOD_TRACE:
	case METHOD_CONNECT:
	case METHOD_OTHER: serve_status(reply, 405); break;
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
}
