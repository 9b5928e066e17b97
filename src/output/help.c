/* SPDX-License-Identifier: Apache-2.0 */
/* help.c - prints the usage text: how to call cflyway, its commands and its options */
#include "cflyway/output/help.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/exit_code.h"
#include "cflyway/commands/aliases.h"
#include "cflyway/config/option_name.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/options.h"
#include "cflyway/output/wrap.h"

enum {
	MAX_HELP = 1 << 20,
	USUAL_HELP = 1 << 14,
	COMMAND_COLUMN = 20,
	OPTION_COLUMN = 35,
	FACT_COLUMN = 18,
};

static const enum option_row first_options[] = {ROW_url, ROW_user, ROW_password, ROW_locations};

/* Adds a row to the list of options; more follows its sentence. */
static void add_option(struct buf *text, const struct option_spec *spec, const char *more)
{
	char name[64], sentence[512];

	snprintf(name, sizeof(name), "%s%s", spec->key, spec->type == OPTION_MAP ? "." : "");
	snprintf(sentence, sizeof(sentence), "%s%s", spec->help, more);
	wrap_add_item(text, name, OPTION_COLUMN, sentence);
}

/* Reserves room for the whole text: it never moves as it grows. */
static struct buf text_of_help(void)
{
	struct buf text = BUF_EMPTY(MAX_HELP);

	buf_reserve(&text, USUAL_HELP);
	return text;
}

static void print(struct buf *text, const struct log *log)
{
	text->ptr[--text->len] = '\0'; /* the log ends the line */
	log_text(log, LOG_LEVEL_INFO, buf_str(text));
	buf_release(text);
}

/* --- everything ---------------------------------------------------------------------------- */

static void add_options(struct buf *text, bool full)
{
	buf_add(text, "\nConfiguration parameters (Format: -key=value)\n");
	for (size_t i = 0; i < COUNT(first_options) && !full; i++)
		add_option(text, &option_specs[first_options[i]], "");
	if (!full)
		buf_add(text, "    (To see all configuration options please run cflyway --help)\n");
	for (size_t i = 0; i < OPTION_COUNT && full; i++)
		if (option_specs[i].status == OPTION_WORKS)
			add_option(text, &option_specs[i], "");
}

/* Adds the line of a command, and the other words for it. */
static void add_summary(struct buf *text, const struct command *command)
{
	char others[256];
	size_t len = 0;

	wrap_add_item(text, command->name, COMMAND_COLUMN, command->summary);
	for (size_t i = 0; i < alias_count; i++)
		if (alias_is_of(&aliases[i], command))
			len += (size_t)snprintf(others + len, sizeof(others) - len, "%s%s",
			                        len > 0 ? ", " : "Also: ", aliases[i].name);
	if (len > 0)
		wrap_add_item(text, "", COMMAND_COLUMN, others);
}

static void add_exit_codes(struct buf *text)
{
	char number[16];

	buf_add(text, "\nExit codes\n");
	for (size_t i = 0; i < exit_code_count; i++) {
		snprintf(number, sizeof(number), "%d", exit_codes[i].number);
		wrap_add_item(text, number, COMMAND_COLUMN, exit_codes[i].meaning);
	}
}

void help_print(bool full, const struct log *log)
{
	struct buf text = text_of_help();

	buf_add(&text,
	        "Usage\n    cflyway [options] [command]\n    cflyway help [command or option]\n\n");
	if (full) {
		wrap_add(&text, 0, 0,
		         "Configuration is read from conf/flyway.toml beside the program, "
		         "~/flyway.toml, ./flyway.toml and the files of -configFiles (.conf files: "
		         "see the manual), then from FLYWAY_* variables. Arguments override it.");
		buf_add(&text, "\n\n");
	}
	buf_add(&text, "Commands\n");
	for (size_t i = 0; i < command_count; i++)
		add_summary(&text, commands[i]);
	add_options(&text, full);
	buf_add(&text, "\nFlags\n");
	wrap_add_item(&text, "-X", COMMAND_COLUMN, "Print debug output");
	wrap_add_item(&text, "-q", COMMAND_COLUMN,
	              "Suppress all output, except for errors and warnings");
	wrap_add_item(&text, "-v", COMMAND_COLUMN, "Print the version");
	wrap_add_item(&text, "-h", COMMAND_COLUMN,
	              "Print this usage info and exit (also -?, --help)");
	if (full)
		add_exit_codes(&text);
	buf_add(&text, "\nExample\n    cflyway -url=jdbc:sqlite:app.db "
	               "-locations=filesystem:sql migrate\n");
	print(&text, log);
}

/* --- one command --------------------------------------------------------------------------- */

/* Adds the words that an option accepts, and its default. */
static void add_option_with_values(struct arena *arena, struct buf *text,
                                   const struct option_spec *spec)
{
	const char *more = "";

	if (spec->type == OPTION_ENUM)
		more = arena_printf(arena, ". Values: %s", option_choices_list(arena, spec, ""));
	if (spec->fallback != NULL)
		more = arena_printf(arena, "%s. Default: %s", more, spec->fallback);
	add_option(text, spec, more);
}

static void add_group(struct arena *arena, struct buf *text, unsigned group)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_specs[i].group == group && option_specs[i].status == OPTION_WORKS)
			add_option_with_values(arena, text, &option_specs[i]);
}

