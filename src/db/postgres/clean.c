/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean.c - drops what is in a schema
 *
 * What is dropped, and in which order, is Flyway's: operators, text search configurations and casts
 * stay, extensions of the current user go. The caller has a transaction open.
 */
#include "clean.h"

#include "query.h"

#include "../sql_template.h"

static const char materialized_views_sql[] =
#include "db/postgres/sql/clean_materialized_views.sql.h"
	;
static const char views_sql[] =
#include "db/postgres/sql/clean_views.sql.h"
	;
static const char tables_sql[] =
#include "db/postgres/sql/clean_tables.sql.h"
	;
/* A multirange cannot be dropped before its range; in Flyway the order of types is chance. */
static const char types_sql[] =
#include "db/postgres/sql/clean_types.sql.h"
	;
static const char routines_sql[] =
#include "db/postgres/sql/clean_routines.sql.h"
	;
static const char routines_10_sql[] =
#include "db/postgres/sql/clean_routines_10.sql.h"
	;
static const char enums_sql[] =
#include "db/postgres/sql/clean_enums.sql.h"
	;
static const char domains_sql[] =
#include "db/postgres/sql/clean_domains.sql.h"
	;
static const char sequences_sql[] =
#include "db/postgres/sql/clean_sequences.sql.h"
	;
static const char collations_sql[] =
#include "db/postgres/sql/clean_collations.sql.h"
	;
static const char extensions_sql[] =
#include "db/postgres/sql/clean_extensions.sql.h"
	;

/* One kind of object: what to ask, and what to do for each row that comes back. */
struct step {
	const char *query;
	const char *format; /* %n: "schema"."object", %o: "object", %2 and %3: further columns */
	bool keep_shells;   /* types: make shells of the base types afterwards */
};

struct cleaning {
	struct db *db;
	const char *schema; /* quoted */
	const struct step *step;
	struct str_list statements;
	struct str_list shells;
};

static bool collect(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct cleaning *cleaning = ctx;
	struct arena *arena = cleaning->db->arena;
	const char *object = db_quote_identifier(arena, values[0]);
	const char *name = arena_printf(arena, "%s.%s", cleaning->schema, object);
	const struct sql_param blanks[] = {
		{'n', name},
		{'o', object},
		{'2', columns > 1 ? values[1] : ""},
		{'3', columns > 2 ? values[2] : ""},
	};

	(void)err;
	str_list_add(arena, &cleaning->statements,
	             sql_template_expand(arena, cleaning->step->format, blanks, COUNT(blanks)));
	/* categories P (pseudo) and U (user-defined) */
	if (cleaning->step->keep_shells && (values[1][0] == 'P' || values[1][0] == 'U'))
		str_list_add(arena, &cleaning->shells, arena_printf(arena, "CREATE TYPE %s", name));
	return true;
}

static bool run_all(struct db *db, const struct str_list *statements, struct error *err)
{
	for (size_t i = 0; i < statements->n; i++)
		if (!pg_command(postgres_of(db), statements->items[i], err))
			return false;
	return true;
}

bool pg_clean_schema(struct db *db, const char *schema, struct error *err)
{
	const bool is_old = db->server_version < 11;
	const struct step steps[] = {
		{materialized_views_sql, "DROP MATERIALIZED VIEW IF EXISTS %n CASCADE", false},
		{views_sql, "DROP VIEW IF EXISTS %n CASCADE", false},
		{tables_sql, "DROP TABLE %n CASCADE", false},
		/* the shells let routines with such types in their signature be dropped by name */
		{types_sql, "DROP TYPE IF EXISTS %n CASCADE", true},
		{is_old ? routines_10_sql : routines_sql, "DROP %3 IF EXISTS %n(%2) CASCADE",
	         false},
		{enums_sql, "DROP TYPE %n", false},
		{domains_sql, "DROP DOMAIN IF EXISTS %n CASCADE", false},
		{sequences_sql, "DROP SEQUENCE IF EXISTS %n", false},
		{types_sql, "DROP TYPE IF EXISTS %n CASCADE", false},
		{collations_sql, "DROP COLLATION IF EXISTS %n CASCADE", false},
		{extensions_sql, "DROP EXTENSION IF EXISTS %o CASCADE", false},
	};

	for (size_t i = 0; i < COUNT(steps); i++) {
		struct cleaning cleaning = {
			.db = db,
			.schema = db_quote_identifier(db->arena, schema),
			.step = &steps[i],
		};

		if (!pg_query(db, steps[i].query, &schema, 1, collect, &cleaning, err) ||
		    !run_all(db, &cleaning.statements, err) || !run_all(db, &cleaning.shells, err))
			return false;
	}
	return true;
}
