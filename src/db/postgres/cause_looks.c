/* SPDX-License-Identifier: Apache-2.0 */
/* cause_looks.c - asks the server why a statement has failed */
#include "cause_looks.h"

#include "../cause_answer.h"
#include "query.h"

#include "cflyway/base/str.h"

/* --- one query ----------------------------------------------------------------------------- */

/* Asks with the facts %1 to %n as parameters. */
static bool run_query(const struct inquiry *inquiry, const char *sql, size_t n,
                      struct cause_answer *answer)
{
	struct postgres *pg = inquiry->pg;
	struct error ignored = ERROR_INIT(inquiry->arena);
	const char *args[2] = {answer->facts->of['1'], answer->facts->of['2']};
	bool ok;

	for (size_t i = 0; i < n; i++)
		if (args[i] == NULL)
			return false;
	if (db_tx_status(pg->db) != TX_IDLE ||
	    !pg_command(pg,
	                "BEGIN READ ONLY; SET LOCAL statement_timeout = 2000; "
	                "SET LOCAL lock_timeout = 1000",
	                &ignored))
		return false;
	ok = pg_query(pg->db, sql, args, n, cause_answer_row, answer, &ignored);
	if (db_tx_status(pg->db) != TX_LOST)
		(void)!pg_command(pg, "ROLLBACK", &ignored);
	return ok && answer->has_row;
}

static bool ask(const struct inquiry *inquiry, const char *sql, size_t n, const char *letters,
                struct cause_facts *facts)
{
	struct cause_answer answer = {.arena = inquiry->arena, .facts = facts, .letters = letters};

	return run_query(inquiry, sql, n, &answer);
}

/* The name without its schema: "persons" of "app.persons". */
static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL ? dot + 1 : name;
}

/* The query gives names, and in a last column how to show each; %n becomes the nearest to %1. */
static bool ask_nearest(const struct inquiry *inquiry, const char *sql, const char *wrong,
                        struct cause_facts *facts)
{
	struct nearest nearest;
	struct cause_answer answer = {.arena = inquiry->arena, .facts = facts, .nearest = &nearest};

	nearest_init(&nearest, str_of(wrong));
	if (!run_query(inquiry, sql, 0, &answer))
		return false;
	return cause_answer_take_nearest(&answer, wrong);
}

/* --- names --------------------------------------------------------------------------------- */

#define MANY " LIMIT 5000"
#define OF_USERS "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

bool look_for_schema(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(ctx,
	                   "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE " OF_USERS MANY,
	                   facts->of['1'], facts);
}

static bool look_for_any_relation(void *ctx, const char *wrong, struct cause_facts *facts)
{
	return ask_nearest(ctx,
	                   "SELECT c.relname, CASE WHEN n.nspname = 'public' THEN '' ELSE "
	                   "pg_catalog.quote_ident(n.nspname) || '.' END || "
	                   "pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c JOIN "
	                   "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN "
	                   "('r', 'v', 'm', 'S', 'f', 'p') AND " OF_USERS MANY,
	                   wrong, facts);
}

bool look_for_relation(void *ctx, struct cause_facts *facts)
{
	return look_for_any_relation(ctx, facts->of['1'], facts);
}

bool look_for_second_relation(void *ctx, struct cause_facts *facts)
{
	return look_for_any_relation(ctx, facts->of['2'], facts);
}

/* $2: the search path as it was set. */
#define OUTSIDE_OF_PATH                                                                            \
	" AND n.nspname <> ALL (SELECT CASE WHEN s LIKE '%$user%' THEN current_user::text ELSE "   \
	"pg_catalog.btrim(s, ' \"') END FROM pg_catalog.unnest(pg_catalog.string_to_array("        \
	"$2::text, ',')) s)"

/* What was dropped in the transaction is there again, and in the search path. */
bool look_for_relation_elsewhere(void *ctx, struct cause_facts *facts)
{
	struct cause_facts asked = *facts;

	asked.of['2'] = facts->of['S'];
	if (!ask(ctx,
	         "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_class c JOIN "
	         "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1::text "
	         "AND c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p') AND " OF_USERS OUTSIDE_OF_PATH
	         " ORDER BY n.nspname LIMIT 1",
	         2, "n", &asked))
		return false;
	facts->of['n'] = asked.of['n'];
	return true;
}

bool look_for_function(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(
		ctx,
		"SELECT DISTINCT p.proname, p.proname FROM pg_catalog.pg_proc p JOIN "
		"pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE (" OF_USERS
		" OR n.nspname = 'pg_catalog') AND p.proname !~ '^(_|pg_|int[248]|RI_)'" MANY,
		last_part(facts->of['1']), facts);
}

bool look_for_overloads(void *ctx, struct cause_facts *facts)
{
	return ask(ctx,
	           "SELECT pg_catalog.string_agg(s, ', ') FROM (SELECT p.proname || '(' || "
	           "pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS s FROM "
	           "pg_catalog.pg_proc p WHERE p.proname = $1::text AND "
	           "pg_catalog.pg_function_is_visible(p.oid) ORDER BY 1 LIMIT 5) t",
	           1, "n", facts);
}

