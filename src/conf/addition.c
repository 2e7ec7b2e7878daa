/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/addition.h"

#include <inttypes.h>
#include <stdio.h>

#include "conf/cors_lines.h"
#include "conf/internal.h"
#include "conf/security.h"
#include "core/number.h"

#define ADDITION_CACHE SPAN("Cache-Control")

/* A year: what is called immutable is kept no longer. */
#define ADDITION_IMMUTABLE "max-age=31536000, immutable"

/* A section of a site, for which lines are made. */
struct addition_place {
	struct conf *conf;
	struct conf_site *site;
	unsigned section;
};

static const struct conf_match *
addition_match(const struct addition_place *place)
{
	return place->site->matches[place->section];
}

static uint64_t
addition_bit(unsigned section)
{
	return UINT64_C(1) << section;
}

/* The name in a field line. */
static struct span
addition_name(struct span line)
{
	const char *colon = memchr(line.ptr, ':', line.len);

	return (struct span){ line.ptr, (size_t)(colon - line.ptr) };
}

/* The value in a field line. */
static struct span
addition_value(struct span line)
{
	size_t skip = addition_name(line).len + 1;

	return span_trim((struct span){ line.ptr + skip, line.len - skip });
}

/* True when an item of `set` or `unset` is about the field. */
static bool
addition_list_names(const struct conf_list *list, struct span name)
{
	for (unsigned i = 0; i < list->nitems; i++) {
		struct span item = span_of(list->items[i]);

		if (memchr(item.ptr, ':', item.len) != NULL)
			item = addition_name(item);
		if (span_equal_nocase(item, name))
			return true;
	}
	return false;
}

/* True when the section replaces or removes the field of earlier ones. */
static bool
addition_drops(const struct conf_match *match, struct span name)
{
	return addition_list_names(&match->set, name) ||
	       addition_list_names(&match->unset, name) ||
	       (match->cache[0] != '\0' &&
		   span_equal_nocase(name, ADDITION_CACHE));
}

/* The sections behind this one that replace or remove the field. */
static uint64_t
addition_droppers(const struct addition_place *place, struct span name)
{
	const struct conf_site *site = place->site;
	uint64_t bits = 0;

	for (unsigned i = place->section + 1; i < site->nmatches; i++)
		if (addition_drops(site->matches[i], name))
			bits |= addition_bit(i);
	return bits;
}

static void
addition_add(const struct addition_place *place, struct conf_addition line)
{
	struct conf_site *site = place->site;
	struct conf_addition *grown = store_grow(&place->conf->internal->store,
	    site->additions, site->nadditions, sizeof(*grown));

	if (grown == NULL || line.text.ptr == NULL)
		return;
	line.section = addition_bit(place->section);
	grown[site->nadditions++] = line;
	site->additions = grown;
}

/* A line of a list; its text is all the list has of its name if joined. */
static struct span
addition_write_item(const struct addition_place *place,
    const struct conf_list *list, unsigned first, bool joined)
{
	struct span item = span_of(list->items[first]);
	struct span name = addition_name(item);
	size_t room = item.len + 2, len = item.len;
	char *text;

	for (unsigned i = first + 1; joined && i < list->nitems; i++)
		room += strlen(list->items[i]);
	text = store_alloc(&place->conf->internal->store, room);
	if (text == NULL)
		return (struct span){ 0 };
	memcpy(text, item.ptr, item.len);
	for (unsigned i = first + 1; joined && i < list->nitems; i++) {
		item = span_of(list->items[i]);
		if (!span_equal_nocase(addition_name(item), name))
			continue;
		/* The blank has the place of the colon. */
		text[len++] = ' ';
		item = addition_value(item);
		memcpy(text + len, item.ptr, item.len);
		len += item.len;
	}
	memcpy(text + len, "\r\n", 2);
	return (struct span){ text, len + 2 };
}

static bool
addition_is_first(const struct conf_list *list, unsigned item)
{
	struct span name = addition_name(span_of(list->items[item]));

	for (unsigned i = 0; i < item; i++)
		if (span_equal_nocase(
			addition_name(span_of(list->items[i])), name))
			return false;
	return true;
}

