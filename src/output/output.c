/* SPDX-License-Identifier: Apache-2.0 */
/* output.c - prints results and failures: lines of text, or one JSON document */
#include "cflyway/output/output.h"

#include "cflyway/base/about.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/terminal.h"
#include "cflyway/output/json_results.h"
#include "cflyway/output/report_error.h"
#include "cflyway/output/text.h"
#include "cflyway/output/trial_output.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_text(const struct output *output)
{
	return output->console.mode == CONSOLE_TEXT;
}

bool output_open(struct output *output, struct arena *arena, const struct invocation *invocation,
                 struct error *err)
{
	*output = (struct output){
		.log = {.sink = console_write,
	                .note = console_write_note,
	                .step = console_step,
	                .debug = invocation->debug && !invocation->quiet},
		.has_many = invocation->verbs.n > 1,
	};
	json_init(&output->document);
	output->log.ctx = &output->console;
	annotations_open(&output->annotations, arena, invocation);
	bool ok = console_open(&output->console, arena, invocation, err);
	if (output->console.shows_progress)
		output->log.progress = console_progress;
	return ok;
}

void output_fork(struct output *output, const struct output *parent, struct arena *arena,
                 log_sink_fn *sink, log_note_fn *note, void *ctx)
{
	*output = (struct output){
		.log = {.sink = sink, .note = note, .step = parent->log.step, .ctx = ctx},
		.console = {.arena = arena,
	                    .mode = parent->console.mode,
	                    .threshold = parent->console.threshold,
	                    .silent = parent->console.silent,
	                    .held = BUF_EMPTY(SIZE_MAX / 2)},
		.has_many = parent->has_many,
		.annotations = parent->annotations,
	};
	output->log.debug = parent->log.debug;
	json_init(&output->document);
	output_targets_begin(&output->targets, &output->console, &output->log, 0);
}

void output_begin(struct output *output)
{
	if (!is_text(output))
		console_release(&output->console);
}

/* --- results ------------------------------------------------------------------------------- */

static bool is_begun(const struct output *output)
{
	return output->document.text.len > 0;
}

static void begin_document(struct output *output)
{
	struct json *json = &output->document;

	json_open_object(json);
	if (!output->has_many)
		return;
	json_key(json, "individualResults");
	json_open_array(json);
}

static void add_result(struct output *output, struct arena *arena, const struct result *result)
{
	struct json *json = &output->document;

	if (!json_has_result(result))
		return;
	if (!is_begun(output))
		begin_document(output);
	if (output->has_many)
		json_open_object(json);
	json_result(json, arena, result, NULL);
	if (output->has_many)
		json_close_object(json);
}

/* The document contains Flyway's version; these are the versions of cflyway and its libraries. */
static void note_versions(struct console *console, const struct version_result *version)
{
	console_note(console, "cflyway " CFLYWAY_VERSION);
	for (size_t i = 0; i < version->n; i++)
		console_note(console,
		             arena_printf(console->arena, "%s %s", version->libraries[i].name,
		                          version->libraries[i].version));
}

/* A log has to say why a pipeline stops there. */
static void say_pending(const struct output *output, const struct result *result)
{
	size_t n = result->info.pending;

	if (result->exit_code == EXIT_PENDING)
		log_cflyway(&output->log, "exit code %d: %zu migration%s pending", EXIT_PENDING, n,
		            n == 1 ? " is" : "s are");
}

void output_result(struct output *output, struct arena *arena, const struct settings *settings,
                   const struct result *result)
{
	/* The log of a JSON call also contains the tables; ids come before the document. */
	bool has_log = output->console.mode == CONSOLE_JSON_LOGS || settings->migration_ids;

	output_target_result(&output->targets, result);
	if (is_text(output) || has_log)
		text_print(arena, result, &output->log);
	say_pending(output, result);
	if (is_text(output))
		return;
	if (result->kind == RESULT_VERSION)
		note_versions(&output->console, &result->version);
	add_result(output, arena, result);
}

/* --- dry runs ------------------------------------------------------------------------------ */

#define DRY_RUN                                                                                    \
	"Dry Run mode: Database will NOT be modified. The following messages only represent what " \
	"would happen in a normal Flyway migration run."

void output_dry_run(struct output *output)
{
	struct buf line = BUF_EMPTY(SIZE_MAX / 2);

	buf_repeat(&line, '=', sizeof(DRY_RUN) - 1);
	log_text(&output->log, LOG_LEVEL_INFO, buf_str(&line));
	log_info(&output->log, "%s", DRY_RUN);
	log_text(&output->log, LOG_LEVEL_INFO, buf_str(&line));
	buf_release(&line);
}

void output_dry_run_end(struct output *output, const char *path, bool replaces)
{
	if (strcmp(path, "-") == 0)
		return;
	log_cflyway(&output->log, "wrote the dry run to %s%s", path,
	            replaces ? ", in place of the file that was there" : "");
}

/* --- failures ------------------------------------------------------------------------------ */

/* Measured: the error of a command callback is shown alone, whatever has been done before. */
static bool stands_alone(const struct error *err)
{
	switch (err->code) {
	case ERROR_FAILED_VERSIONED_MIGRATION:
	case ERROR_FAILED_REPEATABLE_MIGRATION:
	case ERROR_FAILED_BASELINE_MIGRATION:
		return false;
	default:
		return err->prefix != NULL || err->is_of_callback;
	}
}

