/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_previous.c - reads the results that a report already contains
 *
 * Flyway reads its report into objects and writes them again: unknown keys vanish (and so does
 * "error", which it only writes), missing keys come back with a default, numbers become strings and
 * strings become numbers. If it fails after that, on an invalid time or a null migration, it leaves
 * half a file; cflyway writes nothing.
 */
#include "report_previous.h"

#include <ctype.h>
#include <stdlib.h>

/* The kind of value under a key; the default is in brackets. */
enum field_kind {
	FIELD_TEXT,  /* or null [null] */
	FIELD_FLAG,  /* [false] */
	FIELD_COUNT, /* [0] */
	FIELD_TEXTS, /* [empty] */
	FIELD_ROWS,  /* objects [empty] */
	FIELD_TIME,  /* [now] */
	FIELD_OWN,   /* an object, an array or a string of cflyway's own, as it is [left out] */
};

struct field {
	const char *key;
	enum field_kind kind;
	const struct field *row; /* of FIELD_ROWS; ends with a key NULL */
};

static const struct field migrate_row[] = {
	{"category", FIELD_TEXT, NULL},
	{"description", FIELD_TEXT, NULL},
	{"executionTime", FIELD_COUNT, NULL},
	{"filepath", FIELD_TEXT, NULL},
	{"type", FIELD_TEXT, NULL},
	{"version", FIELD_TEXT, NULL},
	{NULL, FIELD_TEXT, NULL},
};

static const struct field migrate_fields[] = {
	{"database", FIELD_TEXT, NULL},
	{"databaseType", FIELD_TEXT, NULL},
	{"dryRun", FIELD_OWN, NULL},
	{"dryRunOutput", FIELD_OWN, NULL},
	{"exception", FIELD_TEXT, NULL},
	{"flywayVersion", FIELD_TEXT, NULL},
	{"initialSchemaVersion", FIELD_TEXT, NULL},
	{"licenseFailed", FIELD_FLAG, NULL},
	{"migrations", FIELD_ROWS, migrate_row},
	{"migrationsExecuted", FIELD_COUNT, NULL},
	{"operation", FIELD_TEXT, NULL},
	{"schemaName", FIELD_TEXT, NULL},
	{"success", FIELD_FLAG, NULL},
	{"targetSchemaVersion", FIELD_TEXT, NULL},
	{"timestamp", FIELD_TIME, NULL},
	{"totalMigrationTime", FIELD_COUNT, NULL},
	{"warnings", FIELD_TEXTS, NULL},
	{"cflyway", FIELD_OWN, NULL},
	{NULL, FIELD_TEXT, NULL},
};

static const struct field info_row[] = {
	{"category", FIELD_TEXT, NULL},       {"description", FIELD_TEXT, NULL},
	{"executionTime", FIELD_COUNT, NULL}, {"filepath", FIELD_TEXT, NULL},
	{"installedBy", FIELD_TEXT, NULL},    {"installedOnUTC", FIELD_TEXT, NULL},
	{"rawVersion", FIELD_TEXT, NULL},     {"shouldExecuteExpression", FIELD_TEXT, NULL},
	{"state", FIELD_TEXT, NULL},          {"type", FIELD_TEXT, NULL},
	{"undoFilepath", FIELD_TEXT, NULL},   {"undoable", FIELD_TEXT, NULL},
	{"version", FIELD_TEXT, NULL},        {NULL, FIELD_TEXT, NULL},
};

static const struct field info_fields[] = {
	{"allSchemasEmpty", FIELD_FLAG, NULL},
	{"database", FIELD_TEXT, NULL},
	{"exception", FIELD_TEXT, NULL},
	{"flywayVersion", FIELD_TEXT, NULL},
	{"licenseFailed", FIELD_FLAG, NULL},
	{"migrations", FIELD_ROWS, info_row},
	{"operation", FIELD_TEXT, NULL},
	{"schemaName", FIELD_TEXT, NULL},
	{"schemaVersion", FIELD_TEXT, NULL},
	{"timestamp", FIELD_TIME, NULL},
	{NULL, FIELD_TEXT, NULL},
};

