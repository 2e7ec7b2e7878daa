/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/assign.h"

#include "conf/item.h"
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

/* The place of an ending in the map; one behind the last when it is new. */
static unsigned
assign_find_ending(const struct mime_map *map, struct span ending)
{
	unsigned i = 0;

	while (i < map->noverrides &&
	       !span_equal_nocase(map->overrides[i].ending, ending))
		i++;
	return i;
}

static void
assign_put_media_type(struct build *build, unsigned at, const char *ending,
    const char *type, struct conf_origin origin)
{
	struct conf_internal *internal = build->conf->internal;
	unsigned n = (unsigned)build->conf->mime.noverrides;
	struct mime_type *types =
	    store_grow(build_store(build), internal->mime, n, sizeof(*types));
	struct conf_origin *origins = store_grow(
	    build_store(build), internal->mime_origins, n, sizeof(*origins));

	if (ending == NULL || type == NULL || types == NULL || origins == NULL)
		return;
	types[at] = (struct mime_type){ span_of(ending), span_of(type) };
	origins[at] = origin;
	internal->mime = types;
	internal->mime_origins = origins;
	build->conf->mime.overrides = types;
	build->conf->mime.noverrides = at < n ? n : n + 1;
}

/* A key of [mime]: its name is the ending of file names. */
static void
assign_media_type(struct build *build, struct conf_instance *instance,
    struct span name, struct span value, struct conf_origin origin)
{
	const struct key_section *section = instance->section;
	const struct conf_origin *origins = build->conf->internal->mime_origins;
	struct key key = section->keys[0];
	char text[REPORT_QUOTED];
	const char *what;
	unsigned at;

	key.name = refuse_name(text, name);
	if (*name.ptr == '.' || memchr(name.ptr, '/', name.len) != NULL) {
		report_add(&build->report, origin,
		    "%s.%s: not an ending; write it without the first dot "
		    "and without a slash",
		    section->name, text);
		return;
	}
	at = assign_find_ending(&build->conf->mime, name);
	if (at < build->conf->mime.noverrides &&
	    !assign_wins(origin, &origins[at])) {
		refuse_again(
		    &build->report, section, text, origins[at], origin);
		return;
	}
	what = item_check(&key, value);
	if (what != NULL) {
		refuse_value(
		    &build->report, section, &key, value, what, origin);
		return;
	}
	assign_put_media_type(build, at,
	    item_copy_lower(build_store(build), name),
	    store_copy(build_store(build), value), origin);
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
	else if (key->type == KEY_MEDIA_TYPE)
		assign_media_type(build, instance, name, value, origin);
	else
		assign_known(build, instance, key, value, origin);
}
