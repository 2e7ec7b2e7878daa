/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/assign.h"

#include "conf/item.h"
#include "conf/pairs.h"
#include "conf/refuse.h"
#include "conf/value.h"

/* True when a value of this origin takes the place of the one that is there. */
static bool
assign_wins(struct conf_origin origin, const struct conf_origin *there)
{
	return there->file == NULL || there->layer < origin.layer;
}

static void
assign_list(struct build *build, struct conf_instance *instance,
    const struct key *key, struct span value, struct conf_origin origin)
{
	struct span rest = value, word;
	const char *what;

	if (value.len == 0)
		refuse_value(&build->report, instance->section, key, value,
		    "empty", origin);
	while (item_next(key, &rest, &word)) {
		what = item_check(key, word);
		if (what == NULL)
			item_append(key, instance->values, word, origin,
			    build_store(build));
		else
			refuse_value(&build->report, instance->section, key,
			    word, what, origin);
	}
}

static void
assign_single(struct build *build, struct conf_instance *instance,
    const struct key *key, struct span value, struct conf_origin origin)
{
	const char *what =
	    value_parse(key, instance->values, value, build_store(build));

	if (what != NULL)
		refuse_value(&build->report, instance->section, key, value,
		    what, origin);
}

static bool
assign_has_paths(const struct key *key)
{
	return key->type == KEY_REDIRECT || key->type == KEY_REWRITE;
}

/* A key whose name is the user's. */
static void
assign_pair(struct build *build, struct conf_instance *instance,
    const struct key *key, struct span name, struct span value,
    struct conf_origin origin)
{
	const struct key_section *section = instance->section;
	struct conf_pairs *pairs = value_field(key, instance->values);
	struct conf_pair pair = { .origin = origin }, *there;
	struct key named = *key;
	char text[REPORT_QUOTED];
	const char *what = pairs_check_name(key, name);

	named.name = refuse_name(text, name);
	if (what != NULL) {
		refuse_pair(&build->report, section, name, what, origin);
		return;
	}
	pair.name = pairs_copy_name(key, name, build_store(build));
	pair.value = store_copy(build_store(build), value);
	if (pair.name == NULL || pair.value == NULL)
		return;
	/* Of paths there are many, and conf/pathset.c finds what is twice. */
	there = assign_has_paths(key) && origin.layer == CONF_FILES
		    ? NULL
		    : pairs_find(pairs, span_of(pair.name));
	if (there != NULL && !assign_wins(origin, &there->origin)) {
		refuse_again(
		    &build->report, section, text, there->origin, origin);
		return;
	}
	what = item_check(key, value);
	if (what != NULL)
		refuse_value(
		    &build->report, section, &named, value, what, origin);
	else
		pairs_put(pairs, there, &pair, build_store(build));
}

static void
assign_known(struct build *build, struct conf_instance *instance,
    const struct key *key, struct span value, struct conf_origin origin)
{
	struct conf_origin *first =
	    &instance->origins[internal_index(instance->section, key)];
	bool list = keys_is_list(key);

	if (assign_wins(origin, first)) {
		*first = origin;
		if (list)
			item_clear(key, instance->values);
	} else if (!list) {
		refuse_again(&build->report, instance->section, key->name,
		    *first, origin);
		return;
	}
	if (list)
		assign_list(build, instance, key, value, origin);
	else
		assign_single(build, instance, key, value, origin);
}

/* Sets the key that has the place of an old one. */
static void
assign_moved(struct build *build, struct conf_instance *instance,
    const struct key_moved *moved, struct span value, struct conf_origin origin)
{
	struct conf_instance *target =
	    build_enter(build, span_of(moved->new_section), origin);
	const struct key *key;
	const struct conf_origin *there;

	if (target == NULL)
		return;
	key = keys_find(target->section, span_of(moved->new_name));
	there = &target->origins[internal_index(target->section, key)];
	if (!assign_wins(origin, there)) {
		refuse_old_name(&build->report, moved, *there, origin);
		return;
	}
	report_warn(&build->report, origin,
	    "%s.%s: an old name; the key is %s.%s now", instance->section->name,
	    moved->name, moved->new_section, moved->new_name);
	assign_known(build, target, key, value, origin);
}

void
assign_key(struct build *build, struct conf_instance *instance,
    struct span name, struct span value, struct conf_origin origin)
{
	const struct key_section *section = instance->section;
	const struct key *key = keys_find(section, name);
	const struct key_moved *moved = keys_find_moved(section, name);

	if (moved != NULL)
		assign_moved(build, instance, moved, value, origin);
	else if (key == NULL)
		refuse_key(&build->report, section, name, origin);
	else if (keys_is_pairs(key))
		assign_pair(build, instance, key, name, value, origin);
	else
		assign_known(build, instance, key, value, origin);
}

void
assign_warn_of_comment(struct build *build,
    const struct conf_instance *instance, struct span name,
    struct conf_origin origin)
{
	const struct key *key =
	    instance == NULL ? NULL : keys_find(instance->section, name);

	if (key != NULL && key->type == KEY_FIELDS)
		report_warn(&build->report, origin,
		    "%s.%s: what is behind the semicolon is a comment; if it "
		    "belongs to the value, take away the blank before it",
		    instance->section->name, key->name);
}
