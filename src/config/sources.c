/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.c - read all sources of configuration in order of precedence
 *
 * The existing files decide first which manager is used; only then are files read.
 */
#include "cflyway/config/sources.h"

#include "cflyway/base/fs.h"
#include "cflyway/config/config_file.h"
#include "cflyway/config/environ.h"
#include "cflyway/config/options.h"
#include "cflyway/config/secret.h"

#include <sys/auxv.h>
#include <unistd.h>

enum { PATH_CAPACITY = 4096 };

/* Absolute paths of files. */
struct file_lists {
	struct str_list defaults;  /* flyway.conf in its default places */
	struct str_list toml;      /* default .toml files that exist */
	struct str_list variable;  /* of FLYWAY_CONFIG_FILES */
	struct str_list arguments; /* of -configFiles */
	struct str_list missing;   /* of -configFiles, but they do not exist */
};

static bool is_toml(const char *path)
{
	return str_ends(str_of(path), STR(".toml"));
}

static const char *argument(const struct invocation *invocation, const char *key)
{
	const struct pair *pair = pairs_find(&invocation->options, key);

	return pair != NULL && pair->value[0] != '\0' ? pair->value : NULL;
}

static const char *variable(const struct environment *environment, const char *name)
{
	const char *value = environment->get(environment->ctx, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *sources_path(struct arena *arena, const struct sources *sources, const char *path)
{
	return fs_within(arena, sources->working_directory, path);
}

/* Returns the path of the program. Without /proc it is what the kernel was asked to run. */
static struct str program_path(struct arena *arena)
{
	char path[PATH_CAPACITY];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

	if (len > 0)
		return str_of(arena_strndup(arena, path, (size_t)len));
	const char *asked = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	return str_of(asked != NULL ? fs_canonical(arena, asked) : "/");
}

/* Returns the program's directory; Flyway's files are below it (conf/flyway.conf, sql). */
static const char *find_installation(struct arena *arena, const struct environment *environment)
{
	const char *home = variable(environment, "CFLYWAY_HOME");

	if (home != NULL)
		return home;
	struct str path = program_path(arena);
	while (path.len > 1 && path.ptr[path.len - 1] != '/')
		path.len--;
	return path.len <= 1 ? "/" : str_dup(arena, str_sub(path, 0, path.len - 1));
}

static void add_files(struct arena *arena, const struct sources *sources, const char *text,
                      struct str_list *list)
{
	struct str rest = str_of(text);

	while (rest.ptr != NULL) {
		struct str item = str_trim(str_cut(&rest, ','));
		if (item.len > 0)
			str_list_add(arena, list,
			             fs_absolute(arena, sources_path(arena, sources,
			                                             str_dup(arena, item))));
	}
}

/* directory may be NULL (no HOME, no working directory). */
static void add_default(struct arena *arena, const char *directory, struct file_lists *files)
{
	static const char *const toml_names[] = {"flyway.toml", "flyway.user.toml"};

	if (directory == NULL)
		return;
	for (size_t i = 0; i < COUNT(toml_names); i++) {
		const char *path = fs_join(arena, directory, toml_names[i]);
		if (fs_kind(path) != FS_MISSING)
			str_list_add(arena, &files->toml, path);
	}
	str_list_add(arena, &files->defaults, fs_join(arena, directory, "flyway.conf"));
}

static void find_files(struct arena *arena, const struct invocation *invocation,
                       const struct environment *environment, const struct sources *sources,
                       struct file_lists *files)
{
	const char *working_directory = NULL;
	struct str_list given = {0};

	if (sources->working_directory != NULL)
		working_directory = fs_absolute(arena, sources->working_directory);
	add_default(arena, fs_join(arena, sources->installation, "conf"), files);
	add_default(arena, variable(environment, "HOME"), files);
	add_default(arena, fs_current_directory(arena), files);
	add_default(arena, working_directory, files);
	add_files(arena, sources, variable(environment, "FLYWAY_CONFIG_FILES"), &files->variable);
	add_files(arena, sources, argument(invocation, "configFiles"), &given);
	for (size_t i = 0; i < given.n; i++) {
		str_list_add(arena, &files->arguments, given.items[i]);
		/* DIFFERS: Flyway warns about a missing file even when it reads standard input. */
		if (fs_kind(given.items[i]) == FS_MISSING &&
		    !config_file_is_standard_input(given.items[i]))
			str_list_add(arena, &files->missing, given.items[i]);
	}
}

enum manager {
	UNDECIDED,
	LEGACY,
	MODERN,
	BOTH,
	MANAGER_COUNT,
};

/* Returns the manager for a list of files, or for those of them that exist. */
static enum manager judge(const struct str_list *files, bool existing_only)
{
	bool kinds[MANAGER_COUNT] = {false};

	for (size_t i = 0; i < files->n; i++)
		if (!config_file_is_standard_input(files->items[i]) &&
		    (!existing_only || fs_kind(files->items[i]) != FS_MISSING))
			kinds[is_toml(files->items[i]) ? MODERN : LEGACY] = true;
	if (kinds[MODERN] && kinds[LEGACY])
		return BOTH;
	if (kinds[MODERN])
		return MODERN;
	return kinds[LEGACY] ? LEGACY : UNDECIDED;
}

static bool refuse_both(struct arena *arena, const struct str_list *files, struct error *err)
{
	struct str_list toml = {0}, conf = {0};

	for (size_t i = 0; i < files->n; i++)
		str_list_add(arena, is_toml(files->items[i]) ? &toml : &conf, files->items[i]);
	return error_set(
		err, ERROR_GENERAL,
		"Using both TOML configuration and CONF configuration is not supported. Please "
		"remove the CONF configuration files.\nTOML files: %s\nCONF files: %s\n",
		str_list_join(arena, &toml, ", "), str_list_join(arena, &conf, ", "));
}

static bool has_standard_input(const struct file_lists *files)
{
	for (size_t i = 0; i < files->arguments.n; i++)
		if (config_file_is_standard_input(files->arguments.items[i]))
			return true;
	return false;
}

static bool choose_manager(struct arena *arena, const struct file_lists *files, bool *legacy,
                           struct error *err)
{
	enum manager manager = judge(&files->arguments, true);

	if (manager == BOTH)
		return refuse_both(arena, &files->arguments, err);
	if (manager == UNDECIDED)
		manager = judge(&files->variable, false);
	if (manager == BOTH)
		return refuse_both(arena, &files->variable, err);
	if (manager == UNDECIDED)
		manager = judge(&files->toml, true);
	if (manager == UNDECIDED)
		manager = judge(&files->defaults, true);
	/* DIFFERS: Flyway does not read standard input if it is the only file. */
	if (manager == UNDECIDED && has_standard_input(files))
		manager = LEGACY;
	*legacy = manager == LEGACY;
	return true;
}

/* Standard input is always UTF-8. */
static bool read_conf(const char *path, const char *encoding, const struct environment *environment,
                      const struct log *log, struct pairs *pairs, struct error *err)
{
	struct buf text = BUF_EMPTY(CONFIG_TEXT_MAX);
	bool is_input = config_file_is_standard_input(path);

	log_debug(log, "Loading config file: %s", path);
	bool ok = config_file_read(path, is_input ? "UTF-8" : encoding, &text, err);
	if (ok)
		properties_parse(buf_str(&text), is_input ? "standard input" : path, environment,
		                 pairs);
	if (ok && is_input && text.len > 0)
		log_info(log, "Loaded configuration from standard input");
	buf_wipe(&text);
	return ok;
}

static bool read_conf_list(const struct str_list *paths, const char *encoding,
                           const struct environment *environment, const struct log *log,
                           struct pairs *pairs, struct error *err)
{
	for (size_t i = 0; i < paths->n; i++)
		if (!is_toml(paths->items[i]) &&
		    !read_conf(paths->items[i], encoding, environment, log, pairs, err))
			return false;
	return true;
}

/* Drops keys of other tools in the same file; "cflyway.x" is ours, but unknown to Flyway. */
static void keep_flyway_keys(const struct pairs *from, struct pairs *to)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct pair *pair = &from->items[i];
		struct str key = str_of(pair->key);

		if (str_starts(key, STR("cflyway.")))
			key = str_of(arena_printf(to->arena, "flyway.%s", pair->key));
		if (str_starts(key, STR("flyway.")))
			pairs_set(to, key, str_of(pair->value), pair->origin);
	}
}

