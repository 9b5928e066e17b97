/*
 * settings_load.c - from an invocation to settings: what depends on files, folders and variables
 */
#include "cflyway/config/settings.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/config/options.h"
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

static bool is_connection_key(const char *key)
{
	const struct option_spec *spec = option_find(key);

	return spec != NULL && spec->place == OPTION_CONNECTION;
}

/*
 * -environments.NAME.url is -url for the current environment and wins over it; the variable
 * environments_NAME_url does not win. Other environments do not matter.
 */
static bool take_environment(struct arena *arena, const char *name, struct pairs *pairs,
                             struct error *err)
{
	size_t n = pairs->n;

	for (size_t i = 0; i < n; i++) {
		const struct pair pair = pairs->items[i];
		struct str rest = str_of(pair.key);

		if (!str_eq(str_cut(&rest, '.'), STR("environments")) || rest.ptr == NULL ||
		    !str_eq(str_cut(&rest, '.'), str_of(name)) || rest.ptr == NULL)
			continue;
		const char *key = arena_printf(arena, FLYWAY "%s", rest.ptr);
		if (is_connection_key(rest.ptr)) {
			if (pair.origin[0] == '-' || pairs_find(pairs, key) == NULL)
				pairs_set(pairs, str_of(key), str_of(pair.value), pair.origin);
		} else if (str_starts(rest, STR("flyway.")) ||
		           str_starts(rest, STR("resolvers.")) ||
		           (str_eq(rest, STR("provisioner")) && strcmp(pair.value, "none") != 0)) {
			return error_refuse(err, "%s (%s) is not supported by cflyway yet",
			                    pair.key, pair.origin);
		}
	}
	return true;
}

/* An environment exists when something is said about it; default always does. */
static bool environment_exists(const char *name, const struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++) {
		struct str rest = str_of(pairs->items[i].key);
		struct str head = str_cut(&rest, '.');

		if (str_eq(head, STR("flyway")) && rest.ptr != NULL && is_connection_key(rest.ptr))
			return true;
		if (str_eq(head, STR("environments")) && str_eq(str_cut(&rest, '.'), str_of(name)))
			return true;
	}
	return strcmp(name, "default") == 0;
}

static bool choose_environment(struct arena *arena, struct sources *sources, const char **name,
                               struct error *err)
{
	const char *chosen = value_of(&sources->pairs, FLYWAY "environment");

	*name = "default";
	if (sources->legacy)
		return true;
	if (chosen != NULL && chosen[0] != '\0')
		*name = chosen;
	return take_environment(arena, *name, &sources->pairs, err);
}

static bool check_environment(const struct settings *settings, const struct pairs *pairs,
                              struct error *err)
{
	const char *mode = settings->provision_mode;

	if (settings->legacy)
		return true;
	if (!environment_exists(settings->environment_name, pairs))
		return error_set(
			err, ERROR_CONFIGURATION,
			"Failed to configure parameters:\nEnvironment '%s' not found. Check "
			"that this environment exists in your configuration.\n",
			settings->environment_name);
	if (strcmp(mode, "reprovision") == 0)
		return error_set(err, ERROR_ERROR,
		                 "Reprovisioning is not supported for `%s` environment",
		                 settings->environment_name);
	if (mode[0] != '\0' && strcmp(mode, "provision") != 0 && strcmp(mode, "skip") != 0)
		return error_set(err, ERROR_ERROR, "Unknown provisioner mode: %s", mode);
	return true;
}

/* Options that no source but the command line has. */
static bool take_command_line(struct arena *arena, const struct invocation *invocation,
                              struct settings *settings, struct error *err)
{
	settings->debug = invocation->debug && !invocation->quiet;
	settings->quiet = invocation->quiet;
	settings->migration_ids = invocation->migration_ids;
	settings->output_type = invocation->output_type;
	if (invocation->color != NULL)
		settings->color = invocation->color;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *spec = &option_specs[i];
		const struct pair *pair = pairs_find(&invocation->options, spec->key);

		if (pair != NULL && spec->place == OPTION_COMMAND_LINE && pair->value[0] != '\0' &&
		    !settings_set(arena, spec->key, pair, settings, err))
			return false;
	}
	return true;
}

/* Does the folder itself hold files that end with suffix? */
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
			return error_set(err, ERROR_ERROR,
			                 "Directory for Java Migrations not found: %s", path);
		if (holds_files(arena, path, STR(".jar")))
			log_own(log, "Java migrations in %s cannot be run; write them as SQL",
			        path);
	}
	return true;
}

/* Locations before their paths are made absolute. */
struct location_choice {
	bool is_given;            /* as a setting that counts */
	struct str_list fallback; /* otherwise */
	bool holds_something;     /* the fallback is a folder */
};

