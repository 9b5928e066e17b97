/*
 * reference.c - prints the lists of the manual page from the tables of the program
 *
 * Usage: reference commands | options. Linked with the library, so that what works, help and the
 * manual cannot differ.
 */
#include "cflyway/commands/command.h"
#include "cflyway/config/options.h"

#include <stdio.h>
#include <string.h>

/* A backslash or a dot at the start of a line would be a request. */
static void print_text(const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static void print_commands(void)
{
	for (size_t i = 0; i < command_count; i++) {
		printf(".It Cm %s\n", commands[i]->name);
		print_text(commands[i]->summary);
		puts(".");
	}
}

static void print_option(const struct option_spec *spec)
{
	printf(".It Cm %s%s\n", spec->key, spec->type == OPTION_MAP ? ". Ns Ar NAME" : "");
	print_text(spec->help);
	puts(".");
	if (spec->environment != NULL)
		printf("Variable\n.Ev %s%s .\n", spec->environment,
		       spec->type == OPTION_MAP ? "_NAME" : "");
	if (spec->fallback != NULL && spec->fallback[0] != '\0')
		printf("Default:\n.Dq %s .\n", spec->fallback);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "commands") == 0) {
		print_commands();
		return EXIT_SUCCESS;
	}
	if (argc != 2 || strcmp(argv[1], "options") != 0) {
		fputs("usage: reference commands|options\n", stderr);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < option_count; i++)
		if (option_specs[i].status == OPTION_WORKS)
			print_option(&option_specs[i]);
	return EXIT_SUCCESS;
}
