/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_fault.h - why a file is not valid UTF-8: the place, the byte, the likely encoding
 */
#ifndef CFLYWAY_SQL_TEXT_FAULT_H
#define CFLYWAY_SQL_TEXT_FAULT_H

#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* What is known of a text after it has been looked at in pieces. Start with TEXT_FAULT_EMPTY. */
struct text_fault {
	bool is_found;
	unsigned char byte;        /* the first that is no part of a character */
	size_t line, column;       /* its place, from 1; column in characters */
	size_t characters, faults; /* outside of ASCII: valid ones, and bytes that are not */
	size_t offset;             /* bytes so far */
	size_t even_nuls, odd_nuls;
	bool has_controls;  /* C1 codes: windows-1252 has characters there */
	bool has_undefined; /* those of them that windows-1252 lacks */
	char first[2];
};

#define TEXT_FAULT_EMPTY                                                                           \
	{                                                                                          \
		.line = 1, .column = 1                                                             \
	}

/* Looks at the next piece, and returns how many bytes it took: all, if it is the last one. */
size_t text_fault_feed(struct text_fault *fault, struct str piece, bool is_last);

/* The encoding that the text probably has, by the name that Java knows; NULL: hard to say. */
const char *text_fault_encoding(const struct text_fault *fault);

/*
 * Reads a file that was taken for UTF-8 once more, and adds notes to the error about it. Adds
 * nothing if the file is valid or cannot be read. shown is the path for messages.
 */
void text_fault_explain(const char *path, const char *shown, struct error *err);

#endif
