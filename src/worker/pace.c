/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/pace.h"

#include <stdlib.h>

#include "core/hash.h"
#include "status/ledger.h"
#include "worker/crowd.h"
#include "worker/exchange.h"

/* Under which a client is known to limits.client_rate. */
#define PACE_PURPOSE_ALL 0

/* No secret: it only makes numbers of names. */
#define PACE_NAME_KEY 1

/* The limits of [match] sections; 0, or -1 with errno ENOMEM. */
static int
pace_init_sections(struct pace *pace, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->nmatches; i++) {
		const struct conf_match *match = &conf->matches[i];
		const struct span name = span_of(match->name);

		if (match->client_rate_per_hour == 0)
			continue;
		if (pace->sections == NULL)
			pace->sections =
			    calloc(conf->nmatches, sizeof(*pace->sections));
		if (pace->sections == NULL)
			return -1;
		pace->sections[i] = (struct pace_section){
			gcra_make(
			    match->client_rate_per_hour, match->client_burst),
			/* No family of addresses changes these bits. */
			hash_bytes_wide(PACE_NAME_KEY, name.ptr, name.len) << 8,
		};
	}
	return 0;
}

int
pace_init(struct engine *engine)
{
	const struct conf *conf = engine->conf;
	struct pace *pace = &engine->pace;

	*pace =
	    (struct pace){ .limit = gcra_make(conf->limits.client_rate_per_hour,
			       conf->limits.client_burst) };
	if (pace_init_sections(pace, conf) == -1)
		return -1;
	pace->on = pace->limit.interval_ns != 0 || pace->sections != NULL;
	return 0;
}

/* One more request under a limit: how long it has to wait, or 0. */
static uint64_t
pace_take(struct engine *engine, const struct address *client, uint64_t purpose,
    const struct gcra *limit)
{
	const struct ledger *ledger = engine->args->ledger;
	uint64_t now_ns = (uint64_t)engine->clock.mono_us * 1000;

	return ledger_take(ledger, ledger_key(ledger, client, purpose), limit,
	    now_ns, engine->counters);
}

/* The same under that of each section for its path; *which is what refuses. */
static uint64_t
pace_take_sections(struct engine *engine, const struct exchange *exchange,
    const struct conf_match **which)
{
	const struct conf *conf = engine->conf;
	uint64_t matched = serve_match(&engine->serve, &exchange->request);
	const struct site *site = engine->serve.site;

	for (; matched != 0; matched &= matched - 1) {
		const struct conf_match *match =
		    site->conf->matches[__builtin_ctzll(matched)];
		const struct pace_section *section =
		    &engine->pace.sections[match - conf->matches];
		uint64_t wait_ns;

		if (section->limit.interval_ns == 0)
			continue;
		wait_ns = pace_take(engine, exchange->client, section->purpose,
		    &section->limit);
		if (wait_ns > 0) {
			*which = match;
			return wait_ns;
		}
	}
	return 0;
}

/* Says who asks too much, and what the operator can do. */
static void
pace_log(struct engine *engine, const struct exchange *exchange,
    const struct pace_ruling *ruling, const struct conf_match *match)
{
	char client[ADDRESS_TEXT];

	if (!engine_may_log(engine, RATION_LIMITS, LOG_LEVEL_NOTICE))
		return;
	(void)address_format(exchange->client, client);
	log_notice("%s %s: %s%s%s%s; it may ask again in %llu s; if it may ask "
		   "more, raise the rate or its client_burst, or name it in "
		   "limits.client_exempt",
	    engine->conf->limits.dry_run ? "limits.dry_run: would answer 429 to"
					 : "answered 429 to",
	    client, verdict_text(ruling->verdict),
	    match == NULL ? "" : " of [match:",
	    match == NULL ? "" : match->name, match == NULL ? "" : "]",
	    (unsigned long long)ruling->retry_s);
}

static void
pace_judge(struct engine *engine, struct exchange *exchange)
{
	struct pace *pace = &engine->pace;
	struct pace_ruling *ruling = &exchange->pace;
	const struct conf_match *match = NULL;
	uint64_t wait_ns = 0;

	*ruling = (struct pace_ruling){ .asked = true };
	if (crowd_is_exempt(engine->conf, exchange->client))
		return;
	if (pace->limit.interval_ns != 0)
		wait_ns = pace_take(
		    engine, exchange->client, PACE_PURPOSE_ALL, &pace->limit);
	if (wait_ns == 0 && pace->sections != NULL)
		wait_ns = pace_take_sections(engine, exchange, &match);
	if (wait_ns == 0)
		return;
	ruling->verdict =
	    match == NULL ? VERDICT_CLIENT_RATE : VERDICT_MATCH_RATE;
	ruling->retry_s = gcra_wait_s(wait_ns);
	pace_log(engine, exchange, ruling, match);
	if (engine->conf->limits.dry_run) {
		engine->counters->limits_dry++;
		ruling->verdict = VERDICT_OK;
	}
}

void
pace_ask(struct engine *engine, struct exchange *exchange)
{
	if (!exchange->pace.asked)
		pace_judge(engine, exchange);
	engine->serve.refusal = exchange->pace.verdict;
	engine->serve.retry_s = exchange->pace.retry_s;
}

void
pace_fini(struct pace *pace)
{
	free(pace->sections);
	pace->sections = NULL;
}
