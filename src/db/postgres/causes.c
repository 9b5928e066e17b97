/* SPDX-License-Identifier: Apache-2.0 */
/* causes.c - why a statement fails, and what to do */
#include "causes.h"

#include "begin.h"
#include "cause_looks.h"
#include "english.h"

#include "cflyway/base/str.h"
#include "cflyway/sql/values_row.h"

/* --- what the tables know without asking --------------------------------------------------- */

static const struct {
	int since;
	const char *state, *message, *phrase, *what;
} versions[] = {
#define VERSION(since, state, message, phrase, what) {since, state, message, phrase, what},
#include "versions.def"
#undef VERSION
};

/* The place in the script is told with the text of its line. */
static bool has_phrase(const struct inquiry *inquiry, const char *phrase)
{
	return phrase == NULL || str_has_nocase(str_of(inquiry->place), str_of(phrase));
}

/* Does one of the messages begin like this? */
static bool is_said(const struct cause_question *question, const char *beginning)
{
	for (size_t i = 0; i < COUNT(question->messages); i++)
		if (str_starts_nocase(str_of(question->messages[i]), str_of(beginning)))
			return true;
	return false;
}

static bool look_at_version(void *ctx, struct cause_facts *facts)
{
	const struct inquiry *inquiry = ctx;
	const struct cause_question *question = inquiry->question;

	for (size_t i = 0; i < COUNT(versions); i++) {
		if (versions[i].since <= inquiry->pg->db->server_version ||
		    !str_same(versions[i].state, question->state) ||
		    !is_said(question, versions[i].message) ||
		    !has_phrase(inquiry, versions[i].phrase))
			continue;
		facts->of['w'] = versions[i].what;
		facts->of['n'] = arena_printf(inquiry->arena, "%d", versions[i].since);
		return true;
	}
	return false;
}

static const struct {
	const char *name, *state, *message;
} extension_objects[] = {
#define EXTENSION_HAS(name, state, message) {name, state, message},
#define EXTENSION_PACKAGE(name, package)
#include "extensions.def"
#undef EXTENSION_HAS
#undef EXTENSION_PACKAGE
};

static const struct {
	const char *name, *package;
} packages[] = {
#define EXTENSION_HAS(name, state, message)
#define EXTENSION_PACKAGE(name, package) {name, package},
#include "extensions.def"
#undef EXTENSION_HAS
#undef EXTENSION_PACKAGE
};

/*
 * The message about a name without its schema, which becomes %q: "function ext.hmac(text)" is told
 * as "function hmac(text)". A name is the first that is in quotes, or before a parenthesis.
 */
static const char *without_schema(const struct inquiry *inquiry, const char *message,
                                  struct cause_facts *facts)
{
	struct arena *arena = inquiry->arena;
	const struct str text = str_of(message), function = STR("function ");
	const size_t from =
		str_starts(text, function) ? function.len : str_find_char(text, '"') + 1;
	struct str rest = str_sub(text, from < text.len ? from : text.len, text.len);
	const struct str name = {rest.ptr, strcspn(rest.ptr, "\"( \n")};
	size_t dot = name.len;

	while (dot > 0 && name.ptr[dot - 1] != '.')
		dot--;
	if (dot < 2)
		return message;
	facts->of['q'] = str_dup(arena, str_sub(name, 0, dot - 1));
	return arena_printf(arena, "%.*s%s", (int)from, message, message + from + dot);
}

/*
 * Is what is missing the team's own (app.digest()), not an extension's? It is if the schema holds
 * anything that no extension owns, or if this transaction made the schema and the name is a plain
 * word. In public, extensions stand beside all else.
 */
static bool is_of_team(const struct inquiry *inquiry, const char *message,
                       const struct cause_facts *facts)
{
	struct cause_facts asked = *facts;
	const size_t name_len = strcspn(message, "(\n");

	if (facts->of['q'] == NULL || strcmp(facts->of['q'], "public") == 0 ||
	    !look_at_schema_use((void *)inquiry, &asked))
		return false;
	return strcmp(asked.of['r'], "own") == 0 || memchr(message, '_', name_len) == NULL;
}

