/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aliases.c - the verbs: names of commands, and words of other tools that stand for them
 *
 * DIFFERS: Flyway reports an invalid flag for each of these words.
 */
#include "cflyway/commands/aliases.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/str.h"

/* More digits are rather a version than a number of migrations. */
enum { COUNT_DIGITS_MAX = 4 };

/* --- operands ------------------------------------------------------------------------------ */

/* Is it a number from 1 to 9999, without zeros in front? "002" is a version. */
static bool is_count(struct str word)
{
	size_t digits = str_count_digits(word);

	return digits == word.len && digits > 0 && digits <= COUNT_DIGITS_MAX && word.ptr[0] != '0';
}

/* "3" is steps=3. */
static bool read_count(struct arena *arena, const char *word, const char **option,
                       const char **value)
{
	(void)arena;
	*option = "steps";
	*value = word;
	return is_count(str_of(word));
}

/* Alembic's "-2" is steps=2, and "base" is all. */
static bool read_downgrade(struct arena *arena, const char *word, const char **option,
                           const char **value)
{
	if (strcmp(word, "base") == 0) {
		*option = "steps";
		*value = "all";
		return true;
	}
	return read_count(arena, word + (word[0] == '-'), option, value);
}

/* Alembic's "head" is target=latest, "+1" is target=next; what begins with a digit is a version. */
static bool read_upgrade(struct arena *arena, const char *word, const char **option,
                         const char **value)
{
	(void)arena;
	*option = "target";
	*value = strcmp(word, "head") == 0 || strcmp(word, "heads") == 0 ? "latest"
	         : strcmp(word, "+1") == 0                               ? "next"
	                                                                 : word;
	return *value != word || ascii_is_digit(word[0]);
}

static const struct operand description = {
	.name = "WORDS",
	.meaning = "words that describe the migration",
	.words_of = "add.description",
};

static const struct operand project = {
	.name = "alembic FOLDER",
	.meaning = "the tool, and the folder of its project or the path of its alembic.ini",
	.words_of = "import.project",
};

static const struct operand code = {
	.name = "[CODE]",
	.meaning = "an error code, such as 42P07",
	.words_of = "explain.code",
};

static const struct operand count = {
	.name = "[N]",
	.meaning = "the number of migrations to take back, from 1 to 9999; undo -target=VERSION "
		   "takes back all down to a version, and that version as well",
	.read = read_count,
};

static const struct operand downgrade = {
	.name = "[N | base]",
	.meaning = "the number of migrations to take back, from 1 to 9999, or base for all of "
		   "them; undo -target=VERSION takes back all down to a version, and that "
		   "version as well",
	.read = read_downgrade,
};

static const struct operand upgrade = {
	.name = "[head | +1 | VERSION]",
	.meaning = "head (all), +1 (the next one) or a version",
	.read = read_upgrade,
};

/* --- verbs --------------------------------------------------------------------------------- */

const struct verb aliases[] = {
	{
		.name = "up",
		.commands = {"migrate"},
		.help = "The same, in the words of golang-migrate, goose and dbmate",
	},
	{
		.name = "upgrade",
		.commands = {"migrate"},
		.operand = &upgrade,
		.help = "The same, in the words of Alembic; the operand is the target",
	},
	{
		.name = "down",
		.commands = {"undo"},
		.operand = &count,
		.takes_turns = true,
		.help = "Takes back the last N migrations, or one",
	},
	{
		.name = "rollback",
		.commands = {"undo"},
		.operand = &count,
		.takes_turns = true,
		.help = "The same, in the words of dbmate",
	},
	{
		.name = "downgrade",
		.commands = {"undo"},
		.operand = &downgrade,
		.takes_turns = true,
		.help = "The same, in the words of Alembic; -N is N, base is all",
	},
	{
		.name = "fresh",
		.commands = {"fresh", "clean", "migrate"},
		.default_option = "cleanDisabled",
		.default_value = "false",
		.help = "Checks what would be lost, cleans and migrates",
	},
	{
		.name = "status",
		.commands = {"info"},
		.help = "The same, in the words of goose and dbmate",
	},
	{
		.name = "history",
		.commands = {"info"},
		.help = "The same, in the words of Alembic, but the first migration comes first",
	},
	{
		.name = "current",
		.commands = {"info"},
		.option = "infoCurrent",
		.value = "true",
		.help = "Shows only the migration that is the current version",
	},
	{
		.name = "create",
		.commands = {"new"},
		.operand = &description,
		.help = "The same, in the words of Alembic: create \"add price\"",
	},
};

const size_t alias_count = COUNT(aliases);

const struct verb *alias_find(const char *name)
{
	for (size_t i = 0; i < alias_count; i++)
		if (strcmp(aliases[i].name, name) == 0)
			return &aliases[i];
	return NULL;
}

bool verb_find(const char *name, struct verb *verb)
{
	const struct verb *alias = alias_find(name);
	const struct command *command;

	if (alias != NULL) {
		*verb = *alias;
		return true;
	}
	command = command_find(name);
	if (command == NULL)
		return false;
	*verb = (struct verb){
		.name = command->name,
		.commands = {command->name},
		.operand = command == &command_new       ? &description
	                   : command == &command_import  ? &project
	                   : command == &command_explain ? &code
	                                                 : NULL,
	};
	return true;
}

bool alias_is_of(const struct verb *alias, const struct command *command)
{
	return alias->commands[1] == NULL && alias->commands[0][0] == command->name[0] &&
	       strcmp(alias->commands[0], command->name) == 0;
}

const char *alias_usage(struct arena *arena, const struct verb *alias)
{
	return alias->operand == NULL
	               ? alias->name
	               : arena_printf(arena, "%s %s", alias->name, alias->operand->name);
}
