/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_markers.h - lines that divide a file into parts: "-- +goose Up", "-- migrate:down"
 */
#ifndef CFLYWAY_MIGRATION_PART_MARKERS_H
#define CFLYWAY_MIGRATION_PART_MARKERS_H

#include "cflyway/base/str.h"

#include <stdbool.h>

enum part_mark {
	MARK_NONE, /* an ordinary comment */
	MARK_UP,
	MARK_DOWN,
	MARK_STATEMENT_BEGIN,
	MARK_STATEMENT_END,
	MARK_NO_TRANSACTION, /* for all parts of the file */
	MARK_NOTHING,        /* has no effect here */
	MARK_VARIABLES,      /* variables of the environment are to be replaced: refused */
	MARK_UNKNOWN,        /* the tool would refuse it */
	MARK_INDENTED,       /* has white space in front, where the tool wants none */
};

/* How the markers of a tool are written. */
struct part_syntax {
	const char *tool; /* the name of its layout as well */
	/* As messages show them. up: NULL if the first part begins with the file. */
	const char *up, *down;
	enum part_mark (*read)(struct str line, bool *without_transaction);
};

extern const struct part_syntax part_syntax_goose;
extern const struct part_syntax part_syntax_dbmate;
extern const struct part_syntax part_syntax_tern;

/*
 * Says what a line is that begins with "--", with white space in front or not. Sets
 * *without_transaction if the marker of a part says so.
 */
enum part_mark part_mark_read(const struct part_syntax *syntax, struct str line,
                              bool *without_transaction);

#endif
