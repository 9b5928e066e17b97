/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect_private.h - defines what a dialect tells the splitter (private)
 *
 * A new database needs one file dialect_x.c that fills in struct dialect.
 */
#ifndef CFLYWAY_SQL_DIALECT_PRIVATE_H
#define CFLYWAY_SQL_DIALECT_PRIVATE_H

#include "words.h"

#include "cflyway/base/str.h"
#include "cflyway/sql/dialect.h"
#include "cflyway/sql/statement.h"

struct dialect {
	const char *name_quotes; /* each encloses names; a doubled quote is part of the name */
	bool bracket_names;      /* [a name] */
	bool dollar_quotes;      /* $tag$text$tag$ */
	bool prefixed_strings;   /* E'it\'s' with backslash escapes; B'01', X'1F' */
	bool comments_nest;
	bool restrict_lines; /* psql's \restrict and \unrestrict may occur between statements */

	/*
	 * Handles a keyword outside parentheses, which is already in the list: opens or closes
	 * blocks, and clears watching if no further keyword can matter. False: more ENDs than
	 * blocks.
	 */
	bool (*keyword)(struct words *words, enum keyword keyword);

	/* Returns the flags of a complete statement. Stores in words what later statements need. */
	unsigned (*flags)(struct words *words, struct str text,
	                  const struct dialect_context *context);
};

#endif
