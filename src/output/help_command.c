/* SPDX-License-Identifier: Apache-2.0 */
/* help_command.c - what one command does, and the options that only some commands look at */
#include "cflyway/output/help.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/config/options.h"

enum { MAX_HELP = 1 << 16, OPTION_WIDTH = 31 };

#define CALLBACKS                                                                                  \
	"callbackLocations skipDefaultCallbacks scriptPlaceholderPrefix scriptPlaceholderSuffix "  \
	"powershellExecutable "
#define FILES                                                                                      \
	"locations failOnMissingLocations sqlMigrationPrefix repeatableSqlMigrationPrefix "        \
	"baselineMigrationPrefix sqlMigrationSeparator sqlMigrationSuffixes "                      \
	"validateMigrationNaming encoding detectEncoding placeholders placeholderReplacement "     \
	"placeholderPrefix placeholderSuffix placeholderSeparator " CALLBACKS
#define REPORT "reportEnabled reportFilename "
#define TABLE "schemas defaultSchema table "

static const struct {
	const char *verb, *description, *options;
} texts[] = {
	{"help", "Prints how to call cflyway; help COMMAND prints what one command does.", ""},
	{"migrate",
         "Validates what has been applied, then applies what is pending: versioned migrations in\n"
         "the order of their versions, then repeatable ones that are new or changed. Creates the\n"
         "schemas and the history table if they are missing. What fails is rolled back.",
         FILES "target failOnMissingTarget group mixed executeInTransaction outOfOrder "
               "skipExecutingMigrations skipDefaultResolvers validateOnMigrate "
               "ignoreMigrationPatterns baselineOnMigrate baselineVersion baselineDescription "
               "createSchemas installedBy outputQueryResults outputProgress lockRetryCount "
               "postgresql.transactional.lock tablespace cflyway.durability "
               "cflyway.maxStatementSize " REPORT TABLE},
	{"clean",
         "Drops all objects in the configured schemas, with all their data. Refused unless\n"
         "-cleanDisabled=false is given.",
         "cleanDisabled " CALLBACKS "schemas defaultSchema"},
	{"info",
         "Prints every migration with its state: applied, pending, missing, failed and so on.\n"
         "Changes nothing. With the flag -migrationIds only versions, separated by commas.",
         FILES "target outOfOrder infoSinceDate infoUntilDate infoSinceVersion infoUntilVersion "
               "infoOfState " REPORT TABLE},
	{"validate",
         "Compares the names, types and checksums of what has been applied with the files. Fails\n"
         "if they differ, or if something is missing, failed or pending.",
         FILES "target outOfOrder ignoreMigrationPatterns " TABLE},
	{"baseline",
         "Creates the history table and marks the database as being at baselineVersion, so that\n"
         "migrate begins behind it. Fails if something has been applied already.",
         "baselineVersion baselineDescription installedBy createSchemas tablespace " CALLBACKS
                 TABLE},
	{"repair",
         "Sets the history table right: takes out failed migrations, marks missing ones as\n"
         "deleted, and takes over checksums, descriptions and types from the files.",
         FILES "ignoreMigrationPatterns " TABLE},
	{"testConnection", "Connects to the database, says which one it is, and does nothing else.",
         "connectRetries connectRetriesInterval"},
	{"version", "Prints the version of cflyway and of the libraries that it uses.", ""},
	{"list-engines", "Prints the databases that cflyway can migrate.", ""},
};

static void add_options(struct buf *text, const char *names)
{
	struct str rest = str_of(names);

	if (rest.len > 0)
		buf_add(text, "\nOptions (Format: -key=value), beside those of the connection\n");
	while (rest.len > 0) {
		struct str name = str_cut(&rest, ' ');

		for (size_t i = 0; i < OPTION_COUNT; i++)
			if (name.len > 0 && str_eq(name, str_of(option_specs[i].key)))
				buf_printf(text, "    %-*s%s\n", OPTION_WIDTH, option_specs[i].key,
				           option_specs[i].help);
	}
}

bool help_print_command(const char *verb, const struct log *log)
{
	struct buf text = BUF_EMPTY(MAX_HELP);

	for (size_t i = 0; i < COUNT(texts); i++) {
		if (strcmp(texts[i].verb, verb) != 0)
			continue;
		buf_printf(&text, "Usage\n    cflyway [options] %s\n\n%s\n", verb,
		           texts[i].description);
		add_options(&text, texts[i].options);
		buf_add(&text, "\nAll options: cflyway help");
		log_text(log, LOG_LEVEL_INFO, buf_str(&text));
		buf_release(&text);
		return true;
	}
	return false;
}
