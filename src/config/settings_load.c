/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_load.c - load the settings of an invocation from files, folders and variables
 */
#include "cflyway/config/settings.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/config/connection_url.h"
#include "cflyway/config/connection_variables.h"
#include "cflyway/config/environments.h"
#include "cflyway/config/ignored_keys.h"
#include "cflyway/config/options.h"
#include "cflyway/config/password_file.h"
#include "cflyway/config/resolvers.h"
#include "cflyway/config/secret.h"
#include "cflyway/config/sources.h"

#include <limits.h>

#define FLYWAY "flyway."
#define FILESYSTEM "filesystem:"

static const char *value_of(const struct pairs *pairs, const char *key)
{
	const struct pair *pair = pairs_find(pairs, key);

	return pair != NULL ? pair->value : NULL;
}

/* An outputType from a file counts only here. */
static bool says_progress(const struct settings *settings, const struct invocation *invocation)
{
	return settings->output_progress &&
	       (invocation->output_type == OUTPUT_JSON || settings->output_type == OUTPUT_JSON);
}

/* Takes the options that exist only on the command line. */
static bool take_command_line(struct arena *arena, const struct invocation *invocation,
                              struct settings *settings, struct error *err)
{
	settings->debug = invocation->debug && !invocation->quiet;
	settings->quiet = invocation->quiet;
	settings->migration_ids = invocation->migration_ids;
	settings->says_progress = says_progress(settings, invocation);
	settings->output_type = invocation->output_type;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *spec = &option_specs[i];
		const struct pair *pair = pairs_find(&invocation->options, spec->key);

		if (pair == NULL || spec->place != OPTION_COMMAND_LINE)
			continue;
		if (pair->value[0] == '\0' && (spec->flags & OPTION_BINDING) != 0)
			settings->empty_option = spec->key;
		if (pair->value[0] != '\0' && !settings_set(arena, spec->key, pair, settings, err))
			return false;
	}
	return true;
}

/* Does the folder itself, not a subfolder, have files that end with suffix? */
static bool holds_files(struct arena *arena, const char *folder, struct str suffix)
{
	struct arena_mark mark = arena_mark(arena);
	struct str_list files = {0};
	bool found = false;

	if (fs_list_files(arena, folder, &files))
		for (size_t i = 0; i < files.n && !found; i++)
			found = str_ends(str_of(files.items[i]), suffix) &&
			        strchr(files.items[i], '/') == NULL;
	arena_rewind(arena, mark);
	return found;
}

static bool check_jar_dirs(struct arena *arena, const struct sources *sources,
                           const struct settings *settings, const struct log *log,
                           struct error *err)
{
	for (size_t i = 0; i < settings->jar_dirs.n; i++) {
		const char *path = sources_path(arena, sources, settings->jar_dirs.items[i]);

		if (settings->jar_dirs.items[i][0] == '\0')
			continue;
		if (fs_kind(path) == FS_MISSING)
			return error_set(err, ERROR_GENERAL,
			                 "Directory for Java Migrations not found: %s", path);
		if (holds_files(arena, path, STR(".jar")))
			log_cflyway(log, "Java migrations in %s cannot be run; write them as SQL",
			            path);
	}
	return true;
}

/* Locations before their paths are made absolute. */
struct location_choice {
	bool is_given;            /* the user has set them */
	struct str_list fallback; /* used otherwise */
	bool holds_something;     /* the fallback is a folder, or the root of the class path */
};

/* Was the parameter given? An empty value or the default does not count. */
static bool is_given(const struct sources *sources, const char *value)
{
	if (value == NULL)
		return false;
	return sources->legacy ? value[0] != '\0'
	                       : !str_same(value, option_specs[ROW_locations].fallback);
}

/* The default is beside the program, and new users have their scripts where they are. */
static void log_other_folder(struct arena *arena, const char *looked_at,
                             const char *working_directory, const struct log *log)
{
	static const char *const usual[] = {"sql", "migrations", "db/migration"};

	for (size_t i = 0; i < COUNT(usual); i++) {
		const char *folder =
			fs_absolute(arena, fs_within(arena, working_directory, usual[i]));

		if (fs_kind(folder) != FS_DIRECTORY)
			continue;
		log_cflyway(log, "%s; there is a folder %s: -locations=" FILESYSTEM "%s",
		            working_directory == NULL
		                    ? "the default is beside the program, not here"
		                    : arena_printf(arena, "looked at %s", looked_at),
		            folder, usual[i]);
		return;
	}
}

