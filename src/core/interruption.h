/* SPDX-License-Identifier: Apache-2.0 */
/* interruption.h - says where a signal has ended a run, and what is left of what ran then */
#ifndef CFLYWAY_CORE_INTERRUPTION_H
#define CFLYWAY_CORE_INTERRUPTION_H

#include "execution.h"

/*
 * After the failure of a migration, which has been rolled back as far as it can be: tells
 * in a cause, if it was a signal: "interrupted in V7, statement 3, line 41: rolled back".
 */
void interruption_note(const struct execution *execution, struct error *err);

#endif
