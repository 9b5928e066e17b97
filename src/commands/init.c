/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.c - begins a project: flyway.toml and a first migration, or flyway.toml from a .conf file
 *
 * Never overwrites a file. No database is needed.
 */
#include "cflyway/commands/command.h"

#include "cflyway/base/fs.h"
#include "cflyway/config/conf_to_toml.h"
#include "cflyway/config/config_file.h"
#include "cflyway/config/secret.h"
#include "cflyway/core/session.h"
#include "cflyway/migration/next_name.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define DEFAULT_NAME "flyway.toml"
#define DEFAULT_CONF "flyway.conf"
#define DEFAULT_FOLDER "migrations"

enum { NEW_FILE_MODE = 0666, MODE_BITS = 0777, TOML_MAX = 1 << 26 };

static const char first_migration[] =
	"-- The first migration. Put your own statements here: migrate runs them once.\n"
	"create table item (\n"
	"    id integer primary key,\n"
	"    name varchar(200) not null\n"
	");\n";

/* --- where --------------------------------------------------------------------------------- */

/* Relative paths start at the working directory. */
static const char *in_project(const struct run *run, const char *path)
{
	return fs_within(run->arena, run->settings->working_directory, path);
}

static bool check_missing(const char *path, struct error *err)
{
	return fs_kind(path) == FS_MISSING ||
	       error_set(err, ERROR_GENERAL, "File %s exists already. Nothing was changed.", path);
}

static const char *project_name(const struct run *run)
{
	const char *given = run->settings->init_project_name;
	const char *directory = fs_canonical(run->arena, in_project(run, "."));

	if (given != NULL && given[0] != '\0')
		return given;
	const char *name = fs_base_name(directory);
	return name[0] != '\0' ? name : "project";
}

/* What to type next, if the new file is not read anyway. */
static const char *call(const struct run *run, const char *verb)
{
	const struct settings *settings = run->settings;
	const char *name = settings->init_file_name;
	const char *command = "cflyway";

	if (settings->working_directory != NULL)
		command = arena_printf(run->arena, "%s -workingDirectory=%s", command,
		                       settings->working_directory);
	if (strcmp(name, DEFAULT_NAME) != 0)
		command = arena_printf(run->arena, "%s -configFiles=%s", command, name);
	return arena_printf(run->arena, "%s %s", command, verb);
}

/* --- a new project ------------------------------------------------------------------------- */

static const char *default_url(const struct settings *settings)
{
	return settings->init_database_type == INIT_DATABASE_TYPE_POSTGRESQL
	               ? "jdbc:postgresql://localhost:5432/app"
	               : "jdbc:sqlite:app.db";
}

/* A URL of another database comes from a file that is there already. */
static bool fits(const char *url, enum init_database_type type)
{
	static const char *const prefixes[] = {
		[INIT_DATABASE_TYPE_NONE] = "",
		[INIT_DATABASE_TYPE_POSTGRESQL] = "jdbc:postgresql:",
		[INIT_DATABASE_TYPE_SQLITE] = "jdbc:sqlite:",
	};

	return url != NULL && str_starts(str_of(url), str_of(prefixes[type]));
}

static bool choose_url(const struct run *run, const char **url, struct error *err)
{
	const char *given = run->settings->url;

	*url = fits(given, run->settings->init_database_type) ? given : default_url(run->settings);
	return strcmp(secret_mask_url(run->arena, *url), *url) == 0 ||
	       error_set(err, ERROR_CONFIGURATION,
	                 "init writes no password into a file: leave it out of the URL, and set "
	                 "FLYWAY_PASSWORD");
}

static void put(struct buf *toml, const char *key, const char *value)
{
	buf_printf(toml, "%s = ", key);
	toml_quote(toml, str_of(value));
	buf_putc(toml, '\n');
}

static void write_project(const struct run *run, const char *url, const struct str_list *locations,
                          struct buf *toml)
{
	bool has_users = str_starts(str_of(url), STR("jdbc:postgresql:"));