/*
 * Takes the folder sql next to the program or in the working directory, never the project's. A call
 * that needs no locations is silent about them: a project that is just beginning has none yet.
 */
static void choose_locations(struct arena *arena, const struct sources *sources,
                             const struct pairs *pairs, bool needs_none, const struct log *log,
                             struct location_choice *choice)
{
	const char *value = value_of(pairs, FLYWAY "locations");
	const char *base = sources->installation;

	*choice = (struct location_choice){.is_given = is_given(sources, value)};
	if (choice->is_given || needs_none)
		return;
	if (sources->working_directory != NULL)
		base = fs_absolute(arena, sources->working_directory);
	const char *folder = fs_join(arena, base, "sql");
	if (fs_kind(folder) == FS_DIRECTORY) {
		if (holds_files(arena, folder, STR(".sql")))
			log_warn(
				log,
				"Storing migrations in 'sql' is not recommended and default scanning "
				"of this location may be deprecated in a future release");
		choice->holds_something = true;
		str_list_add(arena, &choice->fallback,
		             arena_printf(arena, FILESYSTEM "%s", folder));
		return;
	}
	log_warn(log, "No locations configured and default location 'sql' not found.");
	/* The legacy manager sees one empty item, which becomes the working directory below. */
	bool is_directory = sources->legacy && sources->working_directory != NULL;
	bool is_empty = value != NULL && value[0] == '\0';
	choice->holds_something = is_directory || is_empty;
	if (!choice->holds_something)
		log_other_folder(arena, folder, sources->working_directory, log);
	if (is_directory)
		str_list_add(arena, &choice->fallback, "");
	else
		str_list_add(arena, &choice->fallback,
		             is_empty ? "classpath:" : "classpath:db/migration");
}

/* Makes locations relative to the directory; an empty legacy item is the directory itself. */
static void move_locations(struct arena *arena, const char *directory, bool legacy,
                           struct str_list *locations)
{
	for (size_t i = 0; i < locations->n; i++) {
		struct str location = str_of(locations->items[i]);
		const char *path = "";

		if (str_starts(location, STR(FILESYSTEM)))
			path = location.ptr + strlen(FILESYSTEM);
		else if (!legacy || location.len > 0)
			continue;
		if (path[0] != '/')
			locations->items[i] = arena_printf(
				arena, FILESYSTEM "%s",
				path[0] == '\0' ? directory : fs_join(arena, directory, path));
	}
}

static void take_locations(struct arena *arena, const struct sources *sources,
                           const struct location_choice *choice, struct settings *settings)
{
	settings->locations_configured = choice->is_given || choice->holds_something;
	if (!choice->is_given)
		settings->locations = choice->fallback;
	if (sources->working_directory == NULL)
		return;
	const char *directory = fs_absolute(arena, sources->working_directory);
	/* With no callbackLocations, the legacy manager yields one empty item. */
	if (settings->legacy && settings->callback_locations.n == 0)
		str_list_add(arena, &settings->callback_locations, "");
	move_locations(arena, directory, settings->legacy, &settings->locations);
	move_locations(arena, directory, settings->legacy, &settings->callback_locations);
}

/* current is NULL if there are no environments. */
static bool resolve_values(struct arena *arena, const struct environment *environment,
                           const struct environment_facts *current, struct settings *settings,
                           struct error *err)
{
	const struct resolvers resolvers = {
		.environment = environment,
		.placeholders = &settings->placeholders,
		.environment_name = settings->environment_name,
	};
	struct pairs *properties = &settings->jdbc_properties;

	if (current != NULL && !environments_check(arena, current, settings, &resolvers, err))
		return false;
	if (!resolvers_apply(arena, &resolvers, "url", &settings->url, err) ||
	    !resolvers_apply(arena, &resolvers, "user", &settings->user, err) ||
	    !resolvers_apply(arena, &resolvers, "password", &settings->password, err))
		return false;
	for (size_t i = 0; i < properties->n; i++)
		if (!resolvers_apply(arena, &resolvers, properties->items[i].key,
		                     &properties->items[i].value, err))
			return false;
	if (settings->url != NULL && settings->url[0] == '\0')
		settings->url = NULL;
	return true;
}

