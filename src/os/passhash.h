/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes of passwords, as crypt(5) has them.
 *
 * Making one takes 10 to 300 ms and memory: never where a client waits.
 */
#ifndef OS_PASSHASH_H
#define OS_PASSHASH_H

#include <stdbool.h>

/* Of a password; crypt(3) takes no more. */
#define PASSHASH_PASSWORD_BYTES 511

/*
 * NULL when a hash can be used; else what it is, for people, static text: one
 * that is weak, cut off, or no hash at all.
 */
const char *passhash_judge(const char *hash);

/* True when hash, which was judged, is that of the password. */
bool passhash_matches(const char *password, const char *hash);

#endif
