/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/per_site.h"

#include "conf/pairs.h"
#include "conf/site_name.h"
#include "conf/value.h"

/* The section of all sites. */
static const struct conf_instance *
per_site_find_common(
    const struct conf_internal *internal, const struct key_section *section)
{
	unsigned i = 0;

	while (internal->instances[i]->section != section ||
	       internal->instances[i]->name[0] != '\0')
		i++;
	return internal->instances[i];
}

static void
per_site_inherit_pairs(struct conf_pairs *own, const struct conf_pairs *common,
    struct store *store)
{
	for (unsigned i = 0; i < common->nitems; i++) {
		const struct conf_pair *pair = &common->items[i];

		if (pairs_find(own, span_of(pair->name)) == NULL)
			pairs_put(own, NULL, pair, store);
	}
}

static void
per_site_inherit_all(struct conf_instance *own,
    const struct conf_instance *common, struct store *store)
{
	const struct key_section *section = own->section;

	for (unsigned i = 0; i < section->nkeys; i++) {
		const struct key *key = &section->keys[i];

		if (keys_is_pairs(key)) {
			per_site_inherit_pairs(value_field(key, own->values),
			    value_field(key, common->values), store);
		} else if (own->origins[i].file == NULL) {
			value_copy(key, own->values, common->values);
			own->origins[i] = common->origins[i];
		}
	}
}

void
per_site_inherit(struct conf *conf)
{
	struct conf_internal *internal = conf->internal;

	for (unsigned i = 0; i < internal->ninstances; i++) {
		struct conf_instance *instance = internal->instances[i];
		const struct key_section *section = instance->section;

		if (section->per_site && instance->name[0] != '\0')
			per_site_inherit_all(instance,
			    per_site_find_common(internal, section),
			    &internal->store);
	}
}

/* The site of a section that is at values; NULL after it was refused. */
static struct conf_site *
per_site_find(const struct conf *conf, const void *values, const char *section,
    const char *name, struct report *report)
{
	struct conf_site *site = site_name_find(conf, span_of(name));

	if (site == NULL)
		site_name_refuse(conf, values, section, span_of(name), report);
	return site;
}

void
per_site_complete(struct conf *conf, struct report *report)
{
	struct conf_site *site;

	for (unsigned i = 0; i < conf->nsites; i++)
		conf->sites[i].error_pages = &conf->error_pages;
	for (unsigned i = 0; i < conf->nsite_error_pages; i++) {
		const struct conf_error_pages *pages =
		    &conf->site_error_pages[i];

		site = per_site_find(
		    conf, pages, "error_pages", pages->name, report);
		if (site != NULL)
			site->error_pages = pages;
	}
	for (unsigned i = 1; i <= conf->nsite_logs; i++) {
		const struct conf_access_log *log = conf_log(conf, i);

		site =
		    per_site_find(conf, log, "access_log", log->name, report);
		if (site != NULL)
			site->log = i;
	}
}
