/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry_run_script.c - the statements of scripts in the file of a dry run, and what they would do to
 * the transaction
 */
#include "dry_run_state.h"

#include "cflyway/base/ascii.h"

#include <string.h>
#include <strings.h>

/* --- what a statement does to the transaction ---------------------------------------------- */

enum { MAX_WORDS = 4, MAX_WORD = 24 };

struct words {
	char items[MAX_WORDS][MAX_WORD]; /* upper case, "" where there is none */
	const char *name;                /* where the second one begins in the statement */
};

static bool is_blank(char c)
{
	return c != '\0' && (unsigned char)c <= ' ';
}

static bool is_word_char(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '_';
}

/* Skips white space and comments, which nest in PostgreSQL. */
static const char *skip_comments(const char *c)
{
	for (;;) {
		while (is_blank(*c))
			c++;
		if (c[0] == '-' && c[1] == '-') {
			c += strcspn(c, "\n");
		} else if (c[0] == '/' && c[1] == '*') {
			int depth = 0;

			do {
				if (c[0] == '/' && c[1] == '*')
					depth++, c += 2;
				else if (c[0] == '*' && c[1] == '/')
					depth--, c += 2;
				else
					c++;
			} while (depth > 0 && *c != '\0');
		} else {
			return c;
		}
	}
}

static void read_words(const char *text, struct words *words)
{
	const char *c = text;

	*words = (struct words){.name = ""};
	for (size_t i = 0; i < MAX_WORDS; i++) {
		size_t len = 0;

		c = skip_comments(c);
		if (i == 1)
			words->name = c;
		for (; is_word_char(*c); c++)
			if (len + 1 < MAX_WORD)
				words->items[i][len++] = ascii_upper(*c);
		if (len == 0)
			return;
	}
}

static bool is_word(const struct words *words, size_t i, const char *word)
{
	return strcmp(words->items[i], word) == 0;
}

static bool is_one_of(const struct words *words, size_t i, const char *const *names, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (is_word(words, i, names[k]))
			return true;
	return false;
}

/* COMMIT PREPARED leaves the transaction alone, COMMIT AND CHAIN begins the next one. */
static bool ends_transaction(const struct words *words)
{
	size_t i = is_word(words, 1, "WORK") || is_word(words, 1, "TRANSACTION") ? 2 : 1;
	bool is_chained = is_word(words, i, "AND") && is_word(words, i + 1, "CHAIN");

	if (is_word(words, 0, "PREPARE"))
		return is_word(words, 1, "TRANSACTION");
	if (is_word(words, 0, "ROLLBACK") && is_word(words, i, "TO"))
		return false;
	return !is_word(words, 1, "PREPARED") && !is_chained &&
	       (is_word(words, 0, "COMMIT") || is_word(words, 0, "END") ||
	        is_word(words, 0, "ROLLBACK") || is_word(words, 0, "ABORT"));
}

/* In SQLite SAVEPOINT outside of a transaction begins one, which ends with its RELEASE. */
static bool releases_transaction(const struct dry_connection *connection, const struct words *words)
{
	const char *name = words->name;

	if (connection->savepoint == NULL || !is_word(words, 0, "RELEASE"))
		return false;
	if (is_word(words, 1, "SAVEPOINT"))
		name = skip_comments(name + strlen("SAVEPOINT"));
	return strcasecmp(name, connection->savepoint) == 0;
}

static bool has_savepoint_transactions(const struct dry_connection *connection)
{
	return !connection->real.driver->has_transactional_lock;
}

static void follow_transaction(struct dry_connection *connection, const char *text)
{
	struct words words;

	read_words(text, &words);
	if (connection->tx == TX_IDLE) {
		bool begins = is_word(&words, 0, "BEGIN") || is_word(&words, 0, "START");
		bool saves =
			is_word(&words, 0, "SAVEPOINT") && has_savepoint_transactions(connection);

		if (!begins && !saves)
			return;
		dry_adopt(connection);
		connection->savepoint =
			saves ? arena_strdup(&connection->dry_run->arena, words.name) : NULL;
	} else if (ends_transaction(&words) || releases_transaction(connection, &words)) {
		dry_leave(connection);
	}
}

/* --- what it may do to the database -------------------------------------------------------- */

/* Words of another meaning do no harm: the lines that follow from them change nothing then. */
bool dry_mentions(struct str text, const char *word)
{
	const size_t len = strlen(word);

	for (size_t i = 0; i + len <= text.len; i++)
		if (ascii_upper(text.ptr[i]) == word[0] &&
		    str_eq_nocase(str_sub(text, i, i + len), (struct str){word, len}))
			return true;
	return false;
}

