/* SPDX-License-Identifier: Apache-2.0 */
/* errors.c - reports SQLite's errors in the words of sqlite-jdbc */
#include "sqlite.h"

#include "cflyway/base/excerpt.h"
#include "cflyway/base/utf8.h"

static const struct {
	int code;
	const char *name, *text;
} codes[] = {
#define CODE(name, text) {name, #name, text},
#include "codes.def"
#undef CODE
};

const char *sqlite_error_text(struct arena *arena, int extended_code, const char *message)
{
	const int primary = extended_code & 0xff;
	size_t found = COUNT(codes);

	for (size_t i = 0; i < COUNT(codes); i++) {
		if (codes[i].code == extended_code) {
			found = i;
			break;
		}
		if (codes[i].code == primary)
			found = i;
	}
	if (found == COUNT(codes))
		return arena_printf(arena, "[UNKNOWN_ERROR] unknown error (%s)", message);
	return arena_printf(arena, "[%s] %s (%s)", codes[found].name, codes[found].text, message);
}

struct db_conflict sqlite_find_conflict(const struct sql_failure *failure)
{
	const bool is_busy = failure->code == SQLITE_BUSY;

	return (struct db_conflict){
		is_busy ? "it could not lock the database in time" : NULL,
		NULL,
	};
}

void sqlite_describe_batch(struct arena *arena, const struct batch_entry *entry,
                           struct sql_failure *sql, const char **cause)
{
	*cause = sql->message;
	sql->code = 0;
	sql->message = arena_printf(arena, "batch entry %zu: %s", entry->number, sql->message);
}

/* The offset in the command of what SQLite complains about; negative: it does not say. */
static int error_offset(sqlite3 *conn)
{
#if SQLITE_VERSION_NUMBER >= 3038000
	return sqlite3_error_offset(conn);
#else
	(void)conn;
	return -1;
#endif
}

/* Which character of the statement of a script; 0: none in particular, or it is not of a script. */
static size_t find_position(const struct sqlite *sqlite)
{
	const struct statement *statement = sqlite->statement;
	int offset = error_offset(sqlite->conn);
	size_t at, position = 1;

	if (statement == NULL)
		return 0;
	at = (size_t)(sqlite->command - statement->text);
	if (offset < 0 && at == 0)
		return 0;
	if (offset >= 0)
		at += (size_t)offset;
	while (offset < 0 && at < statement->len && (unsigned char)statement->text[at] <= ' ')
		at++;
	if (at > statement->len) /* that of an inner command, such as a trigger */
		return 0;
	for (size_t i = 0; i < at; i++)
		position += ((unsigned char)statement->text[i] & 0xC0) != 0x80 ? 1 : 0;
	return position;
}

bool sqlite_fail(struct sqlite *sqlite, struct error *err)
{
	struct str text = str_of(sqlite3_errmsg(sqlite->conn));
	const char *message = utf8_replaced(err->arena, text).ptr;
	int extended_code = sqlite3_extended_errcode(sqlite->conn);

	/* DIFFERS: Flyway shows the whole token, even if it is the rest of the script. */
	if (extended_code == SQLITE_ERROR)
		message = excerpt(err->arena, str_of(message));
	const struct sql_failure failure = {
		.code = extended_code & 0xff,
		.message = sqlite_error_text(err->arena, extended_code, message),
		.place = {.position = find_position(sqlite)},
	};

	error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", failure.message);
	if (failure.code == SQLITE_BUSY)
		sqlite_note_busy(sqlite, err);
	return false;
}
