/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "conf/cores.h"
#include "conf/internal.h"
#include "conf/paths.h"
#include "conf/value.h"

static void
check_section_is_there(const struct conf *conf,
    const struct key_section *section, struct report *report)
{
	const struct conf_internal *internal = conf->internal;
	const struct key *key = section->keys;

	for (unsigned i = 0; i < internal->ninstances; i++)
		if (internal->instances[i]->section == section)
			return;
	while (key->def != NULL)
		key++;
	report_add(report, internal->start,
	    "%s: no [%s] section; write [%s] and below it %s = %s",
	    section->name, section->name, section->name, key->name,
	    key->example);
}

static void
check_required_keys(const struct conf_instance *instance, struct report *report)
{
	const struct key_section *section = instance->section;

	for (unsigned i = 0; i < section->nkeys; i++) {
		const struct key *key = &section->keys[i];

		if (key->def == NULL && instance->origins[i].file == NULL)
			report_add(report, instance->origin,
			    "%s.%s: required, but not set; write %s = %s",
			    section->name, key->name, key->name, key->example);
	}
}

static void
check_limits(const struct conf *conf, struct report *report)
{
	const struct conf_limits *limits = &conf->limits;

	if (limits->target_bytes < limits->head_bytes)
		return;
	report_add(report, internal_place(conf, limits, "target"),
	    "limits.target: %" PRIu64 " bytes: not below limits.head, which "
	    "is %" PRIu64 "; lower the target or raise the head",
	    limits->target_bytes, limits->head_bytes);
}

/* "off" and "auto" say it all. */
static void
check_pin(const struct conf *conf, struct report *report)
{
	const struct conf_list *pin = &conf->server.pin;

	for (unsigned i = 0; i < pin->nitems && pin->nitems > 1; i++) {
		unsigned first, last;

		if (cores_parse(span_of(pin->items[i]), &first, &last) == -1)
			report_add(report, pin->origins[i],
			    "server.pin: \"%s\": not together with others; "
			    "take one of them out",
			    pin->items[i]);
	}
}

/* A path that does not fit into the address of a socket. */
static void
check_syslog(const struct conf *conf, struct report *report)
{
	const struct conf_server *server = &conf->server;

	if (strlen(server->syslog_socket) < SYSLOG_PATH_BYTES)
		return;
	report_add(report, internal_place(conf, server, "syslog_socket"),
	    "server.syslog_socket: %zu bytes long; the path of a socket has at "
	    "most %zu",
	    strlen(server->syslog_socket), SYSLOG_PATH_BYTES - 1);
}

/* Compiles the format of an access log, or says what is wrong with it. */
static void
check_log_format(
    struct conf *conf, struct conf_access_log *log, struct report *report)
{
	struct logformat_problem problem;
	char quoted[REPORT_QUOTED];

	/* One that is not its own was looked at before. */
	if (log != &conf->access_log && log->format == conf->access_log.format)
		log->compiled = conf->access_log.compiled;
	else if (logformat_compile(
		     &log->compiled, span_of(log->format), &problem) == -1)
		report_add(report, internal_place(conf, log, "format"),
		    "access_log.format: %s: %s; allowed: common, combined, "
		    "json, a text with %s",
		    report_quote(quoted, problem.piece), problem.what,
		    problem.allowed);
}

/* A name of a site, and where it was given. */
struct check_host {
	const char *name;
	const char *key;
	struct conf_origin origin;
	unsigned order; /* in which the names are in the configuration */
};

