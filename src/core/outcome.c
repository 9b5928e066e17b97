/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.c - what a command has left in the database, told after a failure */
#include "cflyway/core/outcome.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

/* --- while the command runs ---------------------------------------------------------------- */

static void add(const struct outcome *outcome, struct migration_list *list,
                const struct migration *migration)
{
	list->items = arena_grow(outcome->arena, list->items, list->n, sizeof(list->items[0]));
	list->items[list->n++] = migration;
}

void outcome_keep(const struct run *run, const struct migration *migration)
{
	if (run->outcome != NULL)
		add(run->outcome, &run->outcome->kept, migration);
}

void outcome_keep_last(const struct run *run, const struct migration *migration)
{
	if (run->outcome != NULL)
		add(run->outcome, &run->outcome->last, migration);
}

void outcome_roll_back(const struct run *run, const struct migration *migration)
{
	if (run->outcome != NULL)
		add(run->outcome, &run->outcome->rolled_back, migration);
}

void outcome_done(const struct run *run, const char *format, ...)
{
	struct outcome *outcome = run->outcome;
	va_list args;

	if (outcome == NULL)
		return;
	va_start(args, format);
	str_list_add(outcome->arena, &outcome->done, arena_vprintf(outcome->arena, format, args));
	va_end(args);
}

void outcome_callback_done(const struct run *run, const char *path)
{
	struct outcome *outcome = run->outcome;

	if (outcome != NULL && !str_list_has(&outcome->callbacks, path))
		str_list_add(outcome->arena, &outcome->callbacks, path);
}

void outcome_blame(const struct run *run, const char *path)
{
	if (run->outcome != NULL)
		run->outcome->blamed = path;
}

void outcome_doing(const struct run *run, const char *doing, const char *left)
{
	if (run->outcome == NULL)
		return;
	run->outcome->doing = doing;
	run->outcome->doing_left = left;
}

void outcome_stays(const struct run *run, const char *path)
{
	struct outcome *outcome = run->outcome;

	if (outcome != NULL && !str_list_has(&outcome->stays, path))
		str_list_add(outcome->arena, &outcome->stays, path);
}

void outcome_blame_surroundings(const struct run *run)
{
	if (run->outcome != NULL)
		run->outcome->blames_surroundings = true;
}

void outcome_keep_failed_row(const struct run *run, const struct migration *migration)
{
	if (run->outcome != NULL)
		run->outcome->failed_row = migration;
}

void outcome_end_with(const struct run *run, enum outcome_end end)
{
	if (run->outcome != NULL)
		run->outcome->end = end;
}

/* --- names --------------------------------------------------------------------------------- */

/* The last part of a version: "3" of "1.3". */
static struct str last_part(const char *version)
{
	struct str rest = str_of(version), part;

	do
		part = str_cut(&rest, '.');
	while (rest.ptr != NULL);
	return part;
}

/* Is the second version the one after the first: 1.4 after 1.3? Then a range leaves none out. */
static bool follows(const char *first, const char *second)
{
	enum { MAX_DIGITS = 18 }; /* of an int64_t */
	struct str a = last_part(first), b = last_part(second);
	size_t before = (size_t)(a.ptr - first);

	if (before != (size_t)(b.ptr - second) || strncmp(first, second, before) != 0 ||
	    a.len > MAX_DIGITS || b.len > MAX_DIGITS)
		return false;
	return strtoll(b.ptr, NULL, 10) - strtoll(a.ptr, NULL, 10) == 1;
}

/* Whether the next one is named with those before it: "1 to 3" upwards, "3 to 1" in an undo. */
static bool goes_on(const char *from, const char *to, bool goes_down)
{
	return goes_down ? follows(to, from) : follows(from, to);
}

