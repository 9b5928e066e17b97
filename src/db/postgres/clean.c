/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean.c - drops what is in a schema
 *
 * What is dropped, and in which order, is Flyway's: operators, text search configurations and casts
 * stay, extensions of the current user go. The caller has a transaction open.
 *
 * Each object that is dropped, and each that goes with it, stays locked until the end of the
 * transaction, in a table of fixed size that all sessions share. What would not fit in there is
 * dropped in several transactions. How many locks one of them holds is counted, not computed: what
 * CASCADE takes along is hard to foresee. To keep single statements small, foreign keys go first,
 * partitions before their tables, and younger views before older ones, which they may use.
 *
 * The queries give the rows of Flyway's, but cost less. Flyway's compare each object with all
 * members of extensions, and ask for pg_class once per type. Of 6000 enums, domains, functions and
 * composite types beside 1400 members, in catalogs that are not analyzed, its query for types takes
 * 795 ms of CPU time, the one here 39 ms (PostgreSQL 15.18). With 20,000 tables the server
 * estimates a cost of 119,000 for Flyway's, above jit_above_cost, here of 10,000; the query for
 * tables takes 98 and 48 ms. No query of the program comes nearer to jit_above_cost than that, so
 * nothing switches jit off.
 */
#include "clean.h"

#include "dry_run.h"
#include "errors.h"
#include "query.h"

#include "../sql_template.h"

#include "cflyway/db/answer_shape.h"
#include "cflyway/db/dry_run.h"

#include <inttypes.h>

static const char size_sql[] =
#include "db/postgres/sql/clean_size.sql.h"
	;
static const char lock_count_sql[] =
#include "db/postgres/sql/clean_lock_count.sql.h"
	;
static const char foreign_keys_sql[] =
#include "db/postgres/sql/clean_foreign_keys.sql.h"
	;
static const char tables_in_parts_sql[] =
#include "db/postgres/sql/clean_tables_in_parts.sql.h"
	;
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

/* --- size ---------------------------------------------------------------------------------- */

static bool read_size(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	(void)columns;
	(void)err;
	*(struct db_clean_size *)ctx = (struct db_clean_size){
		.exists = true,
		.locks = answer_number(values[0]),
		.limit = answer_number(values[1]),
	};
	return true;
}

/*
 * An object takes a lock for itself, and for its types, constraints, defaults, triggers, indexes
 * and rules. The lock table has at least the size that the manual states for
 * max_locks_per_transaction; memory to spare lets it grow by some more.
 */
bool pg_measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                       struct error *err)
{
	static const struct answer_shape shape = {"the size of a schema", "vv", false};

	*size = (struct db_clean_size){0};
	return pg_query_shaped(db, size_sql, &schema, 1, &shape, read_size, size, err);
}

/* --- what is dropped ----------------------------------------------------------------------- */

/* A kind of object: what to ask, and what to do for each row that comes back. */
struct kind {
	const char *query;
	const char *format; /* %n: "schema"."object", %o: "object", %2 and %3: further columns */
	enum {
		KIND_PLAIN,
		KIND_KEEP_SHELLS,    /* types: make shells of the base types afterwards */
		KIND_YOUNGEST_FIRST, /* c is pg_class, and the query has no order of its own */
		KIND_KEEP_TABLE,     /* $2 is the table that is kept */
		/* In a dry run the catalogs still list what has been "dropped". */
		KIND_SHELLS,   /* types: only shells are left by now */
		KIND_OF_TYPES, /* enums: gone with the types */
	} treatment;
};

struct cleaning {
	struct arena memory; /* of the statements */
	const char *schema;  /* quoted */
	const struct kind *kind;
	bool is_dry;
	struct str_list statements;
	struct str_list shells;
};

/* categories P (pseudo) and U (user-defined) */
static bool has_shell(const char *category)
{
	return category[0] == 'P' || category[0] == 'U';
}

static bool collect(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct cleaning *cleaning = ctx;
	struct arena *arena = &cleaning->memory;
	const char *object = db_quote_identifier(arena, values[0]);
	const char *name = arena_printf(arena, "%s.%s", cleaning->schema, object);
	const struct sql_param blanks[] = {
		{'n', name},
		{'o', object},
		{'2', columns > 1 ? values[1] : ""},
		{'3', columns > 2 ? values[2] : ""},
	};

	(void)err;
	if (cleaning->is_dry && cleaning->kind->treatment == KIND_SHELLS && !has_shell(values[1]))
		return true;
	str_list_add(arena, &cleaning->statements,
	             sql_template_expand(arena, cleaning->kind->format, blanks, COUNT(blanks)));
	if (cleaning->kind->treatment == KIND_KEEP_SHELLS && has_shell(values[1]))
		str_list_add(arena, &cleaning->shells, arena_printf(arena, "CREATE TYPE %s", name));
	return true;
}

