/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum_variants.h - which small change of a script gives it a stored checksum
 *
 * A checksum cannot be turned back into a text, but a text that is nearly the same can be tried. Of
 * some 20,000 texts, one has the sum of another by chance once in 200,000 cases: what is found is
 * likely, not certain.
 */
#ifndef CFLYWAY_MIGRATION_CHECKSUM_VARIANTS_H
#define CFLYWAY_MIGRATION_CHECKSUM_VARIANTS_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"
#include "cflyway/migration/script_part.h"
#include "cflyway/sql/dialect.h"
#include "cflyway/sql/placeholder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of a file, and what of them is the script. */
struct script_bytes {
	struct str bytes;
	const char *encoding;     /* a Java or IANA name */
	struct part_of_file part; /* {0}: all of it */
};

/* What is to be done to the script so that it has the sum. */
enum checksum_variant_kind {
	VARIANT_NONE,
	VARIANT_SAME,            /* nothing */
	VARIANT_ENCODING,        /* read it in another encoding */
	VARIANT_WHOLE_FILE,      /* take the whole file, not a part of it */
	VARIANT_MARK,            /* count a byte order mark at its beginning */
	VARIANT_WITHOUT_MARKS,   /* leave out all byte order marks */
	VARIANT_LF,              /* count line ends: LF */
	VARIANT_CRLF,            /* CR LF */
	VARIANT_PLACEHOLDERS,    /* replace its placeholders */
	VARIANT_TRAILING_BLANKS, /* leave out the blanks at the ends of lines */
	VARIANT_END_BLANKS,      /* those at the end of the script */
	VARIANT_LEADING_BLANKS,  /* those at the beginnings of lines */
	VARIANT_SPACES,          /* replace each tab by blanks: size of them, up to a tab stop */
	VARIANT_TABS,            /* replace size blanks at the beginnings of lines by a tab */
	VARIANT_COMMENT_LINES,   /* leave out all lines that are comments */
	VARIANT_COMMENTS,        /* all comments, and the blanks at the ends of lines */
	VARIANT_LINES,           /* leave out the lines from first to last */
};

struct checksum_variant {
	enum checksum_variant_kind kind;
	const char *encoding; /* VARIANT_ENCODING: a static string */
	unsigned size;        /* VARIANT_SPACES, VARIANT_TABS */
	size_t first, last;   /* VARIANT_LINES: from 1 */
	bool are_comments;    /* VARIANT_LINES: these lines are comments or blank */
};

/*
 * Appends the text of the script to text: decoded, only the part. False: it cannot be decoded so,
 * the part is not there, or it is longer than the maximum of text.
 */
MUST_USE bool script_bytes_decode(const struct script_bytes *script, struct buf *text);

/* Computes the sum of a text that is in memory. */
int32_t checksum_of_text(struct str text);

/*
 * Finds the first variant of the script that has the stored sum. placeholders may be NULL: then
 * none are replaced; file_name is the value of ${flyway:filename}. dialect may be NULL: then it has
 * no comments. Takes time for about 20,000
 * sums at most, of a script of any size. Pure.
 */
struct checksum_variant checksum_find_variant(const struct script_bytes *script, int32_t stored,
                                              const struct placeholders *placeholders,
                                              const char *file_name, const struct dialect *dialect);

/* How two texts differ: the first that is true. */
enum text_difference {
	DIFFERENCE_NONE,            /* apart from line ends and byte order marks */
	DIFFERENCE_TRAILING_BLANKS, /* only in blanks at the ends of lines */
	DIFFERENCE_BLANKS,          /* only in blanks, also in literals */
	DIFFERENCE_COMMENTS,        /* only in comments, and in blanks outside of literals */
	DIFFERENCE_OTHER,
};

/* dialect may be NULL: the texts are not SQL, and have no comments. Pure. */
enum text_difference text_compare(struct str a, struct str b, const struct dialect *dialect);

#endif
