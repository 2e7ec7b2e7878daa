/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/nearest.h"

/* No known word is longer. */
#define NEAREST_WORD_MAX 48

void
nearest_init(struct nearest *nearest, struct span word)
{
	/* One more than what is allowed, so that the first hit is better. */
	unsigned limit = word.len < 4 ? 2 : word.len < 7 ? 3 : 4;

	*nearest = (struct nearest){ .word = word, .distance = limit };
}

static unsigned
nearest_min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static char
nearest_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Insertions, deletions and replacements from a to b (Levenshtein). */
static unsigned
nearest_distance(struct span a, struct span b)
{
	unsigned row[NEAREST_WORD_MAX + 1];

	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			bool same = nearest_lower(a.ptr[i - 1]) ==
				    nearest_lower(b.ptr[j - 1]);
			unsigned edit = nearest_min(row[j], row[j - 1]) + 1;
			unsigned keep = diagonal + (same ? 0 : 1);

			diagonal = row[j];
			row[j] = nearest_min(edit, keep);
		}
	}
	return row[b.len];
}

void
nearest_offer(struct nearest *nearest, const char *candidate)
{
	struct span known = span_of(candidate);
	unsigned distance;

	if (nearest->word.len > NEAREST_WORD_MAX ||
	    known.len > NEAREST_WORD_MAX)
		return;
	distance = nearest_distance(nearest->word, known);
	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->best = candidate;
	}
}
