/* SPDX-License-Identifier: Apache-2.0 */
/* causes.h - why a statement fails, and what to do */
#ifndef CFLYWAY_DB_POSTGRES_CAUSES_H
#define CFLYWAY_DB_POSTGRES_CAUSES_H

#include "cflyway/db/db.h"

/* See db_explain. */
void pg_explain(struct db *db, struct error *err);

#endif
