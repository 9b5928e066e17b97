/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.h - how the files of other migration tools are named, as one table
 *
 * A row says what a name looks like (prefix, number, separator, description), which marker says
 * that a file takes another one back, what decides about the order, and what files of equal
 * numbers mean. Flyway's own names are no row: they come from the configuration, and filename.c
 * knows them. In every layout they remain valid beside the row's: repeatables and callbacks have
 * no other names, and new files of a project that moves may be V100__x.sql.
 *
 * Two places ask the table. filename_parse asks what one name says (layout_read_name). When all
 * names are known, scan.c calls layout_arrange (src/migration/layout_arrange.h), which looks at
 * files together: it checks the order, makes the versions of equal numbers distinct, finds what a
 * rollback file takes back, and makes a migration and its undo migration of a file that has both
 * (script_part.h). All that follows sees migrations like any others.
 */
#ifndef CFLYWAY_MIGRATION_LAYOUT_H
#define CFLYWAY_MIGRATION_LAYOUT_H

#include "cflyway/base/str.h"
#include "cflyway/config/options.h"
#include "cflyway/migration/script_part.h"

#include <stdbool.h>

enum layout_order {
	LAYOUT_BY_NUMBER,
	LAYOUT_BY_NAME, /* bytes of the file name; numbers that say otherwise are an error */
};

enum layout_equal {
	LAYOUT_EQUAL_REFUSED,
	LAYOUT_EQUAL_COUNTED, /* 000, 000.1, 000.2 in the order of the names */
};

struct layout {
	const char *name;
	const char *prefix;     /* before the number */
	const char *separators; /* one of these characters ends the number */
	bool bare_numbers;      /* the separator may be missing */
	enum layout_order order;
	const char *up_marker;   /* at the end of what migrates, if it is there; "": nothing */
	const char *undo_marker; /* at the end of what takes back; "": it is no file of its own */
	enum layout_equal equal_numbers;
	const struct part_syntax *parts; /* a file has both: between such lines; or NULL */
	const char *program_suffix; /* of migrations that only the tool itself can run; or NULL */
	const char *example;        /* for messages */
};

/* Returns the row; NULL for LAYOUT_FLYWAY and LAYOUT_AUTO. */
const struct layout *layout_of(enum layout_kind kind);

/* Is a migration one of two files, of which the other takes it back? */
bool layout_wants_pairs(const struct layout *layout);

/* What a name says. The parts are views of it. */
struct layout_name {
	struct str stem; /* without marker */
	struct str number, description;
	bool is_undo;
	bool is_valid; /* the number is followed by a separator, where the layout wants one */
};

/*
 * Takes the name of a file apart; text is the name without its suffix. Returns false if it does not
 * begin as the names of the layout do: it may be one of Flyway's then.
 */
bool layout_read_name(const struct layout *layout, struct str text, struct layout_name *name);

/* Is the file a migration that only the tool itself can run: "003_x.go"? */
bool layout_is_foreign_program(const struct layout *layout, const char *file_name);

/*
 * Returns the row whose marker the name of a migration ends with, although it means nothing in this
 * layout: "001_x.down" in the layout numbered. NULL if there is none.
 */
const struct layout *layout_foreign_marker(const struct layout *layout, struct str stem);

#endif