enum on_failure output_failure_form(const struct result *result, const struct error *err)
{
	if (result == NULL || result->kind == RESULT_NOTHING || stands_alone(err))
		return ON_FAILURE_ERROR;
	return result->on_failure;
}

static void annotate(const struct output *output, const struct result *result,
                     const struct error *err)
{
	annotate_failure(&output->annotations, &output->log, output->targets.current.name, result,
	                 err);
}

/* With -q nothing else says which target the report is about. */
static void name_target(const struct output *output, struct error *err)
{
	const char *name = output->targets.current.name;

	if (name != NULL && !err->names_target && output->console.threshold > LOG_LEVEL_INFO)
		error_note(err, "it was target %s", name);
}

static struct error with_own_notes(const struct error *err)
{
	struct error copy = *err;

	copy.notes = (struct note_list){NULL, 0};
	note_list_join(err->arena, &copy.notes, &err->notes);
	return copy;
}

int output_failure(struct output *output, struct arena *arena, const struct result *result,
                   const struct error *err)
{
	struct json *json = &output->document;
	const struct trial_result *trial = result != NULL ? result->trial : NULL;

	output_target_result(&output->targets, result);
	output_target_error(&output->targets, err);
	if (is_text(output)) {
		if (trial != NULL)
			trial_text_print(arena, trial, &output->log);
		struct error named = with_own_notes(err);

		name_target(output, &named);
		report_error(&output->log, output->console.threshold <= LOG_LEVEL_INFO, &named);
		annotate(output, result, err);
		return err->exit_status;
	}
	annotate(output, result, err);
	for (size_t i = 0; i < err->notes.n; i++)
		log_note(&output->log, &err->notes.items[i]);
	enum on_failure form = output_failure_form(result, err);

	if (form == ON_FAILURE_RESULT) {
		add_result(output, arena, result);
		return EXIT_SUCCESS;
	}
	output->has_failed = true;
	json_clear(json);
	json_open_object(json);
	if (form == ON_FAILURE_ERROR) {
		if (trial != NULL)
			trial_json(json, trial);
		json_error(json, err);
	} else {
		json_result(json, arena, result, err);
	}
	return err->exit_status;
}

int output_not_open(struct output *output, struct arena *arena, const struct error *err)
{
	if (!is_text(output))
		return output_failure(output, arena, NULL, err);
	/* Measured: Flyway does not catch this exception: no level, no colour, not logged. */
	const char *text = arena_printf(arena,
	                                "Exception in thread \"main\" "
	                                "org.flywaydb.core.api.FlywayException: %s\n"
	                                "Caused by: %s\n",
	                                err->message, err->cause);
	(void)!terminal_write(stderr, terminal_is(stderr), str_of(text));
	annotate(output, NULL, err);
	return err->exit_status;
}

/* -q suppresses the lines of cflyway; the message therefore contains the reason. */
static void say_no_report(struct output *output, bool is_default, const char *reason)
{
	enum log_level level = is_default ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR;
	const char *text = is_default ? "Unable to create default report files."
	                              : "Unable to create report files";

	if (is_text(output))
		text = arena_printf(output->console.arena, "%s\ncflyway: %s", text, reason);
	log_text(&output->log, level, str_of(text));
	if (!is_text(output))
		log_cflyway(&output->log, "%s", reason);
}

void output_report(struct output *output, struct report *report, const struct clock *clock)
{
	struct arena *arena = output->console.arena;
	struct error err = ERROR_INIT(arena);
	struct report_files files;

	if (report_is_empty(report))
		return;
	if (!report_write(report, clock, &files, &err)) {
		say_no_report(output, report_has_default_name(report), err.message);
		return;
	}
	output->report.json = arena_strdup(arena, files.json);
	output->report.html = arena_strdup(arena, files.html);
	log_info(&output->log, "A Flyway report has been generated here: %s", files.html);
}

/* Flyway does not name the report of a migration that failed. */
static void end_document(struct output *output)
{
	struct json *json = &output->document;
	struct note_list *own = &output->console.own;

	if (output->has_many && !output->has_failed)
		json_close_array(json);
	if (output->report.json != NULL && !output->has_failed) {
		json_add_string(json, "jsonReport", output->report.json);
		json_add_string(json, "htmlReport", output->report.html);
	}
	if (own->n > 0)
		json_notes(json, own);
	json_close_object(json);
	own->n = 0;
}

/* --- targets ------------------------------------------------------------------------------- */

void output_target(struct output *output, const char *name)
{
	if (is_text(output))
		log_cflyway(&output->log, "target %s", name);
	json_clear(&output->document);
	output->has_failed = false;
	output->report = (struct report_files){0};
	output->targets.current = (struct target_outcome){.name = name, .state = TARGET_RUNNING};
}

struct str output_take_document(struct output *output)
{
	if (!is_begun(output))
		return STR("");
	end_document(output);
	return buf_str(&output->document.text);
}

/* --- the end ------------------------------------------------------------------------------- */

bool output_close(struct output *output)
{
	struct str document = STR("");

	if (output->targets.console == NULL)
		document = output_take_document(output);
	if (document.len > 0)
		console_print(&output->console, document);
	output_targets_print(&output->targets);
	json_release(&output->document);
	return console_close(&output->console);
}
