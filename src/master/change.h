/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From one generation to the next: the start, and every reload.
 *
 * The next generation is opened and forked beside the one that serves; when
 * all its workers are ready it takes over, and the old workers drain.  Until
 * that moment any error ends the change, and nothing has changed.
 */
#ifndef MASTER_CHANGE_H
#define MASTER_CHANGE_H

#include "master/state.h"

/*
 * Begins to change to *confp, which it takes.  What goes wrong is said, and
 * ends the change; at the start that stops the master.
 */
void change_begin(struct master *master, struct conf **confp);

/* True when the server serves, and nothing else is under way. */
bool change_may_begin(const struct master *master);

/* Loads the file again and begins to change to it. */
void change_reload(struct master *master);

/* Begins to change to the configuration that is in force. */
void change_again(struct master *master);

/*
 * When all workers of the next generation are ready, tells the old ones to
 * drain; when these accept no more, or after a moment, lets the next accept and
 * finishes the change.  So it is a point in time: no new connection is answered
 * by the old configuration after one was by the new.
 * Returns true when that was the start: the server serves now.
 */
bool change_advance(struct master *master);

/* When change_advance() does not wait any longer; INT64_MAX: no matter. */
int64_t change_deadline(const struct master *master);

/*
 * True while there is a next generation that may still fail.  Later, when the
 * old workers were told to drain, it finishes the change before it returns.
 */
bool change_is_open(struct master *master);

/* Ends the change: the next generation did not come up, as was said. */
void change_fail(struct master *master);

/* We stop: throws the next generation away, if there is one. */
void change_abandon(struct master *master);

/*
 * Another master, which may have served already, is gone before we let go: new
 * connections are for our workers, and the status is ours.
 */
void change_restore(struct master *master);

/* New connections go to the slots whose worker accepts. */
void change_steer(struct master *master);

#endif
