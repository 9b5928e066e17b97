/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - finds out what the session works on: schemas, table, placeholders */
#include "cflyway/core/session.h"

#include "cflyway/base/charset.h"
#include "cflyway/base/fs.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/info_picks.h"
#include "cflyway/core/locations.h"
#include "cflyway/migration/layout.h"
#include "cflyway/migration/resolve.h"
#include "cflyway/migration/script_conditions.h"
#include "cflyway/migration/seeds.h"

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* The default schema by Flyway's rule: configured, else the first of schemas, else the current. */
static const char *configured_default_schema(const struct settings *settings)
{
	if (settings->default_schema != NULL)
		return settings->default_schema;
	return settings->schemas.n > 0 ? settings->schemas.items[0] : NULL;
}

static bool choose_schemas(const struct run *run, struct session *session, struct error *err)
{
	const struct str_list *configured = &run->settings->schemas;

	session->default_schema = configured_default_schema(run->settings);
	if (session->default_schema == NULL)
		session->default_schema = session->about.current_schema;
	/* DIFFERS: with search_path = '' Flyway creates and uses a schema named "" (two quotes). */
	if (session->default_schema == NULL)
		return error_set(
			err, ERROR_GENERAL,
			"Unable to determine current schema as search_path is empty. Set the "
			"current schema in currentSchema parameter of the JDBC URL or in "
			"Flyway's schemas property.");
	session->quoted_schema = db_quote_identifier(run->arena, session->default_schema);
	if (!str_list_has(configured, session->default_schema))
		str_list_add(run->arena, &session->schemas, session->default_schema);
	for (size_t i = 0; i < configured->n; i++)
		str_list_add(run->arena, &session->schemas, configured->items[i]);
	return true;
}

static void add_default_placeholder(const struct run *run, struct session *session,
                                    const char *name, const char *value)
{
	struct placeholders *placeholders = &session->placeholders;

	placeholders_add(run->arena, placeholders,
	                 arena_printf(run->arena, "flyway%s%s", placeholders->separator, name),
	                 value);
}

static void make_placeholders(const struct run *run, struct session *session)
{
	const struct settings *settings = run->settings;
	struct placeholders *placeholders = &session->placeholders;

	placeholders->prefix = or_empty(settings->placeholder_prefix);
	placeholders->suffix = or_empty(settings->placeholder_suffix);
	placeholders->separator = or_empty(settings->placeholder_separator);
	for (size_t i = 0; i < settings->placeholders.n; i++)
		placeholders_add(run->arena, placeholders, settings->placeholders.items[i].key,
		                 settings->placeholders.items[i].value);
	add_default_placeholder(run, session, "defaultSchema", session->default_schema);
	add_default_placeholder(run, session, "user", session->about.user);
	add_default_placeholder(run, session, "database", session->about.database);
	add_default_placeholder(run, session, "timestamp",
	                        clock_format_local(run->arena, run->clock->now(run->clock)));
	add_default_placeholder(run, session, "workingDirectory",
	                        settings->working_directory != NULL
	                                ? settings->working_directory
	                                : fs_current_directory(run->arena));
	add_default_placeholder(run, session, "table", session->history.table);
	add_default_placeholder(run, session, "environment", settings->environment_name);
	session->program_placeholders = *placeholders;
	session->program_placeholders.prefix = or_empty(settings->script_placeholder_prefix);
	session->program_placeholders.suffix = or_empty(settings->script_placeholder_suffix);
	session->program_placeholders.separator = "_";
}

struct filename_rules session_name_rules(const struct settings *settings)
{
	return (struct filename_rules){
		.versioned_prefix = or_empty(settings->sql_migration_prefix),
		.repeatable_prefix = or_empty(settings->repeatable_sql_migration_prefix),
		.baseline_prefix = or_empty(settings->baseline_migration_prefix),
		.undo_prefix = or_empty(settings->undo_sql_migration_prefix),
		.separator = or_empty(settings->sql_migration_separator),
		.suffixes = settings->sql_migration_suffixes,
		.layout = layout_of(settings->layout_kind),
	};
}

/* Undo takes back no seed, and some commands look at no migration. */
static bool scan_seeds(const struct run *run, struct session *session, struct error *err)
{
	const struct settings *settings = run->settings;
	const struct seed_options seeds = {
		.mode = settings->seeds,
		.location = or_empty(settings->seeds_location),
		.database = settings->seeds_database,
		.names = {settings->target_name, settings->environment_name},
	};

	return run->is_undo || run->needs_callbacks_only ||
	       seeds_scan(run->arena, &session->resolve, &seeds, run->log, &session->files, err);
}

