/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair.c - brings the history in line with the files
 *
 * In one transaction, repair deletes failed rows, marks rows whose file is gone as deleted, and
 * aligns checksums and descriptions. It applies nothing.
 */
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/commit_outcome.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/info_picks.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/session.h"

#include <assert.h>
#include <inttypes.h>

struct repair {
	struct run *run;
	struct migration_list migrations;
	bool has_resolved; /* migrations is filled */
	struct cherry_pick picks;
	struct applied applied;
	struct info info;
	struct pattern_list patterns;
	struct repair_result *result;
	size_t written; /* rows that were deleted, inserted or updated without an error */
};

/* Copies what the caller does not keep. */
static void add_change(const struct repair *repair, const struct history_row *before,
                       const struct history_row *after)
{
	struct arena *arena = repair->run->arena;
	struct repair_result *result = repair->result;
	struct history_row *copy = NULL;

	if (after != NULL) {
		copy = arena_alloc(arena, sizeof(*copy));
		*copy = *after;
		copy->description = history_abbreviate_description(arena, after->description);
	}
	result->changes =
		arena_grow(arena, result->changes, result->changes_n, sizeof(*result->changes));
	result->changes[result->changes_n++] = (struct row_change){before, copy};
}

static void add(const struct repair *repair, struct repaired *list, const struct history_row *row,
                const struct migration *file)
{
	list->items = arena_grow(repair->run->arena, list->items, list->n, sizeof(*list->items));
	list->items[list->n++] = (struct repaired_row){row, file};
}

/* --- failed rows --------------------------------------------------------------------------- */

static void log_nothing_failed(const struct repair *repair)
{
	log_info(repair->run->log,
	         "Repair of failed migration in Schema History table %s not necessary%s",
	         repair->run->session->history.quoted,
	         repair->applied.exists ? ". No failed migration detected."
	                                : " as table doesn't exist.");
}

/* cherryPick leaves the other rows as they are. */
static bool is_left_out(const struct repair *repair, const struct history_row *row)
{
	return repair->picks.n > 0 &&
	       cherry_pick_find(&repair->picks, &row->version, row->description) == repair->picks.n;
}

static void log_left_out(const struct run *run, const struct history_row *row)
{
	bool is_versioned = version_is_set(&row->version);

	log_cflyway(run->log,
	            "repair leaves the failed %s %s as it is, because cherryPick does not name it",
	            is_versioned ? "version" : "repeatable migration",
	            is_versioned ? row->version.text : row->description);
}

/* A trigger or a rule can keep them without an error. left: how many were to stay. */
static bool check_removed(const struct history *history, const struct history_rows *rows,
                          size_t left, struct error *err)
{
	size_t failed = 0;

	for (size_t i = 0; i < rows->n; i++)
		failed += !rows->items[i].success;
	return failed <= left ||
	       error_set(err, ERROR_DB_CONNECTION,
	                 "Unable to repair Schema History table %s: something keeps the rows of "
	                 "failed migrations in it",
	                 history->quoted);
}

/* Runs before the files are read. Leaves the remaining rows in repair->applied. */
static bool remove_failed(struct repair *repair, struct error *err)
{
	const struct run *run = repair->run;
	const struct history *history = &run->session->history;
	const struct history_rows rows = repair->applied.rows;

	size_t left = 0;

	for (size_t i = 0; i < rows.n; i++) {
		if (rows.items[i].success)
			continue;
		if (is_left_out(repair, &rows.items[i])) {
			log_left_out(run, &rows.items[i]);
			left++;
			continue;
		}
		add(repair, &repair->result->removed, &rows.items[i], NULL);
		add_change(repair, &rows.items[i], NULL);
		if (!history_delete_failed(run->db, history, &rows.items[i], err))
			return false;
		repair->written++;
	}
	if (repair->result->removed.n == 0) {
		if (left == 0)
			log_nothing_failed(repair);
		return true;
	}
	repair->applied.rows = (struct history_rows){0};
	return history_read(run->arena, run->db, history, &repair->applied.rows, err) &&
	       check_removed(history, &repair->applied.rows, left, err);
}

static bool resolve(struct repair *repair, struct error *err)
{
	if (!repair->has_resolved && !resolve_session(repair->run, &repair->migrations, err))
		return false;
	repair->has_resolved = true;
	return true;
}

