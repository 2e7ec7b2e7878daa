/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of files that carry a hash of their content, as bundlers write them:
 * what has such a name never changes.
 *
 * A name that is wrongly taken for one is served stale for a year, while one
 * that is missed is only asked for again.  So the rule is narrow.
 */
#ifndef HTTP_HASHNAME_H
#define HTTP_HASHNAME_H

#include "core/span.h"

/*
 * True when the last part of the name of a file, in front of its ending and
 * behind a '-', '.' or '_', has letters and digits, and is
 *  - 8 or more hexadecimal digits, of one case, as webpack and Parcel write;
 *  - 8 of A to Z and 2 to 7, a letter behind a digit, as esbuild writes;
 *  - 8 or more of which no more than half are digits, and which go on for
 *    2.5 characters on average before a word, a number, or capitals begin, as
 *    Vite and Rollup write.
 * Behind the hash there may be known endings, as in ".min.js" and ".js.map".
 * Without anything in front of it, it is 16 or more hexadecimal digits; and
 * it is not the end of a UUID.  name may be a path.
 */
bool hashname_is_hashed(struct span name);

#endif
