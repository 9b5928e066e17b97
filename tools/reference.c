/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference.c - prints the lists of the manual page from the tables of the program
 *
 * Usage: reference commands | options | ignored | refused | exits | keys | words. Linked with the
 * library, so that what works, help, the manual and the completion of shells cannot differ.
 */
#include "cflyway/base/attr.h"
#include "cflyway/base/exit_code.h"
#include "cflyway/commands/aliases.h"
#include "cflyway/config/option_name.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/options.h"

#include <stdio.h>
#include <string.h>

/* A dot or a quote at the start of a line would be a request; each sentence has a line. */
static void print_text(const char *text)
{
	bool begins_line = true;

	for (; *text != '\0'; text++) {
		if (begins_line && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		begins_line = strncmp(text, ". ", 2) == 0;
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
		if (begins_line) {
			putchar('\n');
			text++; /* the blank */
		}
	}
}

/* The other words for a command, each with its operand. */
static void print_aliases(const struct command *command)
{
	for (size_t i = 0; i < alias_count; i++) {
		const struct verb *alias = &aliases[i];

		if (!alias_is_of(alias, command))
			continue;
		printf(".Pp\n.Cm %s", alias->name);
		if (alias->operand != NULL)
			printf(" Ns Li \" %s\"", alias->operand->name);
		printf(" :\n");
		print_text(alias->help);
		puts(".");
	}
}

static void print_commands(void)
{
	for (size_t i = 0; i < command_count; i++) {
		printf(".It Cm %s\n", commands[i]->name);
		print_text(commands[i]->description);
		putchar('\n');
		print_aliases(commands[i]);
	}
}

static void print_option(struct arena *arena, const struct option_spec *spec)
{
	char variable[OPTION_VARIABLE_SIZE];

	printf(".It Cm %s%s\n", spec->key, spec->type == OPTION_MAP ? ". Ns Ar NAME" : "");
	print_text(spec->help);
	puts(".");
	if ((spec->flags & OPTION_AS_ARGUMENT) != 0 ||
	    (spec->place == OPTION_COMMAND_LINE && option_variable(spec, variable)[0] == '\0'))
		puts("Only as an argument.");
	if (spec->type == OPTION_ENUM)
		printf("Values: %s.\n", option_choices_list(arena, spec, ""));
	if (option_variable(spec, variable)[0] != '\0')
		printf("Variable\n.Ev %s%s .\n", variable, spec->type == OPTION_MAP ? "_NAME" : "");
	if (spec->fallback != NULL && spec->fallback[0] != '\0')
		printf("Default:\n.Dq %s .\n", spec->fallback);
}

/* One entry after the other: those of a status that is chosen by a bit. */
static void print_options(struct arena *arena, unsigned statuses)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if ((statuses & 1u << option_specs[i].status) != 0)
			print_option(arena, &option_specs[i]);
}

/* An option as the files know it. */
static void print_key(struct arena *arena, const struct option_spec *spec)
{
	char variable[OPTION_VARIABLE_SIZE];
	const char *item = spec->type == OPTION_MAP ? "_NAME" : "";

	printf(".It Cm %s\n",
	       option_is_allowed(spec, true) ? option_conf_name(arena, spec) : spec->key);
	print_text(spec->help);
	puts(".");
	if (!option_is_allowed(spec, true))
		printf("Not in a\n.Pa .conf\nfile.\n");
	if (option_is_allowed(spec, false))
		printf("In\n.Pa flyway.toml :\n.Li \"%s\" .\n", option_toml_name(arena, spec));
	if (option_variable(spec, variable)[0] != '\0')
		printf("Variable:\n.Ev %s%s .\n", variable, item);
	if (spec->type == OPTION_ENUM)
		printf("Values: %s.\n", option_choices_list(arena, spec, ""));
	if (spec->fallback != NULL && spec->fallback[0] != '\0')
		printf("Default:\n.Dq %s .\n", spec->fallback);
}

