/* SPDX-License-Identifier: Apache-2.0 */
/* drivers.h - the databases that cflyway knows */
#ifndef CFLYWAY_DB_DRIVERS_H
#define CFLYWAY_DB_DRIVERS_H

#include "cflyway/db/driver.h"

extern const struct db_driver db_postgres;
extern const struct db_driver db_sqlite;

#endif
