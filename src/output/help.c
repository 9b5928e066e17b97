/* SPDX-License-Identifier: Apache-2.0 */
/* help.c - the usage text: how to call cflyway, its commands and its options */
#include "cflyway/output/help.h"

#include "cflyway/base/buf.h"
#include "cflyway/config/options.h"
#include "cflyway/output/wrap.h"

enum {
	MAX_HELP = 1 << 20,
	USUAL_HELP = 1 << 14,
	COMMAND_COLUMN = 20,
	OPTION_COLUMN = 35,
};

static const enum option_row first_options[] = {ROW_url, ROW_user, ROW_password, ROW_locations};

/* A row of the list of options, with more after its sentence. */
static void add_option(struct buf *text, const struct option_spec *spec, const char *more)
{
	char name[64], sentence[256];

	snprintf(name, sizeof(name), "%s%s", spec->key, spec->type == OPTION_MAP ? "." : "");
	snprintf(sentence, sizeof(sentence), "%s%s", spec->help, more);
	wrap_add_item(text, name, OPTION_COLUMN, sentence);
}

/* Room at once for the whole text: it need not be moved as it grows. */
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

void help_print(bool full, const struct log *log)
{
	struct buf text = text_of_help();

	buf_add(&text, "Usage\n    cflyway [options] [command]\n    cflyway help [command]\n\n");
	if (full) {
		wrap_add(&text, 0, 0,
		         "Configuration is read from conf/flyway.toml beside the program, "
		         "~/flyway.toml, ./flyway.toml and the files of -configFiles (.conf files: "
		         "see the manual), then from FLYWAY_* variables. Arguments override it.");
		buf_add(&text, "\n\n");
	}
	buf_add(&text, "Commands\n");
	for (size_t i = 0; i < command_count; i++)
		wrap_add_item(&text, commands[i]->name, COMMAND_COLUMN, commands[i]->summary);
	add_options(&text, full);
	buf_add(&text, "\nFlags\n");
	wrap_add_item(&text, "-X", COMMAND_COLUMN, "Print debug output");
	wrap_add_item(&text, "-q", COMMAND_COLUMN,
	              "Suppress all output, except for errors and warnings");
	wrap_add_item(&text, "-v", COMMAND_COLUMN, "Print the version");
	wrap_add_item(&text, "-h", COMMAND_COLUMN,
	              "Print this usage info and exit (also -?, --help)");
	buf_add(&text, "\nExample\n    cflyway -url=jdbc:sqlite:app.db "
	               "-locations=filesystem:sql migrate\n");
	print(&text, log);
}

/* --- one command --------------------------------------------------------------------------- */

static void add_group(struct buf *text, unsigned group)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_specs[i].group == group && option_specs[i].status == OPTION_WORKS)
			add_option(text, &option_specs[i], "");
}

/* Options of the connection are listed for a command that does nothing but connect. */
static void add_options_of(struct buf *text, const struct command *command)
{
	bool only_connects = (command->options & GROUP_CONNECTION) != 0;

	if (command->options == 0)
		return;
	buf_printf(text, "\nOptions (Format: -key=value)%s\n",
	           only_connects ? "" : ", besides those of the connection");
	for (unsigned group = GROUP_RUN; group < GROUP_END; group <<= 1)
		if ((command->options & group) != 0)
			add_group(text, group);
}

bool help_print_command(const char *name, const struct log *log)
{
	const struct command *command = command_find(name);

	if (command == NULL)
		return false;
	struct buf text = text_of_help();
	if (command->refused_as == NULL)
		buf_printf(&text, "Usage\n    cflyway [options] %s\n\n", name);
	else
		buf_printf(&text, "%s\n\n", name);
	wrap_add(&text, 0, 0, command->description);
	buf_add(&text, "\n");
	add_options_of(&text, command);
	if (command->refused_as == NULL)
		buf_add(&text, "\nAll options: cflyway help\n");
	print(&text, log);
	return true;
}
