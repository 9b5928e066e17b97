/* SPDX-License-Identifier: Apache-2.0 */
/*
 * invalid_indexes.c - indexes that a failed CREATE INDEX or REINDEX CONCURRENTLY leaves behind
 *
 * All that the database has are named, also those of earlier scripts: CREATE INDEX CONCURRENTLY IF
 * NOT EXISTS succeeds when it finds one. An index whose table another session has locked as such
 * statements do is not named, since that session may be building it right now.
 */
#include "invalid_indexes.h"

#include "query.h"

static const char invalid_indexes_sql[] =
#include "db/postgres/sql/invalid_indexes.sql.h"
	;

void pg_note_concurrently(struct postgres *pg, const struct statement *statement)
{
	const struct str word = STR("concurrently");
	struct str text = {statement->text, statement->len};

	while (!pg->has_run_concurrently && text.len >= word.len) {
		pg->has_run_concurrently = str_eq_nocase(str_sub(text, 0, word.len), word);
		text = str_sub(text, 1, text.len);
	}
}

struct search {
	struct arena *arena;
	struct str_list *sentences;
};

static bool read_index(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const struct search *search = ctx;
	struct arena *arena = search->arena;
	const char *name = arena_printf(arena, "%s.%s", db_quote_identifier(arena, values[0]),
	                                db_quote_identifier(arena, values[1]));

	(void)columns;
	(void)err;
	str_list_add(arena, search->sentences,
	             arena_printf(arena,
	                          "the index %s is INVALID: no query uses it, every write still "
	                          "maintains it. Drop it before you build it again: "
	                          "DROP INDEX CONCURRENTLY %s;",
	                          name, name));
	return true;
}

bool pg_find_leftovers(struct db *db, struct str_list *sentences, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	static const struct answer_shape shape = {"invalid indexes", "vv", false};
	struct search search = {db->arena, sentences};

	if (!pg->has_run_concurrently)
		return true;
	pg->has_run_concurrently = false;
	pg->role = PG_ROLE_TO_RESTORE; /* the time limits of the script are not ours */
	return pg_query_shaped(db, invalid_indexes_sql, NULL, 0, &shape, read_index, &search, err);
}
