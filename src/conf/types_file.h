/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of media types as other programs have it, /etc/mime.types. */
#ifndef CONF_TYPES_FILE_H
#define CONF_TYPES_FILE_H

#include "conf/build.h"

/*
 * Reads server.mime_types, if there is one, into the map of media types.
 * Mistakes are reported with the line of that file.
 */
void types_file_load(struct build *build);

#endif