/* Before the first write. The removal of a failed row may leave nothing of what is picked. */
static bool check_picks(struct repair *repair, struct error *err)
{
	return repair->picks.n == 0 ||
	       (resolve(repair, err) && info_check_picked_rows(&repair->picks, &repair->migrations,
	                                                       &repair->applied.rows, err));
}

/* Considers every state and ignores target and outOfOrder. */
static bool look(struct repair *repair, struct error *err)
{
	const struct info_options options = {
		.target = "latest",
		.out_of_order = true,
		.picks = repair->picks,
	};

	return resolve(repair, err) &&
	       info_make(repair->run->arena, &repair->migrations, &repair->applied.rows, &options,
	                 &repair->info, err);
}

/* --- rows whose file is gone --------------------------------------------------------------- */

static bool is_gone(const struct repair *repair, const struct info_entry *entry)
{
	if (entry->row == NULL || entry->is_left_out ||
	    migration_type_is_synthetic(entry->row->type) ||
	    migration_type_is_undo(entry->row->type))
		return false;
	switch (entry->state) {
	case STATE_MISSING_SUCCESS:
	case STATE_MISSING_FAILED:
	case STATE_FUTURE_SUCCESS:
	case STATE_FUTURE_FAILED:
		return !info_entry_matches(entry, &repair->patterns);
	default:
		return false;
	}
}

static bool mark_deleted(struct repair *repair, const struct info_entry *entry, int rank,
                         struct error *err)
{
	const struct run *run = repair->run;
	struct history_row row = *entry->row;
	bool versioned = info_entry_is_versioned(entry);

	log_info(run->log, "Repairing Schema History table for %s \"%s\" (Marking as DELETED)  ...",
	         versioned ? "version" : "description",
	         versioned ? row.version.text : row.description);
	row.installed_rank = rank;
	row.type = MIGRATION_DELETE;
	row.installed_by = run->session->installed_by;
	row.execution_time = 0;
	add(repair, &repair->result->deleted, entry->row, NULL);
	add_change(repair, NULL, &row);
	if (!history_insert(run->db, &run->session->history, &row, err))
		return false;
	repair->written++;
	return true;
}

static bool mark_all_deleted(struct repair *repair, struct error *err)
{
	int rank = history_last_rank(&repair->applied.rows);
	size_t gone = 0;

	for (size_t i = 0; i < repair->info.n; i++)
		gone += is_gone(repair, &repair->info.entries[i]);
	if (!history_check_ranks(&repair->run->session->history, rank, gone,
	                         "Nothing has been repaired", err))
		return false;
	for (size_t i = 0; i < repair->info.n; i++) {
		const struct info_entry *entry = &repair->info.entries[i];

		if (is_gone(repair, entry) && !mark_deleted(repair, entry, ++rank, err))
			return false;
	}
	return true;
}

/* --- rows that differ from their file ------------------------------------------------------ */

static bool versioned_differs(struct arena *arena, const struct info_entry *entry)
{
	const struct history_row *row = entry->row;
	const struct migration *file = entry->file;

	if (entry->state == STATE_UNDONE || entry->state == STATE_IGNORED)
		return false;
	/* DIFFERS: as stored; Flyway compares the full description and cannot store it. */
	return !row->has_checksum || row->checksum != file->checksum || row->type != file->type ||
	       strcmp(row->description, history_abbreviate_description(arena, file->description)) !=
	               0;
}

/* Repair aligns a repeatable only if its checksum was recorded before placeholder replacement. */
static bool repeatable_differs(const struct info_entry *entry)
{
	return entry->row->has_checksum && entry->row->checksum == entry->file->raw_checksum &&
	       entry->row->checksum != entry->file->checksum;
}

/* A row that is marked as deleted is aligned too once its file is back. */
static bool needs_alignment(struct arena *arena, const struct info_entry *entry)
{
	if (entry->row == NULL || entry->file == NULL || entry->is_left_out ||
	    migration_type_is_synthetic(entry->row->type))
		return false;
	return info_entry_is_versioned(entry) ? versioned_differs(arena, entry)
	                                      : repeatable_differs(entry);
}