static void print_keys(struct arena *arena)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *spec = &option_specs[i];

		if (spec->status == OPTION_WORKS && (spec->flags & OPTION_AS_ARGUMENT) == 0 &&
		    (option_is_allowed(spec, true) || option_is_allowed(spec, false)))
			print_key(arena, spec);
	}
}

static void print_exits(void)
{
	for (size_t i = 0; i < exit_code_count; i++) {
		printf(".It %d\n", exit_codes[i].number);
		print_text(exit_codes[i].meaning);
		puts(".");
	}
}

/* --- words for the completion of shells ---------------------------------------------------- */

/* What a value is, for a shell: one of a few words, a file, files, locations, or anything. */
static void print_values(const struct option_spec *spec)
{
	const struct option_choice *choice = spec->choices;

	if (spec->type == OPTION_BOOL)
		fputs("true false", stdout);
	else if (spec->type == OPTION_PATH)
		fputs("@file", stdout);
	else if ((spec->flags & OPTION_OF_FILES) != 0)
		fputs("@files", stdout);
	else if ((spec->flags & OPTION_OF_LOCATIONS) != 0)
		fputs("@locations", stdout);
	for (; choice != NULL && choice->text != NULL; choice++)
		printf("%s%s", choice == spec->choices ? "" : " ", choice->text);
}

/* "KIND KEY VALUES VERBS HELP", with tabs; a map is named with its dot. */
static void print_word(const char *kind, const char *key, const struct option_spec *spec)
{
	const char *separator = "";

	printf("%s\t%s%s\t", kind, key, spec->type == OPTION_MAP ? "." : "");
	print_values(spec);
	putchar('\t');
	for (size_t i = 0; i < command_count; i++) {
		if (!command_takes(commands[i], spec))
			continue;
		printf("%s%s", separator, commands[i]->name);
		separator = " ";
	}
	printf("\t%s\n", spec->help);
}

/* The form that an option of one verb has beside that verb; NULL: it is of others as well. */
static const char *short_form(const struct option_spec *spec)
{
	const char *dot = strchr(spec->key, '.');

	for (size_t i = 0; dot != NULL && i < command_count; i++)
		if (option_find_short(commands[i]->name, dot + 1) == spec)
			return dot + 1;
	return NULL;
}

/* The name of another option is not a short form, unless it has no value. */
static void print_option_words(const struct option_spec *spec)
{
	const bool is_short = (spec->flags & OPTION_SHORT) != 0;
	const char *form = short_form(spec);

	print_word("option", is_short ? spec->key + strlen("cflyway.") : spec->key, spec);
	if (form != NULL && (spec->flags & OPTION_ALONE) != 0)
		print_word("flag", form, spec);
	else if (form != NULL && option_find(form) == NULL)
		print_word("option", form, spec);
}

/* Lines for tools/completion: verbs with their summaries, then the options that work. */
static void print_words(void)
{
	for (size_t i = 0; i < command_count; i++)
		printf("verb\t%s\t%s\n", commands[i]->name, commands[i]->summary);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_specs[i].status == OPTION_WORKS)
			print_option_words(&option_specs[i]);
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_EMPTY;
	const struct {
		const char *name;
		unsigned statuses;
	} lists[] = {
		{"options", 1u << OPTION_WORKS},
		{"ignored", 1u << OPTION_IGNORED},
		{"refused", 1u << OPTION_JAVA | 1u << OPTION_PAID},
	};

	if (argc == 2 && strcmp(argv[1], "commands") == 0) {
		print_commands();
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "exits") == 0) {
		print_exits();
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "keys") == 0) {
		print_keys(&arena);
		arena_release(&arena);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "words") == 0) {
		print_words();
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < COUNT(lists); i++)
		if (argc == 2 && strcmp(argv[1], lists[i].name) == 0) {
			print_options(&arena, lists[i].statuses);
			arena_release(&arena);
			return EXIT_SUCCESS;
		}
	fputs("usage: reference commands|options|ignored|refused|exits|keys|words\n", stderr);
	return EXIT_FAILURE;
}
