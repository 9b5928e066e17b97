/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt.c - takes over the history that another tool has left in the database
 *
 * Without -write nothing is changed. With it, the rows are written in one transaction, under the
 * lock of the history. The old table stays as it is.
 */
#include "cflyway/commands/command.h"

#include "cflyway/adopt/adoption.h"
#include "cflyway/adopt/match.h"
#include "cflyway/base/fs.h"
#include "cflyway/core/commit_outcome.h"
#include "cflyway/core/history_lock.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/session.h"

#include <limits.h>

enum { HEAD_MAX = 4096, FILE_MAX = INT_MAX };

/* --- what files say ------------------------------------------------------------------------ */

struct reader {
	struct arena *arena;
	struct error *err; /* set by the first file that cannot be read */
};

/* Hands the whole file to look; its bytes are gone afterwards. */
static void read_file(struct reader *reader, const struct migration *file,
                      void (*look)(void *ctx, struct str bytes), void *ctx)
{
	struct buf bytes = BUF_EMPTY(FILE_MAX);

	if (!reader->err->is_set && fs_read_all(file->path, &bytes, reader->err))
		look(ctx, buf_str(&bytes));
	buf_release(&bytes);
}

struct revision_search {
	struct arena *arena;
	const char *revision;
};

static void look_for_revision(void *ctx, struct str bytes)
{
	struct revision_search *search = ctx;
	struct str head = str_sub(bytes, 0, bytes.len < HEAD_MAX ? bytes.len : HEAD_MAX);

	search->revision = str_dup(search->arena, adopt_find_revision(head));
}

static struct str revision_of(void *ctx, const struct migration *file)
{
	struct reader *reader = ctx;
	struct revision_search search = {reader->arena, ""};

	read_file(reader, file, look_for_revision, &search);
	return str_of(search.revision);
}

static void look_for_parts(void *ctx, struct str bytes)
{
	size_t *parts = ctx;

	*parts = adopt_count_parts(bytes);
}

static size_t parts_of(void *ctx, const struct migration *file)
{
	size_t parts = 0;

	read_file(ctx, file, look_for_parts, &parts);
	return parts;
}

struct check {
	const char *checksum;
	enum digest_verdict verdict;
};

static void look_at_checksum(void *ctx, struct str bytes)
{
	struct check *check = ctx;

	check->verdict = digest_check(check->checksum, bytes);
}

static enum digest_verdict check_of(void *ctx, const struct migration *file, const char *checksum)
{
	struct check check = {checksum, DIGEST_CANNOT_CHECK};

	read_file(ctx, file, look_at_checksum, &check);
	return check.verdict;
}

/* --- deciding ------------------------------------------------------------------------------ */

static struct adopt_request request_of(const struct settings *settings)
{
	return (struct adopt_request){
		.from = settings->adopt_from,
		.source = settings->adopt_source,
		.store = settings->adopt_store,
		.columns =
			{
				[ADOPT_KEY] = settings->adopt_key_column,
				[ADOPT_APPLIED_ON] = settings->adopt_applied_on_column,
				[ADOPT_APPLIED_BY] = settings->adopt_applied_by_column,
				[ADOPT_CHECKSUM] = settings->adopt_checksum_column,
				[ADOPT_STATE] = settings->adopt_state_column,
				[ADOPT_STORE] = settings->adopt_store_column,
				[ADOPT_ORDER] = settings->adopt_order_column,
			},
	};
}

static bool copy_rows(const struct run *run, const struct old_history *old,
                      const struct migration_list *files, struct adoption *adoption,
                      struct error *err)
{
	struct history_rows rows = {0};
	struct history history;

	history_init(run->arena, &history, old->schema, old->table);
	if (!history_read(run->arena, run->db, &history, &rows, err))
		return false;
	adoption_copy(run->arena, &rows, files, adoption);
	return true;
}

static bool decide(struct run *run, struct old_history *old, struct adoption *adoption,
                   struct error *err)
{
	const struct settings *settings = run->settings;
	struct reader reader = {run->arena, err};
	const struct adopt_facts facts = {revision_of, parts_of, check_of, &reader};
	const struct adopt_options options = {
		.skip_missing = settings->adopt_skip_missing,
		.accept_changed = settings->adopt_accept_changed,
		.undo_history = settings->undo_history,
		.installed_by = run->session->installed_by,
	};
	const struct adopt_request request = request_of(settings);
	struct migration_list files;