/*
 * The items of `set` become one line for each name: they are parts of a value
 * that was too long for a line of a file.  Those of `append` stand alone.
 */
static void
addition_add_list(const struct addition_place *place,
    const struct conf_list *list, bool joined)
{
	for (unsigned i = 0; i < list->nitems; i++) {
		struct span name = addition_name(span_of(list->items[i]));

		if (joined && !addition_is_first(list, i))
			continue;
		addition_add(place,
		    (struct conf_addition){
			.text = addition_write_item(place, list, i, joined),
			.dropped_by = addition_droppers(place, name),
			.when =
			    addition_match(place)->errors ? 0 : CONF_WHEN_GOOD,
			.repeats = !joined,
			.origin = list->origins[i],
		    });
	}
}

static void
addition_add_cache_line(const struct addition_place *place, unsigned when,
    const char *scope, const char *value)
{
	struct store *store = &place->conf->internal->store;
	const struct conf_match *match = addition_match(place);
	char text[96];
	int len = snprintf(
	    text, sizeof(text), "Cache-Control: %s%s\r\n", scope, value);

	addition_add(place,
	    (struct conf_addition){
		.text = { store_copy(store, (struct span){ text, (size_t)len }),
		    (size_t)len },
		.dropped_by = addition_droppers(place, ADDITION_CACHE),
		.when = when,
		.origin = internal_origin(place->conf, match, "cache"),
	    });
}

/* What only some may have is not for a cache that others share. */
static void
addition_add_age(
    const struct addition_place *place, unsigned when, const char *age)
{
	addition_add_cache_line(place, when | CONF_WHEN_OPEN, "public, ", age);
	addition_add_cache_line(
	    place, when | CONF_WHEN_GUARDED, "private, ", age);
}

static void
addition_add_seconds(
    const struct addition_place *place, unsigned when, uint64_t seconds)
{
	char age[40];

	(void)snprintf(age, sizeof(age), "max-age=%" PRIu64, seconds);
	addition_add_age(place, when, age);
}

/* What `cache` lets caches do (RFC 9111 5.2.2, RFC 8246). */
static void
addition_add_good_cache(const struct addition_place *place, const char *cache)
{
	uint64_t ms = 0;

	if (strcmp(cache, "off") == 0) {
		addition_add_cache_line(place, CONF_WHEN_GOOD, "", "no-store");
	} else if (strcmp(cache, "revalidate") == 0) {
		addition_add_cache_line(place, CONF_WHEN_GOOD, "", "no-cache");
	} else if (strcmp(cache, "immutable") == 0) {
		addition_add_age(place, CONF_WHEN_GOOD, ADDITION_IMMUTABLE);
	} else if (strcmp(cache, "hashed") == 0) {
		addition_add_age(place, CONF_WHEN_GOOD | CONF_WHEN_HASHED,
		    ADDITION_IMMUTABLE);
		addition_add_cache_line(
		    place, CONF_WHEN_GOOD | CONF_WHEN_PLAIN, "", "no-cache");
	} else {
		/* Cannot fail: item_check() has let it pass. */
		(void)number_parse_duration(span_of(cache), &ms);
		addition_add_seconds(place, CONF_WHEN_GOOD, ms / 1000);
	}
}

/*
 * A file that appears must not be missing for those who asked too early, and a
 * failure is over at some time: errors are kept only when that is asked for.
 */
static void
addition_add_caches(const struct addition_place *place)
{
	const struct conf_match *match = addition_match(place);
	uint64_t missing_s = match->cache_missing_ms / 1000;

	if (match->cache[0] == '\0')
		return;
	addition_add_good_cache(place, match->cache);
	addition_add_cache_line(place, CONF_WHEN_FAILED, "", "no-store");
	if (missing_s > 0)
		addition_add_seconds(place, CONF_WHEN_MISSING, missing_s);
	else
		addition_add_cache_line(
		    place, CONF_WHEN_MISSING, "", "no-store");
}

/*
 * The sections that take a line of `security` back: those that set its field,
 * wherever they stand, if they do so in such an answer, and later ones.
 */
