/* SPDX-License-Identifier: Apache-2.0 */
/* script_check.c - reads a script to find out what it is and whether it may run */
#include "cflyway/core/script_check.h"

#include "failure_place.h"
#include "migration_limits.h"

#include "cflyway/migration/part_watch.h"
#include "cflyway/sql/password_literal.h"
#include "cflyway/sql/session_effect.h"
#include "cflyway/sql/side_effect.h"

#include <stdint.h>

enum { KEPT_SIZE = 64 * 1024 }; /* larger ones are read again when they run */

/* Keeps a copy of the text that passes, while it is short. */
struct keeper {
	struct text_source source;
	struct text_source *input;
	struct buf *text;
};

struct checker {
	const struct run *run;
	const struct migration *migration;
	struct script_traits *traits;
	bool mixing_is_an_error;
	bool seen_transactional, seen_non_transactional;
	bool looks_for_words;        /* see reaches_out */
	bool looks_for_side_effects; /* see side_effect_find */
};

static bool check_mixed(struct checker *checker, const struct statement *statement,
                        struct error *err)
{
	bool non_transactional = (statement->flags & STATEMENT_NON_TRANSACTIONAL) != 0;

	if (non_transactional)
		checker->seen_non_transactional = true;
	else
		checker->seen_transactional = true;
	if (!checker->mixing_is_an_error || !checker->seen_transactional ||
	    !checker->seen_non_transactional)
		return true;
	return error_set(
		err, ERROR_GENERAL,
		"Detected both transactional and non-transactional statements within the same "
		"migration (even though mixed is false). Offending statement found at line "
		"%zu: %s%s",
		statement->line, statement->text, non_transactional ? " [non-transactional]" : "");
}

/*
 * Does the statement mention what is not undone when its transaction is lost in a crash, or what
 * makes such effects possible? A word in a comment counts as well: that only costs time.
 */
static bool reaches_out(struct str text)
{
	static const char *const words[] = {"notify", "dblink", "foreign", "program", "extension"};

	for (size_t at = 0; at < text.len; at++)
		for (size_t i = 0; i < COUNT(words); i++)
			if ((text.ptr[at] | 0x20) == words[i][0] &&
			    str_starts_nocase(str_sub(text, at, text.len), str_of(words[i])))
				return true;
	return false;
}

/* Why the statement cannot run in a transaction whose session is lent for it alone; or NULL. */
static const char *find_session_need(const struct statement *statement)
{
	if ((statement->flags & STATEMENT_NON_TRANSACTIONAL) != 0)
		return "runs outside of a transaction, under a lock that the session holds";
	if ((statement->flags & STATEMENT_TRANSACTION_CONTROL) != 0)
		return "begins or ends a transaction, or may do so, and the session holds the lock "
		       "meanwhile";
	if ((statement->flags & STATEMENT_SEVERAL) != 0)
		return "may hold several statements, which cannot be looked at one by one";
	return session_effect_find((struct str){statement->text, statement->len});
}

static void note_session_need(struct script_traits *traits, const struct statement *statement)
{
	if (traits->session_need != NULL)
		return;
	traits->session_need = find_session_need(statement);
	traits->session_need_line = statement->line;
}

static bool check_statement(struct checker *checker, const struct statement *statement,
                            struct error *err)
{
	struct script_traits *traits = checker->traits;

	if (checker->run->log->debug)
		log_debug(checker->run->log, "Found statement at line %zu: %s", statement->line,
		          password_literal_mask(checker->run->arena, statement->text));
	traits->statements++;
	traits->controls_by_itself |= (statement->flags & STATEMENT_TRANSACTION_CONTROL) != 0;
	traits->controls_transaction = traits->controls_by_itself;
	traits->may_unlock |= (statement->flags & STATEMENT_MAY_UNLOCK) != 0;
	traits->changes_session |= (statement->flags & STATEMENT_SYNC) != 0;
	if (checker->run->db->pools_transactions)
		note_session_need(traits, statement);
	if (checker->looks_for_words)
		traits->reaches_out |= reaches_out((struct str){statement->text, statement->len});
	if (checker->looks_for_side_effects && traits->side_effect == NULL)
		traits->side_effect =
			side_effect_find((struct str){statement->text, statement->len});
	return check_mixed(checker, statement, err);
}

