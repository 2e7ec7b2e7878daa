/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of quick mode, `tined [-p PORT] DIR`. */
#ifndef CONF_QUICK_H
#define CONF_QUICK_H

#include "conf/conf.h"

/*
 * One site, dir, on a port of 127.0.0.1, with the access log on the terminal;
 * folders without an index file are listed.
 * port is what -p says; NULL: 8080, unless the overrides know another address.
 * Returns as conf_load() does.
 */
struct conf *quick_load(const char *dir, const char *port,
    const struct conf_overrides *overrides, struct conf_errors *errors);

/* True when nobody has said which address to listen on. */
bool quick_has_default_port(const struct conf *conf);

#endif