static bool find_extension_of(const struct inquiry *inquiry, const char *text,
                              struct cause_facts *facts)
{
	const char *message = without_schema(inquiry, text, facts);

	for (size_t i = 0; i < COUNT(extension_objects); i++) {
		if (!str_same(extension_objects[i].state, inquiry->question->state) ||
		    !cause_match(inquiry->arena, extension_objects[i].message, message, facts))
			continue;
		facts->of['x'] = extension_objects[i].name;
		return !is_of_team(inquiry, message, facts);
	}
	return false;
}

/* %x: the extension that has what is missing. */
static bool find_extension(const struct inquiry *inquiry, struct cause_facts *facts)
{
	const char *const *messages = inquiry->question->messages;

	for (size_t i = 0; i < COUNT(inquiry->question->messages); i++) {
		struct cause_facts found = *facts;

		if (messages[i] == NULL || !find_extension_of(inquiry, messages[i], &found))
			continue;
		*facts = found;
		return true;
	}
	return false;
}

static void find_package(const struct inquiry *inquiry, const char *extension,
                         struct cause_facts *facts)
{
	const char *package =
		arena_printf(inquiry->arena, "postgresql-%%v-%s",
	                     str_replace(inquiry->arena, str_of(extension), STR("%"), STR("%%")));

	for (size_t i = 0; i < COUNT(packages); i++)
		if (strcmp(packages[i].name, extension) == 0)
			package = packages[i].package;
	facts->of['p'] = cause_text(inquiry->arena, package, facts);
}

static bool look_for_package(void *ctx, struct cause_facts *facts)
{
	find_package(ctx, facts->of['1'], facts);
	return true;
}

static bool look_for_second_package(void *ctx, struct cause_facts *facts)
{
	find_package(ctx, facts->of['2'], facts);
	return true;
}

/* With a schema before the name. */
static bool look_for_extension_in_other_schema(void *ctx, struct cause_facts *facts)
{
	return find_extension(ctx, facts) && facts->of['q'] != NULL &&
	       look_at_extension_elsewhere(ctx, facts) && !str_same(facts->of['n'], facts->of['q']);
}

static bool look_for_extension_outside_of_path(void *ctx, struct cause_facts *facts)
{
	return find_extension(ctx, facts) && facts->of['q'] == NULL &&
	       look_at_extension_outside_of_path(ctx, facts);
}

static bool look_for_extension_available(void *ctx, struct cause_facts *facts)
{
	return find_extension(ctx, facts) && look_at_extension_available(ctx, facts);
}

static bool look_for_extension_missing(void *ctx, struct cause_facts *facts)
{
	if (!find_extension(ctx, facts) || look_at_extension_elsewhere(ctx, facts))
		return false;
	find_package(ctx, facts->of['x'], facts);
	return true;
}

/* ------------------------------------------------------------------------------------------- */

static const struct cause causes[] = {
#define CAUSE(state, pattern, look, text, next) {state, pattern, look, text, next},
#include "causes.def"
#undef CAUSE
};

/* Takes the next name of a search path, without its quotes. */
static const char *take_schema(struct arena *arena, struct str *rest)
{
	struct str item;
	size_t len = 0;
	bool is_quoted = false;

	*rest = str_trim_left(*rest);
	while (len < rest->len && (is_quoted || rest->ptr[len] != ','))
		is_quoted ^= rest->ptr[len++] == '"';
	item = str_trim_right(str_sub(*rest, 0, len));
	*rest = str_sub(*rest, len + 1 < rest->len ? len + 1 : rest->len, rest->len);
	if (item.len < 2 || item.ptr[0] != '"')
		return str_dup(arena, item);
	return str_replace(arena, str_sub(item, 1, item.len - 1), STR("\"\""), STR("\""));
}