/* --- locks --------------------------------------------------------------------------------- */

/* The locks of the transaction. They are counted rarely: the server then reads its lock table. */
struct meter {
	int64_t max_locks;        /* 0: any number */
	int64_t dropped, next_at; /* statements so far; with how many the locks are counted */
	bool is_full;
};

/* Before anything is counted. A table with some columns, a key and an index takes about 10. */
enum { LOCKS_PER_STATEMENT = 16 };

/* Half of the room that is left, if the statements to come are like those before. */
static int64_t safe_statements(int64_t room, int64_t locks_per_statement)
{
	int64_t n = room / (2 * locks_per_statement);

	return n > 0 ? n : 1;
}

static struct meter meter_start(int64_t max_locks)
{
	return (struct meter){
		.max_locks = max_locks,
		.next_at = safe_statements(max_locks, LOCKS_PER_STATEMENT),
	};
}

static bool read_count(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	(void)columns;
	(void)err;
	*(int64_t *)ctx = answer_number(values[0]);
	return true;
}

static const struct answer_shape count_shape = {"the locks that it holds", "v", true};

static bool meter_advance(struct meter *meter, struct db *db, struct error *err)
{
	int64_t held = 0;

	meter->dropped++;
	if (meter->max_locks == 0 || meter->dropped < meter->next_at)
		return true;
	if (db->dry_run != NULL) {
		meter->next_at += safe_statements(meter->max_locks, LOCKS_PER_STATEMENT);
		return dry_run_separate(db, err);
	}
	if (!pg_query_shaped(db, lock_count_sql, NULL, 0, &count_shape, read_count, &held, err))
		return false;
	int64_t room = meter->max_locks - held;
	int64_t locks_per_statement = held / meter->dropped + 1;

	meter->is_full = room < locks_per_statement;
	meter->next_at = meter->dropped + safe_statements(room, locks_per_statement);
	return true;
}

/* --- dropping ------------------------------------------------------------------------------ */

/* A signal that comes between two statements cancels neither. */
static bool go_on(const struct db *db, struct error *err)
{
	return !db->is_cancelled ||
	       pg_fail_text(err, "57014", "ERROR: canceling statement due to user request");
}

static bool run_all(struct db *db, const struct str_list *statements, struct meter *meter,
                    struct error *err)
{
	for (size_t i = 0; i < statements->n && !meter->is_full; i++)
		if (!go_on(db, err) || !pg_change(db, statements->items[i], err) ||
		    !meter_advance(meter, db, err))
			return false;
	return true;
}

/* A dropped object takes a lock at least: one transaction needs no more rows than locks. */
static const char *complete_query(struct arena *arena, const struct kind *kind, int64_t max_rows)
{
	const char *order = kind->treatment == KIND_YOUNGEST_FIRST ? "\nORDER BY c.oid DESC" : "";
	const char *limit = max_rows > 0 ? arena_printf(arena, "\nLIMIT %" PRId64, max_rows) : "";

	return arena_concat(arena, kind->query, order, limit);
}

static const char *columns_of(const struct kind *kind)
{
	if (strstr(kind->format, "%3") != NULL)
		return "vvv";
	return strstr(kind->format, "%2") != NULL || kind->treatment == KIND_KEEP_SHELLS ||
	                       kind->treatment == KIND_SHELLS
	               ? "vv"
	               : "v";
}

