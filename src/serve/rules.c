/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/rules.h"

#include <stdlib.h>

#include "core/glob.h"

static uint64_t
rules_bit(unsigned section)
{
	return UINT64_C(1) << section;
}

/* The name in a field line. */
static struct span
rules_name(struct span line)
{
	const char *colon = memchr(line.ptr, ':', line.len);

	return (struct span){ line.ptr, (size_t)(colon - line.ptr) };
}

/* The value in a field line. */
static struct span
rules_value(struct span line)
{
	size_t skip = rules_name(line).len + 1;

	return span_trim((struct span){ line.ptr + skip, line.len - skip });
}

static bool
rules_list_names(const struct conf_list *list, struct span name)
{
	for (unsigned i = 0; i < list->nitems; i++) {
		struct span item = span_of(list->items[i]);

		if (memchr(item.ptr, ':', item.len) != NULL)
			item = rules_name(item);
		if (span_equal_nocase(item, name))
			return true;
	}
	return false;
}

/* The sections behind one that replace or remove the field. */
static uint64_t
rules_droppers(const struct conf_site *conf, unsigned section, struct span name)
{
	uint64_t bits = 0;

	for (unsigned i = section + 1; i < conf->nmatches; i++)
		if (rules_list_names(&conf->matches[i]->set, name) ||
		    rules_list_names(&conf->matches[i]->unset, name))
			bits |= rules_bit(i);
	return bits;
}

/* The line that sets a field in this section already; NULL: none does. */
static struct rules_line *
rules_find_set(struct rules *rules, unsigned first, struct span name)
{
	for (unsigned i = first; i < rules->nlines; i++)
		if (span_equal_nocase(rules_name(rules->lines[i].text), name))
			return &rules->lines[i];
	return NULL;
}

static void
rules_put(struct rules *rules, struct span text)
{
	memcpy(rules->text + rules->bytes, text.ptr, text.len);
	rules->bytes += text.len;
}

/*
 * Sets item i of a section's `set` as one line, with all others of its name:
 * each is a part of a value that was too long for a line of a file.
 */
static void
rules_put_set(struct rules *rules, const struct conf_list *set, unsigned i)
{
	struct span name = rules_name(span_of(set->items[i]));

	rules_put(rules, span_of(set->items[i]));
	for (unsigned j = i + 1; j < set->nitems; j++) {
		struct span item = span_of(set->items[j]);

		if (!span_equal_nocase(rules_name(item), name))
			continue;
		rules_put(rules, SPAN(" "));
		rules_put(rules, rules_value(item));
	}
}

/* Ends the line that was put from start on. */
static void
rules_end_line(struct rules *rules, unsigned section, size_t start)
{
	struct rules_line *line = &rules->lines[rules->nlines++];

	rules_put(rules, SPAN("\r\n"));
	line->text = (struct span){ rules->text + start, rules->bytes - start };
	line->section = rules_bit(section);
	line->dropped_by =
	    rules_droppers(rules->conf, section, rules_name(line->text));
	line->errors = rules->conf->matches[section]->errors;
}

static void
rules_add_section(struct rules *rules, unsigned section)
{
	const struct conf_match *match = rules->conf->matches[section];
	unsigned first = rules->nlines;

	for (unsigned i = 0; i < match->set.nitems; i++) {
		struct span item = span_of(match->set.items[i]);
		size_t start = rules->bytes;

		if (rules_find_set(rules, first, rules_name(item)) != NULL)
			continue;
		rules_put_set(rules, &match->set, i);
		rules_end_line(rules, section, start);
	}
	for (unsigned i = 0; i < match->append.nitems; i++) {
		size_t start = rules->bytes;

		rules_put(rules, span_of(match->append.items[i]));
		rules_end_line(rules, section, start);
	}
}

/* Room for the lines of a list: each has a CR LF, or a blank instead. */
static void
rules_measure(const struct conf_list *list, unsigned *nlines, size_t *bytes)
{
	*nlines += list->nitems;
	for (unsigned i = 0; i < list->nitems; i++)
		*bytes += strlen(list->items[i]) + 2;
}

int
rules_init(struct rules *rules, const struct conf_site *conf)
{
	unsigned nlines = 0;
	size_t bytes = 0;

	*rules = (struct rules){ .conf = conf };
	for (unsigned i = 0; i < conf->nmatches; i++) {
		rules_measure(&conf->matches[i]->set, &nlines, &bytes);
		rules_measure(&conf->matches[i]->append, &nlines, &bytes);
	}
	if (nlines == 0)
		return 0;
	rules->lines = calloc(nlines, sizeof(*rules->lines));
	rules->text = malloc(bytes);
	if (rules->lines == NULL || rules->text == NULL)
		return -1;
	for (unsigned i = 0; i < conf->nmatches; i++)
		rules_add_section(rules, i);
	return 0;
}

static bool
rules_section_matches(const struct conf_match *match, struct span path)
{
	if (glob_match(span_of(match->glob), path))
		return true;
	for (unsigned i = 0; i < match->paths.nitems; i++)
		if (glob_match(span_of(match->paths.items[i]), path))
			return true;
	return false;
}

uint64_t
rules_match(const struct rules *rules, struct span path)
{
	uint64_t matched = 0;

	for (unsigned i = 0; i < rules->conf->nmatches; i++)
		if (rules_section_matches(rules->conf->matches[i], path))
			matched |= rules_bit(i);
	return matched;
}

bool
rules_name_field(const struct rules *rules, uint64_t matched, struct span name)
{
	for (unsigned i = 0; i < rules->conf->nmatches; i++) {
		const struct conf_match *match = rules->conf->matches[i];

		if ((matched & rules_bit(i)) != 0 &&
		    (rules_list_names(&match->set, name) ||
			rules_list_names(&match->append, name) ||
			rules_list_names(&match->unset, name)))
			return true;
	}
	return false;
}

size_t
rules_write(const struct rules *rules, uint64_t matched, bool error, char *out)
{
	size_t len = 0;

	for (unsigned i = 0; i < rules->nlines; i++) {
		const struct rules_line *line = &rules->lines[i];

		if ((line->section & matched) == 0 ||
		    (line->dropped_by & matched) != 0 ||
		    (error && !line->errors))
			continue;
		memcpy(out + len, line->text.ptr, line->text.len);
		len += line->text.len;
	}
	return len;
}

void
rules_fini(struct rules *rules)
{
	free(rules->lines);
	free(rules->text);
	rules->lines = NULL;
	rules->text = NULL;
}
