/* SPDX-License-Identifier: Apache-2.0 */
/*
 * side_effect.h - finds what a rollback does not take back
 */
#ifndef CFLYWAY_SQL_SIDE_EFFECT_H
#define CFLYWAY_SQL_SIDE_EFFECT_H

#include "cflyway/base/str.h"

/*
 * Does the statement name a function or a form of COPY whose effects stay when its transaction is
 * rolled back, or that works in the first statement of a transaction only? Returns its name as
 * messages show it; NULL: none is known. A name in a comment or a string counts as well. What a
 * function or a trigger does that the statement calls is not seen.
 */
const char *side_effect_find(struct str statement);

#endif