/* By name; the same name in the order of the configuration. */
static int
on_compare_hosts(const void *a, const void *b)
{
	const struct check_host *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Adds the names of a list; NULL when there are none yet or is no memory. */
static struct check_host *
check_add_hosts(struct store *store, struct check_host *hosts, unsigned *n,
    const char *key, const struct conf_list *list)
{
	for (unsigned i = 0; i < list->nitems; i++) {
		hosts = store_grow(store, hosts, *n, sizeof(*hosts));
		if (hosts == NULL)
			return NULL;
		hosts[*n] = (struct check_host){ list->items[i], key,
			list->origins[i], *n };
		(*n)++;
	}
	return hosts;
}

/* The names of all sites; NULL when there are none or is no memory. */
static struct check_host *
check_list_hosts(struct conf *conf, unsigned *n)
{
	struct store *store = &conf->internal->store;
	struct check_host *hosts = NULL;

	*n = 0;
	for (unsigned i = 0; i < conf->nsites && !store->failed; i++) {
		const struct conf_site *site = &conf->sites[i];

		hosts = check_add_hosts(store, hosts, n, "hosts", &site->hosts);
		hosts = check_add_hosts(
		    store, hosts, n, "redirect_hosts", &site->redirect_hosts);
	}
	return store->failed ? NULL : hosts;
}

static void
check_hosts(struct conf *conf, struct report *report)
{
	char place[REPORT_PLACE];
	unsigned n;
	struct check_host *hosts = check_list_hosts(conf, &n);

	if (hosts == NULL)
		return;
	qsort(hosts, n, sizeof(*hosts), on_compare_hosts);
	for (unsigned i = 1; i < n; i++)
		if (strcmp(hosts[i].name, hosts[i - 1].name) == 0)
			report_add(report, hosts[i].origin,
			    "site.%s: \"%s\": a site has this name already, "
			    "at %s; take one of them out",
			    hosts[i].key, hosts[i].name,
			    report_place(place, hosts[i - 1].origin));
}

/* Where no other name leads to a site, each must have names. */
static void
check_unmatched(struct conf *conf, struct report *report)
{
	char place[REPORT_PLACE];

	if (conf->server.unmatched == CONF_UNMATCHED_DEFAULT)
		return;
	for (unsigned i = 0; i < conf->nsites; i++) {
		conf->sites[i].hosts_only = true;
		if (conf->sites[i].hosts.nitems > 0)
			continue;
		report_add(report, internal_place(conf, &conf->sites[i], ""),
		    "site.hosts: none, so that with server.unmatched = 421, at "
		    "%s, nobody would reach this site; give it hosts",
		    report_place(place,
			internal_place(conf, &conf->server, "unmatched")));
	}
}

/* The default site is the one without hosts, and the first in the array. */
static void
check_default_site(const struct conf *conf, struct report *report)
{
	char place[REPORT_PLACE];

	for (unsigned i = 1; i < conf->nsites; i++) {
		if (conf->sites[i].hosts.nitems > 0)
			continue;
		report_add(report, internal_place(conf, &conf->sites[i], ""),
		    "site.hosts: a second site without hosts, the first is at "
		    "%s; give hosts to one of them",
		    report_place(
			place, internal_place(conf, &conf->sites[0], "")));
	}
}

/* Port 0 lets the kernel choose, another one each time. */
static bool
check_is_any_port(const struct sock_addr *addr)
{
	return (addr->sa.any.sa_family == AF_INET &&
		   addr->sa.in.sin_port == 0) ||
	       (addr->sa.any.sa_family == AF_INET6 &&
		   addr->sa.in6.sin6_port == 0);
}

/* The addresses of a section. */
struct check_addresses {
	const char *key;
	const struct conf_list *list;
	const struct sock_addr *addrs;
};

/* Section i of those with addresses: the listens, and [admin] behind them. */
static struct check_addresses
check_get_addresses(const struct conf *conf, unsigned i)
{
	const struct conf_admin *admin = &conf->admin;

	if (i == conf->nlistens)
		return (struct check_addresses){ "admin.address",
			&admin->addresses, admin->addrs };
	return (struct check_addresses){ "listen.address",
		&conf->listens[i].addresses, conf->listens[i].addrs };
}

static void
check_refuse_address(const struct check_addresses *later, unsigned item,
    struct conf_origin earlier, struct report *report)
{
	char quoted[REPORT_QUOTED], place[REPORT_PLACE];

	report_add(report, later->list->origins[item],
	    "%s: %s: listened on already, at %s; take one of them out",
	    later->key, report_quote(quoted, span_of(later->list->items[item])),
	    report_place(place, earlier));
}

/* Compares an address with all before it. */
static void
check_address(const struct conf *conf, unsigned section, unsigned item,
    struct report *report)
{
	const struct check_addresses later = check_get_addresses(conf, section);
	const struct sock_addr *addr = &later.addrs[item];

	for (unsigned i = 0; i <= section && !check_is_any_port(addr); i++) {
		const struct check_addresses earlier =
		    check_get_addresses(conf, i);
		unsigned end = i == section ? item : earlier.list->nitems;

		for (unsigned j = 0; j < end; j++) {
			if (!sock_addr_equal(&earlier.addrs[j], addr))
				continue;
			check_refuse_address(
			    &later, item, earlier.list->origins[j], report);
			return;
		}
	}
}

static void
check_admin(const struct conf *conf, struct report *report)
{
	const struct conf_admin *admin = &conf->admin;

	for (unsigned i = 0; !admin->public && i < admin->addresses.nitems;
	     i++) {
		char quoted[REPORT_QUOTED];

		if (sock_addr_is_local(&admin->addrs[i]))
			continue;
		report_add(report, admin->addresses.origins[i],
		    "admin.address: %s: other machines can reach it; name "
		    "unix:PATH or a port of 127.0.0.1, or set "
		    "admin.public = yes",
		    report_quote(quoted, span_of(admin->addresses.items[i])));
	}
}

void
check_conf(struct conf *conf, struct report *report, bool sections_known)
{
	for (unsigned i = 0; sections_known && i < keys_nsections; i++)
		if (keys_sections[i].required)
			check_section_is_there(conf, &keys_sections[i], report);
	for (unsigned i = 0; i < conf->internal->ninstances; i++)
		check_required_keys(conf->internal->instances[i], report);
	check_limits(conf, report);
	check_pin(conf, report);
	check_syslog(conf, report);
	check_log_format(conf, &conf->access_log, report);
	for (unsigned i = 0; i < conf->nsite_logs; i++)
		check_log_format(conf, &conf->site_logs[i], report);
	for (unsigned i = 0; i <= conf->nlistens; i++) {
		unsigned n = check_get_addresses(conf, i).list->nitems;

		for (unsigned j = 0; j < n; j++)
			check_address(conf, i, j, report);
	}
	check_admin(conf, report);
	check_default_site(conf, report);
	check_hosts(conf, report);
	check_unmatched(conf, report);
	paths_check(conf, report);
}
