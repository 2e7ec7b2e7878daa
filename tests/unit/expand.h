/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an error says of the table of keys, so that a new key is no new text in
 * a test: "@server@" is the list of the keys of a section, "@@" that of the
 * sections.
 */
#ifndef EXPAND_H
#define EXPAND_H

#include <stdio.h>
#include <string.h>

#include "conf/keys.h"

#define EXPAND_BYTES 8192

/* Adds a name to a list with commas. */
static inline void
expand_join(char *out, const char *name, unsigned i)
{
	if (i > 0)
		strcat(out, ", ");
	strcat(out, name);
}

static inline void
expand_names(char *out, struct span section)
{
	const struct key_section *found = keys_section(section);

	for (unsigned i = 0; section.len == 0 && i < keys_nsections; i++)
		expand_join(out, keys_sections[i].name, i);
	for (unsigned i = 0; found != NULL && i < found->nkeys; i++)
		expand_join(out, found->keys[i].name, i);
}

/* Returns text with its names filled in, in out. */
static inline const char *
expand(char out[EXPAND_BYTES], const char *text)
{
	const char *at, *end;

	out[0] = '\0';
	while ((at = strchr(text, '@')) != NULL) {
		end = strchr(at + 1, '@');
		strncat(out, text, (size_t)(at - text));
		expand_names(
		    out, (struct span){ at + 1, (size_t)(end - at - 1) });
		text = end + 1;
	}
	return strcat(out, text);
}

#endif