/*
 * Of functions and triggers that a query calls, nothing is known: they are taken to make no
 * objects.
 */
bool dry_changes_objects(const char *text)
{
	static const char *const harmless[] = {
		"ABORT",   "ANALYZE",    "BEGIN",    "CHECKPOINT", "CLOSE",  "COMMENT",   "COMMIT",
		"COPY",    "DEALLOCATE", "DECLARE",  "DELETE",     "END",    "FETCH",     "GRANT",
		"INSERT",  "LISTEN",     "LOCK",     "MOVE",       "NOTIFY", "PRAGMA",    "REFRESH",
		"REINDEX", "REPLACE",    "RELEASE",  "RESET",      "REVOKE", "SAVEPOINT", "SET",
		"SHOW",    "START",      "TRUNCATE", "UNLISTEN",   "UPDATE", "VACUUM",    "VALUES",
	};
	/* CREATE and DROP of these leave all schemas as they are */
	static const char *const outside[] = {"DATABASE", "GROUP",     "ROLE",
	                                      "TEMP",     "TEMPORARY", "USER"};
	struct words words;

	read_words(text, &words);
	if (is_word(&words, 0, "CREATE") || is_word(&words, 0, "DROP"))
		return !is_one_of(&words, 1, outside, COUNT(outside));
	/* SELECT … INTO makes a table */
	if (is_word(&words, 0, "SELECT") || is_word(&words, 0, "WITH"))
		return dry_mentions(str_of(text), "INTO");
	return words.items[0][0] != '\0' && !is_one_of(&words, 0, harmless, COUNT(harmless));
}

/* --- what it may do to schemas ------------------------------------------------------------- */

enum { MAX_STATEMENTS = 1 << 20 }; /* bytes that are kept */

static void add_statement(struct dry_run *dry_run, struct buf *out, struct str text)
{
	if (out->len + text.len > MAX_STATEMENTS) {
		dry_run->schemas_unknown = true;
		return;
	}
	buf_append(out, text.ptr, text.len);
	buf_putc(out, '\n');
}

static void note_schemas(struct dry_run *dry_run, struct str text)
{
	struct words words;

	read_words(text.ptr, &words);
	const bool is_block = is_word(&words, 0, "DO") && dry_mentions(text, "SCHEMA");
	const bool is_ddl = is_word(&words, 1, "SCHEMA");
	const bool alters = is_block || (is_ddl && is_word(&words, 0, "ALTER"));

	if (alters || (is_ddl && is_word(&words, 0, "CREATE")))
		add_statement(dry_run, &dry_run->schemas_made, text);
	if (alters || (is_ddl && is_word(&words, 0, "DROP")))
		add_statement(dry_run, &dry_run->schemas_dropped, text);
}

static bool has_name(struct str text, struct str name)
{
	for (size_t i = 0; i + name.len <= text.len; i++) {
		const size_t end = i + name.len;

		if (str_eq_nocase(str_sub(text, i, end), name) &&
		    (i == 0 || !is_word_char(text.ptr[i - 1])) &&
		    (end == text.len || !is_word_char(text.ptr[end])))
			return true;
	}
	return false;
}

bool dry_may_have_made(const struct dry_run *dry_run, const char *schema)
{
	return dry_run->schemas_unknown ||
	       has_name(buf_str(&dry_run->schemas_made), str_of(schema));
}

bool dry_may_have_dropped(const struct dry_run *dry_run, const char *schema)
{
	return dry_run->schemas_unknown ||
	       has_name(buf_str(&dry_run->schemas_dropped), str_of(schema));
}

bool dry_may_be_refused(const char *text)
{
	static const char *const settings[] = {"CLIENT_ENCODING", "DATESTYLE", "NAMES"};
	struct words words;
	size_t i = 1;

	read_words(text, &words);
	if (!is_word(&words, 0, "SET") && !is_word(&words, 0, "RESET"))
		return false;
	if (is_word(&words, 1, "LOCAL") || is_word(&words, 1, "SESSION"))
		i++;
	for (size_t k = 0; k < COUNT(settings); k++)
		if (is_word(&words, i, settings[k]) ||
		    (words.items[i][0] == '\0' && dry_mentions(str_of(words.name), settings[k])))
			return true;
	return false;
}

/* Settings, roles, temporary tables and the like may outlive the statement. */
static bool changes_session(const struct statement *statement)
{
	static const char *const first[] = {"SET", "RESET", "DISCARD", "PREPARE", "LISTEN", "DO"};
	static const char *const anywhere[] = {"SET_CONFIG", "TEMP", "ATTACH", "PRAGMA"};
	const struct str text = {statement->text, statement->len};
	struct words words;

	read_words(statement->text, &words);
	if (is_one_of(&words, 0, first, COUNT(first)))
		return true;
	for (size_t i = 0; i < COUNT(anywhere); i++)
		if (dry_mentions(text, anywhere[i]))
			return true;
	return false;
}

