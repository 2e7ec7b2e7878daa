/* SPDX-License-Identifier: BSD-2-Clause */
/* What a configuration says of logs: a part of conf/conf.h. */
#ifndef CONF_LOGGING_H
#define CONF_LOGGING_H

#include "conf/logformat.h"
#include "conf/origin.h"
#include "core/log.h"

/* Whether answers have an X-Request-Id. */
enum conf_request_id {
	CONF_REQUEST_ID_OFF,
	CONF_REQUEST_ID_NEW,    /* ours */
	CONF_REQUEST_ID_ACCEPT, /* the client's, where it is well-formed */
};

struct conf_error_log {
	const char *path; /* "stderr", "syslog" or a path */
	enum log_level level;
};

/* [access_log], or one [access_log:SITE] section. */
struct conf_access_log {
	const char *name;          /* of the site; "": of all that have none */
	const char *path;          /* "off", "stdout", "syslog" or a path */
	const char *format;        /* as written */
	struct logformat compiled; /* the same, compiled */
	uint64_t buffer_bytes;
	uint64_t flush_ms;
	struct conf_list skip; /* as conf/logskip.h reads them */
	uint64_t sample;       /* one of so many lines; 1: all */
	uint64_t slow_ms;      /* 0: all; else what took so long */
};

#endif