static bool read_legacy_files(struct arena *arena, const struct invocation *invocation,
                              const struct environment *environment, const struct log *log,
                              const struct file_lists *files, struct sources *sources,
                              struct error *err)
{
	const char *encoding = variable(environment, "FLYWAY_CONFIG_FILE_ENCODING");
	struct pairs found;

	if (encoding == NULL)
		encoding = argument(invocation, "configFileEncoding");
	if (encoding == NULL)
		encoding = "UTF-8";
	pairs_init(&found, arena);
	for (size_t i = 0; i < files->defaults.n; i++) {
		const char *path = files->defaults.items[i];

		if (fs_kind(path) == FS_MISSING)
			log_debug(log, "Unable to load config file: %s", path);
		else if (!read_conf(path, encoding, environment, log, &found, err))
			return false;
	}
	if (!read_conf_list(&files->variable, encoding, environment, log, &found, err) ||
	    !read_conf_list(&files->arguments, encoding, environment, log, &found, err))
		return false;
	keep_flyway_keys(&found, &sources->pairs);
	return true;
}

/* Reads the default files, then the variable's, then the argument's; skips missing files. */
static bool read_modern_files(const struct file_lists *files, const struct log *log,
                              struct sources *sources, struct error *err)
{
	const struct str_list *lists[] = {&files->toml, &files->variable, &files->arguments};

