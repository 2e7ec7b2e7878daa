/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/admin.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#include "http/accept.h"
#include "http/query.h"
#include "os/heap.h"
#include "status/json.h"
#include "status/metrics.h"
#include "status/page.h"
#include "status/text.h"

/*
 * Enough for the metrics of all slots there can be, and for the JSON of some
 * 500 processes; only what is written costs memory.
 */
#define ADMIN_PAGE_BYTES (512 * 1024)

/* Whatever is here is of this moment, and of nobody else's business. */
#define ADMIN_FIELDS                                                           \
	"Cache-Control: no-store\r\n"                                          \
	"Cross-Origin-Resource-Policy: same-origin\r\n"                        \
	"X-Content-Type-Options: nosniff\r\n"

#define ADMIN_TEXT_TYPE SPAN("text/plain; charset=utf-8")
#define ADMIN_JSON_TYPE SPAN("application/json")

enum admin_form {
	ADMIN_PAGE,
	ADMIN_STATUS, /* text or JSON, as the client likes it */
	ADMIN_JSON,
	ADMIN_METRICS,
	ADMIN_HEALTHZ,
	ADMIN_READYZ,
	ADMIN_NOTHING,
};

static const struct {
	struct span path;
	enum admin_form form;
} admin_rows[] = {
	{ { "/", 1 }, ADMIN_PAGE },
	{ { "/status", 7 }, ADMIN_STATUS },
	{ { "/status.json", 12 }, ADMIN_JSON },
	{ { "/metrics", 8 }, ADMIN_METRICS },
	{ { "/healthz", 8 }, ADMIN_HEALTHZ },
	{ { "/readyz", 7 }, ADMIN_READYZ },
};

int
admin_init(struct admin *admin, const struct board *board, bool wanted)
{
	*admin = (struct admin){ .board = board };
	if (!wanted)
		return 0;
	admin->pages = malloc((size_t)ADMIN_PAGES * ADMIN_PAGE_BYTES);
	return admin->pages == NULL ? -1 : 0;
}

void
admin_stop(struct admin *admin)
{
	admin->stopping = true;
}

/* An answer that is one of our own lines. */
static void
admin_say(struct reply *reply, int status, struct span line)
{
	reply_set_page(reply, status, ADMIN_TEXT_TYPE, line);
	reply->response.fields = SPAN(ADMIN_FIELDS);
}

/* Who may wait for a moment is told so. */
static void
admin_put_off(struct reply *reply, struct span line)
{
	admin_say(reply, 503, line);
	reply->response.retry_after_s = 1;
}

static void
admin_say_ready(const struct admin *admin, struct reply *reply)
{
	if (admin->stopping)
		admin_put_off(reply, SPAN("stopping\n"));
	else if (admin->board->ready != 0)
		admin_say(reply, 200, SPAN("ready\n"));
	else
		admin_put_off(reply, admin->board->loaded_s == 0
					 ? SPAN("starting\n")
					 : SPAN("stopping\n"));
}

static char *
admin_lend(struct admin *admin)
{
	for (size_t i = 0; admin->pages != NULL && i < ADMIN_PAGES; i++) {
		if (admin->lent[i])
			continue;
		admin->lent[i] = true;
		return admin->pages + i * ADMIN_PAGE_BYTES;
	}
	return NULL;
}

void
admin_release(struct admin *admin, char **page)
{
	size_t i = (size_t)(*page - admin->pages) / ADMIN_PAGE_BYTES;

	*page = NULL;
	assert(i < ADMIN_PAGES && admin->lent[i]);
	admin->lent[i] = false;
}

static void
admin_write(struct admin *admin, enum admin_form form,
    const struct clock *clock, struct reply *reply, char **page)
{
	struct span type = ADMIN_TEXT_TYPE;
	struct snapshot snapshot;
	struct writer writer;

	*page = admin_lend(admin);
	if (*page == NULL) {
		admin_put_off(
		    reply, SPAN("too many read the status at the moment\n"));
		return;
	}
	writer_init(&writer, *page, ADMIN_PAGE_BYTES);
	snapshot_take(&snapshot, admin->board, clock, heap_is_counted());
	if (form == ADMIN_JSON) {
		type = ADMIN_JSON_TYPE;
		json_write(&writer, &snapshot);
	} else if (form == ADMIN_METRICS) {
		type = METRICS_TYPE;
		metrics_write(&writer, &snapshot);
	} else {
		text_write(&writer, &snapshot);
	}
	assert(!writer.full);
	reply_set_page(
	    reply, 200, type, (struct span){ writer.data, writer.len });
	reply->response.fields = form == ADMIN_STATUS
				     ? SPAN(ADMIN_FIELDS "Vary: Accept\r\n")
				     : SPAN(ADMIN_FIELDS);
}

