/* SPDX-License-Identifier: Apache-2.0 */
/* causes.c - why a statement or the opening of a file fails on SQLite, and what to do */
#include "sqlite.h"

#include "../cause_answer.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/str.h"
#include "cflyway/config/secret.h"
#include "cflyway/db/url.h"

#include <unistd.h>

/* The ctx of all looks. */
struct inquiry {
	struct db *db;
	struct arena *arena;
	const char *file;    /* not masked; NULL: a URI, or there is none */
	const char *message; /* that of SQLite */
};

/* --- what the tables know without asking --------------------------------------------------- */

static const struct {
	int minor; /* of version 3 */
	const char *message, *what;
} versions[] = {
#define VERSION(minor, message, what) {minor, message, what},
#define OTHER(message, what, instead)
#include "versions.def"
#undef VERSION
#undef OTHER
};

static const struct {
	const char *message, *what, *instead;
} others[] = {
#define VERSION(minor, message, what)
#define OTHER(message, what, instead) {message, what, instead},
#include "versions.def"
#undef VERSION
#undef OTHER
};

static bool begins(const struct inquiry *inquiry, const char *message)
{
	return str_starts_nocase(str_of(inquiry->message), str_of(message));
}

static bool look_at_version(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;
	const int minor = sqlite3_libversion_number() / 1000 % 1000;

	for (size_t i = 0; i < COUNT(versions); i++) {
		if (versions[i].minor <= minor || !begins(inquiry, versions[i].message))
			continue;
		facts->of['w'] = versions[i].what;
		facts->of['n'] = arena_printf(inquiry->arena, "3.%d", versions[i].minor);
		return true;
	}
	return false;
}

static bool look_at_other(void *ctx, struct cause_facts *facts)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		if (!begins(ctx, others[i].message))
			continue;
		facts->of['w'] = others[i].what;
		facts->of['n'] = others[i].instead;
		return true;
	}
	return false;
}

/* --- questions ----------------------------------------------------------------------------- */

static bool run_query(const struct inquiry *inquiry, const char *sql, const char *arg,
                      struct cause_answer *answer)
{
	enum { PATIENCE_MS = 100 };
	struct error ignored = ERROR_INIT(inquiry->arena);

	if (sqlite_of(inquiry->db) == NULL)
		return false;
	sqlite3_busy_timeout(sqlite_of(inquiry->db)->conn, PATIENCE_MS);
	return inquiry->db->driver->connection.query(inquiry->db, sql, &arg, arg != NULL ? 1 : 0,
	                                             cause_answer_row, answer, &ignored) &&
	       answer->has_row;
}

static bool ask_nearest(const struct inquiry *inquiry, const char *sql, const char *wrong,
                        struct cause_facts *facts)
{
	struct nearest nearest;
	struct cause_answer answer = {.arena = inquiry->arena, .facts = facts, .nearest = &nearest};

	nearest_init(&nearest, str_of(wrong));
	return run_query(inquiry, sql, NULL, &answer) && cause_answer_take_nearest(&answer, wrong);
}

#define TABLES "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') LIMIT 5000"
#define COLUMNS                                                                                    \
	"SELECT DISTINCT p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE "      \
	"m.type IN ('table', 'view') LIMIT 5000"

static bool look_for_table(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(ctx, TABLES, facts->of['1'], facts);
}

static bool look_for_second_table(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(ctx, TABLES, facts->of['2'], facts);
}

static bool look_for_column(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(ctx, COLUMNS, facts->of['1'], facts);
}

static bool look_for_second_column(void *ctx, struct cause_facts *facts)
{
	return ask_nearest(ctx, COLUMNS, facts->of['2'], facts);
}

static bool look_at_history(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;
	struct cause_answer answer = {.arena = inquiry->arena, .facts = facts, .letters = "c"};

	facts->of['t'] = inquiry->db->settings->table;
	return run_query(inquiry,
	                 "SELECT group_concat(name, ', ') FROM pragma_table_info($1) HAVING "
	                 "sum(name = 'installed_rank') = 0",
	                 facts->of['t'], &answer);
}