	for (size_t i = 0; i < COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const char *path = lists[i]->items[j];

			if (!is_toml(path) || fs_kind(path) == FS_MISSING)
				continue;
			log_debug(log, "Loading config file: %s", path);
			if (!toml_file_read(path, &sources->pairs, &sources->toml, err))
				return false;
		}
	if (has_standard_input(files))
		log_cflyway(log,
		            "-configFiles=- was ignored: flyway.toml decides, and standard input "
		            "holds settings in the form of flyway.conf");
	return true;
}

/*
 * Adds a setting from a variable or an argument. In modern mode, an empty boolean or number counts
 * as unset.
 */
static void override(struct sources *sources, const char *key, const struct pair *pair)
{
	const struct option_spec *spec;

	if (!sources->legacy && strcmp(key, "flyway.environmentProvisionMode") == 0)
		key = "flyway.provisionMode";
	spec = strncmp(key, "flyway.", strlen("flyway.")) == 0
	               ? option_find(key + strlen("flyway."))
	               : NULL;
	if (!sources->legacy && spec != NULL && pair->value[0] == '\0' &&
	    spec->place != OPTION_UNSUGGESTED &&
	    (spec->type == OPTION_BOOL || spec->type == OPTION_INT))
		return;
	pairs_copy(&sources->pairs, key, pair);
}

/* Is it a key of [environments.NAME]? */
static bool names_environment(const char *key)
{
	return strncmp(key, "environments.", strlen("environments.")) == 0;
}

/* Flyway's message about repeated arguments shows its internal names. */
static const char *internal_name(struct arena *arena, const char *key, bool legacy)
{
	const struct option_spec *spec = option_find(key);

	if (names_environment(key))
		return key + strlen("environments.");
	if (!legacy && spec != NULL && spec->place == OPTION_CONNECTION && spec->type != OPTION_MAP)
		return arena_printf(arena, "environments.tempConfigEnvironment.%s", key);
	return arena_printf(arena, "flyway.%s", key);
}

static bool read_arguments(struct arena *arena, const struct invocation *invocation,
                           struct sources *sources, struct error *err)
{
	const struct pairs *options = &invocation->options;
	const char *repeated = invocation->repeated_key;

	if (repeated != NULL && !(sources->legacy && names_environment(repeated)))
		return error_set(
			err, ERROR_FAULT,
			"java.lang.IllegalStateException: Duplicate key %s (attempted merging values %s "
			"and %s)",
			internal_name(arena, repeated, sources->legacy),
			secret_mask(arena, repeated, pairs_find(options, repeated)->value),
			secret_mask(arena, repeated, invocation->repeated_value));
	for (size_t i = 0; i < options->n; i++) {
		const struct pair *pair = &options->items[i];
		const struct option_spec *spec = option_find(pair->key);
		const char *key = pair->key;

		if (spec != NULL && spec->place == OPTION_COMMAND_LINE)
			continue;
		if (!names_environment(key))
			key = arena_printf(arena, "flyway.%s", key);
		else if (sources->legacy)
			continue;
		override(sources, key, pair);
	}
	return true;
}

static bool read_files(struct arena *arena, const struct invocation *invocation,
                       const struct environment *environment, const struct log *log,
                       struct sources *sources, struct error *err)
{
	struct file_lists files = {0};

	find_files(arena, invocation, environment, sources, &files);
	if (files.missing.n > 0)
		log_warn(log, "One or more specified configuration files could not be found: %s\n",
		         str_list_join(arena, &files.missing, ", "));
	if (!choose_manager(arena, &files, &sources->legacy, err))
		return false;
	if (!sources->legacy)
		return read_modern_files(&files, log, sources, err);
	return read_legacy_files(arena, invocation, environment, log, &files, sources, err);
}

bool sources_read(struct arena *arena, const struct invocation *invocation,
                  const struct environment *environment, const struct log *log,
                  struct sources *sources, struct error *err)
{
	struct pairs variables;

	*sources = (struct sources){
		.installation = find_installation(arena, environment),
		.working_directory = argument(invocation, "workingDirectory"),
	};
	pairs_init(&sources->pairs, arena);
	pairs_init(&variables, arena);
	if (!read_files(arena, invocation, environment, log, sources, err))
		return false;
	environ_read(environment, sources->legacy, log, &variables);
	for (size_t i = 0; i < variables.n; i++)
		override(sources, variables.items[i].key, &variables.items[i]);
	return read_arguments(arena, invocation, sources, err);
}
