/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/internal.h"

#include "conf/value.h"

unsigned
internal_index(const struct key_section *section, const struct key *key)
{
	return (unsigned)(key - section->keys);
}

static const struct conf_instance *
internal_find(const struct conf_internal *internal, const void *values)
{
	for (unsigned i = 0; i < internal->ninstances; i++)
		if (internal->instances[i]->values == values)
			return internal->instances[i];
	return NULL;
}

struct conf_origin
internal_origin(const struct conf *conf, const void *values, const char *name)
{
	const struct conf_instance *instance =
	    internal_find(conf->internal, values);
	const struct key *key =
	    instance == NULL ? NULL
			     : keys_find(instance->section, span_of(name));

	if (key == NULL)
		return (struct conf_origin){ 0 };
	return instance->origins[internal_index(instance->section, key)];
}

struct conf_origin
internal_origin_of_change(
    const struct conf *conf, const void *values, const char *name)
{
	const struct conf_instance *instance =
	    internal_find(conf->internal, values);
	const struct key *key =
	    instance == NULL ? NULL
			     : keys_find(instance->section, span_of(name));
	char text[VALUE_TEXT];

	if (key == NULL || key->def == NULL || keys_is_list(key) ||
	    keys_is_pairs(key) ||
	    strcmp(value_text(key, values, text), key->def) != 0)
		return internal_origin(conf, values, name);
	return (struct conf_origin){ 0 };
}

struct conf_origin
internal_place(const struct conf *conf, const void *values, const char *name)
{
	const struct conf_instance *instance =
	    internal_find(conf->internal, values);
	struct conf_origin origin = internal_origin(conf, values, name);

	if (origin.file == NULL && instance != NULL)
		origin = instance->origin;
	return origin.file == NULL ? conf->internal->start : origin;
}
