/* SPDX-License-Identifier: BSD-2-Clause */
/* How a row of a table of keys is written; for the files with such tables. */
#ifndef CONF_KEYS_ROWS_H
#define CONF_KEYS_ROWS_H

#include "conf/conf.h"
#include "conf/keys.h"

#define KEYS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND UINT64_C(1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
#define KIB    UINT64_C(1024)
#define MIB    (1024 * KIB)
#define GIB    (1024 * MIB)

/*
 * The offset of a field.  Without a default branch, so that a row whose type
 * is not that of its field does not compile.
 */
#define KEYS_AT(section, field, type)                                          \
	_Generic(((struct conf_##section *)NULL)->field, type                  \
		 : offsetof(struct conf_##section, field))

/* The field of a number has the name of the key and its unit behind it. */
#define STRING(section, key, default_, example_, text_)                        \
	{                                                                      \
		.name = #key, .type = KEY_STRING,                              \
		.offset = KEYS_AT(section, key, const char *),                 \
		.def = default_, .example = example_, .text = text_            \
	}
#define PATH(section, key, default_, words_, example_, text_)                  \
	{                                                                      \
		.name = #key, .type = KEY_PATH,                                \
		.offset = KEYS_AT(section, key, const char *),                 \
		.def = default_, .words = words_, .example = example_,         \
		.text = text_                                                  \
	}
#define NUMBER(                                                                \
    section, key, field, type_, default_, min_, max_, words_, text_)           \
	{                                                                      \
		.name = #key, .type = type_,                                   \
		.offset = KEYS_AT(section, field, uint64_t), .def = default_,  \
		.min = min_, .max = max_, .words = words_, .text = text_       \
	}
#define DURATION(section, key, default_, min, max, text)                       \
	NUMBER(section, key, key##_ms, KEY_DURATION, default_, min, max, NULL, \
	    text)
#define BYTES(section, key, default_, min, max, text)                          \
	NUMBER(section, key, key##_bytes, KEY_BYTES, default_, min, max, NULL, \
	    text)
#define COUNT(section, key, default_, min, max, words, text)                   \
	NUMBER(section, key, key, KEY_COUNT, default_, min, max, words, text)
#define MODE(section, key, default_, max, text)                                \
	NUMBER(section, key, key, KEY_MODE, default_, 0, max, NULL, text)
#define RATE(section, key, default_, max, words, text)                         \
	NUMBER(section, key, key##_per_hour, KEY_RATE, default_, 1, max,       \
	    words, text)
#define BOOL(section, key, default_, text_)                                    \
	{                                                                      \
		.name = #key, .type = KEY_BOOL,                                \
		.offset = KEYS_AT(section, key, bool), .def = default_,        \
		.text = text_                                                  \
	}
#define ENUM(section, key, default_, words_, text_)                            \
	{                                                                      \
		.name = #key, .type = KEY_ENUM,                                \
		.offset = KEYS_AT(section, key, unsigned), .def = default_,    \
		.words = words_, .text = text_                                 \
	}
#define LIST(section, key, field, type_, default_, example_, text_)            \
	{                                                                      \
		.name = #key, .type = type_,                                   \
		.offset = KEYS_AT(section, field, struct conf_list),           \
		.def = default_, .example = example_, .text = text_            \
	}
/* name_ stands for the names that users give; the last row of its section. */
#define PAIRS(section, name_, field, type_, example_, text_)                   \
	{                                                                      \
		.name = name_, .type = type_,                                  \
		.offset = KEYS_AT(section, field, struct conf_pairs),          \
		.def = "", .example = example_, .text = text_                  \
	}

/* A section of rules for paths, of all sites or of one. */
#define PATHSET(section, text_)                                                \
	{                                                                      \
		.name = #section, .keys = section##_keys,                      \
		.nkeys = KEYS_COUNT(section##_keys), .many = true,             \
		.bytes = sizeof(struct conf_pathset), .text = text_            \
	}

#endif
