/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.h - on Ctrl-C, cancels the running statement and rolls its transaction back
 */
#ifndef CFLYWAY_MAIN_SIGNALS_H
#define CFLYWAY_MAIN_SIGNALS_H

#include "cflyway/db/db.h"

/* The number of the received signal, 0 for none. */
int signals_caught(void);

/* How many signals have been received. */
int signals_count(void);

void signals_install(void);

/*
 * While this process only waits for others, a signal does not end it: the caller passes it on. The
 * third one does.
 */
void signals_hold(bool hold);

/*
 * In a copy of a process that holds signals: SIGINT is ignored, because a terminal sends it to
 * both, and more than one SIGTERM as well. Ends the process if a signal has come before.
 */
void signals_in_child(void);

/* Sets the connection to cancel; NULL while none is open. */
void signals_watch(struct db *db);

#endif
