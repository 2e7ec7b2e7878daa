/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the [match] sections of a site say of a path.
 *
 * The sections that match are a word with a bit for each, in the order of the
 * files.  All is made ready once, so that an answer costs a few copies.
 */
#ifndef SERVE_RULES_H
#define SERVE_RULES_H

#include "conf/conf.h"
#include "core/span.h"

/* A field that one section adds. */
struct rules_line {
	struct span text;    /* with its CR LF */
	uint64_t section;    /* its bit */
	uint64_t dropped_by; /* bits of those that set or unset it later */
	bool errors;         /* also in answers of 400 and above */
};

struct rules {
	const struct conf_site *conf; /* borrowed */
	struct rules_line *lines;
	unsigned nlines;
	char *text;   /* of all lines */
	size_t bytes; /* of text: no answer gets more */
};

/* Makes the rules of a site ready.  0, or -1 with errno ENOMEM. */
int rules_init(struct rules *rules, const struct conf_site *conf);

/* The sections that match path, decoded and beginning with '/'. */
uint64_t rules_match(const struct rules *rules, struct span path);

/* True when a section of matched sets, appends or unsets the field. */
bool rules_name_field(
    const struct rules *rules, uint64_t matched, struct span name);

/*
 * Writes the fields that the sections of matched add to an answer, one of 400
 * and above if error says so.  Returns their length, at most rules->bytes.
 */
size_t rules_write(
    const struct rules *rules, uint64_t matched, bool error, char *out);

/* Also after a rules_init() that failed. */
void rules_fini(struct rules *rules);

#endif
