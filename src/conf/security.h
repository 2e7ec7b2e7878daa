/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields that `security` stands for. */
#ifndef CONF_SECURITY_H
#define CONF_SECURITY_H

#include "conf/sections.h"

/*
 * Field lines, each with its CR LF, and NULL behind the last; static.  There
 * are none for off and inherit.
 */
const char *const *security_lines(enum conf_security security);

#endif
