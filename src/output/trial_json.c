/* SPDX-License-Identifier: Apache-2.0 */
/* trial_json.c - writes a dry run that executes as a part of a JSON document */
#include "cflyway/output/trial_output.h"

static void write_sessions(struct json *json, const char *key,
                           const struct trial_sessions *sessions)
{
	json_key(json, key);
	json_open_array(json);
	for (size_t i = 0; i < sessions->n; i++) {
		const struct trial_session *session = &sessions->items[i];

		json_open_object(json);
		json_add_string(json, "application", session->application);
		json_add_bool(json, "granted", session->is_granted);
		json_add_string(json, "mode", session->mode);
		json_add_int(json, "openTime", session->open_ms);
		json_add_string(json, "process", session->pid);
		json_add_string(json, "query", session->query);
		json_add_string(json, "relation", session->relation);
		json_add_string(json, "state", session->state);
		json_add_string(json, "user", session->user);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_would_wait(struct json *json, const struct trial_lock *lock)
{
	if (lock->reads < 0) {
		json_add_null(json, "wouldWait");
		return;
	}
	json_key(json, "wouldWait");
	json_open_object(json);
	json_add_int(json, "reads", lock->reads);
	json_add_int(json, "writes", lock->writes);
	json_close_object(json);
}

static void write_lock(struct json *json, const struct trial_script *script,
                       const struct trial_lock *lock)
{
	json_open_object(json);
	json_add_string(json, "blocks", lock->blocks);
	write_sessions(json, "conflicts", &lock->conflicts);
	json_add_string(json, "heldBy", lock->held_by);
	if (lock->taken_ms >= 0)
		json_add_int(json, "heldTime", trial_lock_held_ms(script, lock));
	else
		json_add_null(json, "heldTime");
	json_add_string(json, "kind", lock->kind);
	json_add_string(json, "mode", lock->mode);
	json_add_string(json, "relation", lock->relation);
	json_add_int(json, "rows", lock->rows);
	json_add_int(json, "sizeBytes", lock->size_bytes);
	write_would_wait(json, lock);
	json_close_object(json);
}

static void write_change(struct json *json, const struct trial_change *change)
{
	json_open_object(json);
	json_add_int(json, "deleted", change->rows[TRIAL_DELETED]);
	json_add_int(json, "inserted", change->rows[TRIAL_INSERTED]);
	json_add_string(json, "relation", change->relation);
	json_add_bool(json, "scanned", change->is_scanned);
	json_add_int(json, "updated", change->rows[TRIAL_UPDATED]);
	json_close_object(json);
}

static void write_statement(struct json *json, const struct trial_script *script,
                            const struct trial_statement *statement)
{
	json_open_object(json);
	write_sessions(json, "blockedBy", &statement->blockers);
	write_sessions(json, "blocks", &statement->waiters);
	json_add_bool(json, "byRule", statement->is_by_rule);
	json_key(json, "changes");
	json_open_array(json);
	for (size_t i = 0; i < statement->changes_n; i++)
		write_change(json, &statement->changes[i]);
	json_close_array(json);
	json_add_int(json, "executionTime", statement->elapsed_ms);
	json_add_bool(json, "failed", statement->has_failed);
	json_add_int(json, "line", (int64_t)statement->line);
	json_key(json, "locks");
	json_open_array(json);
	for (size_t i = 0; i < statement->locks_n; i++)
		write_lock(json, script, &statement->locks[i]);
	json_close_array(json);
	json_add_list(json, "rewritten", &statement->rewritten);
	json_add_int(json, "rows", statement->rows);
	json_add_string(json, "statement", statement->text);
	json_add_int(json, "walBytes", statement->wal_bytes);
	json_close_object(json);
}

static void write_script(struct json *json, const struct trial_script *script)
{
	static const char *const states[] = {
		[TRIAL_OK] = "ok",
		[TRIAL_FAILED] = "failed",
		[TRIAL_NOT_TRIED] = "notTried",
	};

	json_open_object(json);
	json_add_string(json, "event", script->event);
	json_add_int(json, "executionTime", script->elapsed_ms);
	json_add_string(json, "filepath", script->file->absolute_path);
	json_add_string(json, "reason", script->reason);
	json_add_string(json, "state", states[script->state]);
	json_key(json, "statements");
	json_open_array(json);
	for (size_t i = 0; i < script->n; i++)
		write_statement(json, script, &script->statements[i]);
	json_close_array(json);
	json_add_int(json, "unlisted", (int64_t)script->unlisted);
	json_add_string(json, "version",
	                version_is_set(&script->file->version) ? script->file->version.text : "");
	json_close_object(json);
}

static void write_sequence(struct json *json, const struct trial_sequence *sequence)
{
	json_open_object(json);
	json_add_string(json, "after", sequence->after);
	json_add_string(json, "before", sequence->before);
	json_add_string(json, "name", sequence->name);
	json_close_object(json);
}

void trial_json(struct json *json, const struct trial_result *trial)
{
	json_key(json, "dryRun");
	json_open_object(json);
	json_add_int(json, "executionTime", trial->elapsed_ms);
	json_add_int(json, "lockTimeout", trial->lock_timeout_ms);
	json_add_int(json, "maxHold", trial->max_hold_ms);
	json_key(json, "scripts");
	json_open_array(json);
	for (size_t i = 0; i < trial->n; i++)
		write_script(json, &trial->scripts[i]);
	json_close_array(json);
	json_key(json, "sequences");
	json_open_array(json);
	for (size_t i = 0; i < trial->sequences_n; i++)
		write_sequence(json, &trial->sequences[i]);
	json_close_array(json);
	json_add_string(json, "stopped", trial->stopped);
	json_add_bool(json, "watched", trial->is_watched);
	json_close_object(json);
}