static bool drop_kind(struct db *db, const char *schema, const struct db_clean_part *part,
                      const struct kind *kind, struct meter *meter, struct error *err)
{
	const char *const args[] = {schema, part->kept_table};
	struct cleaning cleaning = {
		.memory = ARENA_EMPTY, .kind = kind, .is_dry = db->dry_run != NULL};
	const struct answer_shape shape = {"what is in a schema", columns_of(kind), false};
	const int64_t max_rows = cleaning.is_dry ? 0 : meter->max_locks;
	bool ok;

	if (cleaning.is_dry && kind->treatment == KIND_OF_TYPES)
		return true;
	cleaning.schema = db_quote_identifier(&cleaning.memory, schema);
	ok = pg_query_shaped(db, complete_query(&cleaning.memory, kind, max_rows), args,
	                     kind->treatment == KIND_KEEP_TABLE ? 2 : 1, &shape, collect, &cleaning,
	                     err) &&
	     run_all(db, &cleaning.statements, meter, err) &&
	     run_all(db, &cleaning.shells, meter, err);
	/* there may be more rows */
	if (max_rows > 0 && (int64_t)cleaning.statements.n >= max_rows)
		meter->is_full = true;
	arena_release(&cleaning.memory);
	return ok;
}

/* The kinds from part->step on, until the transaction is full. */
static bool drop_kinds(struct db *db, const char *schema, struct db_clean_part *part,
                       const struct kind *kinds, size_t n, struct error *err)
{
	struct meter meter = meter_start(part->max_locks);

	for (; part->step < n; part->step++) {
		if (!drop_kind(db, schema, part, &kinds[part->step], &meter, err))
			return false;
		if (meter.is_full)
			break;
	}
	part->is_last = !meter.is_full;
	return go_on(db, err);
}

/* "out of shared memory" has the SQL state of "out of memory". */
static bool note_size(struct db_clean_part *part, const struct error *err)
{
	part->is_too_large = err->sql != NULL && str_same(err->sql->state, "53200");
	return false;
}

bool pg_clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                     struct error *err)
{
	const char *routines = db->server_version < 11 ? routines_10_sql : routines_sql;
	const struct kind kinds[] = {
		{materialized_views_sql, "DROP MATERIALIZED VIEW IF EXISTS %n CASCADE", KIND_PLAIN},
		{views_sql, "DROP VIEW IF EXISTS %n CASCADE", KIND_PLAIN},
		{tables_sql, "DROP TABLE %n CASCADE", KIND_PLAIN},
		/* the shells let routines with such types in their signature be dropped by name */
		{types_sql, "DROP TYPE IF EXISTS %n CASCADE", KIND_KEEP_SHELLS},
		{routines, "DROP %3 IF EXISTS %n(%2) CASCADE", KIND_PLAIN},
		{enums_sql, "DROP TYPE %n", KIND_OF_TYPES},
		{domains_sql, "DROP DOMAIN IF EXISTS %n CASCADE", KIND_PLAIN},
		{sequences_sql, "DROP SEQUENCE IF EXISTS %n", KIND_PLAIN},
		{types_sql, "DROP TYPE IF EXISTS %n CASCADE", KIND_SHELLS},
		{collations_sql, "DROP COLLATION IF EXISTS %n CASCADE", KIND_PLAIN},
		{extensions_sql, "DROP EXTENSION IF EXISTS %o CASCADE", KIND_PLAIN},
	};
	/* Without shells: a transaction may end among them. Routines go with their types. */
	const struct kind kinds_in_parts[] = {
		{foreign_keys_sql, "ALTER TABLE %2 DROP CONSTRAINT IF EXISTS %o", KIND_PLAIN},
		{materialized_views_sql, "DROP MATERIALIZED VIEW IF EXISTS %n CASCADE",
	         KIND_YOUNGEST_FIRST},
		{views_sql, "DROP VIEW IF EXISTS %n CASCADE", KIND_YOUNGEST_FIRST},
		{tables_in_parts_sql, "DROP %3 IF EXISTS %2.%o CASCADE", KIND_KEEP_TABLE},
		{types_sql, "DROP TYPE IF EXISTS %n CASCADE", KIND_PLAIN},
		{routines, "DROP %3 IF EXISTS %n(%2) CASCADE", KIND_PLAIN},
		{domains_sql, "DROP DOMAIN IF EXISTS %n CASCADE", KIND_PLAIN},
		{sequences_sql, "DROP SEQUENCE IF EXISTS %n", KIND_PLAIN},
		{collations_sql, "DROP COLLATION IF EXISTS %n CASCADE", KIND_PLAIN},
		{extensions_sql, "DROP EXTENSION IF EXISTS %o CASCADE", KIND_PLAIN},
	};
	bool ok = part->max_locks > 0
	                  ? drop_kinds(db, schema, part, kinds_in_parts, COUNT(kinds_in_parts), err)
	                  : drop_kinds(db, schema, part, kinds, COUNT(kinds), err);

	return ok || note_size(part, err);
}
