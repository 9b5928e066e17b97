/* SPDX-License-Identifier: Apache-2.0 */
/* trial_account.c - what a trial writes down: statements, their locks, and when */
#include "trial_state.h"

#include "trial_modes.h"

int64_t trial_lock_held_ms(const struct trial_script *script, const struct trial_lock *lock)
{
	if (lock->taken_ms < 0)
		return -1;
	return script->end_ms > lock->taken_ms ? script->end_ms - lock->taken_ms : 0;
}

struct trial_statement trial_make_statement(const struct statement *statement)
{
	return (struct trial_statement){
		.line = statement->line,
		.text = "",
		.rows = -1,
		.wal_bytes = -1,
	};
}

struct trial_statement *trial_list_statement(struct trial *trial, struct trial_script *script,
                                             struct trial_statement statement)
{
	script->statements = arena_grow(trial->run->arena, script->statements, script->n,
	                                sizeof(*script->statements));
	script->statements[script->n] = statement;
	return &script->statements[script->n++];
}

/* Locks on indexes tell a user something if they are of an index alone (DROP INDEX, REINDEX). */
static bool is_worth_showing(const struct trial_relation *relation, size_t level)
{
	return level >= TRIAL_LOCK_SHARE || strcmp(relation->kind, "index") != 0;
}

struct trial_lock *trial_list_lock(const struct trial *trial, struct trial_statement *statement,
                                   const struct trial_relation *relation, size_t level)
{
	if (!is_worth_showing(relation, level))
		return NULL;
	statement->locks = arena_grow(trial->run->arena, statement->locks, statement->locks_n,
	                              sizeof(*statement->locks));
	struct trial_lock *lock = &statement->locks[statement->locks_n++];

	*lock = (struct trial_lock){
		.relation = relation->name,
		.kind = relation->kind,
		.mode = trial_mode_words(level),
		.blocks = trial_mode_blocks(level),
		.level = (enum trial_lock_level)level,
		.size_bytes = relation->size_bytes,
		.rows = strcmp(relation->kind, "index") != 0 ? relation->rows : -1,
		.taken_ms = trial->statement_started_ms,
		.reads = -1,
		.writes = -1,
	};
	return lock;
}

void trial_add_lock(struct trial *trial, struct trial_relation *relation, size_t level)
{
	relation->modes |= 1U << level;
	relation->locked_by = trial->script->file;
	if (level >= TRIAL_LOCK_SHARE && trial->held_since_ms < 0)
		trial->held_since_ms = trial->statement_started_ms;
	struct trial_lock *lock = trial_list_lock(trial, trial->statement, relation, level);

	if (lock != NULL)
		trial_add_conflicts(trial, relation, level, &lock->conflicts);
}
