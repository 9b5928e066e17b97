/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byte_order_mark.h - drops U+FEFF anywhere in a script, as Flyway does (private)
 */
#ifndef CFLYWAY_SQL_BYTE_ORDER_MARK_H
#define CFLYWAY_SQL_BYTE_ORDER_MARK_H

#include "cflyway/base/str.h"

#include <stdbool.h>

/*
 * Removes from *piece the text up to the next U+FEFF that is dropped, and that mark; returns the
 * text. A mark that directly follows a dropped one stays: the second of two in a row. *after_mark
 * is false at the beginning of the script, and carries over from piece to piece.
 */
struct str byte_order_mark_cut(bool *after_mark, struct str *piece);

#endif