/* The splitter is not used any more: the file may be read again. */
static void note_place(const struct checker *checker, struct script *script, size_t offset,
                       struct error *err)
{
	if (offset != SIZE_MAX)
		failure_place_note_unparsed(script, checker->run, checker->migration, offset, err);
}

static bool check_all(struct checker *checker, struct script *script, struct error *err)
{
	struct statement statement;

	for (;;) {
		switch (split_next(script->splitter, &statement, err)) {
		case SPLIT_FAILED:
			note_place(checker, script, split_failed_at(script->splitter), err);
			return false;
		case SPLIT_END:
			checker->traits->size_bytes = split_position(script->splitter);
			return true;
		case SPLIT_STATEMENT:
			if (check_statement(checker, &statement, err))
				break;
			note_place(checker, script, statement.offset + statement.token, err);
			return false;
		}
	}
}

static bool runs_in_transaction(const struct checker *checker)
{
	enum tristate own = checker->migration->execute_in_transaction;

	/* DIFFERS: with executeInTransaction=false for all, Flyway's is none but in name. */
	if (own != UNSET)
		return own == YES;
	return checker->run->settings->execute_in_transaction && !checker->seen_non_transactional;
}

static struct checker make_checker(const struct run *run, const struct migration *migration,
                                   struct script_traits *traits)
{
	const struct settings *settings = run->settings;

	/* Flyway counts programs as transactional, whatever the settings say. */
	*traits = (struct script_traits){.runs_in_transaction = true};
	return (struct checker){
		.run = run,
		.migration = migration,
		.traits = traits,
		.looks_for_words = settings->durability == DURABILITY_RUN,
		.looks_for_side_effects = settings->dry_run_kind == DRY_RUN_EXECUTE ||
	                                  migration_retries(run, migration).n > 0,
		.mixing_is_an_error = !settings->mixed && settings->execute_in_transaction &&
	                              migration->execute_in_transaction == UNSET,
	};
}

/* --- two parts in one file ----------------------------------------------------------------- */

/* Puts the watch before text where a file with two parts would run as one script. */
static struct text_source *watch_parts(const struct checker *checker, struct part_watch *watch,
                                       struct text_source *text)
{
	const struct migration *migration = checker->migration;

	*watch = (struct part_watch){0};
	return migration->part.syntax != NULL || checker->run->settings->allow_up_down_markers
	               ? text
	               : part_watch_open(watch, text);
}

/* DIFFERS: Flyway runs both parts, one after the other. */
static bool refuse_two_parts(const struct checker *checker, const struct part_watch *watch,
                             struct error *err)
{
	const struct part_syntax *syntax = part_watch_found(watch);

	if (syntax == NULL)
		return true;
	error_set(err, ERROR_GENERAL,
	          "%s has %s%s%sa line '%s': both parts would run, one after the other",
	          checker->migration->path, syntax->up != NULL ? "a line '" : "",
	          syntax->up != NULL ? syntax->up : "", syntax->up != NULL ? "' and " : "",
	          syntax->down);
	error_note(err,
	           "Divide the file into a versioned and an undo migration, or use "
	           "cflyway.layout=%s with a name such as 001_add_price.sql. "
	           "cflyway.allowUpDownMarkers=true runs the file as it is",
	           syntax->tool);
	return false;
}

/* --- the text for the run ------------------------------------------------------------------ */

static bool keeper_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct keeper *keeper = (struct keeper *)source;

	if (!keeper->input->next(keeper->input, piece, err))
		return false;
	buf_append(keeper->text, piece->ptr, piece->len);
	return true;
}