/* Text or JSON; NOTHING for a form that does not exist. */
static enum admin_form
admin_choose(const struct request *request)
{
	struct span format = query_find(request->query, SPAN("format"));

	if (format.ptr == NULL)
		return accept_asks_for(request, ADMIN_JSON_TYPE) ? ADMIN_JSON
								 : ADMIN_STATUS;
	if (span_equal(format, SPAN("json")))
		return ADMIN_JSON;
	return span_equal(format, SPAN("text")) ? ADMIN_STATUS : ADMIN_NOTHING;
}

static enum admin_form
admin_find(const struct request *request)
{
	for (unsigned i = 0; i < sizeof(admin_rows) / sizeof(admin_rows[0]);
	     i++)
		if (span_equal(request->path, admin_rows[i].path))
			return admin_rows[i].form;
	return ADMIN_NOTHING;
}

/*
 * A name that leads to this machine may be an attacker's, whose page a browser
 * here has open (DNS rebinding).  Nobody else's name is an address.
 */
static bool
admin_is_host_safe(const struct request *request, const struct address *peer)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr in;

	/* Without Host it is no browser. */
	if (peer->family == AF_UNIX || request->host.ptr == NULL ||
	    request->host.ptr[0] == '[' ||
	    span_equal_nocase(request->host, SPAN("localhost")))
		return true;
	if (request->host.len >= sizeof(text))
		return false;
	memcpy(text, request->host.ptr, request->host.len);
	text[request->host.len] = '\0';
	return inet_pton(AF_INET, text, &in) == 1;
}

void
admin_answer(struct admin *admin, const struct request *request,
    const struct address *peer, const struct clock *clock, struct reply *reply,
    char **page)
{
	enum admin_form form = admin_find(request);

	if (!admin_is_host_safe(request, peer)) {
		admin_say(reply, 421,
		    SPAN("Ask by an address, or as localhost: another name "
			 "may be somebody else's.\n"));
		return;
	}
	if (request->method != METHOD_GET && request->method != METHOD_HEAD) {
		admin_say(reply, 405, SPAN("This can be read, no more.\n"));
		reply->response.allow = SPAN("GET, HEAD");
		return;
	}
	if (form == ADMIN_STATUS)
		form = admin_choose(request);
	switch (form) {
	case ADMIN_PAGE:
		reply_set_page(reply, 200, RESPONSE_PAGE_TYPE, page_html());
		reply->response.fields = page_fields();
		return;
	case ADMIN_STATUS:
	case ADMIN_JSON:
	case ADMIN_METRICS:
		admin_write(admin, form, clock, reply, page);
		return;
	case ADMIN_HEALTHZ: admin_say(reply, 200, SPAN("alive\n")); return;
	case ADMIN_READYZ: admin_say_ready(admin, reply); return;
	case ADMIN_NOTHING: break;
	}
	admin_say(reply, 404,
	    SPAN("There are / (for browsers), /status (?format=text or json), "
		 "/status.json, /metrics, /healthz and /readyz.\n"));
}

bool
admin_is_probe(const struct request *request)
{
	enum admin_form form;

	if (request->method != METHOD_GET && request->method != METHOD_HEAD)
		return false;
	form = admin_find(request);
	return form == ADMIN_HEALTHZ || form == ADMIN_READYZ;
}

void
admin_answer_probe(const struct admin *admin, const struct request *request,
    struct reply *reply)
{
	if (admin_find(request) == ADMIN_READYZ)
		admin_say_ready(admin, reply);
	else
		admin_say(reply, 200, SPAN("alive\n"));
}

void
admin_fini(struct admin *admin)
{
	for (size_t i = 0; i < ADMIN_PAGES; i++)
		assert(!admin->lent[i]);
	free(admin->pages);
	admin->pages = NULL;
}