/* Adds "1", or "1 to 3" for three or more; returns how many items that takes. */
static size_t add_range(struct arena *arena, const struct str_list *versions, size_t first,
                        bool goes_down, struct str_list *words)
{
	enum { MIN_RANGE = 3 };
	size_t end = first + 1;

	while (end < versions->n &&
	       goes_on(versions->items[end - 1], versions->items[end], goes_down))
		end++;
	if (end - first < MIN_RANGE) {
		str_list_add(arena, words, versions->items[first]);
		return 1;
	}
	str_list_add(
		arena, words,
		arena_printf(arena, "%s to %s", versions->items[first], versions->items[end - 1]));
	return end - first;
}

/* "a", "a and b", "a, b and c". */
static const char *join(struct arena *arena, const struct str_list *words)
{
	assert(words->n > 0 && words->items != NULL);
	struct str_list first = {words->items, words->n - 1};
	const char *last = words->items[words->n - 1];

	return first.n == 0
	               ? last
	               : arena_printf(arena, "%s and %s", str_list_join(arena, &first, ", "), last);
}

static const char *name_versions(struct arena *arena, const struct str_list *versions,
                                 bool goes_down)
{
	enum { MAX_WORDS = 6 };
	struct str_list words = {0};
	size_t i = 0;

	while (i < versions->n && words.n < MAX_WORDS)
		i += add_range(arena, versions, i, goes_down, &words);
	if (i < versions->n)
		str_list_add(arena, &words, arena_printf(arena, "%zu more", versions->n - i));
	return arena_printf(arena, "version%s %s", versions->n == 1 ? "" : "s",
	                    join(arena, &words));
}

/* 'versions 1 to 3 and the repeatable migration "a view"'. */
static const char *name_all(struct arena *arena, const struct migration_list *list, bool goes_down)
{
	struct str_list versions = {0}, repeatables = {0}, parts = {0};

	for (size_t i = 0; i < list->n; i++) {
		const struct migration *migration = list->items[i];

		if (version_is_set(&migration->version))
			str_list_add(arena, &versions, migration->version.text);
		else
			str_list_add(arena, &repeatables,
			             arena_printf(arena, "\"%s\"", migration->description));
	}
	if (versions.n > 0)
		str_list_add(arena, &parts, name_versions(arena, &versions, goes_down));
	if (repeatables.n > 0)
		str_list_add(arena, &parts,
		             arena_printf(arena, "the repeatable migration%s %s",
		                          repeatables.n == 1 ? "" : "s",
		                          join(arena, &repeatables)));
	return join(arena, &parts);
}

static const char *name_one(struct arena *arena, const struct migration *migration)
{
	return name_all(arena, &(struct migration_list){&migration, 1}, false);
}

/* --- what holds now ------------------------------------------------------------------------ */

static bool is_dry(const struct run *run)
{
	return run->settings->dry_run_output != NULL || run->settings->repair_dry_run ||
	       run->settings->dry_run_kind != DRY_RUN_NONE;
}

static bool has_note(const struct error *err, enum note_kind kind)
{
	return note_list_find(&err->notes, kind) != NULL;
}

static void note_migrations(const struct run *run, struct error *err)
{
	const struct outcome *outcome = run->outcome;
	const bool is_undo = run->is_undo;
	const bool is_skipped = run->settings->skip_executing_migrations;
	const char *how = is_skipped ? "recorded " : is_undo ? "" : "applied ";
	const char *names;

	if (outcome->kept.n > 0) {
		names = name_all(err->arena, &outcome->kept, is_undo);
		error_explain(err, NOTE_OUTCOME, "%s: %s (%sin this run)",
		              is_undo ? "undone" : "kept", names, how);
	}
	if (outcome->rolled_back.n == 0)
		return;
	names = name_all(err->arena, &outcome->rolled_back, is_undo);
	if (outcome->end == OUTCOME_WILL_ROLL_BACK)
		error_explain(err, NOTE_OUTCOME,
		              "the server rolls back %s%s when it notices that the connection is "
		              "gone",
		              is_undo ? "the undo of " : "", names);
	else if (outcome->end == OUTCOME_UNKNOWN)
		error_explain(err, NOTE_OUTCOME, "unknown: whether the history %shas %s",
		              is_undo ? "still " : "", names);
	else
		error_explain(err, NOTE_OUTCOME, "rolled back: %s%s", is_undo ? "the undo of " : "",
		              names);
}

