/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/build.h"

#include <assert.h>
#include <stdlib.h>

#include "conf/addition.h"
#include "conf/check.h"
#include "conf/cidrs.h"
#include "conf/guard.h"
#include "conf/item.h"
#include "conf/match.h"
#include "conf/pathset.h"
#include "conf/per_site.h"
#include "conf/profile.h"
#include "conf/refuse.h"
#include "conf/types_file.h"
#include "conf/value.h"

/* Gives every key that is a single value its default. */
static void
build_set_defaults(struct build *build, struct conf_instance *instance)
{
	const struct key_section *section = instance->section;

	for (unsigned i = 0; i < section->nkeys; i++) {
		const struct key *key = &section->keys[i];

		if (key->def != NULL && !keys_is_list(key) &&
		    !keys_is_pairs(key))
			(void)value_parse(key, instance->values,
			    span_of(key->def), build_store(build));
	}
}

/* True for a section that is always there, with its struct in struct conf. */
static bool
build_is_once(const struct key_section *section, struct span name)
{
	return !section->many || (section->per_site && name.len == 0);
}

/* A section with nothing but defaults; NULL when there is no memory. */
static struct conf_instance *
build_add_instance(struct build *build, const struct key_section *section,
    struct span name, struct conf_origin origin)
{
	struct conf_internal *internal = build->conf->internal;
	struct store *store = &internal->store;
	struct conf_instance *instance = store_alloc(store, sizeof(*instance));
	struct conf_instance **grown = store_grow(
	    store, internal->instances, internal->ninstances, sizeof(*grown));

	if (instance == NULL || grown == NULL)
		return NULL;
	*instance = (struct conf_instance){ section, .origin = origin };
	instance->name = store_copy(store, name);
	instance->origins =
	    store_alloc(store, section->nkeys * sizeof(struct conf_origin));
	if (!build_is_once(section, name))
		instance->values = store_alloc(store, section->bytes);
	else
		instance->values = (char *)build->conf + section->offset;
	if (store->failed)
		return NULL;
	build_set_defaults(build, instance);
	grown[internal->ninstances++] = instance;
	internal->instances = grown;
	return instance;
}

static int
build_alloc(struct build *build, struct conf_origin start)
{
	struct conf *conf = calloc(1, sizeof(*conf));

	if (conf == NULL)
		return -1;
	conf->internal = calloc(1, sizeof(*conf->internal));
	if (conf->internal == NULL) {
		free(conf);
		return -1;
	}
	build->conf = conf;
	conf->internal->start = start;
	conf->internal->start.file =
	    store_copy(build_store(build), span_of(start.file));
	if (conf->internal->start.file == NULL) {
		conf_free(&build->conf);
		return -1;
	}
	return 0;
}

int
build_init(
    struct build *build, struct conf_origin start, struct conf_errors *errors)
{
	*build = (struct build){ 0 };
	if (report_init(&build->report, errors) == -1)
		return -1;
	if (build_alloc(build, start) == -1) {
		report_no_memory(&build->report);
		return report_fini(&build->report);
	}
	for (unsigned i = 0; i < keys_nsections; i++)
		if (build_is_once(&keys_sections[i], (struct span){ 0 }))
			(void)build_add_instance(build, &keys_sections[i],
			    (struct span){ 0 }, (struct conf_origin){ 0 });
	return 0;
}

static struct conf_instance *
build_find_instance(const struct conf_internal *internal,
    const struct key_section *section, struct span name)
{
	for (unsigned i = 0; i < internal->ninstances; i++) {
		struct conf_instance *instance = internal->instances[i];

		if (instance->section == section &&
		    span_equal(span_of(instance->name), name))
			return instance;
	}
	return NULL;
}

/* Cuts `section:name` in two; without a colon the name is the zero span. */
static struct span
build_split_header(struct span header, struct span *name)
{
	const char *colon = memchr(header.ptr, ':', header.len);
	size_t len;

	*name = (struct span){ 0 };
	if (colon == NULL)
		return header;
	len = (size_t)(colon - header.ptr);
	*name = (struct span){ colon + 1, header.len - len - 1 };
	return (struct span){ header.ptr, len };
}