/* Was the parameter given? An empty value, or the default, is as good as none. */
static bool is_given(const struct sources *sources, const char *value)
{
	if (value == NULL)
		return false;
	return sources->legacy ? value[0] != '\0' : strcmp(value, "db/migration") != 0;
}

/* The folder sql beside the program, or in the working directory; never that of the project. */
static void choose_locations(struct arena *arena, const struct sources *sources,
                             const struct log *log, struct location_choice *choice)
{
	const char *value = value_of(&sources->pairs, FLYWAY "locations");
	const char *base = sources->installation;

	*choice = (struct location_choice){.is_given = is_given(sources, value)};
	if (choice->is_given)
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
	/* The legacy manager sees one empty item, and makes that the working directory below. */
	choice->holds_something = sources->legacy && sources->working_directory != NULL;
	if (choice->holds_something)
		str_list_add(arena, &choice->fallback, "");
	else
		str_list_add(arena, &choice->fallback,
		             value != NULL && value[0] == '\0' ? "classpath:"
		                                               : "classpath:db/migration");
}

static void take_locations(struct arena *arena, const struct sources *sources,
                           const struct location_choice *choice, struct settings *settings)
{
	const char *directory = NULL;

	settings->locations_configured = choice->is_given || choice->holds_something;
	if (!choice->is_given)
		settings->locations = choice->fallback;
	if (sources->working_directory != NULL)
		directory = fs_absolute(arena, sources->working_directory);
	for (size_t i = 0; i < settings->locations.n && directory != NULL; i++) {
		struct str location = str_of(settings->locations.items[i]);
		const char *path = "";

		if (str_starts(location, STR(FILESYSTEM)))
			path = location.ptr + strlen(FILESYSTEM);
		else if (!settings->legacy || location.len > 0)
			continue;
		if (path[0] != '/')
			settings->locations.items[i] = arena_printf(
				arena, FILESYSTEM "%s",
				path[0] == '\0' ? directory : fs_join(arena, directory, path));
	}
}

static bool resolve_values(struct arena *arena, const struct environment *environment,
                           struct settings *settings, struct error *err)
{
	const struct resolvers resolvers = {
		.environment = environment,
		.placeholders = &settings->placeholders,
		.environment_name = settings->environment_name,
	};
	struct pairs *properties = &settings->jdbc_properties;

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

static bool check_placeholders(struct arena *arena, const struct settings *settings,
                               struct error *err)
{
	const char *prefix = arena_printf(arena, "flyway%s", settings->placeholder_separator);

	for (size_t i = 0; i < settings->placeholders.n; i++) {
		const char *key = settings->placeholders.items[i].key;
		if (str_starts_nocase(str_of(key), str_of(prefix)))
			return error_set(err, ERROR_ERROR,
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

/* The effective configuration, for -X. */
static void show_pairs(struct arena *arena, const struct pairs *pairs, const struct log *log)
{
	struct buf text = BUF_EMPTY(INT_MAX / 2);

	if (!log->debug || pairs->n == 0)
		return;
	struct pair *sorted = arena_array(arena, pairs->n, sizeof(*sorted));
	memcpy(sorted, pairs->items, pairs->n * sizeof(*sorted));
	qsort(sorted, pairs->n, sizeof(*sorted), compare_pairs);
	for (size_t i = 0; i < pairs->n; i++)
		buf_printf(&text, "%s -> %s\n", sorted[i].key,
		           secret_mask(arena, sorted[i].key, sorted[i].value));
	log_debug(log, "Using configuration:");
	log_text(log, LOG_LEVEL_DEBUG, buf_str(&text));
	buf_wipe(&text);
}

bool settings_load(struct arena *arena, const struct invocation *invocation,
                   const struct environment *environment, const struct log *log,
                   struct settings *settings, struct error *err)
{
	struct location_choice locations = {0};
	struct sources sources;
	const char *name;

	if (!sources_read(arena, invocation, environment, log, &sources, err) ||
	    !choose_environment(arena, &sources, &name, err))
		return false;
	show_pairs(arena, &sources.pairs, log);
	/* The managers warn about locations before or after they look at the settings. */
	if (sources.legacy)
		choose_locations(arena, &sources, log, &locations);
	if (!settings_from_pairs(arena, &sources.pairs, sources.legacy, log, settings, err))
		return false;
	settings->environment_name = name;
	if (!check_environment(settings, &sources.pairs, err) ||
	    !take_command_line(arena, invocation, settings, err) ||
	    !check_jar_dirs(arena, &sources, settings, log, err))
		return false;
	if (!sources.legacy)
		choose_locations(arena, &sources, log, &locations);
	take_locations(arena, &sources, &locations, settings);
	return resolve_values(arena, environment, settings, err) &&
	       check_placeholders(arena, settings, err);
}
