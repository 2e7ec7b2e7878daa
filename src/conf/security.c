/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strict-Transport-Security is not here: only who ends the TLS connection can
 * promise what it promises (RFC 6797 7.2).
 */
#include "conf/security.h"

#include <stddef.h>

#include "http/response.h"

/*
 * The style and the script of the page that lists a folder, which is above us.
 * A test compares them with the page.
 */
#define SECURITY_LISTING_STYLE                                                 \
	"'sha256-RIR6EhK6598X7ZpamEtS9WrJWLhBDnqpTQJtLkfMa9I='"
#define SECURITY_LISTING_SCRIPT                                                \
	"'sha256-OIUO+qt5rCsMfKwZ8IjKMgK5BckZk4OtHXEqpSY6l+g='"

#define SECURITY_NOSNIFF "X-Content-Type-Options: nosniff\r\n"

/*
 * X-Frame-Options is frame-ancestors for browsers that do not know that one,
 * and for sites that set a policy of their own.
 */
static const char *const security_basic[] = {
	SECURITY_NOSNIFF,
	"Referrer-Policy: strict-origin-when-cross-origin\r\n",
	"X-Frame-Options: SAMEORIGIN\r\n",
	"Content-Security-Policy: frame-ancestors 'self'\r\n",
	NULL,
};

/* Nothing inline but what our own pages have. */
static const char *const security_strict[] = {
	SECURITY_NOSNIFF,
	"Referrer-Policy: same-origin\r\n",
	"X-Frame-Options: DENY\r\n",
	"Content-Security-Policy: default-src 'self'; "
	"style-src 'self' " RESPONSE_STYLE_HASH " " SECURITY_LISTING_STYLE "; "
	"script-src 'self' " SECURITY_LISTING_SCRIPT "; object-src 'none'; "
	"base-uri 'self'; form-action 'self'; frame-ancestors 'none'\r\n",
	"Cross-Origin-Opener-Policy: same-origin\r\n",
	"Permissions-Policy: camera=(), display-capture=(), geolocation=(), "
	"microphone=(), payment=(), usb=()\r\n",
	NULL,
};

static const char *const security_none[] = { NULL };

const char *const *
security_lines(enum conf_security security)
{
	switch (security) {
	case CONF_SECURITY_INHERIT:
	case CONF_SECURITY_OFF: break;
	case CONF_SECURITY_BASIC: return security_basic;
	case CONF_SECURITY_STRICT: return security_strict;
	}
	return security_none;
}
