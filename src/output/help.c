/* SPDX-License-Identifier: Apache-2.0 */
/* help.c - the usage text, made from the tables of commands and options */
#include "cflyway/output/help.h"

#include "cflyway/base/buf.h"
#include "cflyway/config/options.h"

enum {
	MAX_HELP = 1 << 20,
	COMMAND_WIDTH = 16,
	OPTION_WIDTH = 31,
};

static const char *const first_options[] = {"url", "user", "password", "locations"};

static void add_line(struct buf *text, int width, const char *name, const char *what)
{
	buf_printf(text, "    %-*s%s\n", width, name, what);
}

static void add_option(struct buf *text, const struct option_spec *spec)
{
	if (spec->type == OPTION_MAP) {
		char name[64];

		snprintf(name, sizeof(name), "%s.", spec->key);
		add_line(text, OPTION_WIDTH, name, spec->help);
	} else {
		add_line(text, OPTION_WIDTH, spec->key, spec->help);
	}
}

static void add_options(struct buf *text, bool full)
{
	buf_add(text, "\nConfiguration parameters (Format: -key=value)\n");
	if (!full) {
		for (size_t i = 0; i < COUNT(first_options); i++)
			add_option(text, option_find(first_options[i]));
		buf_add(text, "    (To see all configuration options please run cflyway --help)\n");
		return;
	}
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_specs[i].status == OPTION_WORKS)
			add_option(text, &option_specs[i]);
}

void help_print(bool full, const struct command *const *list, size_t n, const struct log *log)
{
	struct buf text = BUF_EMPTY(MAX_HELP);

	buf_add(&text, "Usage\n    cflyway [options] [command]\n    cflyway help [command]\n\n");
	if (full)
		buf_add(&text,
		        "Configuration is read from conf/flyway.toml beside the program, "
		        "~/flyway.toml, ./flyway.toml\nand the files of -configFiles (.conf files: "
		        "see the manual), then from FLYWAY_* variables.\nArguments override it.\n\n");
	buf_add(&text, "Commands\n");
	for (size_t i = 0; i < n; i++)
		add_line(&text, COMMAND_WIDTH, list[i]->name, list[i]->summary);
	add_options(&text, full);
	buf_add(&text, "\nFlags\n");
	add_line(&text, COMMAND_WIDTH, "-X", "Print debug output");
	add_line(&text, COMMAND_WIDTH, "-q", "Suppress all output, except for errors and warnings");
	add_line(&text, COMMAND_WIDTH, "-v", "Print the version");
	add_line(&text, COMMAND_WIDTH, "-h", "Print this usage info and exit (also -?, --help)");
	buf_add(&text, "\nExample\n    cflyway -url=jdbc:sqlite:app.db "
	               "-locations=filesystem:sql migrate\n");
	text.ptr[--text.len] = '\0'; /* the log ends the line */
	log_text(log, LOG_LEVEL_INFO, buf_str(&text));
	buf_release(&text);
}
