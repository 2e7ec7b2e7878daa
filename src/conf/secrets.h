/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of secrets that [auth] sections name: a line a subject,
 * "NAME:SECRET"; empty lines and those that begin with # mean nothing.
 *
 * Of passwords there are hashes, which take no part in serving: they stay on
 * pages that a worker never has.  Of API keys only hashes are kept.
 */
#ifndef CONF_SECRETS_H
#define CONF_SECRETS_H

#include "conf/conf.h"
#include "conf/report.h"

/* No key is shorter: it could be guessed. */
#define SECRETS_KEY_BYTES 16

/* Most keys of URLs, each of which is tried, and most API keys. */
#define SECRETS_URL_KEYS_MAX 16
#define SECRETS_API_KEYS_MAX 1000

/* Reads all files.  What is wrong with them is reported, with their lines. */
void secrets_read(struct conf *conf, struct report *report);

/*
 * The same for who needs no other check of this machine.  Returns 0, or -1 with
 * lines added to *errors.
 */
int secrets_load(struct conf *conf, struct conf_errors *errors);

/* No process that is forked from now on gets the hashes of passwords... */
void secrets_hide(struct conf *conf);

/* ...but one that is forked between a lend and its end. */
void secrets_lend(const struct conf *conf, bool lent);

/* The subject of that name; NULL when there is none. */
const struct conf_secret *secrets_find(
    const struct conf_secrets *secrets, struct span name);

/* Wipes and frees what is on pages of its own. */
void secrets_close(struct conf *conf);

#endif
