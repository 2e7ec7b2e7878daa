/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/page.h"

#include "status/page.inc"

/* The hashes are of what page.html has inside; page.sh makes them. */
#define PAGE_POLICY                                                            \
	"default-src 'none'; connect-src 'self'; img-src data:; "              \
	"style-src '" PAGE_STYLE_HASH "'; script-src '" PAGE_SCRIPT_HASH "'; " \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

struct span
page_html(void)
{
	return (struct span){ (const char *)page_bytes, sizeof(page_bytes) };
}

struct span
page_fields(void)
{
	return SPAN("Cache-Control: no-store\r\n"
		    "Content-Security-Policy: " PAGE_POLICY "\r\n"
		    "Cross-Origin-Opener-Policy: same-origin\r\n"
		    "Cross-Origin-Resource-Policy: same-origin\r\n"
		    "Referrer-Policy: no-referrer\r\n"
		    "X-Content-Type-Options: nosniff\r\n");
}
