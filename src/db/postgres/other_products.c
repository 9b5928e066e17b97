/* SPDX-License-Identifier: Apache-2.0 */
/*
 * other_products.c - recognises servers that speak PostgreSQL's protocol and are another product
 *
 * Most of them tell it in a parameter when the connection starts, which costs nothing. All of them
 * tell it in version(), which is asked together with other things (describe.sql).
 */
#include "other_products.h"

#include "query.h"

#include "cflyway/base/str.h"

static const struct {
	const char *name;
	const char *parameter; /* NULL: its parameters look like those of PostgreSQL */
	const char *value;     /* a part of the parameter's value, in this letter case */
	const char *version;   /* a part of version() */
} products[] = {
	{"CockroachDB", "crdb_version", "", "CockroachDB"},
	{"YugabyteDB", "server_version", "-YB-", "-YB-"},
	{"Amazon Redshift", "padb_version", "", "Redshift"},
	{"Greenplum", NULL, NULL, "Greenplum"},
	{"Materialize", "mz_version", "", "Materialize"},
	/* It calls itself the application, but an application of PostgreSQL can have that name. */
	{"QuestDB", NULL, NULL, "QuestDB"},
};

const char *pg_product_of_version(const char *version)
{
	for (size_t i = 0; version != NULL && i < COUNT(products); i++)
		if (strstr(version, products[i].version) != NULL)
			return products[i].name;
	return NULL;
}

const char *pg_product_announced(const struct postgres *pg)
{
	for (size_t i = 0; i < COUNT(products); i++) {
		const char *value = NULL;

		if (products[i].parameter != NULL)
			value = pg->pq.parameter_status(pg->conn, products[i].parameter);
		if (value != NULL && strstr(value, products[i].value) != NULL)
			return products[i].name;
	}
	return NULL;
}

static bool read_version(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const char **product = ctx;

	(void)columns;
	(void)err;
	*product = pg_product_of_version(values[0]);
	return true;
}

bool pg_ask_product(struct postgres *pg, struct error *err)
{
	static const struct answer_shape shape = {"its version", "n", true};
	const char *product = NULL;

	return pg_query_shaped(pg->db, "SELECT pg_catalog.version()", NULL, 0, &shape, read_version,
	                       &product, err) &&
	       (product == NULL || pg_refuse_product(product, err));
}

/* DIFFERS: Flyway takes most of them for PostgreSQL, and has code or a plugin for the others. */
bool pg_refuse_product(const char *product, struct error *err)
{
	return error_set(err, ERROR_GENERAL,
	                 "%s is not PostgreSQL, although it speaks its protocol: cflyway does not "
	                 "run on it, because neither its lock nor its one transaction for a "
	                 "migration and its history row could be relied on.",
	                 product);
}
