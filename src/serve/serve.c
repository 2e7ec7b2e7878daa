/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/serve.h"

#include <errno.h>
#include <stdlib.h>

#include "http/uri.h"
#include "serve/fallback.h"
#include "serve/listing_answer.h"

/* Cached files given up for the descriptors of one listing. */
#define SERVE_LISTING_TRIES 8

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

	/* What is not there yet can be given back too. */
	serve->cache.watch.fd = -1;
	for (unsigned i = 0; i < nsites; i++)
		if (bytes < sites[i].conf->addition_bytes)
			bytes = sites[i].conf->addition_bytes;
	serve->fields =
	    (struct rules_text){ .bytes =
				     malloc(bytes + FALLBACK_FIELD_BYTES) };
	if (serve->fields.bytes == NULL)
		return -1;
	serve->listings = (struct listings){ 0 };
	represent_init(&serve->represent);
	if (hosts_init(&serve->hosts, sites, nsites) == -1 ||
	    auth_init(&serve->auth, sites, nsites) == -1)
		return -1;
	return filecache_init(&serve->cache, opts, mime, counters);
}

int
serve_init_listings(struct serve *serve, const struct site *sites,
    unsigned nsites, size_t bytes, size_t nlistings)
{
	for (unsigned i = 0; i < nsites; i++)
		if (site_may_list(&sites[i]))
			return listings_init(
			    &serve->listings, bytes, nlistings);
	return 0;
}

void
serve_use_errands(struct serve *serve, struct errands *errands)
{
	serve->cache.errands = errands;
	serve->cache.watch.hurries = true;
}

static void
serve_listing(struct serve *serve, const struct request *request,
    const struct clock *clock, struct span path, struct reply *reply)
{
	int tries = SERVE_LISTING_TRIES;

	serve->listings.now_ms = clock->mono_ms;
	do
		listing_answer_make(&serve->listings, serve->cache.errands,
		    serve->site, serve->cache.mime, request, serve->client,
		    auth_get_pass(&serve->auth), path, reply);
	while ((reply->error == EMFILE || reply->error == ENFILE) &&
	       tries-- > 0 && filecache_yield(&serve->cache));
}

static struct admit
serve_admit(struct serve *serve, const struct request *request,
    const struct clock *clock)
{
	return (struct admit){
		.auth = &serve->auth,
		.client = serve->client,
		.asked = {
			.request = request,
			.site = serve->site,
			.path = { serve->path, serve->decoded_len },
			.clock = clock,
		},
	};
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
	const struct admit admit = serve_admit(serve, request, clock);
	const struct resource *resource;

	if (plain == NULL)
		serve->cache.lookup = FILECACHE_UNASKED;
	resource = find_resource(&serve->find, &admit, &search, reply);
	serve->matched = search.matched;
	serve->found = search.found;
	serve->searched = true;
	if (serve->find.lists)
		serve_listing(serve, request, clock, search.found, reply);
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
    const struct clock *clock, uint64_t matched, struct reply *reply)
{
	const struct span path = { serve->path, serve->decoded_len };
	const struct resource *resource = NULL;

	/* Most requests are for what is tried first: a file at the path. */
	if (locate_is_plain(serve->site, matched, path))
		resource =
		    filecache_get(&serve->cache, serve->site, path, clock);
	if (resource != NULL && resource->error == ENOENT &&
	    locate_is_final(serve->site, matched)) {
		reply_set_status(reply, 404);
		resource = NULL;
	} else if (resource == NULL || resource->error != 0) {
		resource = serve_search(serve, request, clock, resource, reply);
	}
	if (resource != NULL)
		represent_file(&serve->represent, request,
		    file_get(serve_pick(request, serve->site, resource)),
		    clock->wall_s, reply);
	reply->lookup = serve->cache.lookup;
}

