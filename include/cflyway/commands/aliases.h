/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aliases.h - the verbs: names of commands, and words of other tools that stand for them
 *
 * The words are those that users of golang-migrate, goose, dbmate, Alembic and home-made runners
 * type. Flyway knows none of them.
 */
#ifndef CFLYWAY_COMMANDS_ALIASES_H
#define CFLYWAY_COMMANDS_ALIASES_H

#include "cflyway/base/attr.h"
#include "cflyway/commands/command.h"
#include "cflyway/config/args.h"

#include <stdbool.h>
#include <stddef.h>

/* The words that stand for commands, in the order of help. */
extern const struct verb aliases[];
extern const size_t alias_count;

/* Finds the name of a command or an alias. A verb_find_fn. */
bool verb_find(const char *name, struct verb *verb);

/* The alias of that name; NULL if there is none. */
const struct verb *alias_find(const char *name);

/* Does the alias stand for the command alone, under another name? */
bool alias_is_of(const struct verb *alias, const struct command *command);

/* "down [N]": the word and its operand, in the arena. */
const char *alias_usage(struct arena *arena, const struct verb *alias);

#endif
