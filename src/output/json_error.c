/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_error.c - writes the keys "error" and "cflyway" of JSON documents
 *
 * Flyway chooses the keys by the class of its exception: a failed migration, an SQL error
 * elsewhere, an error of its own, an unexpected exception.
 */
#include "cflyway/output/json_results.h"

#include "cflyway/output/report_error.h"

#include <assert.h>

/* The message with and without prefix, those of the driver (for a batch and its statement), the
 * cause and the root cause. */
enum { MAX_CAUSES = 6 };

/* The causes, the outermost first. */
struct causes {
	const char *items[MAX_CAUSES];
	size_t n;
};

static void add(struct causes *causes, const char *text)
{
	assert(causes->n < MAX_CAUSES);
	if (text != NULL)
		causes->items[causes->n++] = text;
}

static void write_causes(struct json *json, const struct causes *causes)
{
	for (size_t i = 0; i < causes->n; i++) {
		json_key(json, "cause");
		json_open_object(json);
		json_add_string(json, "message", error_without_class(causes->items[i]));
		json_add_string(json, "stackTrace", ""); /* cflyway has no Java stack */
	}
	json_add_null(json, "cause");
	for (size_t i = 0; i < causes->n; i++)
		json_close_object(json);
}

/* Adds the causes that follow the complete message. */
static void add_inner_causes(struct causes *causes, const struct error *err)
{
	if (err->prefix != NULL)
		add(causes, report_error_block(err));
	if (err->sql != NULL) {
		add(causes, err->sql->batch);
		add(causes, err->sql->message);
	}
	add(causes, err->cause);
	add(causes, err->root_cause);
}

/* Flyway looks for SQL details in the failure itself, not in the causes under a prefix. */
static const struct sql_failure *own_failure(const struct error *err)
{
	return err->prefix == NULL ? err->sql : NULL;
}

static void write_sql_state(struct json *json, const struct error *err)
{
	const struct sql_failure *sql = own_failure(err);

	json_add_string(json, "sqlState", sql != NULL ? sql->state : NULL);
	json_add_int(json, "sqlErrorCode", sql != NULL ? sql->code : 0);
}

void json_error(struct json *json, const struct error *err)
{
	struct causes causes = {0};
	bool is_fault = err->code == ERROR_FAULT;

	json_key(json, "error");
	json_open_object(json);
	json_add_string(json, "errorCode", error_code_name(err->code));
	if (own_failure(err) != NULL) {
		json_add_string(json, "subErrorCode", err->sub_code);
		write_sql_state(json, err);
	}
	json_add_string(json, "message",
	                is_fault ? error_without_class(err->message) : report_error_text(err));
	if (is_fault)
		json_add_string(json, "stackTrace", "");
	add_inner_causes(&causes, err);
	write_causes(json, &causes);
	json_close_object(json);
}

/* Writes where the script failed. For a file that is not SQL, Flyway uses a relative path. */
static void write_place(struct json *json, const struct error *err, const struct migration *failed)
{
	const struct sql_failure *sql = own_failure(err);
	bool has_line = sql != NULL && sql->path != NULL;

	if (failed == NULL) {
		json_add_null(json, "lineNumber");
		json_add_null(json, "path");
		return;
	}
	json_add_int(json, "lineNumber", has_line ? (int64_t)sql->line : -1);
	json_add_string(json, "path", has_line ? sql->absolute_path : failed->script);
}

void json_migrate_error(struct json *json, const struct error *err, const struct migration *failed)
{
	struct causes causes = {0};

	json_key(json, "error");
	json_open_object(json);
	json_add_string(json, "errorCode", error_code_name(err->code));
	write_sql_state(json, err);
	json_add_string(json, "message", report_error_text(err));
	write_place(json, err, failed);
	if (failed != NULL)
		add(&causes, report_error_text(err));
	add_inner_causes(&causes, err);
	write_causes(json, &causes);
	json_close_object(json);
}

static void add_object(struct json *json, const struct sql_object *object)
{
#define ADD_FIELD(name, key)                                                                       \
	if (object->name != NULL)                                                                  \
		json_add_string(json, key, object->name);
	SQL_OBJECT_FIELDS(ADD_FIELD)
#undef ADD_FIELD
}

void json_notes(struct json *json, const struct note_list *notes)
{
	json_key(json, "cflyway");
	json_open_array(json);
	for (size_t i = 0; i < notes->n; i++) {
		const struct note *note = &notes->items[i];

		json_open_object(json);
		json_add_string(json, "kind", note_kind_name(note->kind));
		json_add_string(json, "message", note->text);
		if (note->place != NULL) {
			json_add_string(json, "path", note->place->path);
			json_add_int(json, "line", (int64_t)note->place->line);
			if (note->place->column > 0)
				json_add_int(json, "column", (int64_t)note->place->column);
		}
		if (note->object != NULL)
			add_object(json, note->object);
		json_close_object(json);
	}
	json_close_array(json);
}