/* Is the text that was kept the one that was summed? It is short, so it is summed again. */
static bool verify_text(const struct run *run, const struct migration *migration,
                        const struct script_text *text, struct error *err)
{
	struct script script = SCRIPT_CLOSED;
	struct text_source *source = &script.memory.source;
	int32_t sum;

	if (!migration->has_checksum)
		return true;
	text_memory_init(&script.memory, buf_str(&text->text), 0);
	if (!migration_is_versioned(migration))
		source = script_filter(&script, run, migration, source, false);
	bool ok = checksum_source(source, &sum, err) &&
	          (sum == migration->checksum || script_changed(migration, err));
	script_close(&script);
	return ok;
}

/* ------------------------------------------------------------------------------------------- */

static bool check_file(struct checker *checker, struct script_text *text, struct error *err)
{
	const struct run *run = checker->run;
	const struct migration *migration = checker->migration;
	struct script script = SCRIPT_CLOSED;
	struct part_watch watch;

	text->text = (struct buf)BUF_EMPTY(KEPT_SIZE);
	struct text_source *source = script_open_file(&script, migration, err);
	if (source == NULL)
		return false;
	struct keeper keeper = {
		.source = {.next = keeper_next},
		.input = watch_parts(checker, &watch, source),
		.text = &text->text,
	};
	script_split(&script, run, migration,
	             script_filter(&script, run, migration, &keeper.source, false));
	bool ok = check_all(checker, &script, err) && refuse_two_parts(checker, &watch, err);
	part_watch_close(&watch);
	script_close(&script);
	if (ok && !text->text.overflow) {
		text->is_known = verify_text(run, migration, text, err);
		return text->is_known;
	}
	script_text_release(text);
	return ok;
}

/* The file is the one that was read ahead: its stamp proves it. */
static bool is_unchanged(const struct run *run, const struct migration *migration,
                         const struct prescan *prescan)
{
	struct error ignored = ERROR_INIT(run->arena);
	struct file file = FILE_CLOSED;
	bool is_same = file_open(&file, migration->absolute_path, &ignored) &&
	               file_has_stamp(&file, &prescan->stamp);

	file_close(&file);
	return is_same;
}

bool script_check(const struct run *run, const struct migration *migration,
                  struct script_traits *traits, struct script_text *text, struct error *err)
{
	struct checker checker = make_checker(run, migration, traits);
	const struct prescan *prescan = prescan_find(run, migration);
	struct script_text unwanted = {0};

	if (migration->program != NULL)
		return true;
	if (prescan != NULL && is_unchanged(run, migration, prescan)) {
		*traits = prescan->traits;
		return true;
	}
	log_debug(run->log, "Parsing %s ...", migration->file_name);
	bool ok = check_file(&checker, text != NULL ? text : &unwanted, err);
	script_text_release(&unwanted);
	traits->runs_in_transaction = runs_in_transaction(&checker);
	return ok;
}

bool script_prescan(const struct run *run, const struct migration *migration,
                    struct prescan *prescan, struct error *err)
{
	struct checker checker = make_checker(run, migration, &prescan->traits);
	struct script script = SCRIPT_CLOSED;
	struct part_watch watch;

	struct text_source *source = script_open_file(&script, migration, err);
	if (source == NULL)
		return false;
	source = watch_parts(&checker, &watch, source);
	script_split(&script, run, migration, script_filter(&script, run, migration, source, true));
	bool ok = check_all(&checker, &script, err) && refuse_two_parts(&checker, &watch, err);
	part_watch_close(&watch);
	prescan->checksum = checksum_value(&script.tap.sum);
	ok = ok && (file_stamp(&script.file.file, &prescan->stamp) ||
	            error_set(err, ERROR_GENERAL, "%s is no regular file", migration->path));
	prescan->traits.runs_in_transaction = runs_in_transaction(&checker);
	script_close(&script);
	return ok;
}