	put(toml, "id", project_name(run));
	buf_add(toml, "\n[environments.default]\n");
	put(toml, "url", url);
	if (run->settings->user != NULL)
		put(toml, "user", run->settings->user);
	else if (has_users)
		buf_add(toml, "# user = \"app\"\n");
	if (has_users)
		buf_add(toml, "# The password is better not kept here: set FLYWAY_PASSWORD.\n");
	buf_add(toml, "\n[flyway]\nlocations = [");
	for (size_t i = 0; i < locations->n; i++) {
		buf_add(toml, i > 0 ? ", " : "");
		toml_quote(toml, str_of(locations->items[i]));
	}
	buf_add(toml, "]\n");
}

/* Sets *folder to that of the first location. */
static bool choose_folder(const struct run *run, struct str_list *locations,
                          struct location *folder, struct error *err)
{
	static const char *const fallback = "filesystem:" DEFAULT_FOLDER;
	struct location_list list;

	*locations = run->settings->locations;
	if (!run->settings->locations_configured)
		*locations = (struct str_list){0};
	if (locations->n == 0)
		str_list_add(run->arena, locations, fallback);
	struct str_list first = {locations->items, 1};
	if (!location_list_parse(run->arena, &first, &list, err))
		return false;
	*folder = list.items[0];
	if (folder->is_classpath || folder->pattern != NULL)
		return error_set(err, ERROR_CONFIGURATION,
		                 "The first location must be a folder, such as filesystem:sql: %s",
		                 folder->written);
	if (run->settings->working_directory != NULL)
		*folder = location_below(run->arena, folder, run->settings->working_directory);
	return true;
}

/* A folder that has migrations gets no other one. */
static bool add_first_migration(const struct run *run, const struct location *folder,
                                struct init_result *result, struct error *err)
{
	const struct filename_rules rules = session_name_rules(run->settings);
	struct next_name_request request = {
		.kind = FILENAME_VERSIONED,
		.description = "first table",
		.timestamp = ADD_TIMESTAMP_AUTO,
		.now = run->clock->now(run->clock),
		.rules = &rules,
	};
	struct next_name next;

	if (fs_kind(folder->root) == FS_DIRECTORY &&
	    (!fs_list_files(run->arena, folder->root, &request.paths) || request.paths.n > 0))
		return true;
	if (!next_name(run->arena, &request, &next, err))
		return false;
	const char *path = fs_join(run->arena, folder->path, next.name);
	if (!fs_make_parents(path, err) ||
	    !fs_create(path, str_of(first_migration), NEW_FILE_MODE, err))
		return false;
	str_list_add(run->arena, &result->files, path);
	return true;
}

static bool new_project(const struct run *run, const char *path, struct init_result *result,
                        struct error *err)
{
	const char *conf = in_project(run, DEFAULT_CONF);
	struct buf toml = BUF_EMPTY(TOML_MAX);
	struct str_list locations;
	struct location folder;
	const char *url;

	if (fs_kind(conf) != FS_MISSING && strcmp(run->settings->init_file_name, DEFAULT_NAME) == 0)
		return error_set(err, ERROR_GENERAL,
		                 "%s exists already, and would not be read any more beside %s. "
		                 "Nothing was changed. init -fromType=Conf converts it.",
		                 conf, path);
	if (!choose_url(run, &url, err) || !choose_folder(run, &locations, &folder, err))
		return false;
	write_project(run, url, &locations, &toml);
	bool ok = add_first_migration(run, &folder, result, err) &&
	          fs_create(path, buf_str(&toml), NEW_FILE_MODE, err);
	buf_release(&toml);
	str_list_add(run->arena, &result->files, path);
	result->project_id = project_name(run);
	result->next = call(run, "migrate");
	return ok;
}

/* --- from a .conf file --------------------------------------------------------------------- */

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *absolute = fs_absolute(arena, path);

	return fs_canonical(
		arena, arena_strndup(arena, absolute, (size_t)(fs_base_name(absolute) - absolute)));
}

