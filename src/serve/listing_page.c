/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_page.h"

#include <assert.h>

#include "core/hash.h"
#include "serve/listing_page.inc"

/* Where something is to be filled in. */
#define LISTING_PAGE_GAP SPAN("<!--@-->")

/* Of a line, beside its name, which stands in it twice. */
#define LISTING_PAGE_LINE_BYTES 160

/* Of a gap without names. */
#define LISTING_PAGE_GAP_BYTES 512

/* Folders of the path that are shown; of more, the last ones. */
#define LISTING_PAGE_CRUMBS 16

/* With as many rows a browser is to lay out those that are seen. */
#define LISTING_PAGE_MANY 1000

#define LISTING_PAGE_POLICY                                                    \
	"default-src 'none'; img-src data:; "                                  \
	"style-src '" LISTING_PAGE_STYLE_HASH "'; "                            \
	"script-src '" LISTING_PAGE_SCRIPT_HASH "'; "                          \
	"base-uri 'none'; form-action 'none'"

/* What a file is, for its icon: the first row that its type begins with. */
static const struct {
	struct span type;
	char kind;
} listing_page_kinds[] = {
	{ { "image/", 6 }, 'i' },
	{ { "video/", 6 }, 'v' },
	{ { "audio/", 6 }, 'a' },
	{ { "text/html", 9 }, 'c' },
	{ { "text/css", 8 }, 'c' },
	{ { "text/javascript", 15 }, 'c' },
	{ { "text/x-", 7 }, 'c' },
	{ { "text/", 5 }, 't' },
	{ { "application/json", 16 }, 'c' },
	{ { "application/xml", 15 }, 'c' },
	{ { "application/yaml", 16 }, 'c' },
	{ { "application/toml", 16 }, 'c' },
	{ { "application/sql", 15 }, 'c' },
	{ { "application/wasm", 16 }, 'c' },
	{ { "application/pdf", 15 }, 'p' },
	{ { "application/epub", 16 }, 'p' },
	{ { "application/msword", 18 }, 'p' },
	{ { "application/postscript", 22 }, 'p' },
	{ { "application/rtf", 15 }, 'p' },
	{ { "application/vnd.oasis", 21 }, 'p' },
	{ { "application/vnd.openxml", 23 }, 'p' },
	{ { "application/vnd.ms-", 19 }, 'p' },
	{ { "application/zip", 15 }, 'z' },
	{ { "application/gzip", 16 }, 'z' },
	{ { "application/zstd", 16 }, 'z' },
	{ { "application/x-", 14 }, 'z' },
	{ { "application/java-archive", 24 }, 'z' },
	{ { "application/vnd.debian", 22 }, 'z' },
};

struct span
listing_page_policy(void)
{
	return SPAN(LISTING_PAGE_POLICY);
}

static struct span
listing_page_html(void)
{
	return (struct span){ (const char *)listing_page_bytes,
		sizeof(listing_page_bytes) };
}

uint32_t
listing_page_version(void)
{
	struct span html = listing_page_html();

	return hash_bytes(0, html.ptr, html.len);
}

/* What stands between two gaps; the page is short enough to look for them. */
static struct span
listing_page_piece(unsigned n)
{
	const struct span gap = LISTING_PAGE_GAP;
	struct span rest = listing_page_html();
	const char *end;

	for (;;) {
		end = memmem(rest.ptr, rest.len, gap.ptr, gap.len);
		if (n-- == 0 || end == NULL)
			break;
		rest.len -= (size_t)(end - rest.ptr) + gap.len;
		rest.ptr = end + gap.len;
	}
	if (end != NULL)
		rest.len = (size_t)(end - rest.ptr);
	return rest;
}

/* Writes of a piece what fits. */
static bool
listing_page_constant(
    struct listing *listing, struct listing_text *text, unsigned n)
{
	struct span piece = listing_page_piece(n);
	size_t left = piece.len - listing->done;
	size_t room = listing_text_room(text);
	size_t len = left < room ? left : room;

	listing_text_put(text, (struct span){ piece.ptr + listing->done, len });
	listing->done += len;
	return len == left;
}

