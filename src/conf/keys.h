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

enum key_type {
	KEY_STRING,    /* const char * */
	KEY_PATH,      /* const char *: absolute, or one of words */
	KEY_FORMAT,    /* const char *: one of words, or as logformat.h says */
	KEY_DURATION,  /* uint64_t, in milliseconds */
	KEY_BYTES,     /* uint64_t */
	KEY_COUNT,     /* uint64_t; words[0], where there is one, means 0 */
	KEY_MODE,      /* uint64_t, written in octal */
	KEY_BOOL,      /* bool */
	KEY_ENUM,      /* an enum: the position in words */
	KEY_ADDRESSES, /* struct conf_list */
	KEY_HOSTS,     /* struct conf_list */
	KEY_NAMES,     /* struct conf_list */
	KEY_WORDS,     /* struct conf_list: each one of words */
	KEY_CORES,     /* struct conf_list: one of words, or cores */
	KEY_SKIP,      /* struct conf_list: as logskip.h says */
	KEY_GLOBS,     /* struct conf_list: as core/glob.h says, of paths */
	KEY_FIELDS,    /* struct conf_list: each line "NAME: VALUE" */
	KEY_FIELD_NAMES, /* struct conf_list */
	KEY_SUBJECTS,    /* struct conf_list: names of users, keys, roles */
	KEY_MEDIA_TYPE,  /* the name of the key is the user's; see [mime] */
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
	size_t offset; /* of its struct in struct conf; many: does not count */
	size_t bytes;  /* of its struct */
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
 * The key of that name; in a section with the user's names its one row.
 * NULL when there is none.
 */
const struct key *keys_find(
    const struct key_section *section, struct span name);

/* The key that has another place now; NULL when it is no old name. */
const struct key_moved *keys_find_moved(
    const struct key_section *section, struct span name);

/* A section that has a key of that name; NULL when there is none. */
const struct key_section *keys_owner(struct span name);

/* True for the types whose field is a struct conf_list. */
bool keys_is_list(const struct key *key);

#endif
