/* SPDX-License-Identifier: Apache-2.0 */
/* copy.h - COPY … FROM STDIN with the rows of the script */
#ifndef CFLYWAY_DB_POSTGRES_COPY_H
#define CFLYWAY_DB_POSTGRES_COPY_H

#include "postgres.h"

MUST_USE enum db_status pg_copy(struct db *db, const struct statement *statement,
                                struct splitter *rows, struct error *err);

#endif
