/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/logfilter.h"

#include <stdlib.h>

#include "conf/logskip.h"
#include "core/glob.h"

static void
logfilter_skip_status(struct logfilter *filter, unsigned status)
{
	filter->statuses[status / 64] |= UINT64_C(1) << status % 64;
}

static void
logfilter_add(struct logfilter *filter, struct span word)
{
	unsigned number;

	switch (logskip_parse(word, &number)) {
	case LOGSKIP_STATUS: logfilter_skip_status(filter, number); break;
	case LOGSKIP_CLASS:
		for (unsigned i = 0; i < 100; i++)
			logfilter_skip_status(filter, number * 100 + i);
		break;
	case LOGSKIP_GLOB: filter->globs[filter->nglobs++] = word; break;
	case LOGSKIP_HEALTH:
		filter->globs[filter->nglobs++] = SPAN("/healthz");
		filter->globs[filter->nglobs++] = SPAN("/readyz");
		break;
	case LOGSKIP_NONE: break; /* was refused with the configuration */
	}
}

int
logfilter_init(struct logfilter *filter, const struct conf_access_log *conf)
{
	const struct conf_list *words = &conf->skip;

	*filter = (struct logfilter){
		.slow_us = (int64_t)conf->slow_ms * 1000,
		.sample = conf->sample,
	};
	filter->active =
	    words->nitems > 0 || filter->slow_us > 0 || filter->sample > 1;
	if (words->nitems == 0)
		return 0;
	/* health makes two of one. */
	filter->globs = calloc(words->nitems, 2 * sizeof(*filter->globs));
	if (filter->globs == NULL)
		return -1;
	for (unsigned i = 0; i < words->nitems; i++)
		logfilter_add(filter, span_of(words->items[i]));
	return 0;
}

bool
logfilter_skips_path(const struct logfilter *filter, struct span path)
{
	for (unsigned i = 0; i < filter->nglobs; i++)
		if (glob_match(filter->globs[i], path))
			return true;
	return false;
}

bool
logfilter_wants(struct logfilter *filter, int status, int64_t took_us)
{
	unsigned bit = (unsigned)status;

	if (!filter->active)
		return true;
	if (bit < 640 && (filter->statuses[bit / 64] >> bit % 64 & 1) != 0)
		return false;
	if (status >= 500)
		return true;
	if (took_us < filter->slow_us)
		return false;
	if (filter->sample <= 1)
		return true;
	return filter->nth++ % filter->sample == 0;
}

void
logfilter_fini(struct logfilter *filter)
{
	free(filter->globs);
	filter->globs = NULL;
}
