/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The form of a line of the access log, compiled to a list of operations.
 *
 * A format is text with codes in it, the letters of which mean what they mean
 * in Apache's mod_log_config; common, combined and json are such texts with
 * names.  The worker goes through the list for each request (worker/logline.h).
 */
#ifndef CONF_LOGFORMAT_H
#define CONF_LOGFORMAT_H

#include "http/request.h"

enum logformat_code {
	LOGFORMAT_TEXT,       /* as it stands */
	LOGFORMAT_CLIENT,     /* %h, %a: its address */
	LOGFORMAT_PEER,       /* %{c}a: of the connection */
	LOGFORMAT_TIME,       /* %t: in brackets */
	LOGFORMAT_RFC3339,    /* %{rfc3339}t */
	LOGFORMAT_EPOCH_S,    /* %{sec}t */
	LOGFORMAT_EPOCH_MS,   /* %{msec}t */
	LOGFORMAT_LINE,       /* %r */
	LOGFORMAT_STATUS,     /* %s */
	LOGFORMAT_BODY,       /* %B: bytes */
	LOGFORMAT_BODY_CLF,   /* %b: the same, 0 is "-" */
	LOGFORMAT_SENT,       /* %O: bytes, with the head */
	LOGFORMAT_TOOK_US,    /* %D */
	LOGFORMAT_TOOK_MS,    /* %{ms}T */
	LOGFORMAT_TOOK_S,     /* %T */
	LOGFORMAT_METHOD,     /* %m */
	LOGFORMAT_PATH,       /* %U */
	LOGFORMAT_QUERY,      /* %q: with its '?', or nothing */
	LOGFORMAT_PROTOCOL,   /* %H */
	LOGFORMAT_SITE,       /* %v: its name in the configuration */
	LOGFORMAT_HOST,       /* %V */
	LOGFORMAT_PORT,       /* %p: ours */
	LOGFORMAT_PID,        /* %P */
	LOGFORMAT_KEPT,       /* %k: requests before it on the connection */
	LOGFORMAT_END,        /* %X: how the connection goes on */
	LOGFORMAT_FIELD,      /* %{NAME}i that the parser keeps */
	LOGFORMAT_OTHER,      /* %{NAME}i that is looked for in the head */
	LOGFORMAT_TTFB,       /* %{ttfb}x: microseconds to the first byte */
	LOGFORMAT_VARIANT,    /* %{variant}x: the coding of the file */
	LOGFORMAT_CACHE,      /* %{cache}x: hit or miss */
	LOGFORMAT_VERDICT,    /* %{verdict}x */
	LOGFORMAT_REQUEST_ID, /* %{request_id}x */
	LOGFORMAT_SUBJECT,    /* %u: who asks, as [auth] knows it */
	LOGFORMAT_WORKER,     /* %{worker}x: its slot */
	LOGFORMAT_GENERATION, /* %{generation}x: of the configuration */
	LOGFORMAT_CODES,
};

struct logformat_op {
	enum logformat_code code;
	enum field field; /* of FIELD */
	uint16_t at;      /* in text[]: of TEXT, or the name of OTHER */
	uint16_t len;
};

/* Most operations, and bytes of text beside them. */
#define LOGFORMAT_OPS        64
#define LOGFORMAT_TEXT_BYTES 512

/* Holds no pointers: may be copied. */
struct logformat {
	struct logformat_op ops[LOGFORMAT_OPS];
	unsigned nops;
	uint16_t ntext;
	bool json;          /* what clients sent is written as JSON strings */
	size_t fixed_bytes; /* most bytes of a line without what they sent */
	char text[LOGFORMAT_TEXT_BYTES];
};

/* What is wrong with a format. */
struct logformat_problem {
	struct span piece; /* of its text */
	const char *what;
	char allowed[200];
};

/*
 * Compiles text, which may be a name.  Returns 0, or -1 with *problem; what
 * *format holds then means nothing.
 */
int logformat_compile(struct logformat *format, struct span text,
    struct logformat_problem *problem);

#endif