/* The search path as a person would write it: each schema once, in quotes where it needs them. */
static const char *show_path(struct arena *arena, const char *path)
{
	struct str rest = str_of(path);
	const char *shown = "";
	struct str_list names = {0};

	while (rest.len > 0) {
		const char *name = take_schema(arena, &rest);

		if (*name == '\0' || str_list_has(&names, name))
			continue;
		str_list_add(arena, &names, name);
		shown = arena_printf(arena, "%s%s%s", shown, *shown != '\0' ? ", " : "",
		                     cause_identifier(arena, name));
	}
	return shown;
}

/* Flyway shows neither state nor message of a failed COPY; without "ERROR: ". */
static const char *message_of(const struct error *err)
{
	const char *text = err->sql->hidden_state != NULL ? err->root_cause : err->sql->message;
	const char *end = text != NULL ? strstr(text, ": ") : NULL;

	return end != NULL ? end + 2 : "";
}

static const char *place_of(const struct error *err)
{
	const struct note *place = note_list_find(&err->notes, NOTE_PLACE);

	return place != NULL ? place->text : NULL;
}

/* What the server names in fields of their own, or between the brackets of its detail. */
static void add_object(struct arena *arena, const struct sql_failure *sql, const char *state,
                       struct cause_facts *facts)
{
	const struct sql_object *object = &sql->object;
	struct row_key key;

	if (object->table != NULL)
		facts->of['T'] = cause_identifier(arena, object->table);
	if (object->table != NULL && object->schema != NULL)
		facts->of['T'] = arena_concat(arena, cause_identifier(arena, object->schema), ".",
		                              facts->of['T']);
	facts->of['C'] = object->column;
	facts->of['K'] = object->constraint;
	facts->of['D'] = object->datatype;
	if (!row_key_read(&key, str_of(sql->place.detail), state) || key.names.n == 0)
		return;
	facts->of['a'] = str_array_join(arena, &key.names);
	facts->of['b'] = str_array_join(arena, &key.values);
}

static const char *in_english(struct arena *arena, const struct sql_failure *sql,
                              const struct inquiry *inquiry)
{
	const struct pg_report report = {
		.state = inquiry->question->state,
		.routine = sql->routine,
		.message = inquiry->question->messages[0],
		.detail = sql->place.detail,
		.context = sql->place.context,
		.line = inquiry->place,
		.object = &sql->object,
	};

	return pg_in_english(arena, &report);
}

/* TimescaleDB ends the session that creates the extension in a server without its library. */
static bool says_why_it_ended(const struct cause_question *question)
{
	return str_same(question->state, "XX000") &&
	       strstr(question->messages[0], "must be preloaded") != NULL;
}

void pg_explain(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	const struct sql_failure *sql = err->sql;
	struct cause_question question = {
		.arena = err->arena,
		.state = sql->hidden_state != NULL ? sql->hidden_state : sql->state,
		.messages = {message_of(err)},
	};
	struct inquiry inquiry = {pg, err->arena, &question, place_of(err)};

	if (pg == NULL || question.state == NULL ||
	    (db_tx_status(db) == TX_LOST && !says_why_it_ended(&question)))
		return;
	question.messages[1] = in_english(err->arena, sql, &inquiry);
	question.ctx = &inquiry;
	question.facts.of['u'] = pg->origin.role;
	question.facts.of['S'] = pg_guard_path(pg);
	if (question.facts.of['S'] != NULL)
		question.facts.of['s'] = show_path(err->arena, question.facts.of['S']);
	question.facts.of['N'] = "TABLE";
	question.facts.of['v'] = arena_printf(err->arena, "%d", db->server_version);
	if (sql->path != NULL && sql->path[0] != '\0')
		question.facts.of['f'] = sql->path;
	add_object(err->arena, sql, question.state, &question.facts);
	causes_explain(causes, COUNT(causes), &question, err);
	error_name_object(err);
}