bool look_for_type(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(
		ctx,
		"SELECT t.typname, pg_catalog.format_type(t.oid, NULL) FROM "
		"pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = "
		"t.typnamespace WHERE t.typname !~ '^(_|pg_)' AND (n.nspname = 'pg_catalog' "
		"OR " OF_USERS ") UNION ALL SELECT a, a FROM pg_catalog.unnest('{integer,"
		"bigint,smallint,boolean,decimal,serial,bigserial,character,timestamp}'"
		"::text[]) a" MANY,
		last_part(facts->of['1']), facts);
}

bool look_for_role(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(ctx, "SELECT r.rolname FROM pg_catalog.pg_roles r" MANY, facts->of['1'],
	                   facts);
}

bool look_for_setting(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(ctx, "SELECT s.name FROM pg_catalog.pg_settings s" MANY, facts->of['1'],
	                   facts);
}

/* --- objects ------------------------------------------------------------------------------- */

/* pg_database_owner (version 14) stands for the owner of the database. */
bool look_at_schema(void *ctx, struct cause_facts *facts)
{
	const bool is_known = ask(
		ctx,
		"SELECT CASE r.rolname WHEN 'pg_database_owner' THEN "
		"pg_catalog.pg_get_userbyid(d.datdba) ELSE r.rolname END, "
		"pg_catalog.concat_ws(', ', CASE WHEN NOT "
		"pg_catalog.has_schema_privilege(n.oid, 'USAGE') THEN 'USAGE' END, CASE WHEN NOT "
		"pg_catalog.has_schema_privilege(n.oid, 'CREATE') THEN 'CREATE' END) FROM "
		"pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner, "
		"pg_catalog.pg_database d WHERE n.nspname = $1::text AND d.datname = "
		"pg_catalog.current_database()",
		1, "og", facts);

	/* Without one that is missing, another role has failed. */
	return is_known && facts->of['g'][0] != '\0';
}

bool look_at_public_schema(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;
	enum { CLOSED_SINCE = 15 };

	facts->of['1'] = "public";
	return inquiry->pg->db->server_version >= CLOSED_SINCE && look_at_schema(ctx, facts) &&
	       strcmp(facts->of['g'], "CREATE") == 0;
}

#define RELATION                                                                                   \
	"SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "   \
	"pg_catalog.pg_get_userbyid(c.relowner)"
#define OF_NAME                                                                                    \
	" FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "    \
	"WHERE c.relname = $1::text ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, "         \
	"n.nspname LIMIT 1"
#define LACKS(right)                                                                               \
	"CASE WHEN NOT pg_catalog.has_table_privilege(c.oid, '" right "') THEN '" right "' END"

bool look_at_relation(void *ctx, struct cause_facts *facts)
{
	return ask(ctx, RELATION OF_NAME, 1, "no", facts);
}

bool look_at_relation_rights(void *ctx, struct cause_facts *facts)
{
	return ask(ctx,
	           RELATION
	           ", pg_catalog.concat_ws(', ', " LACKS("SELECT") ", " LACKS("INSERT") ", " LACKS(
			   "UPDATE") ", " LACKS("DELETE") ", " LACKS("REFEREN"
	                                                             "CES") ")" OF_NAME,
	           1, "nog", facts) &&
	       facts->of['g'][0] != '\0';
}

bool look_at_existing(void *ctx, struct cause_facts *facts)
{
	return ask(ctx,
	           RELATION
	           ", CASE c.relkind WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'v' "
	           "THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' "
	           "WHEN 'c' THEN 'type' WHEN 'f' THEN 'foreign table' ELSE 'table' "
	           "END" OF_NAME,
	           1, "nok", facts);
}

bool look_at_absence(void *ctx, struct cause_facts *facts)
{
	return ask(
		ctx,
		"SELECT 'yes' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relname "
		"= $1::text)",
		1, "r", facts);
}

/* format_type may have put a schema before the name. */
bool look_at_enum(void *ctx, struct cause_facts *facts)
{
	return ask(
		ctx,
		"SELECT pg_catalog.string_agg(l, ', ') FROM (SELECT e.enumlabel::text AS l FROM "
		"pg_catalog.pg_enum e JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid WHERE "
		"pg_catalog.format_type(t.oid, NULL) = $1::text OR t.typname = $1::text ORDER BY "
		"e.enumsortorder LIMIT 20) x",
		1, "c", facts);
}

bool look_at_history(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;
	struct cause_facts asked = *facts;

	asked.of['1'] = inquiry->pg->db->settings->table;
	if (!ask(inquiry,
	         "SELECT pg_catalog.quote_ident(n.nspname) || '.' || "
	         "pg_catalog.quote_ident(c.relname), pg_catalog.string_agg(a.attname::text, ', ' ORDER "
	         "BY a.attnum) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
	         "c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE c.relname "
	         "= $1::text AND a.attnum > 0 AND NOT a.attisdropped AND NOT EXISTS (SELECT FROM "
	         "pg_catalog.pg_attribute b WHERE b.attrelid = c.oid AND b.attname = "
	         "'installed_rank') GROUP BY 1 LIMIT 1",
	         1, "nc", &asked))
		return false;
	*facts = asked;
	return true;
}

