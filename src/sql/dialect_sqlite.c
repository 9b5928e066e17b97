/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect_sqlite.c - describes the syntax of scripts for SQLite
 *
 * DIFFERS: Flyway counts every BEGIN, CASE and END outside parentheses as a block, so a column
 * named "end" breaks its scripts; it does not know [names], and it nests comments. Here a trigger
 * ends where sqlite3_complete() says: at an END that directly follows a semicolon.
 */
#include "dialect_private.h"

#include "cflyway/base/attr.h"

/* Returns the index of the first word after "EXPLAIN [QUERY PLAN]". */
static size_t explain_words(const struct words *words)
{
	static const enum keyword plan[] = {KEYWORD_EXPLAIN, KEYWORD_QUERY, KEYWORD_PLAN,
	                                    KEYWORD_NONE};

	if (words_start_with(words, plan))
		return 3;
	return words->n > 0 && words->list[0] == KEYWORD_EXPLAIN ? 1 : 0;
}

/* Returns the index of the kind of object that the CREATE at index create makes. */
static size_t object_index(const struct words *words, size_t create)
{
	size_t i = create + 1;

	if (i < words->n && (words->list[i] == KEYWORD_TEMP || words->list[i] == KEYWORD_TEMPORARY))
		i++;
	return i;
}

/* Tells whether the words so far are part or all of CREATE [TEMP|TEMPORARY] TRIGGER. */
static bool may_be_trigger(const struct words *words, bool *is_trigger)
{
	size_t i = explain_words(words);

	*is_trigger = false;
	if (i < words->n && words->list[i] != KEYWORD_CREATE)
		return i == 1 && words->list[i] == KEYWORD_QUERY;
	i = object_index(words, i);
	*is_trigger = i < words->n && words->list[i] == KEYWORD_TRIGGER;
	return i >= words->n || *is_trigger;
}

static bool is_in(enum keyword keyword, const enum keyword *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == keyword)
			return true;
	return false;
}

/* Tells whether the words begin no statement of SQLite, which then refuses the statement. */
static bool is_foreign(const struct words *words)
{
	static const enum keyword first[] = {
		KEYWORD_ALTER,     KEYWORD_ANALYZE, KEYWORD_ATTACH,  KEYWORD_BEGIN,
		KEYWORD_COMMIT,    KEYWORD_CREATE,  KEYWORD_DELETE,  KEYWORD_DETACH,
		KEYWORD_DROP,      KEYWORD_END,     KEYWORD_INSERT,  KEYWORD_PRAGMA,
		KEYWORD_REINDEX,   KEYWORD_RELEASE, KEYWORD_REPLACE, KEYWORD_ROLLBACK,
		KEYWORD_SAVEPOINT, KEYWORD_SELECT,  KEYWORD_UPDATE,  KEYWORD_VACUUM,
		KEYWORD_VALUES,    KEYWORD_WITH,
	};
	static const enum keyword objects[] = {
		KEYWORD_INDEX,  KEYWORD_TABLE, KEYWORD_TRIGGER,
		KEYWORD_UNIQUE, KEYWORD_VIEW,  KEYWORD_VIRTUAL,
	};
	size_t i = explain_words(words);

	if (i >= words->n)
		return false;
	if (words->list[i] != KEYWORD_CREATE)
		return !is_in(words->list[i], first, COUNT(first));
	i = object_index(words, i);
	return i < words->n && !is_in(words->list[i], objects, COUNT(objects));
}

/* Counts blocks as Flyway does. False: an END without a BEGIN. */
static bool count_block(size_t *blocks, enum keyword keyword)
{
	if (keyword == KEYWORD_BEGIN || keyword == KEYWORD_CASE)
		++*blocks;
	else if (keyword == KEYWORD_END && *blocks == 0)
		return false;
	else if (keyword == KEYWORD_END)
		--*blocks;
	return true;
}

static bool follow_trigger(struct words *words, enum keyword keyword)
{
	if (keyword == KEYWORD_BEGIN) {
		words->blocks = 1;
	} else if (keyword == KEYWORD_END && words->blocks > 0 &&
	           (words->previous == KEYWORD_SEMICOLON || words->previous == KEYWORD_BEGIN)) {
		words->blocks = 0;
		words->watching = false;
	}
	/* "BEGIN SELECT 1 END;" lacks a semicolon. Flyway sends it, and SQLite refuses it. */
	(void)count_block(&words->flyway_blocks, keyword);
	words->may_end = words->flyway_blocks == 0;
	return true;
}

static bool sqlite_keyword(struct words *words, enum keyword keyword)
{
	bool is_trigger;

	/*
	 * As in Flyway, a transaction is one statement, or an incomplete one: it would collide with
	 * the migration's transaction anyway. The same holds for a block of another database
	 * ("CREATE PROCEDURE").
	 */
	if (words->list[0] == KEYWORD_BEGIN || words->list[0] == KEYWORD_END || is_foreign(words))
		return count_block(&words->blocks, keyword);
	if (words->list[0] == KEYWORD_PRAGMA) {
		words->watching = words->n == 1;
		return true;
	}
	words->watching = may_be_trigger(words, &is_trigger);
	return is_trigger ? follow_trigger(words, keyword) : true;
}

static const struct words_rule rules[] = {
	{{KEYWORD_PRAGMA, KEYWORD_FOREIGN_KEYS}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_BEGIN}, STATEMENT_TRANSACTION_CONTROL | STATEMENT_SEVERAL},
	{{KEYWORD_COMMIT}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_RELEASE}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_ROLLBACK}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_SAVEPOINT}, STATEMENT_TRANSACTION_CONTROL},
};

static unsigned sqlite_flags(struct words *words, struct str text,
                             const struct dialect_context *context)
{
	(void)text;
	(void)context;
	return words_flags(words, rules, COUNT(rules));
}

const struct dialect dialect_sqlite = {
	.name_quotes = "\"`",
	.bracket_names = true,
	.keyword = sqlite_keyword,
	.flags = sqlite_flags,
};
