/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the [match] sections of a site say of a path.
 *
 * The sections that match are a word with a bit for each, in the order of the
 * files.  All is made ready once, so that an answer costs a few copies.
 */
#ifndef SERVE_RULES_H
#define SERVE_RULES_H

#include "conf/addition.h"

/* Most globs are a text with a star at one end, or without one. */
enum rules_shape {
	RULES_EXACT,
	RULES_PREFIX,
	RULES_SUFFIX,
	RULES_GLOB, /* any other */
};

/* A glob of a section. */
struct rules_glob {
	struct span text; /* of a prefix or suffix without its star */
	uint64_t section; /* its bit */
	enum rules_shape shape;
};

struct rules {
	const struct conf_site *conf; /* borrowed */
	struct rules_glob *globs;
	unsigned nglobs;
	uint64_t always; /* sections for every path */
	uint64_t types;  /* and those that say a media type */
	uint64_t cors;   /* and those that say which origins may read */
	uint64_t guards; /* and those that name who may have a file */
	uint64_t paced;  /* and those that say how fast an answer goes */
};

/* Lines as they were written last, which often are what is wanted next. */
struct rules_text {
	char *bytes; /* room for the lines of any site, and more behind them */
	size_t len;
	const struct rules *rules; /* whose lines; NULL: nothing is written */
	uint64_t matched;          /* and for which sections */
	unsigned when;             /* and answer */
};

/* The bit of a section. */
static inline uint64_t
rules_bit(unsigned section)
{
	return UINT64_C(1) << section;
}

/* The last of sections, which counts if they say the same; NULL: none. */
static inline const struct conf_match *
rules_last(const struct conf_match *const *matches, uint64_t sections)
{
	return sections == 0 ? NULL : matches[63 - __builtin_clzll(sections)];
}

/* Makes the rules of a site ready.  0, or -1 with errno ENOMEM. */
int rules_init(struct rules *rules, const struct conf_site *conf);

/* The sections that match path, decoded and beginning with '/'. */
uint64_t rules_match(const struct rules *rules, struct span path);

/* True when a section of matched sets, appends or unsets the field. */
bool rules_name_field(
    const struct rules *rules, uint64_t matched, struct span name);

/* The media type of the file at path; zero when no section says one. */
struct span rules_type(const struct rules *rules, struct span path);

/* What the sections of matched say of origins; NULL when they say nothing. */
const struct conf_cors *rules_cors(const struct rules *rules, uint64_t matched);

/* The section of matched that says how fast; NULL: as fast as it can. */
const struct conf_match *rules_pace(
    const struct rules *rules, uint64_t matched);

/*
 * Writes the lines that the sections of matched add to an answer of which when
 * is true, bits of enum conf_when.
 */
void rules_write(const struct rules *rules, uint64_t matched, unsigned when,
    struct rules_text *text);

/* True when such an answer has this line of the site. */
static inline bool
rules_line_counts(
    const struct conf_addition *line, uint64_t matched, unsigned when)
{
	return (line->section & matched) != 0 &&
	       (line->dropped_by & matched) == 0 && (line->when & ~when) == 0;
}

/* Also after a rules_init() that failed. */
void rules_fini(struct rules *rules);

#endif
