/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_source.h - reads the text of a script from a file, from memory, or through a filter
 *
 * Text is UTF-8 and comes in pieces, so that memory does not grow with the size of a script. The
 * chain is: file -> decoder -> [placeholder filter] -> splitter, checksum or COPY.
 */
#ifndef CFLYWAY_SQL_TEXT_SOURCE_H
#define CFLYWAY_SQL_TEXT_SOURCE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/charset.h"
#include "cflyway/base/error.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

struct text_source {
	/*
	 * Sets *piece to the next piece of text, valid until the next call; an empty piece is the
	 * end. A piece never ends inside a character.
	 */
	bool (*next)(struct text_source *source, struct str *piece, struct error *err);
	void (*close)(struct text_source *source); /* may be NULL */
};

/* The text of a file, decoded. Initialise with TEXT_FILE_CLOSED. */
struct text_file {
	struct text_source source; /* first: give &file.source to readers */
	struct file file;
	struct decoder decoder;
	bool is_utf8;    /* the text is UTF-8 and valid so far: it needs no decoding */
	struct buf text; /* decoded */
	const char *path, *encoding;
	const char *shown; /* the path in notes; the owner may change it */
	struct buf block;  /* the bytes of one read */
	size_t given;      /* bytes of the block that were returned undecoded */
	size_t left;       /* bytes after those: the beginning of a character */
	bool at_end;
	bool by_character;   /* Java reads it so, see text_file_reads_characters */
	bool is_cut;         /* the last character is incomplete */
	const char *failure; /* what the next call reports; NULL: nothing */
	enum error_code failure_code;
};

#define TEXT_FILE_CLOSED                                                                           \
	{                                                                                          \
		.file = FILE_CLOSED, .decoder = DECODER_CLOSED                                     \
	}

/* encoding is a Java or IANA name. Errors: those of file_open and decoder_open. */
MUST_USE bool text_file_open(struct text_file *file, const char *path, const char *encoding,
                             struct error *err);

/* Goes back to the beginning of an open file. Errors: those of decoder_open. */
MUST_USE bool text_file_again(struct text_file *file, const char *encoding, struct error *err);

/*
 * Makes the source report a wrong character where Java does that reads single characters: after the
 * text in front of it, but for one or two characters. Java that fills a buffer gives out less.
 */
void text_file_reads_characters(struct text_file *file);

/*
 * Copies all text of a source into an unnamed temporary file and opens that file, whose contents
 * cannot change. The source may be closed afterwards. Errors: also those of the source.
 */
MUST_USE bool text_file_spool(struct text_file *file, struct text_source *input, struct error *err);

void text_file_close(struct text_file *file);

/* Text in memory, returned in pieces of at most piece_size bytes (0: all at once). */
struct text_memory {
	struct text_source source;
	struct str rest;
	size_t piece_size;
};

void text_memory_init(struct text_memory *memory, struct str text, size_t piece_size);

#endif
