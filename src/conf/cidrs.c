/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/cidrs.h"

#include "conf/internal.h"

/* The entries of a set in the making. */
struct cidrs_making {
	struct cidr_entry *entries;
	unsigned nentries;
	struct report *report;
};

static void
cidrs_refuse(struct report *report, const char *key, const char *text,
    struct conf_origin origin, struct cidr cidr)
{
	char quoted[REPORT_QUOTED], right[CIDR_TEXT];

	cidr_mask(&cidr);
	cidr_format(&cidr, right);
	report_add(report, origin,
	    "%s: %s: bits are set behind the first %u; write %s", key,
	    report_quote(quoted, span_of(text)), (unsigned)cidr.prefix, right);
}

static void
cidrs_add(struct cidrs_making *making, const char *key,
    const struct conf_list *list, bool deny)
{
	for (unsigned i = 0; i < list->nitems; i++) {
		struct cidr_entry entry = { .deny = deny, .item = i };

		/* Cannot fail: item_check() has let it pass. */
		(void)cidr_parse(&entry.cidr, span_of(list->items[i]));
		if (!cidr_is_exact(&entry.cidr))
			cidrs_refuse(making->report, key, list->items[i],
			    list->origins[i], entry.cidr);
		else
			making->entries[making->nentries++] = entry;
	}
}

static void
cidrs_make(struct conf *conf, struct cidr_set *set, struct cidrs_making *making)
{
	unsigned n = making->nentries;
	struct cidr_range *room =
	    store_alloc(&conf->internal->store, CIDR_ROOM(n) * sizeof(*room));

	if (room != NULL)
		cidr_set_make(set, making->entries, n, room);
}

static void
cidrs_complete_match(
    struct conf *conf, struct conf_match *match, struct report *report)
{
	unsigned n = match->allow.nitems + match->deny.nitems;
	struct cidrs_making making = { .report = report };

	if (n == 0)
		return;
	making.entries =
	    store_alloc(&conf->internal->store, n * sizeof(*making.entries));
	if (making.entries == NULL)
		return;
	cidrs_add(&making, "match.allow", &match->allow, false);
	cidrs_add(&making, "match.deny", &match->deny, true);
	cidrs_make(conf, &match->access, &making);
}

/* Whoever is trusted can be whoever he likes. */
static void
cidrs_warn_trust(const struct cidr_entry *entry, const struct conf_list *list,
    struct report *report)
{
	if (entry->cidr.prefix == 0 && entry->cidr.family != AF_UNIX)
		report_warn(report, list->origins[entry->item],
		    "server.trusted_proxies: %s: everybody may say what "
		    "address he has; name your proxies alone",
		    list->items[entry->item]);
}

/* The entries of one list; false when there are none, or is no memory. */
static bool
cidrs_begin(struct conf *conf, struct cidrs_making *making, const char *key,
    const struct conf_list *list)
{
	if (list->nitems == 0)
		return false;
	making->entries = store_alloc(
	    &conf->internal->store, list->nitems * sizeof(*making->entries));
	if (making->entries == NULL)
		return false;
	cidrs_add(making, key, list, false);
	return true;
}

static void
cidrs_complete_server(struct conf *conf, struct report *report)
{
	const struct conf_list *list = &conf->server.trusted_proxies;
	struct cidrs_making making = { .report = report };

	if (!cidrs_begin(conf, &making, "server.trusted_proxies", list))
		return;
	for (unsigned i = 0; i < making.nentries; i++)
		cidrs_warn_trust(&making.entries[i], list, report);
	cidrs_make(conf, &conf->server.trusted, &making);
}

static void
cidrs_complete_limits(struct conf *conf, struct report *report)
{
	struct cidrs_making making = { .report = report };

	if (cidrs_begin(conf, &making, "limits.client_exempt",
		&conf->limits.client_exempt))
		cidrs_make(conf, &conf->limits.exempt, &making);
}

void
cidrs_complete(struct conf *conf, struct report *report)
{
	for (unsigned i = 0; i < conf->nmatches; i++)
		cidrs_complete_match(conf, &conf->matches[i], report);
	cidrs_complete_server(conf, report);
	cidrs_complete_limits(conf, report);
	for (unsigned i = 0; i < conf->nlistens; i++)
		if (conf->listens[i].proxy_protocol !=
			CONF_PROXY_PROTOCOL_OFF &&
		    conf->server.trusted_proxies.nitems == 0)
			report_add(report,
			    internal_place(
				conf, &conf->listens[i], "proxy_protocol"),
			    "listen.proxy_protocol: require: nobody may "
			    "connect; name your proxies in "
			    "server.trusted_proxies");
}
