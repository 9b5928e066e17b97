/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - writes JSON as Flyway lays it out
 *
 * Each key of an object has its own line, two blanks deeper than the object. An array stays on the
 * line: [ ], [ "a", "b" ], [ { … }, { … } ]. The output is always valid UTF-8.
 */
#ifndef CFLYWAY_OUTPUT_JSON_H
#define CFLYWAY_OUTPUT_JSON_H

#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	struct buf text;
	size_t depth;  /* open objects */
	bool is_empty; /* the innermost object or array is still empty */
	bool has_key;  /* the next value belongs to a key */
};

void json_init(struct json *json);
void json_release(struct json *json); /* releasing a released one does nothing */
void json_clear(struct json *json);   /* begins a new document */

void json_open_object(struct json *json);
void json_close_object(struct json *json);
void json_open_array(struct json *json);
void json_close_array(struct json *json);
void json_key(struct json *json, const char *key);
void json_string(struct json *json, const char *text);  /* NULL: null */
void json_literal(struct json *json, const char *text); /* a number, true, false, null */

/* Each writes a key and its value. */
void json_add_string(struct json *json, const char *key, const char *text); /* NULL: null */
void json_add_int(struct json *json, const char *key, int64_t number);
void json_add_bool(struct json *json, const char *key, bool value);
void json_add_null(struct json *json, const char *key);
void json_add_list(struct json *json, const char *key, const struct str_list *list);

/* Writes a key with a finished document as its value. */
void json_add_document(struct json *json, const char *key, struct str document);

/* Appends text as a JSON string, with its quotes. */
void json_quote(struct buf *out, struct str text);

#endif