/* Lists the connection options for a command that only connects. */
static void add_options_of(struct arena *arena, struct buf *text, const struct command *command)
{
	bool has_connection = (command->flags & COMMAND_NEEDS_DB) != 0 &&
	                      (command->options & GROUP_CONNECTION) == 0;

	if (command->options == 0)
		return;
	buf_printf(text, "\nOptions (Format: -key=value)%s\n",
	           has_connection ? ", besides those of the connection" : "");
	for (unsigned group = GROUP_RUN; group < GROUP_END; group <<= 1)
		if ((command->options & group) != 0)
			add_group(arena, text, group);
}

/* Adds the other words for a command. */
static void add_aliases(struct arena *arena, struct buf *text, const struct command *command)
{
	bool has_any = false;

	for (size_t i = 0; i < alias_count; i++) {
		const struct verb *alias = &aliases[i];

		if (!alias_is_of(alias, command))
			continue;
		if (!has_any)
			buf_add(text, "\nOther words for it\n");
		has_any = true;
		wrap_add_item(text, alias_usage(arena, alias), OPTION_COLUMN, alias->help);
	}
}

static void add_command(struct arena *arena, struct buf *text, const struct command *command)
{
	if (command->refused_as == NULL)
		buf_printf(text, "Usage\n    cflyway [options] %s\n\n", command->name);
	else
		buf_printf(text, "%s\n\n", command->name);
	wrap_add(text, 0, 0, command->description);
	buf_add(text, "\n");
	add_aliases(arena, text, command);
	add_options_of(arena, text, command);
	if (command->options != 0)
		buf_add(text, "\nMore about one option: cflyway help OPTION\n");
	if (command->refused_as == NULL)
		buf_add(text, "\nAll options: cflyway help\n");
}

/* --- one option ---------------------------------------------------------------------------- */

static void add_fact(struct buf *text, const char *name, const char *fact)
{
	if (fact[0] != '\0')
		wrap_add_item(text, name, FACT_COLUMN, fact);
}

static const char *describe_value(struct arena *arena, const struct option_spec *spec)
{
	switch (spec->type) {
	case OPTION_STRING:
		return "text";
	case OPTION_PATH:
		return "path of a file or folder";
	case OPTION_BOOL:
		return "true or false";
	case OPTION_INT:
		return "number";
	case OPTION_SIZE:
		return "number of bytes, or a number with kB, MB or GB";
	case OPTION_DURATION:
		return option_durations_list(arena, spec);
	case OPTION_ENUM:
		return option_choices_list(arena, spec, "");
	case OPTION_LIST:
		return "list, separated by commas";
	case OPTION_MAP:
		return "text, for each NAME";
	}
	return "";
}

static const char *describe_status(const struct option_spec *spec)
{
	switch (spec->status) {
	case OPTION_WORKS:
		return "";
	case OPTION_IGNORED:
		return " Accepted without effect.";
	case OPTION_JAVA:
		return " Refused unless empty.";
	case OPTION_PAID:
		return " Refused: a feature of other editions of Flyway, which cflyway does not "
		       "have.";
	}
	return "";
}

static void add_names(struct arena *arena, struct buf *text, const struct option_spec *spec)
{
	const char *item = spec->type == OPTION_MAP ? ".NAME" : "";
	char variable[OPTION_VARIABLE_SIZE];

	/* Measured: without .conf files, Flyway does not accept jdbcProperties as an argument. */
	bool needs_conf = spec->place == OPTION_CONNECTION && spec->type == OPTION_MAP;

	add_fact(text, "Argument",
	         arena_printf(arena, "-%s%s=VALUE%s", spec->key, item,
	                      needs_conf ? ", only beside .conf files" : ""));
	if ((spec->flags & OPTION_AS_ARGUMENT) != 0)
		return;
	if (option_variable(spec, variable)[0] != '\0')
		add_fact(text, "Variable",
		         arena_printf(arena, "%s%s", variable,
		                      spec->type == OPTION_MAP ? "_NAME" : ""));
	if (spec->place == OPTION_COMMAND_LINE)
		return;
	if (option_is_allowed(spec, false))
		add_fact(text, "flyway.toml", option_toml_name(arena, spec));
	if (option_is_allowed(spec, true))
		add_fact(text, ".conf file", option_conf_name(arena, spec));
}

static const char *list_commands(struct arena *arena, const struct option_spec *spec)
{
	struct str_list names = {0};

	for (size_t i = 0; i < command_count; i++)
		if (command_takes(commands[i], spec))
			str_list_add(arena, &names, commands[i]->name);
	return names.n == command_count ? "all" : str_list_join(arena, &names, ", ");
}

static void add_option_topic(struct arena *arena, struct buf *text, const struct option_spec *spec)
{
	buf_printf(text, "%s\n\n", spec->key);
	wrap_add(text, 0, 0, arena_printf(arena, "%s.%s", spec->help, describe_status(spec)));
	buf_add(text, "\n\n");
	add_names(arena, text, spec);
	add_fact(text, "Value", describe_value(arena, spec));
	if (spec->fallback != NULL)
		add_fact(text, "Default", spec->fallback);
	add_fact(text, "Commands", list_commands(arena, spec));
}

bool help_print_topic(const char *name, const struct log *log)
{
	const struct verb *alias = alias_find(name);
	const struct command *command = command_find(alias != NULL ? alias->commands[0] : name);
	const struct option_spec *spec = option_named(name);
	struct arena arena = ARENA_EMPTY;

	if (command == NULL && spec == NULL)
		return false;
	struct buf text = text_of_help();
	if (command != NULL)
		add_command(&arena, &text, command);
	else
		add_option_topic(&arena, &text, spec);
	print(&text, log);
	arena_release(&arena);
	return true;
}