static const struct field undo_row[] = {
	{"description", FIELD_TEXT, NULL}, {"executionTime", FIELD_COUNT, NULL},
	{"filepath", FIELD_TEXT, NULL},    {"version", FIELD_TEXT, NULL},
	{NULL, FIELD_TEXT, NULL},
};

static const struct field undo_fields[] = {
	{"database", FIELD_TEXT, NULL},
	{"dryRun", FIELD_OWN, NULL},
	{"dryRunOutput", FIELD_OWN, NULL},
	{"exception", FIELD_TEXT, NULL},
	{"flywayVersion", FIELD_TEXT, NULL},
	{"initialSchemaVersion", FIELD_TEXT, NULL},
	{"migrationsUndone", FIELD_COUNT, NULL},
	{"operation", FIELD_TEXT, NULL},
	{"schemaName", FIELD_TEXT, NULL},
	{"success", FIELD_FLAG, NULL},
	{"targetSchemaVersion", FIELD_TEXT, NULL},
	{"timestamp", FIELD_TIME, NULL},
	{"undoneMigrations", FIELD_ROWS, undo_row},
	{"warnings", FIELD_TEXTS, NULL},
	{"cflyway", FIELD_OWN, NULL},
	{NULL, FIELD_TEXT, NULL},
};

/* Flyway has more in its paid editions; the open-source edition reads only the first two. */
static const struct {
	const char *name;
	const struct field *fields;
	bool is_own;
} operations[] = {
	{"info", info_fields, false},
	{"migrate", migrate_fields, false},
	{"undo", undo_fields, true},
};

/* The keys of results that Flyway knows, and of our own. */
static const char *const result_keys[] = {"individualResults", "cflywayResults"};

struct reader {
	struct arena *arena;
	const char *now;
	struct error *err;
};

static bool is_missing(const struct json_value *value)
{
	return value == NULL || value->kind == JSON_NULL;
}

static bool is_array(const struct json_value *value)
{
	return !is_missing(value) && value->kind == JSON_ARRAY;
}

/* --- one value ----------------------------------------------------------------------------- */

static bool read_text(const struct json_value *value, struct json_value *out)
{
	*out = (struct json_value){.kind = JSON_NULL};
	if (is_missing(value))
		return true;
	out->kind = JSON_STRING;
	if (value->kind == JSON_TRUE || value->kind == JSON_FALSE)
		out->text = value->kind == JSON_TRUE ? "true" : "false";
	else
		out->text = value->text;
	return out->text != NULL;
}

static bool read_flag(const struct json_value *value, struct json_value *out)
{
	*out = (struct json_value){.kind = JSON_FALSE};
	if (!is_missing(value))
		out->kind = value->kind;
	return out->kind == JSON_TRUE || out->kind == JSON_FALSE;
}

/* Cuts off a fraction. */
static bool read_count(const struct reader *reader, const struct json_value *value,
                       struct json_value *out)
{
	static const struct json_value zero = {.kind = JSON_NUMBER, .text = "0"};
	const char *text;
	char *end;

	if (is_missing(value))
		value = &zero;
	text = value->text;
	if (text == NULL || text[0] == '\0')
		return false;
	long long number = strtoll(text, &end, 10);
	if (value->kind == JSON_STRING && *end != '\0')
		return false;
	*out = (struct json_value){
		.kind = JSON_NUMBER,
		.text = arena_printf(reader->arena, "%lld", number),
	};
	return true;
}

static bool read_texts(const struct reader *reader, const struct json_value *value,
                       struct json_value *out)
{
	*out = (struct json_value){.kind = JSON_ARRAY};
	if (is_missing(value))
		return true;
	for (size_t i = 0; i < value->n; i++) {
		struct json_value item = {0};

		if (!read_text(&value->items[i], &item))
			return false;
		json_append(reader->arena, out, NULL, item);
	}
	return value->kind == JSON_ARRAY;
}