static void note_callbacks(const struct str_list *paths, struct error *err)
{
	enum { MAX_NAMES = 3 };

	if (paths->n > MAX_NAMES)
		error_explain(err, NOTE_OUTCOME, "kept: what %zu callbacks did, from %s to %s",
		              paths->n, paths->items[0], paths->items[paths->n - 1]);
	else if (paths->n > 0)
		error_explain(err, NOTE_OUTCOME, "kept: what %s did", join(err->arena, paths));
}

/* initSql runs before all else, and what it did is not known. */
static bool knows_all(const struct run *run)
{
	const char *init_sql = run->settings->init_sql;

	return (init_sql == NULL || init_sql[0] == '\0') &&
	       (run->outcome->end == OUTCOME_NONE || run->outcome->end == OUTCOME_ROLLED_BACK);
}

static void note_state(const struct run *run, struct error *err)
{
	const struct outcome *outcome = run->outcome;
	const bool is_told = has_note(err, NOTE_OUTCOME);
	bool has_changed = outcome->failed_row != NULL ||
	                   outcome->done.n + outcome->callbacks.n + outcome->before.n +
	                                   outcome->kept.n + outcome->rolled_back.n >
	                           0;

	if (outcome->before.n > 0)
		error_explain(err, NOTE_OUTCOME, "kept: what %s did before",
		              join(err->arena, &outcome->before));
	for (size_t i = 0; i < outcome->done.n; i++)
		error_explain(err, NOTE_OUTCOME, "%s", outcome->done.items[i]);
	note_callbacks(&outcome->callbacks, err);
	note_migrations(run, err);
	if (outcome->failed_row != NULL)
		error_explain(err, NOTE_OUTCOME, "the history lists %s as failed",
		              name_one(err->arena, outcome->failed_row));
	if (!has_changed && !is_told && knows_all(run))
		error_explain(err, NOTE_OUTCOME, "nothing was changed");
}

/* --- what to do ---------------------------------------------------------------------------- */

/* SQLSTATE classes of failures that a script has no part in. */
static const char *const classes[] = {
	"08", /* connection */
	"40", /* serialization, deadlock */
	"53", /* resources of the server */
	"57", /* an operator, a timeout, the end of the server */
	"58", /* files of the server */
};

static bool has_class(const struct sql_failure *sql)
{
	for (size_t i = 0; i < COUNT(classes); i++)
		if (str_starts(str_of(sql->state), str_of(classes[i])))
			return true;
	return str_same(sql->state, "55P03"); /* a lock that was not available */
}

/* SQLite, by its primary code: the file is locked, unreadable, or there is no space for it. */
static bool is_file_fault(const struct sql_failure *sql)
{
	enum { BUSY = 5, LOCKED = 6, NO_MEMORY = 7, READ_ONLY = 8, IO = 10, FULL = 13 };

	switch (sql->code) {
	case BUSY:
	case LOCKED:
	case NO_MEMORY:
	case READ_ONLY:
	case IO:
	case FULL:
		return true;
	default:
		return false;
	}
}

/* May the same script succeed next time? */
static bool is_of_surroundings(const struct run *run, const struct error *err)
{
	if (run->session != NULL && (run->db->is_cancelled || db_tx_status(run->db) == TX_LOST))
		return true;
	if (err->sql == NULL)
		return false;
	return err->sql->state != NULL ? has_class(err->sql) : is_file_fault(err->sql);
}

/* "mend sql/V1__a.sql, then "; "" if the script can stay as it is. */
static const char *mend_blamed(const struct run *run, const struct error *err)
{
	const struct outcome *outcome = run->outcome;

	return outcome->blames_surroundings || is_of_surroundings(run, err)
	               ? ""
	               : arena_printf(err->arena, "mend %s, then ", outcome->blamed);
}

