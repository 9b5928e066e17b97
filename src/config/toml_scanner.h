/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_scanner.h - step over the words of TOML without reading their values (private)
 *
 * Flyway's parser works on words: a string, a keyword, the valid part of a number, a separator with
 * the blanks around it. Each function steps over one word, or stops where Flyway's parser stops and
 * returns false.
 */
#ifndef CFLYWAY_CONFIG_TOML_SCANNER_H
#define CFLYWAY_CONFIG_TOML_SCANNER_H

#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum toml_cause {
	NO_CAUSE,
	UNKNOWN_TOKEN,
	DUPLICATE_KEY,
	DUPLICATE_TABLE,
};

struct toml_scanner {
	struct str text;
	size_t at;
	bool stopped; /* the error is at `at` */
	enum toml_cause cause;
	/* Did toml++ find something that is defined twice, and where did it stop then? */
	bool is_redefined;
	size_t redefined_at;
	size_t really_at; /* the real place of the error if Flyway's differs; or 0 */
	const char *reason;
	size_t expression; /* start of the current key or header */
	size_t depth;      /* of open brackets */
	size_t levels;     /* of open tables */
	bool is_too_deep;  /* the reason why it stopped */
};

/* Returns the character ahead; NUL at the end, which is as wrong as any misplaced character. */
char toml_peek(const struct toml_scanner *s, size_t ahead);
bool toml_at_line_end(const struct toml_scanner *s);
bool toml_is_one_of(char c, const char *set); /* NUL never is */
bool toml_is_key_char(char c);

/* Both functions always return false. */
bool toml_stop_at(struct toml_scanner *s, size_t at, enum toml_cause cause);
bool toml_stop(struct toml_scanner *s, enum toml_cause cause);

void toml_skip_blanks(struct toml_scanner *s);
bool toml_skip_comment(struct toml_scanner *s);      /* to the end of the line, if there is one */
bool toml_skip_space(struct toml_scanner *s);        /* blanks, lines and comments */
bool toml_skip_short_string(struct toml_scanner *s); /* on one line: "a", 'a', and "" of """ */
bool toml_skip_string(struct toml_scanner *s);       /* any of the four kinds */
bool toml_skip_bare(struct toml_scanner *s);         /* a value without brackets and quotes */

#endif
