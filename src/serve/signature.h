/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Links that are good until a time: /path?expires=TIME&signature=TEXT.
 *
 * TIME is in seconds since 1970, TEXT the HMAC-SHA256 of the decoded path,
 * "?expires=" and TIME, in base64 for URLs (RFC 4648 5) without padding.  The
 * path begins with a slash and TIME is digits, so no two links have one text.
 */
#ifndef SERVE_SIGNATURE_H
#define SERVE_SIGNATURE_H

#include <stdint.h>

#include "conf/subject.h"
#include "core/base64.h"
#include "os/digest.h"

#define SIGNATURE_LEN BASE64_URL_LEN(DIGEST_BYTES)

enum signature_state {
	SIGNATURE_ABSENT, /* the link has none */
	SIGNATURE_WRONG,  /* or only a part, or a part twice */
	SIGNATURE_EXPIRED,
	SIGNATURE_GOOD,
};

/* Makes the text, without a NUL, for a decoded path. */
void signature_make(struct span key, struct span path, struct span expires,
    char out[SIGNATURE_LEN]);

/*
 * Judges the query of a link, with its '?' or zero, at now_s on the wall clock.
 * All keys are tried; *key is that which signed it, if it is GOOD or EXPIRED.
 */
enum signature_state signature_check(const struct conf_secrets *keys,
    struct span path, struct span query, int64_t now_s,
    const struct conf_secret **key);

#endif
