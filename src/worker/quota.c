/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/quota.h"

#include <stdlib.h>

#include "core/hash.h"
#include "status/ledger.h"
#include "worker/crowd.h"
#include "worker/exchange.h"

/* Under which a client is known to limits.client_rate. */
#define QUOTA_PURPOSE_ALL 0

/* No secret: it only makes numbers of names. */
#define QUOTA_NAME_KEY 1

/* The limits of [match] sections; 0, or -1 with errno ENOMEM. */
static int
quota_init_sections(struct quota *quota, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->nmatches; i++) {
		const struct conf_match *match = &conf->matches[i];
		const struct span name = span_of(match->name);

		if (match->client_rate_per_hour == 0)
			continue;
		if (quota->sections == NULL)
			quota->sections =
			    calloc(conf->nmatches, sizeof(*quota->sections));
		if (quota->sections == NULL)
			return -1;
		quota->sections[i] = (struct quota_section){
			gcra_make(
			    match->client_rate_per_hour, match->client_burst),
			/* No family of addresses changes these bits. */
			hash_bytes_wide(QUOTA_NAME_KEY, name.ptr, name.len)
			    << 8,
		};
	}
	return 0;
}

int
quota_init(struct engine *engine)
{
	const struct conf *conf = engine->conf;
	struct quota *quota = &engine->quota;

	*quota = (struct quota){ .limit = gcra_make(
				     conf->limits.client_rate_per_hour,
				     conf->limits.client_burst) };
	if (quota_init_sections(quota, conf) == -1)
		return -1;
	quota->on = quota->limit.interval_ns != 0 || quota->sections != NULL;
	return 0;
}

/* One more request under a limit: how long it has to wait, or 0. */
static uint64_t
quota_take(struct engine *engine, const struct address *client,
    uint64_t purpose, const struct gcra *limit)
{
	const struct ledger *ledger = engine->args->ledger;
	uint64_t now_ns = (uint64_t)engine->clock.mono_us * 1000;

	return ledger_take(ledger, ledger_key(ledger, client, purpose), limit,
	    now_ns, engine->counters);
}

/* Says who asks too much, and what the operator can do. */
static void
quota_log(struct engine *engine, const struct exchange *exchange,
    const struct quota_ruling *ruling, const struct conf_match *match)
{
	char client[ADDRESS_TEXT];

	if (!engine_may_log(engine, RATION_LIMITS, LOG_LEVEL_NOTICE))
		return;
	(void)address_format(exchange->client, client);
	log_notice("%s %s from %s: %s%s%s%s; it may ask again in %llu s; if it "
		   "may ask more, raise the rate or its client_burst, or name "
		   "it in limits.client_exempt",
	    engine->conf->limits.dry_run ? "limits.dry_run: would have refused"
					 : "refused",
	    verdict_name(ruling->verdict), client,
	    verdict_text(ruling->verdict), match == NULL ? "" : " of [match:",
	    match == NULL ? "" : match->name, match == NULL ? "" : "]",
	    (unsigned long long)ruling->retry_s);
}

/* Refuses the request at hand, unless that is only tried. */
static void
quota_refuse(struct engine *engine, struct exchange *exchange,
    const struct conf_match *match, uint64_t wait_ns)
{
	struct quota_ruling *ruling = &exchange->quota;

	ruling->verdict =
	    match == NULL ? VERDICT_CLIENT_RATE : VERDICT_MATCH_RATE;
	ruling->retry_s = gcra_wait_s(wait_ns);
	quota_log(engine, exchange, ruling, match);
	if (!engine->conf->limits.dry_run)
		return;
	engine->counters->limits_dry++;
	ruling->verdict = VERDICT_OK;
}

void
quota_ask(struct engine *engine, struct exchange *exchange)
{
	const struct gcra *limit = &engine->quota.limit;
	struct quota_ruling *ruling = &exchange->quota;
	uint64_t wait_ns;

	if (!ruling->asked) {
		*ruling = (struct quota_ruling){
			.asked = true,
			.exempt =
			    crowd_is_exempt(engine->conf, exchange->client),
		};
		wait_ns = ruling->exempt || limit->interval_ns == 0
			      ? 0
			      : quota_take(engine, exchange->client,
				    QUOTA_PURPOSE_ALL, limit);
		if (wait_ns > 0)
			quota_refuse(engine, exchange, NULL, wait_ns);
	}
	engine->serve.refusal = ruling->verdict;
	engine->serve.retry_s = ruling->retry_s;
}

bool
quota_ask_sections(struct engine *engine, struct exchange *exchange)
{
	const struct conf *conf = engine->conf;
	const struct site *site = engine->serve.site;
	struct quota_ruling *ruling = &exchange->quota;
	uint64_t sections = engine->serve.matched & ~ruling->sections;

	if (engine->quota.sections == NULL || ruling->exempt ||
	    ruling->verdict != VERDICT_OK)
		return false;
	ruling->sections |= sections;
	for (; sections != 0; sections &= sections - 1) {
		const struct conf_match *match =
		    site->conf->matches[__builtin_ctzll(sections)];
		const struct quota_section *section =
		    &engine->quota.sections[match - conf->matches];
		uint64_t wait_ns = 0;

		if (section->limit.interval_ns != 0)
			wait_ns = quota_take(engine, exchange->client,
			    section->purpose, &section->limit);
		if (wait_ns > 0) {
			quota_refuse(engine, exchange, match, wait_ns);
			break;
		}
	}
	engine->serve.refusal = ruling->verdict;
	engine->serve.retry_s = ruling->retry_s;
	return ruling->verdict != VERDICT_OK;
}

void
quota_fini(struct quota *quota)
{
	free(quota->sections);
	quota->sections = NULL;
}
