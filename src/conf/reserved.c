/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/reserved.h"

#include <stddef.h>

#define RESERVED_CORS  "write cors = ORIGIN instead"
#define RESERVED_FILE  "it follows from the file; take it out"
#define RESERVED_FRAME "it says where the answer ends; take it out"

static const struct {
	const char *name;
	const char *advice;
} reserved_fields[] = {
	{ "Accept-Ranges", "every file has it; take it out" },
	{ "Access-Control-Allow-Credentials", RESERVED_CORS },
	{ "Access-Control-Allow-Headers", RESERVED_CORS },
	{ "Access-Control-Allow-Methods", RESERVED_CORS },
	{ "Access-Control-Allow-Origin", RESERVED_CORS },
	{ "Access-Control-Expose-Headers", RESERVED_CORS },
	{ "Access-Control-Max-Age", RESERVED_CORS },
	{ "Age", "only a cache may say it; take it out" },
	{ "Allow", "it lists the methods that are answered; take it out" },
	{ "Connection", RESERVED_FRAME },
	{ "Content-Encoding",
	    "name a compressed form FILE.br, FILE.zst or FILE.gz instead, see "
	    "site.precompressed" },
	{ "Content-Length", RESERVED_FRAME },
	{ "Content-Range", "ranges of files have it; take it out" },
	{ "Content-Type", "write type = TYPE/SUBTYPE instead" },
	{ "Date", "every answer has it; take it out" },
	{ "ETag", RESERVED_FILE },
	{ "Keep-Alive", RESERVED_FRAME },
	{ "Last-Modified", RESERVED_FILE },
	{ "Location", "redirects have it; take it out" },
	{ "Server", "see server.server_header" },
	{ "TE", RESERVED_FRAME },
	{ "Trailer", RESERVED_FRAME },
	{ "Transfer-Encoding", RESERVED_FRAME },
	{ "Upgrade", RESERVED_FRAME },
	{ "X-Request-Id", "see server.request_id" },
};

const char *
reserved_advice(struct span name)
{
	const size_t n = sizeof(reserved_fields) / sizeof(reserved_fields[0]);

	for (size_t i = 0; i < n; i++)
		if (span_equal_nocase(span_of(reserved_fields[i].name), name))
			return reserved_fields[i].advice;
	return NULL;
}
