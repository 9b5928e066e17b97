/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect_private.h - what a dialect tells the splitter (private)
 *
 * A new database: one file dialect_x.c that fills this in.
 */
#ifndef CFLYWAY_SQL_DIALECT_PRIVATE_H
#define CFLYWAY_SQL_DIALECT_PRIVATE_H

#include "words.h"

#include "cflyway/base/str.h"
#include "cflyway/sql/dialect.h"
#include "cflyway/sql/statement.h"

struct dialect {
	const char *name_quotes; /* each encloses names; doubled it belongs to the name */
	bool bracket_names;      /* [a name] */
	bool dollar_quotes;      /* $tag$text$tag$ */
	bool prefixed_strings;   /* E'it\'s', in which a backslash escapes; B'01', X'1F' */
	bool comments_nest;
	bool restrict_lines; /* psql's \restrict and \unrestrict may stand between statements */

	/*
	 * Looks at a keyword outside parentheses, which is in the list already: opens or closes
	 * blocks, ends the watch when no further keyword can matter. False: more ENDs than blocks.
	 */
	bool (*keyword)(struct words *words, enum keyword keyword);

	/* The flags of a complete statement. Notes in words what later ones depend on. */
	unsigned (*flags)(struct words *words, struct str text,
	                  const struct dialect_context *context);
};

#endif
