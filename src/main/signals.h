/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.h - on Ctrl-C, cancels the running statement and rolls its transaction back
 */
#ifndef CFLYWAY_MAIN_SIGNALS_H
#define CFLYWAY_MAIN_SIGNALS_H

#include "cflyway/db/db.h"

/* The number of the received signal, 0 for none. */
int signals_caught(void);

void signals_install(void);

/* Sets the connection to cancel; NULL while none is open. */
void signals_watch(struct db *db);

#endif