static void note_session(struct dry_connection *connection, const struct statement *statement)
{
	struct dry_run *dry_run = connection->dry_run;
	struct str text = {statement->text, statement->len};

	dry_run->role_is_ours = false;
	dry_run->has_session_user |= dry_mentions(text, "AUTHORIZATION");
	dry_run->is_changed |= changes_session(statement);
	connection->makes_read_only |=
		dry_mentions(text, "READ ONLY") || dry_mentions(text, "READ_ONLY");
	dry_run->has_script_objects |= dry_changes_objects(statement->text);
	dry_run->has_objects |= dry_run->has_script_objects;
	note_schemas(dry_run, text);
}

/* --- writing ------------------------------------------------------------------------------- */

/* A comment without an end: in SQLite the end of the script ends it. */
static bool is_comment_open(struct str text)
{
	size_t i = 0;

	while (i < text.len) {
		const struct str rest = str_sub(text, i, text.len);
		const char c = rest.ptr[0];
		size_t len = 1;

		if (str_starts(rest, STR("--"))) {
			len = str_find(rest, STR("\n"));
		} else if (str_starts(rest, STR("/*"))) {
			len = 2 + str_find(str_sub(rest, 2, rest.len), STR("*/"));
			if (len >= rest.len)
				return true;
			len += 2;
		} else if (c == '\'' || c == '"' || c == '`' || c == '[') {
			const char end[] = {c == '[' ? ']' : c, '\0'};

			len = 2 + str_find(str_sub(rest, 1, rest.len), str_of(end));
		}
		i += len;
	}
	return false;
}

/* The delimiter would belong to a comment in the last line. */
static bool may_end_in_comment(struct str text)
{
	size_t begin = text.len;

	while (begin > 0 && text.ptr[begin - 1] != '\n')
		begin--;
	return str_find(str_sub(text, begin, text.len), STR("--")) < text.len - begin;
}

struct str dry_statement_text(const struct dry_connection *connection,
                              const struct statement *statement, struct buf *copy)
{
	const struct db_file_methods *methods = connection->real.driver->file;
	const struct str text = {statement->text, statement->len};
	size_t from = 0;

	while (methods->find_variable != NULL && from < text.len) {
		const size_t at = methods->find_variable(text, from);

		if (at >= text.len)
			break;
		buf_append(copy, text.ptr + from, at + 1 - from);
		buf_putc(copy, ' ');
		from = at + 1;
	}
	if (from == 0)
		return text;
	buf_append(copy, text.ptr + from, text.len - from);
	return buf_str(copy);
}

static void write_delimited(struct dry_connection *connection, const struct statement *statement)
{
	struct buf copy = BUF_EMPTY(SIZE_MAX / 2);
	struct str text = str_trim_right(dry_statement_text(connection, statement, &copy));

	dry_enter_session(connection);
	dry_write_text(connection, text);
	if (connection->real.driver->file->end_ends_comment && is_comment_open(text))
		dry_write_text(connection, STR("\n*/\n;\n"));
	else
		dry_write_text(connection, may_end_in_comment(text) ? STR("\n;\n") : STR(";\n"));
	buf_release(&copy);
	note_session(connection, statement);
}

/* Statements of a batch that share a transaction of their own. */
static void begin_batch(struct dry_connection *connection, const struct statement *statement)
{
	if ((statement->flags & STATEMENT_BATCHED) == 0 || connection->tx != TX_IDLE ||
	    !connection->real.driver->has_atomic_batches)
		return;
	dry_begin(connection, "BEGIN");
	connection->is_batch = true;
}

void dry_write_statement(struct dry_connection *connection, const struct statement *statement)
{
	begin_batch(connection, statement);
	write_delimited(connection, statement);
	if ((statement->flags & STATEMENT_TRANSACTION_CONTROL) != 0)
		follow_transaction(connection, statement->text);
}

bool dry_write_copy(struct dry_connection *connection, const struct statement *statement,
                    struct splitter *rows, struct error *err)
{
	struct str piece;
	bool is_line_open = false;

	write_delimited(connection, statement);
	for (;;) {
		if (!split_copy_data(rows, &piece, err))
			return false;
		if (piece.len == 0)
			break;
		dry_write_text(connection, piece);
		is_line_open = piece.ptr[piece.len - 1] != '\n';
	}
	dry_write_text(connection, is_line_open ? STR("\n\\.\n") : STR("\\.\n"));
	return true;
}
