/* SPDX-License-Identifier: Apache-2.0 */
/*
 * other_products.h - recognises servers that speak PostgreSQL's protocol and are another product
 *
 * Their advisory locks keep nobody out, or their DDL commits by itself: what cflyway promises about
 * a migration and its history row would not hold there.
 */
#ifndef CFLYWAY_DB_POSTGRES_OTHER_PRODUCTS_H
#define CFLYWAY_DB_POSTGRES_OTHER_PRODUCTS_H

#include "postgres.h"

/* What version() says of another product: "CockroachDB", …; NULL for PostgreSQL. May be NULL. */
const char *pg_product_of_version(const char *version);

/* The product that the parameters of the connection's start tell; NULL for PostgreSQL. */
const char *pg_product_announced(const struct postgres *pg);

/*
 * Asks for version(), in a round trip of its own. Errors: ERROR_GENERAL for another product; those
 * of pg_query.
 */
MUST_USE bool pg_ask_product(struct postgres *pg, struct error *err);

/* Sets ERROR_GENERAL, one sentence that names the product. Always false. */
bool pg_refuse_product(const char *product, struct error *err);

#endif
