/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_line.h - a command line in a setting: cut into words, without a shell
 *
 * Blanks separate words. 'single quotes' take all literally; "double quotes" keep blanks; a
 * backslash takes the next character literally (in double quotes only \" \\ and \$). ${NAME}
 * outside of single quotes stands for a value, and {} or ${script} for the path of the script; both
 * stay part of their word, whatever they hold. A "<" as the last word gives the script as standard
 * input. Other operators of a shell, and $ without {NAME}, are refused. The manual:
 * doc/executors.md.
 */
#ifndef CFLYWAY_BASE_COMMAND_LINE_H
#define CFLYWAY_BASE_COMMAND_LINE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum command_part_kind {
	COMMAND_TEXT,
	COMMAND_VALUE,  /* text is the NAME of ${NAME} */
	COMMAND_SCRIPT, /* the path of the script */
};

struct command_part {
	enum command_part_kind kind;
	const char *text;
};

struct command_word {
	struct command_part *parts;
	size_t n;
};

/* Read-only once made. It lives in the arena of command_line_parse. */
struct command_line {
	struct command_word *words;
	size_t n;
	bool has_script;  /* a word has its path; otherwise it is the last argument */
	bool reads_input; /* the script is standard input, and no argument */
};

/* Returns NULL, or what is wrong with the text. */
MUST_USE const char *command_line_parse(struct arena *arena, const char *text,
                                        struct command_line *line);

/* Returns the value of a name, or NULL. */
typedef const char *command_value_fn(const void *ctx, const char *name);

/*
 * Adds the arguments, from the program on, to words. Returns false if a name has no value: missing
 * then lists all such names.
 */
MUST_USE bool command_line_expand(struct arena *arena, const struct command_line *line,
                                  const char *script, command_value_fn *value, const void *ctx,
                                  struct str_list *words, struct str_list *missing);

/* The line for a message: with the script, and with the names of values in place of the values. */
const char *command_line_show(struct arena *arena, const struct command_line *line,
                              const char *script);

#endif
