/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/override.h"

#include "conf/assign.h"
#include "conf/nearest.h"
#include "conf/reader.h"
#include "conf/refuse.h"

#define OVERRIDE_PREFIX "TINED_"

/* What the name of a key is made of, the endings of [mime] included. */
#define OVERRIDE_LETTERS                                                       \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+."

/* What is for others begins so. */
static const char *const override_others[] = {
	"TINED_PORT", /* Kubernetes sets these in every container beside a */
	"TINED_SERVICE_", /* service named tined */
	"TINED_UPGRADE",  /* from one master to the next */
};

/* A key of a section without a name, or an old name. */
struct override_key {
	const struct key_section *section;
	const char *name;
};

/* What an option says: [header] name = value. */
struct override_option {
	struct span header;
	struct span name;
	struct span value;
};

static char
override_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

const char *
override_name(char out[OVERRIDE_NAME], const char *section, const char *key)
{
	(void)snprintf(
	    out, OVERRIDE_NAME, OVERRIDE_PREFIX "%.24s_%.24s", section, key);
	for (char *c = out; *c != '\0'; c++)
		*c = override_upper(*c);
	return out;
}

/* The n-th key that a variable can set; false when there are no more. */
static bool
override_nth(unsigned n, struct override_key *key)
{
	for (unsigned i = 0; i < keys_nsections; i++) {
		const struct key_section *section = &keys_sections[i];

		unsigned nkeys = section->nkeys;

		/* A section that must have a name cannot be meant, nor a key
		 * whose name is the user's: the last row. */
		if (section->instance != NULL)
			continue;
		if (keys_is_pairs(&section->keys[nkeys - 1]))
			nkeys--;
		if (n < nkeys) {
			*key = (struct override_key){ section,
				section->keys[n].name };
			return true;
		}
		n -= nkeys;
	}
	if (n >= keys_nmoved)
		return false;
	*key = (struct override_key){
		keys_section(span_of(keys_moved[n].section)),
		keys_moved[n].name,
	};
	return true;
}

/* The key that a variable sets; false when there is none. */
static bool
override_find(struct span variable, struct override_key *key)
{
	char name[OVERRIDE_NAME];

	for (unsigned i = 0; override_nth(i, key); i++)
		if (span_equal(span_of(override_name(
				   name, key->section->name, key->name)),
			variable))
			return true;
	return false;
}

/* The variable that was probably meant; "" when none is near. */
static const char *
override_find_nearest(struct span variable, char best[OVERRIDE_NAME])
{
	const struct span prefix = SPAN(OVERRIDE_PREFIX);
	const struct span rest = { variable.ptr + prefix.len,
		variable.len - prefix.len };
	struct override_key key;
	struct nearest nearest;
	char name[OVERRIDE_NAME];

	best[0] = '\0';
	nearest_init(&nearest, variable);
	for (unsigned i = 0; override_nth(i, &key); i++) {
		(void)override_name(name, key.section->name, key.name);
		/* The name of the section is the part that one forgets. */
		if (span_equal_nocase(rest, span_of(key.name)))
			return memcpy(best, name, sizeof(name));
		nearest_offer(&nearest, name);
		if (nearest.best == name)
			nearest.best = memcpy(best, name, sizeof(name));
	}
	return best;
}

static void
override_warn_unknown(
    struct build *build, struct span variable, struct conf_origin origin)
{
	char best[OVERRIDE_NAME];

	for (size_t i = 0;
	     i < sizeof(override_others) / sizeof(override_others[0]); i++)
		if (span_starts_with(variable, span_of(override_others[i])))
			return;
	if (*override_find_nearest(variable, best) == '\0')
		report_warn(&build->report, origin,
		    "no key has this variable; take it out, or see "
		    "tined.ini(5)");
	else
		report_warn(&build->report, origin,
		    "no key has this variable; did you mean \"%s\"?", best);
}

/* True when a file could say this value, but for its length. */
static bool
override_check_value(
    struct build *build, struct span value, struct conf_origin origin)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if ((c >= 0x20 || c == '\t') && c != 0x7f)
			continue;
		report_add(&build->report, origin,
		    "control byte 0x%02x in the value; allowed: text and tabs",
		    c);
		return false;
	}
	return true;
}

static void
override_set(struct build *build, const struct override_option *option,
    struct conf_origin origin)
{
	struct conf_instance *instance;

