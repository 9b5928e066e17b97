/* SPDX-License-Identifier: Apache-2.0 */
/* output_targets.c - prints how the targets of a run ended: a table, or one JSON document */
#include "cflyway/output/output_targets.h"

#include "cflyway/base/clock.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/spool.h"
#include "cflyway/base/table.h"
#include "cflyway/output/json_results.h"

#include <errno.h>

enum {
	MAX_TEXT = 1 << 30,
	NAMES_SHOWN = 20,  /* of a state, in the last line */
	ROWS_SHOWN = 100,  /* of more targets, the table shows those that did not succeed */
	ERROR_SHOWN = 160, /* bytes of an error */
};

static const struct {
	const char *text, *json;
} states[] = {
	[TARGET_WAITING] = {"waiting", "waiting"},
	[TARGET_RUNNING] = {"running", "running"},
	[TARGET_SUCCEEDED] = {"succeeded", "succeeded"},
	[TARGET_FAILED] = {"failed", "failed"},
	[TARGET_SKIPPED] = {"skipped", "skipped"},
	[TARGET_NOT_BEGUN] = {"not begun", "notBegun"},
};

static bool is_text(const struct output_targets *targets)
{
	return targets->console->mode == CONSOLE_TEXT;
}

void output_targets_begin(struct output_targets *targets, struct console *console,
                          const struct log *log, size_t n)
{
	*targets = (struct output_targets){.console = console, .log = log, .n = n};
	shelf_open(&targets->documents, SPOOL_IN_MEMORY);
	targets->pieces = arena_array(console->arena, n, sizeof(*targets->pieces));
}

/* --- what results tell --------------------------------------------------------------------- */

static const char *keep(const struct output_targets *targets, const char *text)
{
	return text != NULL ? arena_strdup(targets->console->arena, text) : NULL;
}

void output_target_result(struct output_targets *targets, const struct result *result)
{
	struct target_outcome *outcome = &targets->current;
	const char *version = NULL;

	if (targets->console == NULL || result == NULL)
		return;
	switch (result->kind) {
	case RESULT_MIGRATE:
		outcome->applied += result->migrate.executed;
		version = result->migrate.target_schema_version != NULL
		                  ? result->migrate.target_schema_version
		                  : result->migrate.initial_schema_version;
		break;
	case RESULT_UNDO:
		outcome->undone += result->undo.n;
		version = result->undo.target_schema_version;
		break;
	case RESULT_INFO:
		version = result->info.schema_version;
		break;
	case RESULT_BASELINE:
		version = result->baseline.version;
		break;
	default:
		return;
	}
	outcome->version = keep(targets, version);
}

/* The first line; a very long one is cut. */
static const char *first_line(struct arena *arena, const char *text)
{
	struct str line = str_of(text), rest = line;

	line = str_trim(str_cut(&rest, '\n'));
	if (line.len <= ERROR_SHOWN)
		return str_dup(arena, line);
	size_t end = ERROR_SHOWN;
	while (end > 0 && ((unsigned char)line.ptr[end] & 0xC0) == 0x80)
		end--;
	return arena_printf(arena, "%.*s...", (int)end, line.ptr);
}

