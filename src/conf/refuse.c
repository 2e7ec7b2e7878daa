/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/refuse.h"

#include "conf/nearest.h"
#include "conf/value.h"
#include "core/escape.h"

/* Room for the names of all keys of a section, and for a hint. */
#define REFUSE_NAMES 512
#define REFUSE_HINT  160

/* Adds a name to a list with commas. */
static void
refuse_join(char names[REFUSE_NAMES], const char *name)
{
	size_t len = strlen(names);

	(void)snprintf(names + len, REFUSE_NAMES - len, "%s%s",
	    len == 0 ? "" : ", ", name);
}

static void
refuse_suggest(char hint[REFUSE_HINT], const struct nearest *nearest)
{
	hint[0] = '\0';
	if (nearest->best != NULL)
		(void)snprintf(
		    hint, REFUSE_HINT, "; did you mean \"%s\"?", nearest->best);
}

void
refuse_section(
    struct report *report, struct span name, struct conf_origin origin)
{
	char quoted[REPORT_QUOTED], names[REFUSE_NAMES] = "", hint[REFUSE_HINT];
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (unsigned i = 0; i < keys_nsections; i++) {
		nearest_offer(&nearest, keys_sections[i].name);
		refuse_join(names, keys_sections[i].name);
	}
	refuse_suggest(hint, &nearest);
	report_add(report, origin, "%s: unknown section; allowed: %s%s",
	    report_quote(quoted, name), names, hint);
}

const char *
refuse_name(char out[REPORT_QUOTED], struct span name)
{
	out[escape_log(out, REPORT_QUOTED - 1, name)] = '\0';
	return out;
}

void
refuse_key(struct report *report, const struct key_section *section,
    struct span name, struct conf_origin origin)
{
	char text[REPORT_QUOTED], names[REFUSE_NAMES] = "", hint[REFUSE_HINT];
	const struct key_section *owner = keys_owner(name);
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (unsigned i = 0; i < section->nkeys; i++) {
		nearest_offer(&nearest, section->keys[i].name);
		refuse_join(names, section->keys[i].name);
	}
	refuse_suggest(hint, &nearest);
	(void)refuse_name(text, name);
	if (owner != NULL)
		(void)snprintf(hint, sizeof(hint),
		    "; \"%.48s\" belongs in [%s]", text, owner->name);
	report_add(report, origin, "%s.%s: unknown key; allowed: %s%s",
	    section->name, text, names, hint);
}

void
refuse_pair(struct report *report, const struct key_section *section,
    struct span name, const char *what, struct conf_origin origin)
{
	char text[REPORT_QUOTED], hint[REFUSE_HINT];
	struct nearest nearest;

	/* A key of ours may have been meant; the last row is not one. */
	nearest_init(&nearest, name);
	for (unsigned i = 0; i + 1 < section->nkeys; i++)
		nearest_offer(&nearest, section->keys[i].name);
	refuse_suggest(hint, &nearest);
	report_add(report, origin, "%s.%s: %s%s", section->name,
	    refuse_name(text, name), what, hint);
}

void
refuse_value(struct report *report, const struct key_section *section,
    const struct key *key, struct span value, const char *what,
    struct conf_origin origin)
{
	char quoted[REPORT_QUOTED], allowed[VALUE_TEXT], hint[REFUSE_HINT] = "";
	struct nearest nearest;

	nearest_init(&nearest, value);
	for (unsigned i = 0; key->words != NULL && key->words[i] != NULL; i++)
		nearest_offer(&nearest, key->words[i]);
	if (memchr(value.ptr, '#', value.len) != NULL)
		(void)snprintf(hint, sizeof(hint),
		    "; a comment behind a value begins with \" ;\"");
	else
		refuse_suggest(hint, &nearest);
	report_add(report, origin, "%s.%s: %s: %s; allowed: %s%s",
	    section->name, key->name, report_quote(quoted, value), what,
	    value_allowed(key, allowed), hint);
}

void
refuse_again(struct report *report, const struct key_section *section,
    const char *name, struct conf_origin first, struct conf_origin origin)
{
	char place[REPORT_PLACE];

	report_add(report, origin,
	    "%s.%s: already set at %s; take one of them out", section->name,
	    name, report_place(place, first));
}

void
refuse_old_name(struct report *report, const struct key_moved *moved,
    struct conf_origin first, struct conf_origin origin)
{
	char place[REPORT_PLACE];

	report_add(report, origin,
	    "%s.%s: the old name of %s.%s, which is set at %s; take one of "
	    "them out",
	    moved->section, moved->name, moved->new_section, moved->new_name,
	    report_place(place, first));
}