static bool align(struct repair *repair, const struct info_entry *entry, struct error *err)
{
	const struct run *run = repair->run;
	const struct migration *file = entry->file;
	struct history_row row = *entry->row;

	row.description = file->description;
	row.type = file->type;
	row.has_checksum = true;
	row.checksum = file->checksum;
	log_info(run->log,
	         "Repairing Schema History table for version %s (Description: %s, Type: %s, "
	         "Checksum: %" PRId32 ")  ...",
	         info_entry_is_versioned(entry) ? row.version.text : "null", file->description,
	         migration_type_name(file->type), file->checksum);
	add(repair, &repair->result->aligned, entry->row, file);
	add_change(repair, entry->row, &row);
	if (!history_update(run->db, &run->session->history, &row, err))
		return false;
	repair->written++;
	return true;
}

static bool align_all(struct repair *repair, struct error *err)
{
	for (size_t i = 0; i < repair->info.n; i++) {
		const struct info_entry *entry = &repair->info.entries[i];

		if (needs_alignment(repair->run->arena, entry) && !align(repair, entry, err))
			return false;
	}
	return true;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* Flyway parses the patterns when it reaches the first migration. */
static bool parse_patterns(struct repair *repair, struct error *err)
{
	const struct run *run = repair->run;
	bool is_needed = false;

	for (size_t i = 0; i < repair->info.n; i++) {
		enum migration_type type = info_entry_type(&repair->info.entries[i]);

		is_needed = is_needed ||
		            (!migration_type_is_synthetic(type) && !migration_type_is_undo(type));
	}
	return !is_needed ||
	       pattern_list_parse(run->arena, &run->settings->ignore_migration_patterns,
	                          &repair->patterns, err);
}

static const struct history_row *find_rank(const struct history_rows *rows, int rank)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].installed_rank == rank)
			return &rows->items[i];
	return NULL;
}

/* All of it, or nothing, is there. */
static bool has_repaired(const void *ctx, const struct history_rows *rows)
{
	const struct repair *repair = ctx;
	const struct repair_result *result = repair->result;

	if (rows == NULL)
		return false;
	for (size_t i = 0; i < result->removed.n; i++) {
		const struct history_row *failed = result->removed.items[i].row;
		const struct history_row *row = find_rank(rows, failed->installed_rank);

		if (row != NULL && !row->success)
			return false;
	}
	for (size_t i = 0; i < result->aligned.n; i++) {
		const struct repaired_row *aligned = &result->aligned.items[i];
		const struct history_row *row = find_rank(rows, aligned->row->installed_rank);

		if (row == NULL || row->checksum != aligned->file->checksum ||
		    row->type != aligned->file->type)
			return false;
	}
	return result->deleted.n == 0 ||
	       history_last_rank(rows) > history_last_rank(&repair->applied.rows);
}

static size_t count_changes(const struct repair_result *result)
{
	return result->removed.n + result->deleted.n + result->aligned.n;
}

static void record_changes(const struct repair *repair)
{
	if (repair->written > 0)
		outcome_done(repair->run, "kept: %zu change%s of the history", repair->written,
		             repair->written == 1 ? "" : "s");
}

static bool commit(const struct repair *repair, struct error *err)
{
	const struct run *run = repair->run;
	const struct commit_question question = {
		.has_succeeded = has_repaired,
		.ctx = repair,
		.succeeded = "The repair has been carried out: its changes are in",
		.missing = "Its outcome is not known yet: the changes are not in",
		.unknown = "Whether the repair has been carried out is shown by info.",
	};

	if (db_commit(run->db, err))
		return true;
	if (count_changes(repair->result) > 0 &&
	    commit_outcome_note(run, &question, err) == COMMIT_SUCCEEDED)
		record_changes(repair);
	return false;
}

/* Each change has been committed by itself. */
static void note_changes(const struct repair *repair, struct error *err)
{
	if (count_changes(repair->result) > 0 && db_tx_status(repair->run->db) == TX_LOST)
		error_explain(err, NOTE_OUTCOME,
		              "the connection was lost. What has been changed so far stays; "
		              "whether the last change has been made is shown by info.");
}