/* --- the session --------------------------------------------------------------------------- */

bool look_at_standby(void *ctx, struct cause_facts *facts)
{
	return ask(ctx, "SELECT 'yes' WHERE pg_catalog.pg_is_in_recovery()", 0, "r", facts);
}

#define SET_BY                                                                                     \
	"CASE s.source WHEN 'database' THEN 'ALTER DATABASE' WHEN 'user' THEN 'ALTER ROLE' WHEN "  \
	"'database user' THEN 'ALTER ROLE ... IN DATABASE' WHEN 'client' THEN 'the URL' WHEN "     \
	"'configuration file' THEN 'postgresql.conf' ELSE 'the server' END"

bool look_at_read_only(void *ctx, struct cause_facts *facts)
{
	return ask(
		ctx,
		"SELECT " SET_BY ", CASE s.source WHEN 'database' THEN 'ALTER "
		"DATABASE ' || pg_catalog.quote_ident(pg_catalog.current_database()) || ' RESET "
		"default_transaction_read_only;' WHEN 'user' THEN 'ALTER ROLE ' || "
		"pg_catalog.quote_ident(current_user) || ' RESET default_transaction_read_only;' "
		"ELSE 'take it back there, or connect to a server that takes changes' END FROM "
		"pg_catalog.pg_settings s WHERE s.name = 'default_transaction_read_only' AND "
		"s.setting = 'on'",
		0, "on", facts);
}

bool look_at_own_limit(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;
	const int limit_ms = inquiry->pg->db->settings->statement_timeout;

	if (limit_ms <= 0)
		return false;
	facts->of['n'] = arena_printf(inquiry->arena, "%d ms", limit_ms);
	return true;
}

bool look_at_timeout(void *ctx, struct cause_facts *facts)
{
	return ask(ctx,
	           "SELECT s.reset_val || ' ms', " SET_BY
	           " FROM pg_catalog.pg_settings s WHERE s.name = "
	           "'statement_timeout' AND s.reset_val <> '0'",
	           0, "no", facts);
}

/* --- extensions ---------------------------------------------------------------------------- */

#define SCHEMA_OF_EXTENSION                                                                        \
	"SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e JOIN "            \
	"pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1::text"

/* sql has so many parameters: the extension, the search path. */
static bool look_at_schema_of_extension(const struct inquiry *inquiry, const char *sql, size_t n,
                                        struct cause_facts *facts)
{
	struct cause_facts asked = *facts;

	asked.of['1'] = facts->of['x'];
	asked.of['2'] = facts->of['S'];
	if (!ask(inquiry, sql, n, "n", &asked))
		return false;
	facts->of['n'] = asked.of['n'];
	return true;
}

bool look_at_extension_elsewhere(void *ctx, struct cause_facts *facts)
{
	return look_at_schema_of_extension(ctx, SCHEMA_OF_EXTENSION, 1, facts);
}

bool look_at_extension_outside_of_path(void *ctx, struct cause_facts *facts)
{
	return look_at_schema_of_extension(ctx, SCHEMA_OF_EXTENSION OUTSIDE_OF_PATH, 2, facts);
}

bool look_at_extension_available(void *ctx, struct cause_facts *facts)
{
	struct cause_facts asked = *facts;

	asked.of['1'] = facts->of['x'];
	return ask(
		ctx,
		"SELECT 'yes' FROM pg_catalog.pg_available_extensions a WHERE a.name = $1::text AND "
		"a.installed_version IS NULL",
		1, "r", &asked);
}

#define IN_SCHEMA(table, of)                                                                       \
	"EXISTS (SELECT FROM pg_catalog." table " o WHERE o." of " = (SELECT n.oid FROM "          \
	"pg_catalog.pg_namespace n WHERE n.nspname = $1::text) AND NOT EXISTS (SELECT FROM "       \
	"pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog." table "'::pg_catalog.regclass "    \
	"AND d.objid = o.oid AND d.deptype IN ('e', 'i')))"

bool look_at_schema_use(void *ctx, struct cause_facts *facts)
{
	struct cause_facts asked = *facts;

	asked.of['1'] = facts->of['q'];
	if (!ask(ctx,
	         "SELECT u FROM (SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n "
	         "WHERE n.nspname = $1::text) THEN 'none' WHEN " IN_SCHEMA(
			 "pg_class",
			 "relnamespace") " OR " IN_SCHEMA("pg_proc",
	                                                  "pronamespace") " THEN 'own' END AS u) s WHERE u IS NOT "
	                                                                  "NULL",
	         1, "r", &asked))
		return false;
	facts->of['r'] = asked.of['r'];
	return true;
}