static uint64_t
addition_preset_droppers(
    const struct addition_place *place, struct span name, bool errors)
{
	const struct conf_site *site = place->site;
	uint64_t bits = 0;

	for (unsigned i = 0; i < site->nmatches; i++) {
		const struct conf_match *match = site->matches[i];
		bool later = i > place->section;

		if (((match->errors || !errors) &&
			addition_list_names(&match->set, name)) ||
		    (later && addition_list_names(&match->unset, name)) ||
		    (later && match->security != CONF_SECURITY_INHERIT))
			bits |= addition_bit(i);
	}
	return bits;
}

static void
addition_add_preset(const struct addition_place *place)
{
	const struct conf_match *match = addition_match(place);
	const char *const *preset = security_lines(match->security);

	for (; *preset != NULL; preset++) {
		struct conf_addition line = {
			.text = span_of(*preset),
			.when = CONF_WHEN_GOOD,
			.origin =
			    internal_origin(place->conf, match, "security"),
		};
		struct span name = addition_name(line.text);

		line.dropped_by = addition_preset_droppers(place, name, false);
		addition_add(place, line);
		line.dropped_by = addition_preset_droppers(place, name, true);
		line.when = CONF_WHEN_OTHER;
		addition_add(place, line);
	}
}

/*
 * The bytes of the longest line of those that exclude each other: of one name
 * and not repeated; 0 unless line i is the first of them.
 */
static size_t
addition_longest(const struct conf_site *site, unsigned i)
{
	const struct conf_addition *lines = site->additions;
	struct span name = addition_name(lines[i].text);
	size_t most = 0;

	for (unsigned j = 0; j < site->nadditions; j++) {
		if (lines[j].repeats ||
		    !span_equal_nocase(addition_name(lines[j].text), name))
			continue;
		if (j < i)
			return 0;
		if (most < lines[j].text.len)
			most = lines[j].text.len;
	}
	return most;
}

/* No answer of the site gets more bytes than this. */
static size_t
addition_measure(const struct conf_site *site)
{
	size_t bytes = 0, cors = 0;

	for (unsigned i = 0; i < site->nadditions; i++)
		bytes += site->additions[i].repeats
			     ? site->additions[i].text.len
			     : addition_longest(site, i);
	for (unsigned i = 0; i < site->nmatches; i++) {
		const struct conf_cors *lines = site->matches[i]->cors_lines;

		if (lines != NULL && cors < lines->bytes)
			cors = lines->bytes;
	}
	return bytes + cors;
}

/* Each of them is compared with each other. */
static unsigned
addition_count_items(const struct conf_site *site)
{
	unsigned n = 0;

	for (unsigned i = 0; i < site->nmatches; i++) {
		const struct conf_match *match = site->matches[i];

		n += match->set.nitems + match->append.nitems +
		     match->unset.nitems;
	}
	return n;
}

static void
addition_complete_site(
    struct conf *conf, struct conf_site *site, struct report *report)
{
	struct addition_place place = { .conf = conf, .site = site };
	unsigned nitems = addition_count_items(site);

	if (nitems > ADDITION_ITEMS_MAX) {
		report_add(report, internal_place(conf, site, ""),
		    "site: the [match] sections of [site%s%s] set, append or "
		    "unset %u fields, and %d are the most; take some out",
		    site->name[0] == '\0' ? "" : ":", site->name, nitems,
		    ADDITION_ITEMS_MAX);
		return;
	}
	for (unsigned i = 0; i < site->nmatches; i++) {
		const struct conf_match *match = site->matches[i];

		place.section = i;
		addition_add_preset(&place);
		addition_add_caches(&place);
		addition_add_list(&place, &match->set, true);
		addition_add_list(&place, &match->append, false);
	}
	site->addition_bytes = addition_measure(site);
	if (site->addition_bytes <= ADDITION_BYTES_MAX)
		return;
	report_add(report, internal_place(conf, site, ""),
	    "site: the [match] sections of [site%s%s] can add %zu bytes of "
	    "fields to one answer, and there is room for %d; shorten their "
	    "values, or take some out",
	    site->name[0] == '\0' ? "" : ":", site->name, site->addition_bytes,
	    ADDITION_BYTES_MAX);
}

void
additions_complete(struct conf *conf, struct report *report)
{
	for (unsigned i = 0; i < conf->nsites; i++)
		addition_complete_site(conf, &conf->sites[i], report);
}
