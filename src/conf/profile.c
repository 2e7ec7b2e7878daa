/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/profile.h"

#include "conf/value.h"

/* A default of a profile; each is a single value. */
static const struct profile_default {
	enum conf_profile profile;
	const char *section;
	const char *key;
	const char *value;
} profile_defaults[] = {
	{ CONF_PROFILE_STAGING, "server", "watch_config", "yes" },
	{ CONF_PROFILE_STAGING, "error_log", "level", "info" },
	{ CONF_PROFILE_DEV, "server", "workers", "1" },
	{ CONF_PROFILE_DEV, "server", "watch_config", "yes" },
	{ CONF_PROFILE_DEV, "error_log", "level", "info" },
	{ CONF_PROFILE_DEV, "access_log", "path", "stdout" },
	{ CONF_PROFILE_DEV, "access_log", "flush", "0" },
	{ CONF_PROFILE_DEV, "cache", "valid", "0" },
	{ CONF_PROFILE_DEV, "timeouts", "drain_grace", "0" },
	{ CONF_PROFILE_DEV, "timeouts", "drain", "1s" },
};

static void
profile_apply_to(struct build *build, struct conf_instance *instance,
    const struct profile_default *row, struct conf_origin origin)
{
	const struct key *key = keys_find(instance->section, span_of(row->key));
	struct conf_origin *there =
	    &instance->origins[internal_index(instance->section, key)];

	if (there->file != NULL)
		return;
	/* Cannot fail: a test puts every row in force. */
	(void)value_parse(
	    key, instance->values, span_of(row->value), build_store(build));
	*there = origin;
}

void
profile_apply(struct build *build)
{
	const struct conf *conf = build->conf;
	const struct conf_internal *internal = conf->internal;
	const size_t nrows =
	    sizeof(profile_defaults) / sizeof(profile_defaults[0]);
	struct conf_origin origin =
	    internal_origin(conf, &conf->server, "profile");

	for (size_t row = 0; row < nrows; row++) {
		const struct profile_default *wish = &profile_defaults[row];

		if (wish->profile != conf->server.profile)
			continue;
		for (unsigned i = 0; i < internal->ninstances; i++)
			if (strcmp(internal->instances[i]->section->name,
				wish->section) == 0)
				profile_apply_to(build, internal->instances[i],
				    wish, origin);
	}
}