static bool look_at_page_limit(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;
	struct cause_answer answer = {.arena = inquiry->arena, .facts = facts, .letters = "n"};

	/* The default is 1073741823, and four times that since 3.45. */
	return run_query(inquiry,
	                 "SELECT max_page_count FROM pragma_max_page_count WHERE max_page_count < "
	                 "1073741823",
	                 NULL, &answer);
}

/* --- the file ------------------------------------------------------------------------------ */

static bool look_at_folder(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;

	(void)facts;
	return inquiry->file != NULL && fs_kind(inquiry->file) == FS_DIRECTORY;
}

static bool look_at_unreadable(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;

	(void)facts;
	return inquiry->file != NULL && fs_kind(inquiry->file) == FS_FILE &&
	       access(inquiry->file, R_OK) != 0;
}

static bool look_at_file_rights(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;

	(void)facts;
	return inquiry->file != NULL && access(inquiry->file, W_OK) != 0;
}

static const char *folder_of(struct arena *arena, const char *file)
{
	const char *path = fs_absolute(arena, file), *slash = strrchr(path, '/');

	return slash == NULL || slash == path ? "/"
	                                      : arena_strndup(arena, path, (size_t)(slash - path));
}

static bool look_at_folder_rights(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;

	(void)facts;
	return inquiry->file != NULL && access(folder_of(inquiry->arena, inquiry->file), W_OK) != 0;
}

/* ------------------------------------------------------------------------------------------- */

static const struct cause causes[] = {
#define CAUSE(state, pattern, look, text, next) {state, pattern, look, text, next},
#include "causes.def"
#undef CAUSE
};

/* "[SQLITE_CONSTRAINT_UNIQUE] Abort … (UNIQUE constraint failed: t.a)": "SQLITE_CONSTRAINT". */
static const char *state_of(struct arena *arena, const char *text)
{
	const struct str prefix = STR("[SQLITE_");
	size_t len = prefix.len;

	if (!str_starts(str_of(text), prefix))
		return NULL;
	len += strcspn(text + len, "_]");
	return arena_strndup(arena, text + 1, len - 1);
}

/* Here "UNIQUE constraint failed: t.a". */
static const char *message_of(struct arena *arena, const char *text)
{
	const char *begin = strstr(text, " (");

	if (text[0] != '[' || begin == NULL)
		return text;
	struct str inner = str_of(begin + 2);

	if (str_ends(inner, STR(")")))
		inner.len--;
	return str_dup(arena, inner);
}

static const char *file_of(const struct db *db, struct arena *arena)
{
	struct error ignored = ERROR_INIT(arena);
	struct sqlite_url url;

	if (!sqlite_url_parse(arena, db->url + strlen(db_sqlite.scheme), &url, &ignored) ||
	    url.is_uri || url.file[0] == '\0' || strcmp(url.file, ":memory:") == 0)
		return NULL;
	return url.file;
}

void sqlite_explain(struct db *db, struct error *err)
{
	struct arena *arena = err->arena;
	const struct sql_failure *sql = err->sql;
	/* The message about a batch names the one of the statement as its cause. */
	const char *text = sql->code == 0 && err->cause != NULL ? err->cause : sql->message;
	struct inquiry inquiry = {
		.db = db,
		.arena = arena,
		.file = file_of(db, arena),
		.message = message_of(arena, text),
	};
	struct cause_question question = {
		.arena = arena,
		.state = state_of(arena, text),
		.messages = {inquiry.message},
		.ctx = &inquiry,
	};

	question.facts.of['v'] = sqlite3_libversion();
	if (inquiry.file != NULL) {
		question.facts.of['d'] = secret_mask_url(arena, inquiry.file);
		question.facts.of['D'] = secret_mask_url(arena, folder_of(arena, inquiry.file));
	}
	question.facts.of['W'] = folder_of(arena, "x");
	if (sql->path != NULL && sql->path[0] != '\0')
		question.facts.of['f'] = sql->path;
	causes_explain(causes, COUNT(causes), &question, err);
}
