/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml.h - parse TOML 1.0 into a flat list of values, with toml++
 *
 * The one header that C++ reads as well: toml.cc includes it in an extern "C" block.
 */
#ifndef CFLYWAY_CONFIG_TOML_H
#define CFLYWAY_CONFIG_TOML_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Stands for a dot inside a part of a key: "a.b".c has the key "a" TOML_DOT "b.c". No UTF-8 text has
 * this byte.
 */
#define TOML_DOT "\xFF"

enum toml_type {
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOLEAN,
	TOML_DATE, /* any of the four kinds of date, date-time and time */
	TOML_ARRAY,
	TOML_TABLE, /* its values follow as separate entries */
};

struct toml_value {
	const char *key; /* from the root, parts joined by dots */
	enum toml_type type;
	/* As Java prints it; an array has its items in brackets, a table has "". */
	const char *text;
	struct str_list items; /* if it is an array */
	bool is_nested;        /* an array that holds arrays or tables: items is empty */
	size_t line;           /* from 1; 0 for a table that no line names */
};

struct toml_document {
	struct toml_value *values; /* a table before its contents; otherwise in no order */
	size_t n;
};

/* Where the parser stopped; toml_error_locate tells more. */
struct toml_error {
	size_t line, column; /* from 1, in characters */
	const char *reason;  /* in the parser's words */
};

/*
 * Parses text, which must be UTF-8 without a byte order mark. All results live in the arena. On
 * failure *document is empty.
 */
MUST_USE bool toml_parse(struct arena *arena, struct str text, struct toml_document *document,
                         struct toml_error *fault);

#endif
