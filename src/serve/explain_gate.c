/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_gate.h"

#include "conf/cidrs.h"
#include "conf/internal.h"
#include "http/forwarded.h"

/* Why another address than the sender's counts, or why none does. */
static const char *
explain_gate_reason(const struct explain *explain)
{
	const struct conf_server *server = &explain->conf->server;
	struct address client = *explain->from;

	if (server->client_address == CONF_CLIENT_PEER)
		return "a trusted proxy, but server.client_address is peer";
	if (forwarded_follow(explain->request, &server->trusted, &client) == -1)
		return "what X-Forwarded-For says next is no address";
	return "of X-Forwarded-For, as far as proxies are trusted";
}

void
explain_gate_client(const struct explain *explain)
{
	const struct conf_server *server = &explain->conf->server;
	const struct cidr_entry *entry =
	    cidr_set_find(&server->trusted, explain->from);
	char client[ADDRESS_TEXT], from[ADDRESS_TEXT], place[REPORT_PLACE];

	(void)address_format(explain->client, client);
	(void)address_format(explain->from, from);
	if (server->trusted_proxies.nitems == 0)
		explain_say(explain->out, "client", "%s", client);
	else if (entry == NULL)
		explain_say(explain->out, "client",
		    "%s: no trusted proxy, so only its own address counts",
		    client);
	else
		explain_say(explain->out, "client",
		    "%s: %s; %s is trusted as %s (%s)", client,
		    explain_gate_reason(explain), from,
		    server->trusted_proxies.items[entry->item],
		    report_place(
			place, server->trusted_proxies.origins[entry->item]));
}

/* The key and block of an entry, and where it was written. */
static void
explain_gate_say_entry(const struct explain *explain, struct span path,
    const struct gate_verdict *verdict, const char *client)
{
	const struct cidr_entry *entry = verdict->entry;
	const struct conf_list *list =
	    entry->deny ? &verdict->match->deny : &verdict->match->allow;
	char place[REPORT_PLACE];

	explain_say(explain->out, "access", "%.*s: %s %s by %s = %s (%s)",
	    (int)path.len, path.ptr, client,
	    entry->deny ? "is denied" : "is allowed",
	    entry->deny ? "deny" : "allow", list->items[entry->item],
	    report_place(place, list->origins[entry->item]));
}

bool
explain_gate_path(const struct explain *explain, struct span path)
{
	const struct site *site = explain->serve->site;
	const struct gate_verdict verdict = gate_judge(
	    &site->gate, rules_match(&site->rules, path), explain->client);
	char client[ADDRESS_TEXT], place[REPORT_PLACE];

	if (verdict.match == NULL)
		return true;
	(void)address_format(explain->client, client);
	if (verdict.entry != NULL)
		explain_gate_say_entry(explain, path, &verdict, client);
	else
		explain_say(explain->out, "access",
		    "%.*s: %s %s in [match:%s] (%s)", (int)path.len, path.ptr,
		    client,
		    verdict.open ? "is allowed, as no deny holds it,"
				 : "is denied, as no allow holds it,",
		    verdict.match->name,
		    report_place(place,
			internal_place(explain->conf, verdict.match, "")));
	return verdict.open;
}

void
explain_gate_found(const struct explain *explain)
{
	const struct serve *serve = explain->serve;
	const struct reply *reply = explain->reply;

	/* Nothing was found, or nothing else than what was asked for. */
	if (!serve->searched || reply->error != 0 ||
	    reply->response.status == 404 ||
	    span_equal(
		serve->found, (struct span){ serve->path, serve->decoded_len }))
		return;
	(void)explain_gate_path(explain, serve->found);
}