static const char *take_back(const struct run *run, const struct error *err)
{
	const struct outcome *outcome = run->outcome;
	const char *path = outcome->blamed;
	const struct str_list itself = {&path, 1};
	const struct str_list *paths = outcome->stays.n > 0 ? &outcome->stays : &itself;
	const bool is_mended = str_list_has(paths, path);
	const char *rest = is_mended ? "" : mend_blamed(run, err);

	return arena_printf(err->arena,
	                    "take back what stays of %s, or make %s that can run after it, %s%s",
	                    join(err->arena, paths), paths->n == 1 ? "it a script" : "them scripts",
	                    rest[0] == '\0' ? "then " : "", rest);
}

/* Before the verb is run again; "": nothing. */
static const char *mend(const struct run *run, const struct error *err)
{
	const struct outcome *outcome = run->outcome;

	if (outcome->blamed == NULL)
		return "";
	switch (outcome->end) {
	case OUTCOME_STAYS:
		return take_back(run, err);
	case OUTCOME_LOOK:
		return arena_printf(err->arena, "look at what is there of %s, then ",
		                    outcome->blamed);
	default:
		return mend_blamed(run, err);
	}
}

static void note_next(const struct run *run, struct error *err)
{
	const struct outcome *outcome = run->outcome;
	const char *after = has_note(err, NOTE_NEXT) ? "after that, " : "";
	const bool is_known = outcome->blamed != NULL || outcome->end != OUTCOME_NONE ||
	                      outcome->kept.n > 0 ||
	                      (run->session != NULL &&
	                       (outcome->blames_surroundings || is_of_surroundings(run, err)));

	/* Of settings, files or rights, whoever found it says what to do. */
	if (!is_known || (has_note(err, NOTE_NEXT) && outcome->blamed == NULL))
		return;
	if (is_dry(run))
		error_explain(err, NOTE_NEXT, "next: %s%srun it again", after, mend(run, err));
	else if (outcome->end == OUTCOME_UNKNOWN)
		error_explain(err, NOTE_NEXT,
		              "next: %srun \"cflyway info\" to see what is applied, then "
		              "\"cflyway %s\"",
		              after, outcome->verb);
	else if (outcome->failed_row != NULL)
		error_explain(err, NOTE_NEXT,
		              "next: %s%srun \"cflyway repair\", which takes the failed row out of "
		              "the history, and \"cflyway %s\" again",
		              after, mend(run, err), outcome->verb);
	else
		error_explain(err, NOTE_NEXT, "next: %s%srun \"cflyway %s\" again", after,
		              mend(run, err), outcome->verb);
}

void outcome_note(const struct run *run, struct error *err)
{
	struct outcome *outcome = run->outcome;

	if (outcome == NULL)
		return;
	for (size_t i = 0; i < outcome->last.n; i++)
		add(outcome, &outcome->kept, outcome->last.items[i]);
	if (is_dry(run))
		error_explain(err, NOTE_OUTCOME, "nothing was changed: this was a dry run");
	else
		note_state(run, err);
	note_next(run, err);
}

/* --- signals ------------------------------------------------------------------------------- */

static bool says_interrupted(const struct error *err)
{
	for (size_t i = 0; i < err->notes.n; i++)
		if (str_starts(str_of(err->notes.items[i].text), STR("interrupted ")))
			return true;
	return false;
}

void outcome_note_interruption(const struct run *run, const char *verb, bool only_reads,
                               struct error *err)
{
	const struct outcome *outcome = run->outcome;
	const char *doing = outcome != NULL ? outcome->doing : NULL;
	const char *left = doing != NULL ? outcome->doing_left : NULL;

	if (!run->db->is_cancelled || is_dry(run) || says_interrupted(err))
		return;
	if (run->session != NULL && db_tx_status(run->db) == TX_LOST)
		left = "the connection is lost";
	error_explain(err, NOTE_CAUSE, "interrupted during %s%s%s%s%s%s", verb,
	              only_reads ? ", which only reads" : "", doing != NULL ? ", while " : "",
	              doing != NULL ? doing : "", left != NULL ? ": " : "",
	              left != NULL ? left : "");
}
