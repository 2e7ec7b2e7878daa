/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/serve.h"

#include <errno.h>

#include "http/uri.h"

void
serve_init(struct serve *serve, const struct site *sites, unsigned nsites,
    const struct mime_map *mime, size_t keep)
{
	serve->sites = sites;
	serve->nsites = nsites;
	files_init(&serve->files, mime, keep);
}

void
serve_status(struct reply *reply, int status)
{
	struct span page = response_page(status);

	*reply = (struct reply){
		.response = {
			.status = status,
			.type = RESPONSE_PAGE_TYPE,
			.has_length = true,
			.length = page.len,
		},
		.page = page,
	};
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

/* One byte range of the file, or all of it; GET alone has ranges (14.2). */
static void
serve_range(const struct request *request, int64_t now, struct reply *reply)
{
	struct response *response = &reply->response;
	struct file *file = reply->file;
	struct span value = request->value[FIELD_RANGE];
	unsigned n;

	if (request->method != METHOD_GET || value.ptr == NULL ||
	    !cond_range_applies(request, &file->validators, now))
		return;
	switch (range_parse(value, file->size, &response->range, 1, &n)) {
	case RANGE_IGNORE: return;
	case RANGE_OK:
		response->status = 206;
		response->length =
		    response->range.last - response->range.first + 1;
		reply->offset = response->range.first;
		break;
	case RANGE_UNSATISFIABLE:
		serve_status(reply, 416);
		reply->file = file; /* still ours to release */
		break;
	}
	response->has_content_range = true;
	response->total = file->size;
}

static void
serve_file(const struct request *request, struct file *file, int64_t now,
    struct reply *reply)
{
	*reply = (struct reply){
		.response = {
			.status = 200,
			.type = file->type,
			.has_length = true,
			.length = file->size,
			.fields = file->fields,
		},
		.file = file,
	};
	switch (cond_evaluate(request, &file->validators, now)) {
	case COND_PROCEED: serve_range(request, now, reply); break;
	case COND_NOT_MODIFIED:
		reply->response = (struct response){
			.status = 304,
			.fields = file->fields_304,
		};
		break;
	case COND_FAILED:
		serve_status(reply, 412);
		reply->file = file;
		break;
	}
}

/* Opens the first index file of a directory; path ends with a slash. */
static struct file *
serve_open_index(
    struct serve *serve, const struct site *site, struct span path, int64_t now)
{
	const struct conf_list *index = &site->conf->index;

	for (unsigned i = 0; i < index->nitems; i++) {
		struct span name = span_of(index->items[i]);
		struct span full = { path.ptr, path.len + name.len };
		struct file *file;

		if (full.len >= sizeof(serve->path)) {
			errno = ENAMETOOLONG;
			return NULL;
		}
		memcpy(serve->path + path.len, name.ptr, name.len);
		serve->path[full.len] = '\0';
		file = file_open(&serve->files, site, full, now);
		if (file != NULL || (errno != ENOENT && errno != EISDIR))
			return file;
	}
	errno = ENOENT;
	return NULL;
}

static void
serve_path(struct serve *serve, const struct request *request, int64_t now,
    struct reply *reply)
{
	const struct site *site =
	    site_match(serve->sites, serve->nsites, request->host);
	struct span path = { serve->path, 0 };
	enum verdict verdict;
	struct file *file;

	verdict = uri_decode_path(
	    request->path, serve->path, sizeof(serve->path), &path.len);
	if (verdict != VERDICT_OK) {
		serve_status(reply, verdict_status(verdict));
		return;
	}
	if (site_path_hidden(path)) {
		serve_status(reply, 404);
		return;
	}
	if (path.ptr[path.len - 1] == '/')
		file = serve_open_index(serve, site, path, now);
	else
		file = file_open(&serve->files, site, path, now);
	if (file != NULL)
		serve_file(request, file, now, reply);
	else if (errno == EISDIR)
		serve_redirect(serve, request, path, reply);
	else
		serve_open_error(reply, errno);
}

void
serve_request(struct serve *serve, const struct request *request, int64_t now,
    struct reply *reply)
{
	switch (request->method) {
	case METHOD_GET:
	case METHOD_HEAD: serve_path(serve, request, now, reply); break;
	case METHOD_OPTIONS:
		*reply = (struct reply){
			.response = { .status = 204, .allow = SERVE_ALLOW },
		};
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
		file_put(&serve->files, &reply->file);
}

void
serve_fini(struct serve *serve)
{
	files_fini(&serve->files);
}