static void add_notes(const struct run *run, const struct conf_notes *notes,
                      struct init_result *result)
{
	result->left_out = notes->left_out;
	for (size_t i = 0; i < notes->replaced.n; i++)
		str_list_add(run->arena, &result->remarks,
		             arena_printf(run->arena,
		                          "%s: variables are replaced by their present values, "
		                          "because flyway.toml knows them only in url, user, "
		                          "password and jdbcProperties",
		                          notes->replaced.items[i]));
	for (size_t i = 0; i < notes->needed.n; i++)
		str_list_add(run->arena, &result->remarks,
		             arena_printf(run->arena,
		                          "the variable %s is not set: with flyway.toml that is an "
		                          "error, in a .conf file it was empty",
		                          notes->needed.items[i]));
}

/* Beside flyway.toml, Flyway would pass over the old file without a word. */
static bool put_aside(const char *conf, const char *backup, struct init_result *result,
                      struct error *err)
{
	if (backup == NULL)
		return true;
	if (rename(conf, backup) != 0)
		return error_set(err, ERROR_GENERAL, "Unable to rename %s to %s: %s", conf, backup,
		                 strerror(errno));
	result->renamed_from = conf;
	result->renamed_to = backup;
	return true;
}

static bool convert(const struct run *run, const char *path, struct init_result *result,
                    struct error *err)
{
	const struct settings *settings = run->settings;
	const char *conf =
		in_project(run, settings->init_from != NULL ? settings->init_from : DEFAULT_CONF);
	bool is_beside = strcmp(folder_of(run->arena, conf), folder_of(run->arena, path)) == 0;
	const char *backup = is_beside ? arena_printf(run->arena, "%s.bak", conf) : NULL;
	struct buf text = BUF_EMPTY(CONFIG_TEXT_MAX), toml = BUF_EMPTY(TOML_MAX);
	struct conf_notes notes;
	struct stat about;

	if (backup != NULL && !check_missing(backup, err))
		return false;
	bool ok = config_file_read(conf, settings->config_file_encoding, &text, err);
	if (ok) {
		conf_to_toml(run->arena, buf_str(&text), conf, &environment_process, &toml, &notes);
		/* It may hold a password: whoever could not read the old file cannot read this. */
		mode_t mode = stat(conf, &about) == 0 ? about.st_mode & MODE_BITS : 0600;

		add_notes(run, &notes, result);
		str_list_add(run->arena, &result->files, path);
		result->next = call(run, "info");
		ok = fs_create(path, buf_str(&toml), mode, err) &&
		     put_aside(conf, backup, result, err);
	}
	buf_wipe(&text);
	buf_wipe(&toml);
	return ok;
}

/* --- the command --------------------------------------------------------------------------- */

static bool run_init(struct run *run, struct result *out, struct error *err)
{
	const struct settings *settings = run->settings;
	const char *path = in_project(run, settings->init_file_name);
	bool converts = settings->init_from_type == INIT_FROM_TYPE_CONF;

	out->init = (struct init_result){.path = path};
	if (settings->init_from != NULL && !converts)
		return error_set(err, ERROR_CONFIGURATION,
		                 "-from needs to know what kind of file it is: -fromType=Conf");
	if (!str_ends(str_of(path), STR(".toml")))
		return error_set(err, ERROR_CONFIGURATION,
		                 "The name of the new file must end in .toml: %s", path);
	if (!check_missing(path, err) || !(converts ? convert(run, path, &out->init, err)
	                                            : new_project(run, path, &out->init, err)))
		return false;
	out->kind = RESULT_INIT;
	return true;
}

/* DIFFERS: Flyway's open-source edition does not have it: "Invalid flag: init". */
const struct command command_init = {
	.name = "init",
	.summary = "Begins a project: flyway.toml and a first migration",
	.description =
		"Creates flyway.toml and, if the first location is empty, a first migration. The "
		"database is a SQLite file, unless -databaseType=PostgreSQL or -url= says "
		"otherwise. With -fromType=Conf it writes the settings of flyway.conf (or "
		"-from=FILE) into flyway.toml, names those that it leaves out, and renames the "
		"old file to flyway.conf.bak if it is in the same folder. Overwrites nothing. "
		"Needs no database.",
	.options = GROUP_INIT | GROUP_LOCATIONS,
	.flags = COMMAND_WRITES,
	.run = run_init,
};
