/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_limits.h"

#include <inttypes.h>

#include "conf/internal.h"
#include "conf/value.h"

/* Who exempts the client; NULL: nobody does. */
static const char *
explain_limits_exemption(const struct explain *explain, char out[REPORT_PLACE])
{
	const struct conf_limits *limits = &explain->conf->limits;
	const struct cidr_entry *entry =
	    cidr_set_find(&limits->exempt, explain->client);

	if (explain->client->family == AF_UNIX)
		return "a unix socket says nobody's address";
	if (entry != NULL)
		return report_place(
		    out, limits->client_exempt.origins[entry->item]);
	if (cidr_set_find(&explain->conf->server.trusted, explain->client) !=
	    NULL)
		return "a trusted proxy";
	return NULL;
}

/* A rate of the section that has values, and where it was set. */
static void
explain_limits_rate(const struct explain *explain, const char *section,
    const void *values, uint64_t burst)
{
	const struct key *key =
	    keys_find(keys_section(span_of(section)), SPAN("client_rate"));
	char rate[VALUE_TEXT], place[REPORT_PLACE];

	explain_say(explain->out, "rate",
	    "%s.client_rate = %s, %" PRIu64 " at once (%s)%s", section,
	    value_text(key, values, rate), burst,
	    explain_origin(explain, values, "client_rate", place),
	    explain->conf->limits.dry_run ? ", but limits.dry_run" : "");
}

void
explain_limits_steps(const struct explain *explain, struct span path)
{
	const struct conf_limits *limits = &explain->conf->limits;
	const struct site *site = explain->serve->site;
	uint64_t matched = rules_match(&site->rules, path);
	bool limited = limits->client_rate_per_hour != 0;
	char place[REPORT_PLACE];
	const char *exemption;

	if (limited)
		explain_limits_rate(
		    explain, "limits", limits, limits->client_burst);
	for (; matched != 0; matched &= matched - 1) {
		const struct conf_match *match =
		    site->conf->matches[__builtin_ctzll(matched)];

		if (match->client_rate_per_hour == 0)
			continue;
		explain_limits_rate(
		    explain, "match", match, match->client_burst);
		limited = true;
	}
	exemption = limited ? explain_limits_exemption(explain, place) : NULL;
	if (exemption != NULL)
		explain_say(explain->out, "exempt",
		    "from these: this client (%s)", exemption);
}