/* An error of a script names the file: "V2__b.sql, line 3: ERROR: …". */
void output_target_error(struct output_targets *targets, const struct error *err)
{
	const struct sql_failure *sql = err->sql;
	const char *text = sql != NULL && sql->message != NULL ? sql->message : err->message;

	if (targets->console == NULL)
		return;
	struct arena *arena = targets->console->arena;
	text = first_line(arena, text);
	if (sql != NULL && sql->path != NULL && sql->path[0] != '\0')
		text = arena_printf(arena, "%s, line %zu: %s", fs_base_name(sql->path), sql->line,
		                    text);
	targets->current.error = text;
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void write_object(struct json *json, const struct target_outcome *outcome,
                         struct str document)
{
	json_open_object(json);
	json_add_string(json, "target", outcome->name);
	json_add_string(json, "state", states[outcome->state].json);
	if (outcome->state == TARGET_SKIPPED)
		json_add_string(json, "because", outcome->because);
	json_add_string(json, "version", outcome->version);
	json_add_int(json, "executionTime", outcome->elapsed_ms);
	if (outcome->state == TARGET_FAILED)
		json_add_string(json, "error", outcome->error);
	if (document.len > 0)
		json_add_document(json, "result", document);
	json_close_object(json);
}

static void keep_object(struct output_targets *targets, size_t i,
                        const struct target_outcome *outcome, struct str document)
{
	struct error err = ERROR_INIT(targets->console->arena);
	struct json json;

	json_init(&json);
	json.depth = 1; /* the object is in the array of another one */
	write_object(&json, outcome, document);
	if (!shelf_put(&targets->documents, buf_str(&json.text), &targets->pieces[i], &err))
		console_fail(targets->console, errno);
	json_release(&json);
}

static void print_objects(struct output_targets *targets)
{
	struct error err = ERROR_INIT(targets->console->arena);
	struct buf object = BUF_EMPTY(SIZE_MAX / 2);

	for (size_t i = 0; i < targets->n; i++) {
		buf_clear(&object);
		buf_add(&object, i == 0 ? " " : ", ");
		if (!shelf_get(&targets->documents, targets->pieces[i], &object, &err))
			console_fail(targets->console, errno);
		console_print_part(targets->console, buf_str(&object));
	}
	buf_release(&object);
}

void output_targets_print(struct output_targets *targets)
{
	struct json json;

	if (targets->console == NULL || is_text(targets))
		return;
	json_init(&json);
	json_open_object(&json);
	json_key(&json, "targets");
	json_open_array(&json);
	console_print_part(targets->console, buf_str(&json.text));
	print_objects(targets);
	json.is_empty = targets->n == 0;
	size_t printed = json.text.len;
	json_close_array(&json);
	for (size_t state = TARGET_SUCCEEDED; state < TARGET_STATE_COUNT; state++)
		json_add_int(&json, states[state].json, (int64_t)targets->counts[state]);
	if (targets->console->own.n > 0)
		json_notes(&json, &targets->console->own);
	json_close_object(&json);
	buf_consume(&json.text, printed);
	console_print(targets->console, buf_str(&json.text));
	json_release(&json);
	shelf_close(&targets->documents);
}

/* --- ends ---------------------------------------------------------------------------------- */

void output_target_end(struct output_targets *targets, size_t i,
                       const struct target_outcome *outcome, struct str document)
{
	targets->counts[outcome->state]++;
	if (!is_text(targets))
		keep_object(targets, i, outcome, document);
	else if (outcome->state == TARGET_SKIPPED)
		log_cflyway(targets->log, "target %s was skipped, because %s did not succeed",
		            outcome->name, outcome->because);
}

/* --- the table ----------------------------------------------------------------------------- */

enum column {
	COLUMN_TARGET,
	COLUMN_STATE,
	COLUMN_VERSION,
	COLUMN_MIGRATIONS,
	COLUMN_TIME,
	COLUMN_REASON,
	COLUMN_COUNT,
};

struct shown {
	struct arena *arena;
	const struct target_outcome **rows;
};

static const char *title_of(const void *ctx, size_t column)
{
	static const char *const titles[] = {
		[COLUMN_TARGET] = "Target",   [COLUMN_STATE] = "State",
		[COLUMN_VERSION] = "Version", [COLUMN_MIGRATIONS] = "Migrations",
		[COLUMN_TIME] = "Time",       [COLUMN_REASON] = "Reason",
	};

	(void)ctx;
	return titles[column];
}

/* "3 applied", "2 undone"; of a run that does both, both. */
static const char *migrations_of(struct arena *arena, const struct target_outcome *outcome)
{
	if (outcome->undone == 0)
		return outcome->applied == 0 ? ""
		                             : arena_printf(arena, "%zu applied", outcome->applied);
	if (outcome->applied == 0)
		return arena_printf(arena, "%zu undone", outcome->undone);
	return arena_printf(arena, "%zu applied, %zu undone", outcome->applied, outcome->undone);
}

static const char *cell_text(struct arena *arena, const struct target_outcome *outcome,
                             size_t column)
{
	bool has_run = outcome->state == TARGET_SUCCEEDED || outcome->state == TARGET_FAILED;

	switch (column) {
	case COLUMN_TARGET:
		return outcome->name;
	case COLUMN_STATE:
		return states[outcome->state].text;
	case COLUMN_VERSION:
		return outcome->version != NULL ? outcome->version : "";
	case COLUMN_MIGRATIONS:
		return migrations_of(arena, outcome);
	case COLUMN_TIME:
		return has_run ? clock_format_duration(arena, outcome->elapsed_ms) : "";
	default:
		if (outcome->because != NULL)
			return arena_printf(arena, "%s did not succeed", outcome->because);
		return outcome->error != NULL ? outcome->error : "";
	}
}

static struct str cell_of(const void *ctx, size_t row, size_t column)
{
	const struct shown *shown = ctx;

	return str_of(cell_text(shown->arena, shown->rows[row], column));
}

static void print_table(struct output_targets *targets, const struct target_outcome *outcomes,
                        size_t n)
{
	struct arena arena = ARENA_EMPTY;
	struct buf text = BUF_EMPTY(MAX_TEXT);
	struct shown shown = {&arena, arena_array(&arena, n, sizeof(*shown.rows))};
	struct table table = {COLUMN_COUNT, 0, title_of, cell_of, &shown, "", NULL};

	for (size_t i = 0; i < n; i++)
		if (n <= ROWS_SHOWN || outcomes[i].state != TARGET_SUCCEEDED)
			shown.rows[table.rows++] = &outcomes[i];
	buf_putc(&text, '\n');
	if (table.rows > 0 && table_print(&table, &text))
		log_text(targets->log, LOG_LEVEL_INFO, buf_str(&text));
	buf_release(&text);
	arena_release(&arena);
}

/* "2 failed (a, b)"; many names are only counted. */
static void add_state(struct arena *arena, const struct target_outcome *outcomes, size_t n,
                      enum target_state state, struct buf *line)
{
	struct str_list names = {0};

	for (size_t i = 0; i < n; i++)
		if (outcomes[i].state == state)
			str_list_add(arena, &names, outcomes[i].name);
	if (names.n == 0)
		return;
	buf_printf(line, "%s%zu %s", line->len > 0 ? ", " : "", names.n, states[state].text);
	if (names.n <= NAMES_SHOWN)
		buf_printf(line, " (%s)", str_list_join(arena, &names, ", "));
}

void output_targets_end(struct output_targets *targets, const struct target_outcome *outcomes,
                        size_t n)
{
	struct arena arena = ARENA_EMPTY;
	struct buf line = BUF_EMPTY(MAX_TEXT);

	if (!is_text(targets))
		return;
	print_table(targets, outcomes, n);
	for (enum target_state state = TARGET_SUCCEEDED; state < TARGET_STATE_COUNT; state++)
		add_state(&arena, outcomes, n, state, &line);
	if (n > 0)
		log_cflyway(targets->log, "targets: %s", buf_str(&line).ptr);
	buf_release(&line);
	arena_release(&arena);
}