/* The last folder of a path that ends with a slash, and is more than that. */
static struct span
listing_page_last(struct span path)
{
	const char *slash;

	assert(path.len > 1);
	slash = memrchr(path.ptr, '/', path.len - 1);
	return (struct span){ slash + 1,
		(size_t)(path.ptr + path.len - 1 - slash) };
}

static bool
listing_page_title(struct listing *listing, struct listing_text *text)
{
	struct span path = { listing->path, listing->path_len };
	struct span last = path.len == 1 ? path : listing_page_last(path);

	if (listing_text_room(text) < LISTING_TEXT_GROWTH * last.len)
		return false;
	listing_text_put_html(text, last);
	return true;
}

static unsigned
listing_page_depth(const struct listing *listing)
{
	unsigned depth = 0;

	for (size_t i = 1; i < listing->path_len; i++)
		depth += listing->path[i] == '/';
	return depth;
}

/* The folder of the path that is n levels up. */
static struct span
listing_page_ancestor(const struct listing *listing, unsigned n)
{
	struct span path = { listing->path, listing->path_len };

	for (; n > 0; n--)
		path.len -= listing_page_last(path).len;
	return path;
}

/* A folder of the path, which is up levels above this one. */
static bool
listing_page_crumb(
    const struct listing *listing, unsigned up, struct listing_text *text)
{
	struct span path = listing_page_ancestor(listing, up);
	struct span name = path.len == 1 ? path : listing_page_last(path);

	if (listing_text_room(text) <
	    LISTING_TEXT_GROWTH * name.len + 3 * (size_t)up + 32)
		return false;
	listing_text_put(text, up == 0 ? SPAN("<b>") : SPAN("<a href=\""));
	for (unsigned i = 0; i < up; i++)
		listing_text_put(text, SPAN("../"));
	listing_text_put(text, up == 0 ? SPAN("") : SPAN("\">"));
	listing_text_put_html(text, name);
	listing_text_put(text, up == 0 ? SPAN("</b>") : SPAN("</a>"));
	return true;
}

/*
 * The way up, from the top; listing->done counts what is written.  The links
 * are relative, so that they work below whatever prefix a proxy puts in front.
 */
static bool
listing_page_crumbs(struct listing *listing, struct listing_text *text)
{
	unsigned depth = listing_page_depth(listing);

	for (; listing->done <= depth; listing->done++) {
		unsigned up = depth - (unsigned)listing->done;

		if (listing->done > 0 && up >= LISTING_PAGE_CRUMBS)
			continue;
		if (!listing_page_crumb(listing, up, text))
			return false;
	}
	return true;
}

static bool
listing_page_table(struct listing *listing, struct listing_text *text)
{
	if (listing->parted)
		listing_text_put(text,
		    SPAN("<p class=\"note\">There are more entries here than "
			 "are sorted at a time. They come in parts, each "
			 "sorted by itself.</p>\n"));
	listing_text_put(text, listing->heap.n < LISTING_PAGE_MANY
				   ? SPAN("<table>")
				   : SPAN("<table class=\"many\">"));
	return true;
}

/* The head of a column: a link that sorts by it, or turns the order round. */
static void
listing_page_head(const struct listing *listing, enum listing_sort sort,
    struct span word, struct span title, struct listing_text *text)
{
	const struct listing_order *order = &listing->heap.order;
	bool current = order->sort == sort;

	listing_text_put(text, SPAN("<th scope=\"col\""));
	if (current)
		listing_text_put(text, order->descending
					   ? SPAN(" aria-sort=\"descending\"")
					   : SPAN(" aria-sort=\"ascending\""));
	/* What visits every link need not see every order. */
	listing_text_put(text, SPAN("><a rel=\"nofollow\" href=\"?sort="));
	listing_text_put(text, word);
	listing_text_put(text, SPAN("&amp;order="));
	listing_text_put(
	    text, current && !order->descending ? SPAN("desc") : SPAN("asc"));
	listing_text_put(text, SPAN("\">"));
	listing_text_put(text, title);
	listing_text_put(text, SPAN("</a>\n"));
}