static bool repair_table(struct repair *repair, struct error *err)
{
	const struct run *run = repair->run;

	/* No lock, as in Flyway: the primary key settles a conflict with a migrate. */
	if (run->settings->execute_in_transaction && !db_begin(run->db, err))
		return false;
	return history_read(run->arena, run->db, &run->session->history, &repair->applied.rows,
	                    err) &&
	       check_picks(repair, err) && remove_failed(repair, err) && look(repair, err) &&
	       parse_patterns(repair, err) && mark_all_deleted(repair, err) &&
	       align_all(repair, err) &&
	       (!run->settings->execute_in_transaction || commit(repair, err));
}

static bool repair_all(struct repair *repair, struct error *err)
{
	struct run *run = repair->run;

	if (!session_find_history(run, &repair->applied.exists, err))
		return false;
	if (!repair->applied.exists) {
		log_nothing_failed(repair);
		return check_picks(repair, err) && look(repair, err) &&
		       applied_read(run, false, &repair->applied, err) &&
		       parse_patterns(repair, err);
	}
	if (repair_table(repair, err)) {
		record_changes(repair);
		return true;
	}
	if (run->settings->execute_in_transaction) {
		db_rollback(run->db);
	} else {
		record_changes(repair);
		note_changes(repair, err);
	}
	return false;
}

static void log_left_out_callbacks(const struct run *run, enum event event)
{
	const struct callback_list list = callbacks_of(run, event);

	for (size_t i = 0; i < list.n; i++)
		log_cflyway(run->log, "%s is a callback: a dry run of repair does not run it",
		            list.items[i].script.path);
}

static bool run_callbacks(struct run *run, enum event event, struct error *err)
{
	if (!run->settings->repair_dry_run)
		return callbacks_run(run, event, err);
	/* The command has left out what runs before it, too. */
	if (event == EVENT_BEFORE_REPAIR)
		log_left_out_callbacks(run, EVENT_AFTER_CONNECT);
	log_left_out_callbacks(run, event);
	return true;
}

static void log_success(const struct repair *repair, int64_t started_ms)
{
	const struct run *run = repair->run;

	if (repair->result->is_dry)
		return;
	log_info(run->log, "Successfully repaired schema history table %s (execution time %s).",
	         run->session->history.quoted,
	         clock_format_duration(run->arena,
	                               run->clock->monotonic_ms(run->clock) - started_ms));
	if (repair->result->deleted.n > 0)
		log_info(
			run->log,
			"Please ensure the previous contents of the deleted migrations are removed "
			"from the database, or moved into an existing migration.");
}

static bool run_repair(struct run *run, struct result *out, struct error *err)
{
	int64_t started_ms = run->clock->monotonic_ms(run->clock);
	struct repair repair = {
		.run = run,
		.picks = cherry_pick_parse(run->arena, &run->settings->cherry_pick),
		.result = &out->repair,
	};

	out->repair.is_dry = run->settings->repair_dry_run;
	assert(!out->repair.is_dry || run->db->dry_run != NULL);
	if (!run_callbacks(run, EVENT_BEFORE_REPAIR, err))
		return false;
	if (!repair_all(&repair, err)) {
		(void)session_operation_failed(run);
		return out->repair.is_dry
		               ? false
		               : callbacks_after_failure(run, EVENT_AFTER_REPAIR_ERROR, err);
	}
	log_success(&repair, started_ms);
	out->kind = RESULT_REPAIR;
	out->repair.database = run->session->about.database;
	out->repair.history = run->session->history.quoted;
	return run_callbacks(run, EVENT_AFTER_REPAIR, err);
}

const struct command command_repair = {
	.name = "repair",
	.summary = "Repairs the schema history table",
	.description =
		"Corrects the history table: takes out failed migrations, marks missing ones as "
		"deleted, and takes over checksums, descriptions and types from the files. With "
		"-cherryPick only those of the named migrations. -dryRun shows the rows that would "
		"be changed, and changes nothing.",
	.options = GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_NAMES | GROUP_CHECKS |
                   GROUP_PICK | GROUP_DRY_RUN | GROUP_REPAIR,
	.flags = COMMAND_NEEDS_DB | COMMAND_TELLS_OUTCOME | COMMAND_WRITES | COMMAND_PICKS_ROWS,
	.run = run_repair,
};
