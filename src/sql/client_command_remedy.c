/* SPDX-License-Identifier: Apache-2.0 */
/* client_command_remedy.c - what a script says in place of a command of psql or sqlite3 */
#include "cflyway/sql/client_command_remedy.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"

#define FILE_REMEDY                                                                                \
	"put the text of that file here, or make a migration of it; what several migrations "      \
	"share belongs in a repeatable migration or in a callback, such as beforeMigrate.sql"
#define VALUE_REMEDY                                                                               \
	"for a value of your own write ${name}, with -placeholders.name=VALUE; what is about "     \
	"psql itself, such as ON_ERROR_STOP, is left out"
#define CONNECT_REMEDY                                                                             \
	"a script runs in one database: give the other one an environment or a target with "       \
	"locations of its own"
#define COPY_REMEDY                                                                                \
	"write COPY ... FROM STDIN; with the rows below it, and \\. after them in a line of its "  \
	"own"
#define PRINT_REMEDY "leave it out, or write DO $$ BEGIN RAISE NOTICE 'text'; END $$;"
#define CONDITION_REMEDY                                                                           \
	"write DO $$ BEGIN IF ... THEN ... END IF; END $$; or let shouldExecute in a file "        \
	"SCRIPT.conf decide about the whole script"
#define EXECUTE_REMEDY                                                                             \
	"end the statement with a semicolon; what \\gexec executes, a DO block with EXECUTE does"
#define SHELL_REMEDY "write a migration that is a program, such as V2__name.sh"
#define OUTPUT_REMEDY "leave it out: it is about what the client shows"

static const struct {
	const char *command, *instead;
	bool has_secrets; /* its arguments can be a password */
} rows[] = {
	{"\\i", FILE_REMEDY, false},
	{"\\ir", FILE_REMEDY, false},
	{"\\include", FILE_REMEDY, false},
	{"\\include_relative", FILE_REMEDY, false},
	{"\\set", VALUE_REMEDY, true},
	{"\\unset", VALUE_REMEDY, true},
	{"\\gset", VALUE_REMEDY, true},
	{"\\getenv", VALUE_REMEDY, true},
	{"\\prompt", VALUE_REMEDY, true},
	{"\\c", CONNECT_REMEDY, true},
	{"\\connect", CONNECT_REMEDY, true},
	{"\\copy", COPY_REMEDY, false},
	{"\\echo", PRINT_REMEDY, false},
	{"\\qecho", PRINT_REMEDY, false},
	{"\\warn", PRINT_REMEDY, false},
	{"\\if", CONDITION_REMEDY, false},
	{"\\elif", CONDITION_REMEDY, false},
	{"\\else", CONDITION_REMEDY, false},
	{"\\endif", CONDITION_REMEDY, false},
	{"\\g", EXECUTE_REMEDY, false},
	{"\\gx", EXECUTE_REMEDY, false},
	{"\\gexec", EXECUTE_REMEDY, false},
	{"\\!", SHELL_REMEDY, true},
	{"\\encoding",
         "the encoding of a script is that of -encoding or of encoding in a file "
         "SCRIPT.conf",
         false},
	{".read", FILE_REMEDY, false},
	{".open", CONNECT_REMEDY, true},
	{".import", "write INSERT statements", false},
	{".print", "leave it out, or write SELECT 'text';", false},
	{".shell", SHELL_REMEDY, true},
	{".system", SHELL_REMEDY, true},
};

/* The first character, and the letters after it; "\!" is a command as well. */
static struct str cut_command(struct str text)
{
	size_t len = 1;

	while (len < text.len && (ascii_is_letter(text.ptr[len]) || text.ptr[len] == '_'))
		len++;
	if (len == 1 && text.len > 1 && text.ptr[1] == '!')
		len++;
	return str_sub(text, 0, len);
}

bool client_command_remedy_find(struct str text, struct client_command_remedy *found)
{
	const bool is_psql = str_starts(text, STR("\\"));

	if (!is_psql && !str_starts(text, STR(".")))
		return false;
	*found = (struct client_command_remedy){
		.client = is_psql ? "psql" : "sqlite3",
		.command = cut_command(text),
		.instead = OUTPUT_REMEDY,
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eq(found->command, str_of(rows[i].command))) {
			found->instead = rows[i].instead;
			found->has_secrets = rows[i].has_secrets;
		}
	return found->command.len > 1;
}