struct conf_instance *
build_enter(struct build *build, struct span header, struct conf_origin origin)
{
	struct span name, word = build_split_header(header, &name);
	const struct key_section *section = keys_section(word);
	struct conf_instance *instance;

	if (section == NULL) {
		refuse_section(&build->report, word, origin);
		build->nunknown++;
		return NULL;
	}
	if (name.len == 0 && section->instance != NULL) {
		report_add(&build->report, origin,
		    "%s: a section without %s; write [%s:%s]", section->name,
		    section->instance, section->name, section->instance);
		build->nunknown++;
		return NULL;
	}
	if (name.ptr != NULL && (name.len == 0 || !section->many)) {
		report_add(&build->report, origin, "%s: %s; write [%s]",
		    section->name,
		    section->many ? "no name behind the colon"
				  : "this section takes no name",
		    section->name);
		build->nunknown++;
		return NULL;
	}
	instance = build_find_instance(build->conf->internal, section, name);
	if (instance == NULL)
		return build_add_instance(build, section, name, origin);
	if (instance->origin.file == NULL)
		instance->origin = origin;
	return instance;
}

void
build_refuse(struct build *build, struct conf_instance *instance,
    struct span name, const char *problem, struct conf_origin origin)
{
	const struct key *key = NULL;
	struct conf_origin *first;
	char text[REPORT_QUOTED];

	if (instance != NULL && name.len > 0)
		key = keys_find(instance->section, name);
	if (key == NULL) {
		report_add(&build->report, origin, "%s", problem);
		return;
	}
	/* So that nobody says that a required key is missing. */
	first = &instance->origins[internal_index(instance->section, key)];
	if (first->file == NULL)
		*first = origin;
	report_add(&build->report, origin, "%s.%s: %s", instance->section->name,
	    refuse_name(text, name), problem);
}

/* Gives every list that is still empty its default. */
static void
build_fill_lists(struct build *build, struct conf_instance *instance)
{
	for (unsigned i = 0; i < instance->section->nkeys; i++) {
		const struct key *key = &instance->section->keys[i];
		struct span rest, word;

		if (!keys_is_list(key) || key->def == NULL ||
		    instance->origins[i].file != NULL)
			continue;
		rest = span_of(key->def);
		while (item_next(key, &rest, &word))
			item_append(key, instance->values, word,
			    (struct conf_origin){ 0 }, build_store(build));
	}
}

/* The site for names that no site has, if this is one. */
static bool
build_is_default_site(const struct conf_instance *instance)
{
	const struct conf_site *site = instance->values;

	return strcmp(instance->section->name, "site") == 0 &&
	       site->hosts.nitems == 0;
}

/* True for an instance whose values belong into the array of its section. */
static bool
build_is_gathered(
    const struct conf_instance *instance, const struct key_section *section)
{
	return instance->section == section &&
	       !build_is_once(section, span_of(instance->name));
}

static unsigned
build_count(
    const struct conf_internal *internal, const struct key_section *section)
{
	unsigned n = 0;

	for (unsigned i = 0; i < internal->ninstances; i++)
		n += build_is_gathered(internal->instances[i], section);
	return n;
}

/*
 * Moves the values of all instances of a section into one array, the default
 * site first, the others in the order of the files.
 */
static void *
build_gather(struct build *build, const char *name, unsigned *n)
{
	struct conf_internal *internal = build->conf->internal;
	const struct key_section *section = keys_section(span_of(name));
	const unsigned ninstances = internal->ninstances;
	char *array;

	assert(section != NULL);
	array = store_alloc(build_store(build),
	    build_count(internal, section) * section->bytes);
	*n = 0;
	if (array == NULL)
		return NULL;
	for (unsigned i = 0; i < 2 * ninstances; i++) {
		bool first = i < ninstances;
		struct conf_instance *instance =
		    internal->instances[i % ninstances];
		void *place = array + *n * section->bytes;

		if (!build_is_gathered(instance, section) ||
		    build_is_default_site(instance) != first)
			continue;
		memcpy(place, instance->values, section->bytes);
		instance->values = place;
		(*n)++;
	}
	return array;
}