static bool
listing_page_heads(struct listing *listing, struct listing_text *text)
{
	listing_page_head(
	    listing, LISTING_NAME, SPAN("name"), SPAN("Name"), text);
	listing_page_head(
	    listing, LISTING_SIZE, SPAN("size"), SPAN("Size"), text);
	listing_page_head(listing, LISTING_TIME, SPAN("time"),
	    SPAN("Changed <small>(UTC)</small>"), text);
	if (listing->path_len > 1)
		listing_text_put(
		    text, SPAN("<tbody>\n<tr class=u><td><a href=\"../\">..</a>"
			       "<td><td>\n"));
	return true;
}

static char
listing_page_kind(struct span type)
{
	const size_t n =
	    sizeof(listing_page_kinds) / sizeof(listing_page_kinds[0]);

	for (size_t i = 0; i < n; i++)
		if (span_starts_with(type, listing_page_kinds[i].type))
			return listing_page_kinds[i].kind;
	return 'f';
}

/*
 * A line has no more than it needs: there may be a hundred thousand.  End tags
 * and quotes that HTML lets us leave out are left out.
 */
static void
listing_page_line(const struct listing *listing,
    const struct listing_entry *entry, struct listing_text *text)
{
	struct span name = listing_order_name(&listing->heap, entry);
	char kind = entry->folder
			? 'd'
			: listing_page_kind(mime_lookup(listing->mime, name));
	struct span slash = entry->folder ? SPAN("/") : SPAN("");

	listing_text_put(text, SPAN("<tr class="));
	listing_text_put(text, (struct span){ &kind, 1 });
	listing_text_put(text, SPAN("><td><a href=\""));
	listing_text_put_link(text, name);
	listing_text_put(text, slash);
	listing_text_put(text, SPAN("\">"));
	listing_text_put_html(text, name);
	listing_text_put(text, slash);
	listing_text_put(text, SPAN("</a><td"));
	if (!entry->folder) {
		listing_text_put(text, SPAN(" title=\""));
		listing_text_put_number(text, entry->size);
		listing_text_put(text,
		    entry->size == 1 ? SPAN(" byte\">") : SPAN(" bytes\">"));
		listing_text_put_size(text, entry->size);
	} else {
		listing_text_put(text, SPAN(">"));
	}
	listing_text_put(text, SPAN("<td>"));
	listing_text_put_time(text, entry->mtime_ns, ' ');
	listing_text_put(text, SPAN("\n"));
}

static bool
listing_page_lines(struct listing *listing, struct listing_text *text)
{
	while (listing->heap.n > 0) {
		struct listing_entry entry = listing->heap.entries[0];

		if (listing_text_room(text) <
		    LISTING_PAGE_LINE_BYTES +
			(3 + LISTING_TEXT_GROWTH) * (size_t)entry.name_len)
			return false;
		entry = listing_take(listing);
		listing_page_line(listing, &entry, text);
	}
	return listing->whole;
}

static void
listing_page_number(
    struct listing_text *text, uint64_t n, struct span one, struct span many)
{
	listing_text_put_number(text, n);
	listing_text_put(text, n == 1 ? one : many);
}

static bool
listing_page_count(struct listing *listing, struct listing_text *text)
{
	if (listing->nfolders + listing->nfiles == 0) {
		listing_text_put(text, SPAN("This folder is empty."));
		return true;
	}
	if (listing->nfolders > 0)
		listing_page_number(
		    text, listing->nfolders, SPAN(" folder"), SPAN(" folders"));
	if (listing->nfolders > 0 && listing->nfiles > 0)
		listing_text_put(text, SPAN(", "));
	if (listing->nfiles > 0) {
		listing_page_number(
		    text, listing->nfiles, SPAN(" file"), SPAN(" files"));
		listing_text_put(text, SPAN(" with "));
		listing_text_put_size(text, listing->bytes);
	}
	return true;
}

bool
listing_page_step(struct listing *listing, struct listing_text *text)
{
	static bool (*const gaps[])(struct listing *, struct listing_text *) = {
		listing_page_title,
		listing_page_crumbs,
		listing_page_table,
		listing_page_heads,
		listing_page_lines,
		listing_page_count,
	};
	unsigned n = listing->step / 2;

	if (listing->step % 2 == 0)
		return listing_page_constant(listing, text, n);
	/* What has names in it sees for itself. */
	if (listing_text_room(text) < LISTING_PAGE_GAP_BYTES)
		return false;
	return gaps[n](listing, text);
}
