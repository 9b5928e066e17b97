/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - the histories of other tools, as one table
 *
 * A row says how the table of a tool is recognised (by its name and its columns), what its columns
 * mean, and how its entries name migrations. A new tool is one row. All that follows sees struct
 * old_entry (old_history.h), and asks no row which tool it belongs to.
 */
#ifndef CFLYWAY_ADOPT_FORMAT_H
#define CFLYWAY_ADOPT_FORMAT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* What a column of an old history says. */
enum adopt_column {
	ADOPT_KEY,           /* which migration: a number, a file name, an identifier */
	ADOPT_APPLIED_ON,    /* when it was applied */
	ADOPT_APPLIED_BY,    /* by whom */
	ADOPT_CHECKSUM,      /* of its file, in hexadecimal digits */
	ADOPT_STATE,         /* whether it is applied */
	ADOPT_TAKEN_BACK_ON, /* when it was rolled back */
	ADOPT_REASON,        /* why */
	ADOPT_STORE,         /* the database that it belongs to, if one table serves several */
	ADOPT_ORDER,         /* a number that grows with each entry */
	ADOPT_COLUMN_COUNT,
};

enum old_state {
	OLD_APPLIED,
	OLD_TAKEN_BACK,
	OLD_FAILED,  /* it has begun, and nobody knows where it ended */
	OLD_PENDING, /* it is in the table, but was not applied */
};

/* A value of the column ADOPT_STATE, in any letter case. */
struct adopt_state {
	const char *word; /* NULL ends the list */
	enum old_state state;
};

/* How the entries of a history name migrations. */
enum adopt_keys {
	ADOPT_EACH,              /* each entry is one migration */
	ADOPT_UP_TO_NUMBER,      /* one entry: this number, and all below it */
	ADOPT_UP_TO_REVISION,    /* one entry: the file that names it, and all before that file */
	ADOPT_EACH_PART_OF_FILE, /* each entry is a part of a file; a file is applied with all */
	ADOPT_FLYWAY,            /* the rows are Flyway's */
};

enum { ADOPT_TABLES_MAX = 6 };

struct adopt_format {
	const char *name;                     /* the word for -from */
	const char *title;                    /* for messages: "golang-migrate" */
	const char *tables[ADOPT_TABLES_MAX]; /* "goose_db_version", "sqitch.changes" */
	/*
	 * The names that a column may have, in the order of preference, as "version|name". With '!'
	 * in front the table must have one of them. NULL: the format has no such column.
	 */
	const char *columns[ADOPT_COLUMN_COUNT];
	bool is_narrow;                   /* the table has no other columns */
	const char *companion;            /* a table that must be beside it; NULL: none */
	bool has_utc_times;               /* times without a zone are UTC */
	bool last_state_decides;          /* several entries of one key: the last one is true */
	const char *start;                /* the key of an entry that is no migration; NULL: none */
	const struct adopt_state *states; /* NULL: every entry is applied */
	enum adopt_keys keys;
};

extern const struct adopt_format adopt_formats[];
extern const size_t adopt_format_count;

/* For the words of the column ADOPT_STATE of a table that the user describes. */
extern const struct adopt_state adopt_own_states[];

/* Finds the row by the word for -from. NULL: there is none. */
const struct adopt_format *adopt_format_find(const char *name);

/* The names of the columns of one table, as the database has them. NULL: there is none. */
struct adopt_columns {
	const char *names[ADOPT_COLUMN_COUNT];
};

/*
 * Has a table with these columns the history of this tool? Letter case does not matter. Fills in
 * which column is which; strings are those of the list.
 */
bool adopt_format_fits(const struct adopt_format *format, const struct str_list *columns,
                       struct adopt_columns *found);

/* What a value of the column ADOPT_STATE means. Returns false for an unknown word. */
bool adopt_state_parse(const struct adopt_state *states, const char *word, enum old_state *state);

#endif