/* What is true of the status of an answer, bits of enum conf_when. */
static unsigned
serve_when_status(const struct reply *reply)
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

	serve->when = serve_when_status(reply);
	/*
	 * A later section may open a path again, but the file that is served
	 * for it has a path of its own: whatever guards either one counts.
	 * A list leaves out what this client may not have.
	 */
	serve->when |=
	    (serve->matched & rules->guards) != 0 ||
		    (serve->searched && serve->find.lists && rules->guards != 0)
		? CONF_WHEN_GUARDED
		: CONF_WHEN_OPEN;
	if ((serve->matched & rules->paced) != 0)
		reply->pace = rules_pace(rules, serve->matched);
	rules_write(rules, serve->matched, serve->when, fields);
	reply->response.extra = (struct span){ fields->bytes, fields->len };
	cors = rules_cors(rules, serve->matched);
	if (cors != NULL)
		reply->response.extra.len +=
		    cors_write(cors, request, fields->bytes + fields->len);
	if (serve->searched && serve->find.fallback != FALLBACK_UNASKED)
		reply->response.extra.len += fallback_write_fields(serve->site,
		    serve->matched, serve->find.fallback == FALLBACK_SERVED,
		    fields->bytes + reply->response.extra.len);
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

/* True when the client may have what was asked for; *reply says why not. */
static bool
serve_admits(struct serve *serve, const struct request *request,
    uint64_t matched, const struct clock *clock, struct reply *reply)
{
	struct admit admit;

	if (matched == 0)
		return true;
	admit = serve_admit(serve, request, clock);
	return admit_client(&admit, matched, reply);
}

/* Answers what asks for a path that was decoded and may be shown. */
static void
serve_path(struct serve *serve, const struct request *request,
    const struct clock *clock, struct reply *reply)
{
	const struct site *site = serve->site;
	const struct span path = { serve->path, serve->decoded_len };
	uint64_t matched = 0;

	if (site->adds_fields)
		serve->matched = matched = rules_match(&site->rules, path);
	if (site_is_closed(site))
		serve_refuse_closed(site, reply);
	else if (serve_admits(serve, request, matched, clock, reply))
		serve_resource(serve, request, clock, matched, reply);
	if (site->adds_fields)
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

/* Answers what is refused whatever it asks for. */
static void
serve_refuse(const struct serve *serve, struct reply *reply)
{
	reply_set_status(reply, verdict_status(serve->refusal));
	reply->verdict = serve->refusal;
	reply->response.retry_after_s = serve->retry_s;
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
	if (serve->refusal != VERDICT_OK) {
		serve_refuse(serve, reply);
		if (verdict == VERDICT_OK)
			serve_add_fields_of(serve, request, path, reply);
	} else if (!serve_wants_file(request)) {
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

/* Answers for a host that no site answers itself. */
static void
serve_elsewhere(
    struct serve *serve, const struct request *request, struct reply *reply)
{
	serve->site = hosts_renamed(&serve->hosts, request->host);
	if (serve->refusal != VERDICT_OK)
		serve_refuse(serve, reply);
	else if (serve->site == NULL)
		reply_set_status(reply, 421);
	else if (request->path.ptr == NULL || !serve_wants_file(request))
		serve_method(request->method, reply);
	else
		redirect_to_host(
		    &serve->find.redirect, serve->site, request, reply);
	reply->site = serve->site;
}

void
serve_request(struct serve *serve, const struct request *request,
    const struct address *client, const struct clock *clock,
    struct reply *reply)
{
	serve->client = client;
	serve->decoded_len = 0;
	serve->matched = 0;
	serve->searched = false;
	if (auth_is_on(&serve->auth))
		auth_begin(&serve->auth);
	serve->site = hosts_match(&serve->hosts, request->host);
	if (serve->site == NULL) {
		serve_elsewhere(serve, request, reply);
		return;
	}
	/* "*" and an authority are for OPTIONS and CONNECT alone. */
	if (request->path.ptr != NULL)
		serve_target(serve, request, clock, reply);
	else if (serve->refusal != VERDICT_OK)
		serve_refuse(serve, reply);
	else
		serve_method(request->method, reply);
	reply->site = serve->site;
	if (reply->response.status >= 400 &&
	    errorpages_are_on(&serve->site->errorpages))
		serve_show_error(serve, request, clock, reply);
	if (serve->cache.uncached.remote)
		filecache_let_go(&serve->cache);
}

void
serve_release(struct serve *serve, struct reply *reply)
{
	if (reply->file != NULL)
		file_put(&serve->cache.files, &reply->file);
	if (reply->listing != NULL)
		listing_close(&reply->listing);
}

void
serve_fini(struct serve *serve)
{
	filecache_fini(&serve->cache);
	hosts_fini(&serve->hosts);
	listings_fini(&serve->listings);
	auth_fini(&serve->auth);
	free(serve->fields.bytes);
	serve->fields.bytes = NULL;
}