/* Flyway knows the migrations before it has sent anything to the database. */
static bool scan_scripts(const struct run *run, struct session *session, struct error *err)
{
	const struct settings *settings = run->settings;

	session->resolve = (struct resolve_options){
		.names = session_name_rules(settings),
		.programs = program_kinds_make(run->arena, &settings->executors),
		.detects_layout = settings->layout_kind == LAYOUT_AUTO,
		.has_callback_locations = settings->callback_locations.n > 0,
		.skip_unreadable = settings->skip_unreadable,
		.skip_unreadable_migrations = run->needs_callbacks_only,
		.fail_on_missing_locations = settings->fail_on_missing_locations,
		.validate_naming = settings->validate_migration_naming,
		.skip_default_resolvers = settings->skip_default_resolvers,
		.skip_default_callbacks = settings->skip_default_callbacks,
		.encoding = settings->encoding,
		.detect_encoding = settings->detect_encoding,
		.placeholder_replacement = settings->placeholder_replacement,
		.placeholders = &session->placeholders,
		.program_placeholders = &session->program_placeholders,
		.working_directory = settings->working_directory,
	};
	if (!locations_parse_scripts(run->locations, err))
		return false;
	if (settings->locations_configured) {
		location_list_warn(&run->locations->scripts, run->log);
		session->resolve.locations = run->locations->scripts;
	}
	if (!charset_known(settings->encoding))
		return error_set(err, ERROR_FAULT, "%s",
		                 charset_complaint(run->arena, settings->encoding));
	return scan_locations(run->arena, &session->resolve, run->log, &session->files, err) &&
	       scan_seeds(run, session, err);
}

/* Warnings come as often as Flyway parses the locations: callbackLocations twice. */
static bool scan_callbacks(const struct run *run, struct session *session, struct error *err)
{
	struct locations *locations = run->locations;

	if (!locations_parse_callbacks(locations, err))
		return false;
	location_list_warn(&locations->callbacks, run->log);
	location_list_warn(&locations->callbacks, run->log);
	session->resolve.callback_locations = locations->callbacks;
	return scan_callback_locations(run->arena, &session->resolve, run->log, &session->files,
	                               err);
}

/* Finds the migrations by their names. False: something is wrong that the command reports later. */
static bool list_migrations(const struct run *run, struct migration_list *migrations)
{
	const struct log silence = {0};
	struct error ignored = ERROR_INIT(run->arena);
	struct unsorted_migrations unsorted;
	struct session session = {0};
	struct run quiet = *run;

	quiet.log = &silence;
	if (!scan_scripts(&quiet, &session, &ignored))
		return false;
	resolve_describe(run->arena, &session.resolve, &session.files, &unsorted);
	return resolve_sort(run->arena, &unsorted, migrations, &ignored);
}

/* Conditions need a connection, and may decide which baseline migration is the first. */
static bool has_condition(const struct migration_list *migrations)
{
	for (size_t i = 0; i < migrations->n; i++)
		if (migrations->items[i]->should_execute != NULL)
			return true;
	return false;
}

bool session_check_picks(const struct run *run, bool picks_rows, struct error *err)
{
	const struct info_options options = info_options_from(run->arena, run->settings);
	const struct history_rows none = {0};
	struct migration_list migrations;

	if (options.picks.n == 0 || !list_migrations(run, &migrations))
		return true;
	return picks_rows || has_condition(&migrations)
	               ? info_check_picked_rows(&options.picks, &migrations, &none, err)
	               : info_check_picks(&options, &migrations, &none, err);
}

/* A schema that cannot be read fails the command where it needs the history table. */
static bool describe(const struct run *run, struct session *session, struct error *err)
{
	const char *default_schema = configured_default_schema(run->settings);

	if (db_describe(run->db, default_schema, run->settings->table, &session->about, err))
		return true;
	if (!session->about.schema_unknown)
		return false;
	error_clear(err);
	return true;
}

bool session_open(struct run *run, struct error *err)
{
	struct session *session = arena_alloc(run->arena, sizeof(*session));

	run->session = session;
	if (!scan_scripts(run, session, err) || !db_run_init_sql(run->db, err) ||
	    !describe(run, session, err) || !choose_schemas(run, session, err))
		return false;
	history_init(run->arena, &session->history, session->default_schema, run->settings->table);
	session->installed_by = run->settings->installed_by != NULL ? run->settings->installed_by
	                                                            : session->about.user;
	make_placeholders(run, session);
	return scan_callbacks(run, session, err) &&
	       script_conditions_evaluate(run->arena, &session->resolve, run->log, &session->files,
	                                  err);
}

bool session_refresh(struct run *run, struct error *err)
{
	struct session *session = arena_alloc(run->arena, sizeof(*session));
	struct db_description *about = &session->about;

	*session = *run->session;
	about->schema_unknown = false;
	run->session = session;
	return db_schema_exists(run->db, session->default_schema, &about->default_schema_exists,
	                        err) &&
	       db_table_exists(run->db, session->history.schema, session->history.table,
	                       &about->history_exists, err);
}

bool session_find_history(const struct run *run, bool *exists, struct error *err)
{
	const struct history *history = &run->session->history;

	*exists = run->session->about.history_exists;
	return !run->session->about.schema_unknown ||
	       db_table_exists(run->db, history->schema, history->table, exists, err);
}

bool applied_read(const struct run *run, bool exists, struct applied *applied, struct error *err)
{
	const struct history *history = &run->session->history;

	*applied = (struct applied){.exists = exists};
	if (run->session->about.schema_unknown && !session_find_history(run, &applied->exists, err))
		return false;
	if (!applied->exists) {
		history_log_missing(history, run->log);
		return true;
	}
	return history_read(run->arena, run->db, history, &applied->rows, err);
}

bool session_operation_failed(const struct run *run)
{
	if (!run->settings->execute_in_transaction)
		log_error(run->log,
		          "Failed to execute operation in non-transactional context. Please "
		          "restore backups and roll back database and code!");
	return false;
}
