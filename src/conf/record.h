/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as a flat list of texts, which can go to another process and
 * be compared there with another one.
 */
#ifndef CONF_RECORD_H
#define CONF_RECORD_H

#include "conf/conf.h"
#include "conf/store.h"

/* One value; a list has one for each of its items, or one that is empty. */
struct record {
	const char *section; /* "site"; "": not of the configuration */
	const char *name;    /* "" without :NAME */
	const char *key;     /* "": the section itself */
	const char *value;
	const char *origin; /* "tined.ini:5", "-o", "default" */
};

struct records {
	struct record *items;
	unsigned n;
	struct store store; /* owns all of it */
};

/* Writes one record. */
void record_write(FILE *out, const struct record *record);

/* Writes a configuration, section by section in the order of the table. */
void records_write_conf(FILE *out, const struct conf *conf);

/*
 * Reads what was written; records_fini() releases it.  Returns 0, or -1 with
 * errno: EBADMSG when it is something else.
 */
int records_read(struct records *records, int fd);

/* The same for a configuration that is here.  0, or -1 with errno. */
int records_of_conf(struct records *records, const struct conf *conf);

void records_fini(struct records *records);

/* True when two records are of the same key of the same section. */
bool record_is_same_key(const struct record *a, const struct record *b);

/* True for a key whose values make a list. */
bool record_is_list(const struct record *record);

#endif