/* --- times --------------------------------------------------------------------------------- */

/* Reads two digits (four for the year) up to a maximum, after a separator (0: none). */
static bool take_part(const char **text, char separator, int digits, int least, int most)
{
	int number = 0;

	if (separator != '\0' && *(*text)++ != separator)
		return false;
	for (int i = 0; i < digits; i++, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		number = number * 10 + (**text - '0');
	}
	return number >= least && number <= most;
}

/* Reads "2026-11-21T14:38", seconds and fraction optional; keeps seconds and significant digits. */
static bool read_time(const struct reader *reader, const struct json_value *value,
                      struct json_value *out)
{
	const char *text = value != NULL ? value->text : reader->now;
	const char *at = text;
	bool has_seconds = false;
	size_t len;

	if (text == NULL || !take_part(&at, '\0', 4, 0, 9999) || !take_part(&at, '-', 2, 1, 12) ||
	    !take_part(&at, '-', 2, 1, 31) || !take_part(&at, 'T', 2, 0, 23) ||
	    !take_part(&at, ':', 2, 0, 59))
		return false;
	if (*at == ':') {
		has_seconds = take_part(&at, ':', 2, 0, 59);
		if (!has_seconds)
			return false;
	}
	len = (size_t)(at - text);
	if (has_seconds && *at == '.')
		for (at++; isdigit((unsigned char)*at); at++)
			if (*at != '0')
				len = (size_t)(at - text) + 1;
	*out = (struct json_value){
		.kind = JSON_STRING,
		.text = arena_printf(reader->arena, "%.*s%s", (int)len, text,
	                             has_seconds ? "" : ":00"),
	};
	return *at == '\0';
}

/* --- results ------------------------------------------------------------------------------- */

static bool read_object(const struct reader *reader, const struct json_value *object,
                        const struct field *fields, struct json_value *out);

static bool read_rows(const struct reader *reader, const struct json_value *value,
                      const struct field *fields, struct json_value *out)
{
	*out = (struct json_value){.kind = JSON_ARRAY};
	if (is_missing(value))
		return true;
	for (size_t i = 0; i < value->n; i++) {
		struct json_value row = {0};

		if (!read_object(reader, &value->items[i], fields, &row))
			return false;
		json_append(reader->arena, out, NULL, row);
	}
	return value->kind == JSON_ARRAY;
}

static bool read_field(const struct reader *reader, const struct json_value *value,
                       const struct field *field, struct json_value *out)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return read_text(value, out);
	case FIELD_FLAG:
		return read_flag(value, out);
	case FIELD_COUNT:
		return read_count(reader, value, out);
	case FIELD_TEXTS:
		return read_texts(reader, value, out);
	case FIELD_ROWS:
		return read_rows(reader, value, field->row, out);
	case FIELD_TIME:
		return read_time(reader, value, out);
	case FIELD_OWN:
		*out = *value;
		return value->kind == JSON_OBJECT || value->kind == JSON_ARRAY ||
		       value->kind == JSON_STRING;
	}
	return false;
}

static bool read_object(const struct reader *reader, const struct json_value *object,
                        const struct field *fields, struct json_value *out)
{
	*out = (struct json_value){.kind = JSON_OBJECT};
	if (object->kind != JSON_OBJECT)
		return error_set(reader->err, ERROR_GENERAL,
		                 "a result or a migration is no object");
	for (; fields->key != NULL; fields++) {
		const struct json_value *value = json_member(object, fields->key);
		struct json_value member = {0};

		if (fields->kind == FIELD_OWN && is_missing(value))
			continue;
		if (!read_field(reader, value, fields, &member))
			return reader->err->is_set
			               ? false
			               : error_set(reader->err, ERROR_GENERAL,
			                           "the value of %s is wrong", fields->key);
		json_append(reader->arena, out, fields->key, member);
	}
	return true;
}