static const char *origin_of(const struct pairs *pairs, const char *key)
{
	const struct pair *pair = pairs_find(pairs, key);

	return pair != NULL ? pair->origin : NULL;
}

static void note_origins(const struct pairs *pairs, struct settings *settings)
{
	settings->url_origin = origin_of(pairs, FLYWAY "url");
	settings->user_origin = origin_of(pairs, FLYWAY "user");
	settings->password_origin = origin_of(pairs, FLYWAY "password");
}

/* Takes a URL in the form of another tool apart. Its user and password win, as in a JDBC URL. */
static bool take_url(struct arena *arena, struct settings *settings, struct error *err)
{
	struct connection_url url;

	if (settings->url == NULL)
		return true;
	if (!connection_url_read(arena, settings->url, &url, err))
		return false;
	settings->url = url.jdbc;
	if (url.user != NULL) {
		settings->user = url.user;
		settings->user_origin = settings->url_origin;
	}
	if (url.password != NULL) {
		settings->password = url.password;
		settings->password_origin = settings->url_origin;
		settings->password_file = NULL;
	}
	return true;
}

bool settings_take_variables(struct arena *arena, const struct environment *environment,
                             struct settings *settings, struct error *err)
{
	struct connection_variables variables;

	if (settings->names_database || settings->url != NULL)
		return true;
	connection_variables_read(arena, environment, &variables);
	settings->url_source = variables.source;
	settings->url_hint = variables.hint;
	if (variables.source == NULL)
		return true;
	settings->url = variables.url;
	settings->url_origin = variables.source;
	if (settings->user == NULL) {
		settings->user = variables.user;
		settings->user_origin = "DB_USER";
	}
	if (settings->password == NULL && settings->password_file == NULL) {
		settings->password = variables.password;
		settings->password_origin = "DB_PASSWORD";
	}
	if (take_url(arena, settings, err))
		return true;
	error_note(err, "the URL is that of %s", variables.source);
	return false;
}

bool settings_read_password(struct arena *arena, const struct log *log, struct settings *settings,
                            struct error *err)
{
	const char *path = settings->password_file, *password = settings->password;

	if (path == NULL || path[0] == '\0')
		return true;
	/* An empty one is that of an unset variable. */
	if (password != NULL && password[0] != '\0')
		return error_set(err, ERROR_CONFIGURATION,
		                 "Both password and cflyway.passwordFile are set: only one of "
		                 "them can be the password");
	settings->password_origin = arena_printf(arena, "cflyway.passwordFile, %s", path);
	return password_file_read(arena, fs_within(arena, settings->working_directory, path), log,
	                          &settings->password, err);
}

bool settings_check_placeholders(struct arena *arena, const struct settings *settings,
                                 struct error *err)
{
	const char *prefix = arena_printf(arena, "flyway%s", settings->placeholder_separator);

	for (size_t i = 0; i < settings->placeholders.n; i++) {
		const char *key = settings->placeholders.items[i].key;
		if (str_starts_nocase(str_of(key), str_of(prefix)))
			return error_set(err, ERROR_GENERAL,
			                 "Invalid placeholder ('%s' prefix is reserved): %s",
			                 prefix, key);
	}
	return true;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *left = a, *right = b;

	return strcmp(left->key, right->key);
}

/* The key is that of an option, with what an environment puts before it. */
static bool is_known(const char *key)
{
	struct str rest = str_of(key);
	struct str first = str_cut(&rest, '.');

	if (str_eq(first, STR("environments")))
		str_cut(&rest, '.');
	if (rest.ptr == NULL)
		return false;
	if (str_starts(rest, STR("flyway.")))
		str_cut(&rest, '.');
	return option_find(rest.ptr) != NULL;
}

/* DIFFERS: Flyway shows the values of unknown keys. One of these can be a misspelt password. */
static const char *value_to_show(struct arena *arena, const struct pair *pair)
{
	return is_known(pair->key) || pair->value[0] == '\0'
	               ? secret_mask(arena, pair->key, pair->value)
	               : SECRET_MASK;
}

