/* SPDX-License-Identifier: Apache-2.0 */
/* trial_rules.c - the locks of what a trial cannot try, as far as they follow from the words */
#include "trial_state.h"

#include "trial_modes.h"

#include "cflyway/base/ascii.h"
#include "cflyway/core/script.h"
#include "cflyway/core/session.h"
#include "cflyway/sql/lock_rule.h"
#include "cflyway/sql/statement_line.h"

/* --- names --------------------------------------------------------------------------------- */

/* Takes a part of a name, up to a dot, as the catalogue has it: "My ""T""" is My "T", Tab is tab. */
static const char *take_part(struct arena *arena, struct str *name)
{
	struct buf part = BUF_EMPTY(SIZE_MAX / 2);
	const bool is_quoted = name->len > 0 && name->ptr[0] == '"';
	size_t at = is_quoted;

	for (; at < name->len; at++) {
		const char c = name->ptr[at];

		if (is_quoted && c == '"' && (at + 1 == name->len || name->ptr[at + 1] != '"'))
			break;
		if (!is_quoted && c == '.')
			break;
		at += is_quoted && c == '"';
		buf_putc(&part, c);
	}
	*name = str_sub(*name, at + 1 + is_quoted, name->len);
	const char *text =
		is_quoted ? str_dup(arena, buf_str(&part)) : str_lower(arena, buf_str(&part));

	buf_release(&part);
	return text;
}

struct name {
	const char *schema, *relation; /* schema NULL: by the search path */
};

static struct name read_name(struct arena *arena, struct str text)
{
	const char *first = take_part(arena, &text);

	if (text.len == 0)
		return (struct name){NULL, first};
	return (struct name){first, take_part(arena, &text)};
}

/* Without a schema, the default schema comes first; NULL: it was not there before the trial. */
static struct trial_relation *find_named(const struct trial *trial, struct str text)
{
	const struct session *session = trial->run->session;
	struct arena *arena = trial->run->arena;
	const struct name wanted = read_name(arena, text);
	struct trial_relation *found = NULL;

	for (size_t i = 0; i < trial->relations_n; i++) {
		struct trial_relation *relation = &trial->relations[i];
		struct arena_mark mark = arena_mark(arena);
		const struct name name = read_name(arena, str_of(relation->name));
		const bool fits = strcmp(name.relation, wanted.relation) == 0 &&
		                  (wanted.schema == NULL || str_same(name.schema, wanted.schema));
		const bool is_default =
			session != NULL && str_same(name.schema, session->default_schema);

		arena_rewind(arena, mark);
		if (fits && (found == NULL || is_default))
			found = relation;
	}
	return found;
}

/* --- statements ---------------------------------------------------------------------------- */

/* Sessions that the statement would wait for, although its lock does not conflict with theirs. */
static void add_locks(struct trial *trial, struct trial_statement *statement,
                      const struct trial_relation *relation, unsigned level, unsigned awaited)
{
	struct trial_lock *lock = trial_list_lock(trial, statement, relation, level);

	if (lock == NULL)
		return;
	lock->taken_ms = -1;
	trial_add_conflicts(trial, relation, level, &lock->conflicts);
	trial_add_conflicts(trial, relation, awaited, &lock->conflicts);
}

static void add_statement(struct trial *trial, struct trial_script *script,
                          const struct statement *statement)
{
	struct lock_rule rule;

	if (!lock_rule_find((struct str){statement->text, statement->len}, &rule))
		return;
	struct trial_statement *added =
		trial_list_statement(trial, script, trial_make_statement(statement));

	added->text = statement_line(trial->run->arena, statement->text);
	added->is_by_rule = true;
	for (size_t i = 0; i < rule.n; i++) {
		const struct trial_relation *relation = find_named(trial, rule.names[i].name);
		const struct trial_relation *table =
			relation != NULL ? trial_find_relation(trial, relation->table_oid) : NULL;

		if (relation != NULL)
			add_locks(trial, added, relation, rule.names[i].level, rule.awaited);
		if (table != NULL)
			add_locks(trial, added, table, rule.names[i].level, rule.awaited);
	}
}

void trial_note_rules(struct trial *trial, struct trial_script *script)
{
	struct script text = SCRIPT_CLOSED;
	struct error ignored = ERROR_INIT(trial->run->arena);
	struct statement statement;

	if (trial->relations_n == 0)
		return;
	trial_watch_others(trial);
	if (script_open(&text, trial->run, script->file, NULL, &ignored))
		while (script->n < TRIAL_MAX_LISTED &&
		       split_next(text.splitter, &statement, &ignored) == SPLIT_STATEMENT)
			if ((statement.flags & STATEMENT_NON_TRANSACTIONAL) != 0)
				add_statement(trial, script, &statement);
	script_close(&text);
}
