/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of keys: all that the parser, tined -T, the sample file and the
 * manual know about a key is its row in keys.c.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

/* What a field is; each has some types, whose values are written otherwise. */
enum key_form {
	KEY_FORM_STRING, /* const char * */
	KEY_FORM_NUMBER, /* uint64_t */
	KEY_FORM_BOOL,   /* bool */
	KEY_FORM_ENUM,   /* an enum: the position in words */
	KEY_FORM_LIST,   /* struct conf_list */
	KEY_FORM_PAIRS,  /* struct conf_pairs: the names of keys are the user's
			  */
};

enum key_type {
	/* Strings. */
	KEY_STRING,
	KEY_PATH,      /* absolute, or one of words */
	KEY_FORMAT,    /* one of words, or as logformat.h says */
	KEY_TYPE,      /* a media type */
	KEY_CACHE,     /* one of words, or a duration */
	KEY_BANDWIDTH, /* one of words, or bytes a second */
	/* Numbers. */
	KEY_DURATION, /* in milliseconds */
	KEY_BYTES,
	KEY_COUNT, /* words[0], where there is one, means 0 */
	KEY_MODE,  /* written in octal */
	KEY_RATE,  /* so many an hour; words[0] means 0 */
	KEY_BOOL,
	KEY_ENUM,
	/* Lists. */
	KEY_ADDRESSES,
	KEY_HOSTS,
	KEY_NAMES,
	KEY_WORDS,  /* each one of words */
	KEY_CORES,  /* one of words, or cores */
	KEY_SKIP,   /* as logskip.h says */
	KEY_GLOBS,  /* as core/glob.h says, of paths */
	KEY_FIELDS, /* each line "NAME: VALUE" */
	KEY_FIELD_NAMES,
	KEY_ORIGINS,  /* "off", "*", or SCHEME://HOST */
	KEY_BLOCKS,   /* as core/cidr.h says */
	KEY_SUBJECTS, /* names of users, keys, roles */
	KEY_TRIES,    /* "$uri" and text behind it */
	/* Pairs. */
	KEY_MEDIA_TYPE, /* by the ending of a name */
	KEY_REDIRECT,   /* by path, as conf/pathrule.h says */
	KEY_REWRITE,
	KEY_ERROR_PAGE, /* by a status or a class of them */
};

struct key {
	const char *name;
	enum key_type type;
	size_t offset;   /* of the field in the struct of its section */
	const char *def; /* as in a file; NULL: the key is required */
	uint64_t min;    /* of a number */
	uint64_t max;    /* likewise */
	const char *const *words; /* ended by NULL; may be NULL */
	const char *example;      /* for the sample file; NULL: the default */
	const char *text;         /* sentences, for people */
};

struct key_section {
	const char *name;
	const struct key *keys;
	unsigned nkeys;
	bool many;            /* [name:INSTANCE] as often as wanted */
	const char *instance; /* what INSTANCE must be; NULL: a name, or not
				 there at all */
	const char *instance_example;
	bool required; /* at least one */
	bool per_site; /* many: [name] is always there; see conf/per_site.h */
	/* Of its struct in struct conf; many: of what [name] has per_site. */
	size_t offset;
	size_t bytes; /* of its struct */
	const char *text;
};

/*
 * An old name of a key, which is a single value of a section that is there
 * once.  It still works, with a warning that says where the key is now.
 */
struct key_moved {
	const char *section;
	const char *name;
	const char *new_section;
	const char *new_name;
};

/* A single value that only a restart can change. */
struct key_fixed {
	const char *section; /* there once */
	const char *name;
};

extern const struct key_section keys_sections[];
extern const unsigned keys_nsections;

extern const struct key_moved keys_moved[];
extern const unsigned keys_nmoved;

extern const struct key_fixed keys_fixed[];
extern const unsigned keys_nfixed;

/* The section of that name; NULL when there is none. */
const struct key_section *keys_section(struct span name);

/*
 * The key of that name; where the user names keys, their one row for each name
 * that no row before it has.  NULL when there is none.
 */
const struct key *keys_find(
    const struct key_section *section, struct span name);

/* The key that has another place now; NULL when it is no old name. */
const struct key_moved *keys_find_moved(
    const struct key_section *section, struct span name);

/* A section that has a key of that name; NULL when there is none. */
const struct key_section *keys_owner(struct span name);

enum key_form keys_form(const struct key *key);

static inline bool
keys_is_list(const struct key *key)
{
	return keys_form(key) == KEY_FORM_LIST;
}

static inline bool
keys_is_pairs(const struct key *key)
{
	return keys_form(key) == KEY_FORM_PAIRS;
}

#endif
