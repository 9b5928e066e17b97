/* SPDX-License-Identifier: Apache-2.0 */
/* connect_causes.h - why a connection fails, and what to do */
#ifndef CFLYWAY_DB_POSTGRES_CONNECT_CAUSES_H
#define CFLYWAY_DB_POSTGRES_CONNECT_CAUSES_H

#include "conninfo.h"

#include "cflyway/base/error.h"

/*
 * Adds notes about the cause to err, which pg_fail_connect has set. text is what libpq says, info
 * what was asked of it, and url_origin where the URL comes from, or NULL. Asks nobody but the files
 * of this machine.
 */
void pg_explain_connect(const struct pg_conninfo *info, const char *url_origin, const char *text,
                        struct error *err);

#endif
