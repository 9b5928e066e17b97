/* SPDX-License-Identifier: Apache-2.0 */
/* trial_changes.c - what a statement of a trial has locked, rewritten and changed */
#include "trial_state.h"

#include "trial_modes.h"

#include "cflyway/base/ascii.h"
#include "cflyway/db/answer_shape.h"
#include "cflyway/db/driver.h"

struct reading {
	struct trial *trial;
	int64_t wal_bytes;
};

/* "my table" for "app"."my table". */
static struct str bare_name(const struct trial_relation *relation)
{
	struct str name = str_of(relation->name);
	const bool is_quoted = name.ptr[name.len - 1] == '"';
	size_t at = name.len - (is_quoted ? 2 : 1);

	while (at > 0 && name.ptr[at] != (is_quoted ? '"' : '.'))
		at--;
	return str_sub(name, at + 1, name.len - (is_quoted ? 1 : 0));
}

static bool names(struct str sql, struct str name)
{
	for (size_t at = 0; at + name.len <= sql.len; at++)
		if (str_starts_nocase(str_sub(sql, at, sql.len), name) &&
		    (at == 0 || !ascii_is_name(sql.ptr[at - 1])) &&
		    (at + name.len == sql.len || !ascii_is_name(sql.ptr[at + name.len])))
			return true;
	return false;
}

/* Locks of earlier migrations hide those of this one, which a real run takes anew. */
static void note_hidden(struct trial *trial, struct trial_relation *relation)
{
	const struct migration *file = trial->script->file;
	size_t strongest = TRIAL_MODES_N;

	if (relation->locked_by == NULL || relation->locked_by == file ||
	    relation->named_by == file || !names(trial->sql, bare_name(relation)))
		return;
	while ((relation->modes & 1U << strongest) == 0)
		strongest--;
	relation->named_by = file;
	struct trial_lock *lock = trial_list_lock(trial, trial->statement, relation, strongest);

	if (lock != NULL)
		lock->held_by = relation->locked_by->file_name;
}

/* The strongest of the modes that are new says what others have to wait for. */
static void take_modes(struct trial *trial, struct trial_relation *relation, struct str names)
{
	size_t strongest = 0;

	while (names.len > 0) {
		size_t level = trial_mode_level(str_cut(&names, ','));

		if ((relation->modes & 1U << level) != 0)
			continue;
		relation->modes |= 1U << level;
		if (level > strongest)
			strongest = level;
	}
	if (strongest > 0)
		trial_add_lock(trial, relation, strongest);
}

/* The values are the rows so far: inserted, updated, deleted, read. */
static void take_rows(struct trial *trial, struct trial_relation *relation,
                      const char *const *values)
{
	struct trial_statement *statement = trial->statement;
	const int64_t returned = answer_number(values[TRIAL_ROW_CHANGES_N]);
	struct trial_change change = {
		.relation = relation->name,
		.is_scanned = returned > relation->returned && strcmp(relation->kind, "index") != 0,
	};
	bool has_changed = change.is_scanned;

	relation->returned = returned;
	for (size_t i = 0; i < TRIAL_ROW_CHANGES_N; i++) {
		const int64_t changed = answer_number(values[i]);

		change.rows[i] = changed - relation->changed[i];
		relation->changed[i] = changed;
		has_changed |= change.rows[i] != 0;
	}
	if (!has_changed)
		return;
	statement->changes = arena_grow(trial->run->arena, statement->changes, statement->changes_n,
	                                sizeof(*statement->changes));
	statement->changes[statement->changes_n++] = change;
}

static bool read_change(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct reading *reading = ctx;
	struct trial *trial = reading->trial;
	struct trial_relation *relation = trial_find_relation(trial, answer_number(values[2]));

	(void)columns;
	(void)err;
	reading->wal_bytes = answer_number(values[1]);
	if (relation == NULL)
		return true;
	note_hidden(trial, relation);
	take_modes(trial, relation, str_of(values[3]));
	if (values[4] != NULL && relation->filenode != answer_number(values[4])) {
		str_list_add(trial->run->arena, &trial->statement->rewritten, relation->name);
		relation->filenode = answer_number(values[4]);
	}
	take_rows(trial, relation, values + 5);
	return true;
}

bool trial_watch_changes(struct trial *trial, struct error *err)
{
	static const struct answer_shape shape = {"what a statement has changed", "nnnnnnnnn",
	                                          false};
	const struct db_trial_sql *sql = db_trial_sql(trial->run->db);
	struct reading reading = {.trial = trial};
	char limit[16];
	const char *args[] = {limit};

	if (sql == NULL || db_tx_status(trial->run->db) == TX_FAILED)
		return true;
	snprintf(limit, sizeof(limit), "%d", trial->result->lock_timeout_ms);
	if (!db_query_shaped(trial->run->db, sql->changes, args, COUNT(args), &shape, read_change,
	                     &reading, err))
		return false;
	if (trial->wal_bytes >= 0)
		trial->statement->wal_bytes = reading.wal_bytes - trial->wal_bytes;
	trial->wal_bytes = reading.wal_bytes;
	return true;
}
