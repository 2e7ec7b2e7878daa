/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/query.h"

bool
query_take(struct span *query, struct span *name, struct span *value)
{
	const char *start, *end, *equals;
	size_t len;

	if (query->len == 0)
		return false;
	start = query->ptr + 1; /* behind '?' or '&' */
	end = memchr(start, '&', query->len - 1);
	len = end == NULL ? query->len - 1 : (size_t)(end - start);
	*query = (struct span){ start + len, query->len - 1 - len };
	equals = memchr(start, '=', len);
	*name = (struct span){ start, len };
	*value = (struct span){ start + len, 0 };
	if (equals != NULL) {
		name->len = (size_t)(equals - start);
		*value = (struct span){ equals + 1, len - name->len - 1 };
	}
	return true;
}

struct span
query_find(struct span query, struct span name)
{
	struct span found, value;

	while (query_take(&query, &found, &value))
		if (span_equal(found, name))
			return value;
	return (struct span){ 0 };
}