/* Prints the effective configuration, for -X. */
static void show_pairs(struct arena *arena, const struct pairs *pairs, const struct log *log)
{
	struct buf text = BUF_EMPTY(INT_MAX / 2);

	if (!log->debug || pairs->n == 0)
		return;
	struct pair *sorted = arena_array(arena, pairs->n, sizeof(*sorted));
	memcpy(sorted, pairs->items, pairs->n * sizeof(*sorted));
	qsort(sorted, pairs->n, sizeof(*sorted), compare_pairs);
	for (size_t i = 0; i < pairs->n; i++)
		buf_printf(&text, "%s -> %s\n", sorted[i].key, value_to_show(arena, &sorted[i]));
	log_debug(log, "Using configuration:");
	log_text(log, LOG_LEVEL_DEBUG, buf_str(&text));
	buf_wipe(&text);
}

/* Collects the settings of the run, and the facts that decide about unknown keys. */
static bool choose_pairs(const struct sources *sources, struct pairs *effective,
                         struct environment_facts *environment, struct settings_facts *facts,
                         struct error *err)
{
	*facts = (struct settings_facts){.legacy = sources->legacy};
	if (sources->legacy) {
		*environment = (struct environment_facts){.name = "default", .exists = true};
		*effective = sources->pairs;
		return true;
	}
	if (!environments_apply(&sources->pairs, effective, environment, err))
		return false;
	facts->ignores_unknown_keys = sources->toml.has_foreign_keys;
	facts->unknown = sources->toml.misplaced;
	facts->missing_environment = environment->exists ? NULL : environment->name;
	if (!environment->exists)
		facts->environments = environments_names(effective->arena, &sources->pairs);
	return true;
}

/* Adds what verbs imply where the configuration says nothing. */
static void take_defaults(struct arena *arena, const struct pairs *defaults, struct pairs *pairs)
{
	for (size_t i = 0; i < defaults->n; i++) {
		const struct pair *pair = &defaults->items[i];
		const char *key = arena_printf(arena, FLYWAY "%s", pair->key);

		if (pairs_find(pairs, key) == NULL)
			pairs_copy(pairs, key, pair);
	}
}

static bool needs_no_locations(const struct str_list *verbs)
{
	return str_list_has(verbs, "init") ||
	       (verbs->n == 1 && (str_list_has(verbs, "auth") || str_list_has(verbs, "explain")));
}

bool settings_load(struct arena *arena, const struct invocation *invocation,
                   const struct environment *environment, const struct log *log,
                   struct settings *settings, struct error *err)
{
	struct location_choice locations = {0};
	struct sources sources;
	struct pairs pairs;
	struct environment_facts current;
	struct settings_facts facts;
	bool needs_none = needs_no_locations(&invocation->verbs);

	pairs_init(&pairs, arena);
	if (!sources_read(arena, invocation, environment, log, &sources, err))
		return false;
	show_pairs(arena, &sources.pairs, log);
	if (!choose_pairs(&sources, &pairs, &current, &facts, err))
		return false;
	if (!sources.legacy)
		ignored_keys_log(arena, &sources.pairs, &sources.toml, log);
	take_defaults(arena, &invocation->defaults, &pairs);
	/* The legacy manager warns about locations before it checks settings, the modern after. */
	if (sources.legacy)
		choose_locations(arena, &sources, &pairs, needs_none, log, &locations);
	if (!settings_from_facts(arena, &pairs, &facts, log, settings, err))
		return false;
	settings->environment_name = current.name;
	if (!take_command_line(arena, invocation, settings, err) ||
	    !check_jar_dirs(arena, &sources, settings, log, err))
		return false;
	if (!sources.legacy)
		choose_locations(arena, &sources, &pairs, needs_none, log, &locations);
	take_locations(arena, &sources, &locations, settings);
	settings->names_database =
		value_of(&pairs, FLYWAY "url") != NULL || strcmp(current.name, "default") != 0;
	note_origins(&pairs, settings);
	return resolve_values(arena, environment, sources.legacy ? NULL : &current, settings,
	                      err) &&
	       take_url(arena, settings, err);
}
