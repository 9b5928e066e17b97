/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_value.h - parses JSON: reports of earlier runs
 *
 * Strict JSON (RFC 8259) in UTF-8, as far as C strings go: NUL and halves of surrogate pairs, which
 * only escapes can produce, become U+FFFD. Numbers keep their spelling.
 */
#ifndef CFLYWAY_OUTPUT_JSON_VALUE_H
#define CFLYWAY_OUTPUT_JSON_VALUE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/output/json.h"

#include <stdbool.h>
#include <stddef.h>

enum json_kind {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json_value {
	enum json_kind kind;
	const char *key;          /* the key of a member of an object; else NULL */
	const char *text;         /* the contents of a string or number; else NULL */
	struct json_value *items; /* the items of an array or object */
	size_t n;
};

/*
 * Parses one value; blanks may surround it. Its strings live in the arena. Errors: ERROR_GENERAL
 * with "line N: what is wrong".
 */
MUST_USE bool json_parse(struct arena *arena, struct str text, struct json_value *value,
                         struct error *err);

/* The member of an object, the last one if there are several; NULL if there is none. */
const struct json_value *json_member(const struct json_value *object, const char *key);

/* The contents of a member that is a string or number; NULL if there is none. */
const char *json_member_text(const struct json_value *object, const char *key);

/* Appends an item, which gets the key (NULL in an array). */
void json_append(struct arena *arena, struct json_value *parent, const char *key,
                 struct json_value item);

/* Writes the value where json.h expects one. */
void json_write(struct json *json, const struct json_value *value);

#endif
