/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rule about requests that the access log leaves out.
 *
 *   304           this status
 *   2xx           every status that begins with this digit
 *   /assets/?.css the paths that this describes (core/glob.h)
 *   health        what asks whether the server is well
 */
#ifndef CONF_LOGSKIP_H
#define CONF_LOGSKIP_H

#include "core/span.h"

enum logskip_kind {
	LOGSKIP_NONE, /* not a rule */
	LOGSKIP_STATUS,
	LOGSKIP_CLASS,
	LOGSKIP_GLOB,
	LOGSKIP_HEALTH,
};

/* Reads a rule; *number is the status, or the digit of the class. */
enum logskip_kind logskip_parse(struct span word, unsigned *number);

#endif