	if (!old_history_find(run, &request, old, err) || !resolve_session(run, &files, err))
		return false;
	if (old->format->keys == ADOPT_FLYWAY)
		return copy_rows(run, old, &files, adoption, err);
	if (!old_history_read(run, request.store, old, err))
		return false;
	adoption_make(run->arena, old, &files, &facts, &options, adoption);
	return !err->is_set;
}

/* --- writing ------------------------------------------------------------------------------- */

static bool refuse(const struct adoption *adoption, const char *format, struct error *err)
{
	error_set(err, ERROR_GENERAL,
	          "The history of %s cannot be adopted as it is:\n%s\nNothing was changed.", format,
	          str_list_join(err->arena, &adoption->obstacles, "\n"));
	if (adoption->has_missing)
		error_note(err, "-skipMissing=true leaves entries out that have no file");
	if (adoption->has_changed)
		error_note(err, "-acceptChanged=true takes files as they are now");
	return false;
}

static bool check_empty(const struct run *run, const struct adoption *adoption, bool *is_there,
                        struct error *err)
{
	const struct history *history = &run->session->history;
	struct history_rows rows = {0};

	if (!history_read(run->arena, run->db, history, &rows, err))
		return false;
	*is_there = rows.n > 0 && adoption_is_there(adoption, &rows);
	return rows.n == 0 || *is_there ||
	       error_set(err, ERROR_GENERAL,
	                 "%s has %zu rows already, and other ones. adopt writes into an empty "
	                 "history only.",
	                 history->quoted, rows.n);
}

/* In a transaction that holds the lock. */
static bool write_rows(const struct run *run, const struct adoption *adoption, bool *is_there,
                       struct error *err)
{
	const struct history *history = &run->session->history;
	bool exists = false;

	*is_there = false;
	if (!db_table_exists(run->db, history->schema, history->table, &exists, err))
		return false;
	if (exists && !check_empty(run, adoption, is_there, err))
		return false;
	if (*is_there)
		return true;
	if (!exists) {
		log_info(run->log, "Creating Schema History table %s ...", history->quoted);
		if (!history_create(run->db, history, run->settings->tablespace, NULL, err))
			return false;
	}
	for (size_t i = 0; i < adoption->rows.n; i++)
		if (!history_insert_dated(run->db, history, &adoption->rows.items[i], err))
			return false;
	return true;
}

static bool has_adopted(const void *ctx, const struct history_rows *rows)
{
	return rows != NULL && adoption_is_there(ctx, rows);
}

static bool commit(const struct run *run, const struct adoption *adoption, struct error *err)
{
	const struct commit_question question = {
		.has_succeeded = has_adopted,
		.ctx = adoption,
		.is_locked = true,
		.succeeded = "The history has been adopted: its rows are in",
		.failed = "The history has not been adopted: its rows are not in",
		.missing = "Its outcome is not known yet: the rows are not in",
		.unknown = "Whether the history has been adopted is shown by info.",
	};

	if (db_commit(run->db, err))
		return true;
	commit_outcome_note(run, &question, err);
	return false;
}

static bool write_history(const struct run *run, const struct adoption *adoption, bool *is_there,
                          struct error *err)
{
	if (!history_lock_begin(run, err))
		return false;
	if (write_rows(run, adoption, is_there, err) && commit(run, adoption, err))
		return true;
	db_rollback(run->db);
	return false;
}

static bool run_adopt(struct run *run, struct result *out, struct error *err)
{
	struct adopt_result *result = &out->adopt;
	struct adoption adoption;
	struct old_history old;

	if (!decide(run, &old, &adoption, err))
		return false;
	*result = (struct adopt_result){
		.database = run->session->about.database,
		.format = old.format->title,
		.table = old.quoted,
		.history = run->session->history.quoted,
		.lines = adoption.lines,
		.n = adoption.n,
		.rows = adoption.rows.n,
		.obstacles = adoption.obstacles,
	};
	out->kind = RESULT_ADOPT;
	if (!run->settings->adopt_write)
		return true;
	if (result->obstacles.n > 0)
		return refuse(&adoption, result->format, err);
	if (!write_history(run, &adoption, &result->is_there, err))
		return false;
	result->is_written = !result->is_there;
	return true;
}

const struct command command_adopt = {
	.name = "adopt",
	.summary = "Takes over the history of another tool",
	.description =
		"Reads the history that another migration tool has left in the database, matches "
		"it with the files, and shows which rows it would become, what does not fit, and "
		"why. With -write it writes them into the history, in one transaction; the old "
		"table stays as it is.",
	.options = GROUP_ADOPT | GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_NAMES |
                   GROUP_HISTORY,
	.flags = COMMAND_NEEDS_DB | COMMAND_WRITES,
	.run = run_adopt,
};
