/* SPDX-License-Identifier: Apache-2.0 */
/* trial_text.c - shows a dry run that executes as text */
#include "cflyway/output/trial_output.h"

#include "cflyway/base/buf.h"

#include <inttypes.h>

enum {
	MAX_TEXT = 1 << 30,
	NAME_WIDTH = 40,
};

struct writer {
	struct arena *arena;
	struct buf *out;
	const struct trial_result *trial;
};

/* --- numbers ------------------------------------------------------------------------------- */

static const char *seconds(const struct writer *writer, int64_t ms)
{
	return arena_printf(writer->arena, "%" PRId64 ".%03" PRId64 " s", ms / 1000, ms % 1000);
}

/* "10.2 GB". */
static const char *bytes(const struct writer *writer, int64_t n)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	int64_t tenths = n * 10 / 1024;
	size_t unit = 0;

	if (n < 1024)
		return arena_printf(writer->arena, "%" PRId64 " bytes", n);
	for (; tenths >= 10240 && unit + 1 < COUNT(units); unit++)
		tenths /= 1024;
	if (tenths >= 1000)
		return arena_printf(writer->arena, "%" PRId64 " %s", tenths / 10, units[unit]);
	return arena_printf(writer->arena, "%" PRId64 ".%" PRId64 " %s", tenths / 10, tenths % 10,
	                    units[unit]);
}

/* "31,000,000". */
static const char *count(const struct writer *writer, int64_t n)
{
	char digits[24];
	struct buf text = BUF_EMPTY(64);
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n);

	for (int i = 0; i < len; i++) {
		buf_putc(&text, digits[i]);
		if ((len - i) % 3 == 1 && i + 1 < len)
			buf_putc(&text, ',');
	}
	const char *counted = str_dup(writer->arena, buf_str(&text));

	buf_release(&text);
	return counted;
}

static const char *rows(const struct writer *writer, int64_t n)
{
	return arena_printf(writer->arena, "%s row%s", count(writer, n), n == 1 ? "" : "s");
}

/* --- a statement --------------------------------------------------------------------------- */

static void begin_detail(const struct writer *writer)
{
	buf_add(writer->out, "\n             ");
}

static void put_sessions(const struct writer *writer, const char *title,
                         const struct trial_sessions *sessions)
{
	for (size_t i = 0; i < sessions->n; i++) {
		const struct trial_session *session = &sessions->items[i];

		begin_detail(writer);
		buf_printf(writer->out, "%s process %s of user %s", title, session->pid,
		           session->user != NULL ? session->user : "?");
		if (session->application != NULL && session->application[0] != '\0')
			buf_printf(writer->out, " (%s)", session->application);
		if (session->state != NULL)
			buf_printf(writer->out, ", %s", session->state);
		buf_printf(writer->out, ", transaction open for %s",
		           seconds(writer, session->open_ms));
		if (session->relation != NULL && session->mode != NULL)
			buf_printf(writer->out, ", %s %s on %s",
			           session->is_granted ? "holds" : "waits for", session->mode,
			           session->relation);
		if (session->query != NULL && session->query[0] != '\0')
			buf_printf(writer->out, ": %s", session->query);
	}
}

static void put_would_wait(const struct writer *writer, const struct trial_lock *lock)
{
	if (lock->reads > 0)
		buf_printf(writer->out, ", about %s read%s", count(writer, lock->reads),
		           lock->reads == 1 ? "" : "s");
	if (lock->writes > 0)
		buf_printf(writer->out, "%s %s write%s", lock->reads > 0 ? " and" : ", about",
		           count(writer, lock->writes), lock->writes == 1 ? "" : "s");
	if (lock->reads > 0 || lock->writes > 0)
		buf_add(writer->out, " would wait");
}

static void put_lock(const struct writer *writer, const struct trial_script *script,
                     const struct trial_lock *lock)
{
	begin_detail(writer);
	buf_printf(writer->out, "%s on %s %s", lock->mode, lock->kind, lock->relation);
	if (lock->size_bytes > 0)
		buf_printf(writer->out, " (%s", bytes(writer, lock->size_bytes));
	if (lock->size_bytes > 0 && lock->rows >= 0)
		buf_printf(writer->out, ", about %s", rows(writer, lock->rows));
	if (lock->size_bytes > 0)
		buf_putc(writer->out, ')');
	if (lock->held_by != NULL)
		buf_printf(writer->out,
		           ": held since %s, which hides what this one takes (-target)",
		           lock->held_by);
	else if (lock->blocks != NULL)
		buf_printf(writer->out, ": blocks %s", lock->blocks);
	if (lock->held_by == NULL && lock->blocks != NULL && lock->taken_ms >= 0)
		buf_printf(writer->out, " for %s",
		           seconds(writer, trial_lock_held_ms(script, lock)));
	put_would_wait(writer, lock);
	put_sessions(writer, "  in conflict with", &lock->conflicts);
}