	if (!override_check_value(build, option->value, origin))
		return;
	instance = build_enter(build, option->header, origin);
	if (instance != NULL)
		assign_key(
		    build, instance, option->name, option->value, origin);
}

static void
override_variable(struct build *build, const char *text)
{
	struct span variable = { text, strcspn(text, "=") };
	const char *value = text + variable.len + (text[variable.len] == '=');
	struct conf_origin origin = { .layer = CONF_ENVIRONMENT };
	struct override_key key;

	origin.file = store_copy(build_store(build), variable);
	if (origin.file == NULL)
		return;
	if (override_find(variable, &key))
		override_set(build,
		    &(struct override_option){ span_of(key.section->name),
			span_of(key.name), span_of(value) },
		    origin);
	else
		override_warn_unknown(build, variable, origin);
}

void
override_environment(
    struct build *build, const struct conf_overrides *overrides)
{
	const char *const *variable =
	    overrides == NULL ? NULL : overrides->environment;

	for (; variable != NULL && *variable != NULL; variable++)
		if (span_starts_with(span_of(*variable), SPAN(OVERRIDE_PREFIX)))
			override_variable(build, *variable);
}

/* True for [redirect] and [rewrite], where a key is a path. */
static bool
override_has_paths(struct span header)
{
	const struct key_section *section = keys_section(
	    (struct span){ header.ptr, strcspn(header.ptr, ":.=") });
	const struct key *last =
	    section == NULL ? NULL : &section->keys[section->nkeys - 1];

	return last != NULL &&
	       (last->type == KEY_REDIRECT || last->type == KEY_REWRITE);
}

/*
 * The dot before the key.  The name of a section may have dots, the key behind
 * it has none; an ending of [mime] may, its section has no name, and a path,
 * which begins with a slash.
 */
static const char *
override_find_dot(struct span text)
{
	const char *dot = memchr(text.ptr, '.', text.len);
	const char *colon = memchr(text.ptr, ':', text.len);

	if (override_has_paths(text))
		return memmem(text.ptr, text.len, "./", 2);
	if (colon != NULL && colon < dot)
		return memrchr(text.ptr, '.', text.len);
	return dot;
}

/* Takes "section.key=value" apart. */
static bool
override_split(struct span text, struct override_option *option)
{
	const char *equals = memchr(text.ptr, '=', text.len);
	size_t len = equals == NULL ? 0 : (size_t)(equals - text.ptr);
	const char *dot = override_find_dot((struct span){ text.ptr, len });

	if (dot == NULL)
		return false;
	option->header = (struct span){ text.ptr, (size_t)(dot - text.ptr) };
	option->name = (struct span){ dot + 1, (size_t)(equals - dot - 1) };
	option->value = (struct span){ equals + 1, text.len - (size_t)len - 1 };
	return option->name.len > 0 &&
	       (option->name.ptr[0] == '/' ||
		   strspn(option->name.ptr, OVERRIDE_LETTERS) >=
		       option->name.len) &&
	       option->header.len <= READER_SECTION_MAX &&
	       memchr(option->header.ptr, ']', option->header.len) == NULL &&
	       memchr(option->header.ptr, ';', option->header.len) == NULL;
}

static void
override_refuse_option(
    struct build *build, struct span text, struct conf_origin origin)
{
	const struct span name = { text.ptr, strcspn(text.ptr, "=") };
	const struct key_section *owner = keys_owner(name);
	char quoted[REPORT_QUOTED], hint[80] = "";

	if (owner != NULL)
		(void)snprintf(hint, sizeof(hint),
		    "; did you mean %.24s.%.24s?", owner->name,
		    keys_find(owner, name)->name);
	report_add(&build->report, origin,
	    "%s: not SECTION.KEY=VALUE, as in server.workers=2%s",
	    report_quote(quoted, text), hint);
	/* What is missing now may be what it meant. */
	build->nunknown++;
}

void
override_options(struct build *build, const struct conf_overrides *overrides)
{
	const struct conf_origin origin = { .file = "-o",
		.layer = CONF_OPTIONS };
	struct override_option option;

	for (unsigned i = 0; overrides != NULL && i < overrides->noptions;
	     i++) {
		struct span text = span_of(overrides->options[i]);

		if (override_split(text, &option))
			override_set(build, &option, origin);
		else
			override_refuse_option(build, text, origin);
	}
}