static bool read_result(const struct reader *reader, const struct json_value *result, bool is_own,
                        struct json_value *out)
{
	const char *name = json_member_text(result, "operation");

	for (size_t i = 0; i < COUNT(operations) && name != NULL; i++)
		if (operations[i].is_own == is_own && strcmp(name, operations[i].name) == 0)
			return read_object(reader, result, operations[i].fields, out);
	return error_set(reader->err, ERROR_GENERAL, "there is a result of the operation %s",
	                 name != NULL ? name : "null");
}

static bool read_results(const struct reader *reader, const struct json_value *old, bool is_own,
                         struct json_value *results)
{
	for (size_t i = 0; i < old->n; i++) {
		struct json_value result = {0};

		if (!read_result(reader, &old->items[i], is_own, &result))
			return false;
		json_append(reader->arena, results, NULL, result);
	}
	return true;
}

bool report_read_previous(struct arena *arena, struct str text, const char *now,
                          struct json_value *results, struct error *err)
{
	const struct reader reader = {arena, now, err};
	struct json_value document;

	if (str_trim(text).len == 0)
		return true;
	if (!json_parse(arena, text, &document, err))
		return false;
	const struct json_value *known = json_member(&document, result_keys[false]);
	const struct json_value *own = json_member(&document, result_keys[true]);
	if (!is_array(known))
		return error_set(err, ERROR_GENERAL, "there is no array individualResults");
	return read_results(&reader, known, false, results) &&
	       (!is_array(own) || read_results(&reader, own, true, results));
}

/* --- writing ------------------------------------------------------------------------------- */

static bool is_own(const struct json_value *result)
{
	for (size_t i = 0; i < COUNT(operations); i++)
		if (strcmp(json_member_text(result, "operation"), operations[i].name) == 0)
			return operations[i].is_own;
	return false;
}

static void write_some(const struct json_value *results, bool own, struct json *json)
{
	json_key(json, result_keys[own]);
	json_open_array(json);
	for (size_t i = 0; i < results->n; i++)
		if (is_own(&results->items[i]) == own)
			json_write(json, &results->items[i]);
	json_close_array(json);
}

void report_write_results(const struct json_value *results, struct json *json)
{
	bool has_own = false;

	for (size_t i = 0; i < results->n; i++)
		has_own |= is_own(&results->items[i]);
	json_open_object(json);
	write_some(results, false, json);
	if (has_own)
		write_some(results, true, json);
	json_close_object(json);
}

/* --- the newest ---------------------------------------------------------------------------- */

/* The indexes of the results of an operation; n if there is none. */
struct places {
	size_t first, newest;
};

/*
 * The first of several results with the same time counts as the newest. Times of equal length
 * compare as strings; so do fractions without trailing zeros.
 */
static struct places find_places(const struct json_value *all, const char *operation)
{
	struct places places = {all->n, all->n};
	const char *newest = "";

	for (size_t i = 0; i < all->n; i++) {
		const struct json_value *result = &all->items[i];
		const char *time = json_member_text(result, "timestamp");

		if (strcmp(json_member_text(result, "operation"), operation) != 0)
			continue;
		if (places.first == all->n)
			places.first = i;
		if (strcmp(time, newest) > 0) {
			places.newest = i;
			newest = time;
		}
	}
	return places;
}

void report_keep_newest(struct arena *arena, const struct json_value *all, struct json_value *kept)
{
	struct places places[COUNT(operations)];

	for (size_t i = 0; i < COUNT(operations); i++)
		places[i] = find_places(all, operations[i].name);
	*kept = (struct json_value){.kind = JSON_ARRAY};
	for (size_t i = all->n; i-- > 0;)
		for (size_t j = 0; j < COUNT(operations); j++)
			if (places[j].first == i)
				json_append(arena, kept, NULL, all->items[places[j].newest]);
}
