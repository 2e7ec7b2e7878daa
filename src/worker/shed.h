/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which connection makes room when there is none: for another, or for the
 * buffers of one that has asked.  None of [admin], of which there are few.
 */
#ifndef WORKER_SHED_H
#define WORKER_SHED_H

#include "worker/conn.h"

/* Closes the kept connection that idles longest; false: there is none. */
bool shed_idle(struct engine *engine);

/*
 * Closes one so that another can come: the one that idles longest, or else the
 * one that has been longest about a request, if that is too long.  False: there
 * is none.
 */
bool shed_for_conn(struct engine *engine);

/*
 * Closes the one that has held buffers longest without getting further: in a
 * head, in a body, or with a client that takes too little.  False: there is
 * none.
 */
bool shed_for_buffers(struct engine *engine);

#endif
