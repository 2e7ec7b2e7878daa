/* SPDX-License-Identifier: BSD-2-Clause */
/* The coding that wins is there, and wins against each of the others alone. */
#include "fuzz.h"

#include <assert.h>

#include "http/accept.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const enum coding order[CODING_COUNT] = { CODING_BR, CODING_ZSTD,
		CODING_GZIP, CODING_IDENTITY };
	struct span text = { (const char *)data, len };
	struct request request = { 0 };

	request.value[FIELD_ACCEPT_ENCODING] = text;
	for (unsigned available = 0; available < 1u << CODING_COUNT;
	     available++) {
		enum coding best = accept_pick(&request, available, order);

		assert(best == CODING_IDENTITY || (available & 1u << best));
		for (unsigned i = 0; i < CODING_COUNT; i++)
			assert((available & 1u << i) == 0 ||
			       accept_pick(&request, 1u << i | 1u << best,
				   order) == best);
	}
	return 0;
}
