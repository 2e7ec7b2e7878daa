/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/rules.h"

#include <stdlib.h>

#include "conf/guard.h"
#include "core/glob.h"

static struct rules_glob
rules_make_glob(unsigned section, struct span text)
{
	struct rules_glob glob = { text, rules_bit(section), RULES_EXACT };
	size_t first = strcspn(text.ptr, "*?");

	if (first == text.len)
		return glob;
	glob.shape = RULES_GLOB;
	if (text.ptr[first] == '*' && first + 1 == text.len) {
		glob.shape = RULES_PREFIX;
		glob.text.len--;
	} else if (*text.ptr == '*' &&
		   strcspn(text.ptr + 1, "*?") + 1 == text.len) {
		glob.shape = RULES_SUFFIX;
		glob.text.ptr++;
		glob.text.len--;
	}
	return glob;
}

static void
rules_add_glob(struct rules *rules, unsigned section, const char *glob)
{
	if (strcmp(glob, "*") == 0)
		rules->always |= rules_bit(section);
	else
		rules->globs[rules->nglobs++] =
		    rules_make_glob(section, span_of(glob));
}

static bool
rules_glob_matches(const struct rules_glob *glob, struct span path)
{
	struct span text = glob->text;
	const char *at = path.ptr;

	if (glob->shape == RULES_GLOB)
		return glob_match(text, path);
	if (path.len < text.len ||
	    (glob->shape == RULES_EXACT && path.len > text.len))
		return false;
	if (glob->shape == RULES_SUFFIX)
		at += path.len - text.len;
	/* The last byte decides most often, which spares a call. */
	return at[text.len - 1] == text.ptr[text.len - 1] &&
	       memcmp(at, text.ptr, text.len) == 0;
}

int
rules_init(struct rules *rules, const struct conf_site *conf)
{
	unsigned nglobs = 0;

	*rules = (struct rules){ .conf = conf };
	for (unsigned i = 0; i < conf->nmatches; i++)
		nglobs += 1 + conf->matches[i]->paths.nitems;
	if (nglobs == 0)
		return 0;
	rules->globs = calloc(nglobs, sizeof(*rules->globs));
	if (rules->globs == NULL)
		return -1;
	for (unsigned i = 0; i < conf->nmatches; i++) {
		const struct conf_match *match = conf->matches[i];

		if (match->type[0] != '\0')
			rules->types |= rules_bit(i);
		/* A deny alone keeps somebody out, and hides nothing. */
		if (match->allow.nitems > 0 || match->guard != NULL)
			rules->guards |= rules_bit(i);
		if (match->cors.nitems > 0)
			rules->cors |= rules_bit(i);
		if (match->paces)
			rules->paced |= rules_bit(i);
		rules_add_glob(rules, i, match->glob);
		for (unsigned j = 0; j < match->paths.nitems; j++)
			rules_add_glob(rules, i, match->paths.items[j]);
	}
	return 0;
}

uint64_t
rules_match(const struct rules *rules, struct span path)
{
	uint64_t matched = rules->always;

	for (unsigned i = 0; i < rules->nglobs; i++) {
		const struct rules_glob *glob = &rules->globs[i];

		if ((matched & glob->section) == 0 &&
		    rules_glob_matches(glob, path))
			matched |= glob->section;
	}
	return matched;
}

static bool
rules_list_names(const struct conf_list *list, struct span name)
{
	for (unsigned i = 0; i < list->nitems; i++)
		if (span_equal_nocase(span_of(list->items[i]), name))
			return true;
	return false;
}

bool
rules_name_field(const struct rules *rules, uint64_t matched, struct span name)
{
	const struct conf_site *conf = rules->conf;

	for (unsigned i = 0; i < conf->nadditions; i++) {
		struct span text = conf->additions[i].text;

		if ((conf->additions[i].section & matched) != 0 &&
		    text.len > name.len && text.ptr[name.len] == ':' &&
		    span_equal_nocase(
			(struct span){ text.ptr, name.len }, name))
			return true;
	}
	for (unsigned i = 0; i < conf->nmatches; i++)
		if ((matched >> i & 1) != 0 &&
		    rules_list_names(&conf->matches[i]->unset, name))
			return true;
	return false;
}

struct span
rules_type(const struct rules *rules, struct span path)
{
	const struct conf_match *match = NULL;

	if (rules->types != 0)
		match = rules_last(rules->conf->matches,
		    rules->types & rules_match(rules, path));
	return match == NULL ? (struct span){ 0 } : span_of(match->type);
}

const struct conf_cors *
rules_cors(const struct rules *rules, uint64_t matched)
{
	const struct conf_match *match =
	    rules_last(rules->conf->matches, matched & rules->cors);

	return match == NULL ? NULL : match->cors_lines;
}

const struct conf_match *
rules_pace(const struct rules *rules, uint64_t matched)
{
	const struct conf_match *match =
	    rules_last(rules->conf->matches, matched & rules->paced);

	return match == NULL || match->rate == 0 ? NULL : match;
}

void
rules_write(const struct rules *rules, uint64_t matched, unsigned when,
    struct rules_text *text)
{
	const struct conf_site *conf = rules->conf;

	if (text->rules == rules && text->matched == matched &&
	    text->when == when)
		return;
	text->rules = rules;
	text->matched = matched;
	text->when = when;
	text->len = 0;
	for (unsigned i = 0; i < conf->nadditions; i++) {
		const struct conf_addition *line = &conf->additions[i];

		if (!rules_line_counts(line, matched, when))
			continue;
		memcpy(text->bytes + text->len, line->text.ptr, line->text.len);
		text->len += line->text.len;
	}
}

void
rules_fini(struct rules *rules)
{
	free(rules->globs);
	rules->globs = NULL;
}
