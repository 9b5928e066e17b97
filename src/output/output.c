#include "cflyway/output/output.h"

#include "cflyway/base/about.h"
#include "cflyway/output/json_results.h"
#include "cflyway/output/report_error.h"
#include "cflyway/output/text.h"

#include <stdlib.h>

static bool is_text(const struct output *output)
{
	return output->console.mode == CONSOLE_TEXT;
}

bool output_open(struct output *output, struct arena *arena, const struct invocation *invocation,
                 struct error *err)
{
	*output = (struct output){
		.log = {.sink = console_write, .debug = invocation->debug && !invocation->quiet},
		.has_many = invocation->verbs.n > 1,
	};
	json_init(&output->document);
	output->log.ctx = &output->console;
	return console_open(&output->console, arena, invocation, err);
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

/* Flyway's version stands in the document; these are ours. */
static void note_versions(struct console *console, const struct version_result *version)
{
	str_list_add(console->arena, &console->own, "cflyway " CFLYWAY_VERSION);
	for (size_t i = 0; i < version->n; i++)
		str_list_add(console->arena, &console->own,
		             arena_printf(console->arena, "%s %s", version->libraries[i].name,
		                          version->libraries[i].version));
}

void output_result(struct output *output, struct arena *arena, const struct settings *settings,
                   const struct result *result)
{
	/* The log of a JSON call holds the tables too. */
	bool has_log = output->console.mode == CONSOLE_JSON_LOGS && !settings->migration_ids;

	if (is_text(output) || has_log)
		text_print(arena, settings, result, &output->log);
	if (is_text(output))
		return;
	if (result->kind == RESULT_VERSION)
		note_versions(&output->console, &result->version);
	add_result(output, arena, result);
}

/* --- failures ------------------------------------------------------------------------------ */

static void keep_notes(struct output *output, const struct error *err)
{
	struct console *console = &output->console;

	for (size_t i = 0; i < err->notes.n; i++)
		str_list_add(console->arena, &console->own,
		             arena_strdup(console->arena, err->notes.items[i]));
}

int output_failure(struct output *output, struct arena *arena, const struct result *result,
                   const struct error *err)
{
	struct json *json = &output->document;

	if (is_text(output)) {
		report_error(&output->log, err);
		return err->exit_status;
	}
	keep_notes(output, err);
	if (result != NULL && result->kind == RESULT_VALIDATE) {
		add_result(output, arena, result);
		return EXIT_SUCCESS;
	}
	output->has_failed = true;
	json_clear(json);
	json_open_object(json);
	if (result != NULL && result->kind == RESULT_MIGRATE)
		json_result(json, arena, result, err);
	else
		json_error(json, err);
	return err->exit_status;
}

/* --- the end ------------------------------------------------------------------------------- */

static void end_document(struct output *output)
{
	struct json *json = &output->document;
	const struct str_list *own = &output->console.own;

	if (output->has_many && !output->has_failed)
		json_close_array(json);
	if (own->n > 0)
		json_add_list(json, "cflyway", own);
	json_close_object(json);
	console_print(&output->console, buf_str(&json->text));
}

bool output_close(struct output *output)
{
	if (is_begun(output))
		end_document(output);
	json_release(&output->document);
	return console_close(&output->console);
}