/* The addresses of a list, parsed; NULL when there is no memory. */
static struct sock_addr *
build_parse_addresses(struct build *build, const struct conf_list *list)
{
	struct sock_addr *addrs =
	    store_alloc(build_store(build), list->nitems * sizeof(*addrs));

	for (unsigned i = 0; addrs != NULL && i < list->nitems; i++)
		/* Cannot fail: item_check() has let it pass. */
		(void)sock_addr_parse(&addrs[i], span_of(list->items[i]));
	return addrs;
}

/* The struct of a section that may be there often begins with its name. */
static void
build_set_name(const struct conf_instance *instance)
{
	if (instance->section->many)
		memcpy(
		    instance->values, &instance->name, sizeof(instance->name));
}

/* What a listen has beside its keys: its addresses, parsed. */
static void
build_complete_listen(struct build *build, struct conf_instance *instance)
{
	struct conf_listen *listen = instance->values;

	listen->addrs = build_parse_addresses(build, &listen->addresses);
}

/* Media types as a map, which borrows their texts. */
static void
build_complete_mime(struct build *build)
{
	struct conf_mime *mime = &build->conf->mime;
	struct mime_type *types = store_alloc(
	    build_store(build), mime->types.nitems * sizeof(*types));

	for (unsigned i = 0; types != NULL && i < mime->types.nitems; i++)
		types[i] =
		    (struct mime_type){ span_of(mime->types.items[i].name),
			    span_of(mime->types.items[i].value) };
	mime->map.overrides = types;
	mime->map.noverrides = types == NULL ? 0 : mime->types.nitems;
}

static void
build_complete(struct build *build)
{
	struct conf *conf = build->conf;
	struct conf_internal *internal = conf->internal;

	/* Before, what a site does not say is what all sites are told. */
	per_site_inherit(conf);
	profile_apply(build);
	for (unsigned i = 0; i < internal->ninstances; i++)
		build_fill_lists(build, internal->instances[i]);
	conf->listens = build_gather(build, "listen", &conf->nlistens);
	conf->sites = build_gather(build, "site", &conf->nsites);
	conf->matches = build_gather(build, "match", &conf->nmatches);
	conf->redirects = build_gather(build, "redirect", &conf->nredirects);
	conf->rewrites = build_gather(build, "rewrite", &conf->nrewrites);
	conf->auths = build_gather(build, "auth", &conf->nauths);
	conf->roles = build_gather(build, "role", &conf->nroles);
	conf->site_logs = build_gather(build, "access_log", &conf->nsite_logs);
	conf->site_error_pages =
	    build_gather(build, "error_pages", &conf->nsite_error_pages);
	for (unsigned i = 0; i < internal->ninstances; i++) {
		struct conf_instance *instance = internal->instances[i];

		build_set_name(instance);
		if (strcmp(instance->section->name, "listen") == 0)
			build_complete_listen(build, instance);
	}
	build_complete_mime(build);
	match_complete(conf, &build->report);
	per_site_complete(conf, &build->report);
	pathset_complete(conf, &build->report);
	additions_complete(conf, &build->report);
	types_file_load(build);
	cidrs_complete(conf, &build->report);
	guard_complete(conf, &build->report);
	if (build->sources != NULL)
		guard_watch(conf, build->sources);
	conf->admin.addrs =
	    build_parse_addresses(build, &conf->admin.addresses);
}

struct conf *
build_fini(struct build *build)
{
	if (!build_store(build)->failed)
		build_complete(build);
	if (!build_store(build)->failed)
		check_conf(build->conf, &build->report, build->nunknown == 0);
	if (build_store(build)->failed)
		report_no_memory(&build->report);
	if (report_fini(&build->report) == -1 &&
	    (!build->broken || build_store(build)->failed))
		conf_free(&build->conf);
	return build->conf;
}
