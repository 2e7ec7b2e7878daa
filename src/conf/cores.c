/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/cores.h"

#include <assert.h>

#include "core/number.h"
#include "os/process.h"

static int
cores_parse_one(struct span word, unsigned *core)
{
	uint64_t number;

	if (number_parse_u64(word, &number) == -1 ||
	    number >= PROCESS_CORES_MAX)
		return -1;
	*core = (unsigned)number;
	return 0;
}

int
cores_parse(struct span word, unsigned *first, unsigned *last)
{
	const char *dash = memchr(word.ptr, '-', word.len);
	size_t len = dash == NULL ? word.len : (size_t)(dash - word.ptr);

	if (cores_parse_one((struct span){ word.ptr, len }, first) == -1)
		return -1;
	*last = *first;
	if (dash == NULL)
		return 0;
	if (cores_parse_one(
		(struct span){ dash + 1, word.len - len - 1 }, last) == -1 ||
	    *last < *first)
		return -1;
	return 0;
}

/* Core n of those that a list names, in its order. */
static int
cores_pick(const struct conf_list *list, unsigned n)
{
	unsigned first, last;

	for (unsigned i = 0; i < list->nitems; i++) {
		int parsed =
		    cores_parse(span_of(list->items[i]), &first, &last);

		assert(parsed == 0); /* item_check() has let it pass */
		if (n <= last - first)
			return (int)(first + n);
		n -= last - first + 1;
	}
	return -1;
}

static unsigned
cores_count(const struct conf_list *list)
{
	unsigned first, last, n = 0;

	for (unsigned i = 0; i < list->nitems; i++)
		if (cores_parse(span_of(list->items[i]), &first, &last) == 0)
			n += last - first + 1;
	return n;
}

int
cores_of_slot(const struct conf *conf, unsigned slot)
{
	const struct conf_list *pin = &conf->server.pin;
	unsigned n = cores_count(pin);

	if (n > 0)
		return cores_pick(pin, slot % n);
	if (strcmp(pin->items[0], "auto") == 0)
		return (int)process_core(slot);
	return -1;
}