static void put_change(const struct writer *writer, const struct trial_change *change)
{
	const char *separator = "";

	begin_detail(writer);
	buf_printf(writer->out, "%s: ", change->relation);
	for (size_t i = 0; i < TRIAL_ROW_CHANGES_N; i++) {
		if (change->rows[i] == 0)
			continue;
		buf_printf(writer->out, "%s%s %s", separator, rows(writer, change->rows[i]),
		           trial_row_change_words[i]);
		separator = ", ";
	}
	if (change->is_scanned)
		buf_printf(writer->out, "%sread from end to end", separator);
}

static void put_numbers(const struct writer *writer, const struct trial_statement *statement)
{
	const char *separator = "";

	if (statement->rows < 0 && statement->wal_bytes <= 0)
		return;
	begin_detail(writer);
	if (statement->rows >= 0) {
		buf_add(writer->out, rows(writer, statement->rows));
		separator = ", ";
	}
	if (statement->wal_bytes > 0)
		buf_printf(writer->out, "%sat most %s of WAL", separator,
		           bytes(writer, statement->wal_bytes));
}

static void put_statement(const struct writer *writer, const struct trial_script *script,
                          const struct trial_statement *statement)
{
	buf_printf(writer->out, "\n  line %-5zu %s %s%s", statement->line,
	           statement->is_by_rule ? "by rule" : seconds(writer, statement->elapsed_ms),
	           statement->text, statement->has_failed ? "  FAILED" : "");
	put_numbers(writer, statement);
	for (size_t i = 0; i < statement->locks_n; i++)
		put_lock(writer, script, &statement->locks[i]);
	for (size_t i = 0; i < statement->rewritten.n; i++) {
		begin_detail(writer);
		buf_printf(writer->out, "new file for %s", statement->rewritten.items[i]);
	}
	for (size_t i = 0; i < statement->changes_n; i++)
		put_change(writer, &statement->changes[i]);
	put_sessions(writer, "blocked by", &statement->blockers);
	put_sessions(writer, "blocks", &statement->waiters);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void put_statements(const struct writer *writer, const struct trial_script *script)
{
	for (size_t i = 0; i < script->n; i++)
		put_statement(writer, script, &script->statements[i]);
	if (script->unlisted > 0)
		buf_printf(writer->out, "\n  %s more statements without a lock that is new",
		           count(writer, (int64_t)script->unlisted));
}

static void put_script(const struct writer *writer, const struct trial_script *script)
{
	buf_putc(writer->out, '\n');
	if (script->event != NULL)
		buf_printf(writer->out, "%s: ", script->event);
	buf_printf(writer->out, "%-*s ", script->event != NULL ? 0 : NAME_WIDTH,
	           script->file->file_name);
	if (script->state == TRIAL_NOT_TRIED) {
		buf_printf(writer->out, "not tried: %s", script->reason);
	} else {
		buf_add(writer->out, seconds(writer, script->elapsed_ms));
		if (script->state == TRIAL_FAILED)
			buf_add(writer->out, "  FAILED");
	}
	put_statements(writer, script);
}

static void put_sequences(const struct writer *writer)
{
	const struct trial_result *trial = writer->trial;

	if (trial->sequences_n == 0)
		return;
	buf_add(writer->out, "\nSequences that moved, which no rollback takes back:");
	for (size_t i = 0; i < trial->sequences_n; i++) {
		const struct trial_sequence *sequence = &trial->sequences[i];

		buf_printf(writer->out, "\n  %s: %s -> %s", sequence->name,
		           sequence->before != NULL ? sequence->before : "unused",
		           sequence->after != NULL ? sequence->after : "unused");
	}
}

static void put_end(const struct writer *writer)
{
	const struct trial_result *trial = writer->trial;

	if (trial->stopped != NULL)
		buf_printf(writer->out, "\nThe dry run was stopped: %s.", trial->stopped);
	buf_printf(writer->out, "\nDry run: rolled back after %s.",
	           seconds(writer, trial->elapsed_ms));
}

void trial_text_print(struct arena *arena, const struct trial_result *trial, const struct log *log)
{
	struct buf text = BUF_EMPTY(MAX_TEXT);
	const struct writer writer = {arena, &text, trial};

	for (size_t i = 0; i < trial->n; i++)
		put_script(&writer, &trial->scripts[i]);
	put_sequences(&writer);
	put_end(&writer);
	log_text(log, LOG_LEVEL_INFO, buf_str(&text));
	buf_release(&text);
}
