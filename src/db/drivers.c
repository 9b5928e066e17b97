/* SPDX-License-Identifier: Apache-2.0 */
/* drivers.c - lists the databases that cflyway knows */
#include "drivers.h"

static const struct db_driver *const known[] = {&db_postgres, &db_sqlite};

const struct db_drivers db_drivers = {known, COUNT(known)};
