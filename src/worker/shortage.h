/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens when limits.buffers is reached.
 *
 * Who has asked gets buffers at the cost of a connection that gets no further:
 * many that send their heads slowly cannot keep others out.
 */
#ifndef WORKER_SHORTAGE_H
#define WORKER_SHORTAGE_H

#include "worker/step.h"

/*
 * True when conn may take buffers, as somebody was cut off for it.  Else *next
 * is what it does: waits, if its client has sent nothing, or ends with 503.
 */
bool shortage_admit(struct conn *conn, enum step_next *next);

#endif
