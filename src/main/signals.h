/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.h - Ctrl-C: the running statement is cancelled, its transaction rolled back
 */
#ifndef CFLYWAY_MAIN_SIGNALS_H
#define CFLYWAY_MAIN_SIGNALS_H

#include "cflyway/db/db.h"

/* The number of the signal that came, 0 for none. */
int signals_caught(void);

void signals_install(void);

/* What to cancel; NULL when no connection is open. */
void signals_watch(struct db *db);

#endif
