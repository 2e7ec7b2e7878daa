/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters in a query, as forms write them; nothing is decoded. */
#ifndef HTTP_QUERY_H
#define HTTP_QUERY_H

#include "core/span.h"

/*
 * Takes the next "name=value" off *query, which begins with '?' or '&'; without
 * a '=' the value is empty.  Returns false at the end.
 */
bool query_take(struct span *query, struct span *name, struct span *value);

/* The value of the first parameter of a name; the zero span: there is none. */
struct span query_find(struct span query, struct span name);

#endif
