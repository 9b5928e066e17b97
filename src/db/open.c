/* SPDX-License-Identifier: Apache-2.0 */
/* open.c - chooses the driver by the URL, connects with retries, runs initSql */
#include "cflyway/db/driver.h"

#include "cflyway/base/about.h"
#include "cflyway/base/clock.h"
#include "cflyway/db/notices.h"
#include "cflyway/db/result_log.h"
#include "cflyway/db/url.h"
#include "cflyway/sql/script_place.h"

#include <assert.h>

static const struct db_driver *choose(const struct db_drivers *drivers, const char *url)
{
	for (size_t i = 0; i < drivers->n; i++)
		if (str_starts(str_of(url), str_of(drivers->items[i]->scheme)))
			return drivers->items[i];
	return NULL;
}

/* Flyway has plugins for these, but cflyway has no driver. */
static bool has_plugin(const char *url)
{
	static const char *const schemes[] = {
		"jdbc:p6spy:",  "jdbc:aws-wrapper:", "jdbc-secretsmanager:",
		"jdbc:mysql:",  "jdbc:mariadb:",     "jdbc:sqlserver:",
		"jdbc:oracle:", "jdbc:h2:",          "jdbc:redshift:",
	};

	for (size_t i = 0; i < COUNT(schemes); i++)
		if (str_starts(str_of(url), str_of(schemes[i])))
			return true;
	return false;
}

static bool refuse_url(struct arena *arena, const char *url, struct error *err)
{
	return error_set(err, ERROR_GENERAL,
	                 "No %s found to handle %s. See " FLYWAY_LINK
	                 "reference/usage/database-troubleshooting for troubleshooting",
	                 has_plugin(url) ? "JDBC driver" : "Flyway database plugin",
	                 url_masked(arena, url));
}

static bool connect_with_retries(struct db *db, struct error *err)
{
	const struct settings *settings = db->settings;
	int pause_s = 1;

	assert(db->driver); /* the URL has been checked */
	for (int retry = 0; !db->driver->connection.open(db, err); retry++) {
		/* only SQL failures may go away after a pause */
		if (err->sql == NULL || retry >= settings->connect_retries) {
			err->sub_code = err->sql != NULL ? "CONNECTION_FAILURE" : NULL;
			return db_title(err, ERROR_DB_CONNECTION,
			                "Unable to obtain connection from database (%s) for user "
			                "'%s': %s",
			                url_masked(db->arena, db->url),
			                settings->user != NULL ? settings->user : "null",
			                err->message);
		}
		if (pause_s > settings->connect_retries_interval)
			pause_s = settings->connect_retries_interval;
		if (err->cause != NULL)
			log_warn(db->log,
			         "Connection error: %s\n(Caused by %s)\nRetrying in %d sec...",
			         err->message, error_without_class(err->cause), pause_s);
		else
			log_warn(db->log, "Connection error: %s\nRetrying in %d sec...",
			         err->message, pause_s);
		error_clear(err);
		clock_system.sleep_ms(&clock_system, (int64_t)pause_s * 1000);
		pause_s *= 2;
	}
	return true;
}

/* --- initSql ------------------------------------------------------------------------------- */

struct init_sql {
	struct db *db;
	struct notices notices; /* those of the running statement */
	struct text_memory again;
};

static void keep_notice(void *ctx, const char *sqlstate, const char *message)
{
	struct init_sql *init_sql = ctx;

	notices_add(&init_sql->notices, sqlstate, message);
}

static void show_result(void *ctx, size_t index, struct row_set *rows)
{
	struct init_sql *init_sql = ctx;

	(void)index;
	notices_log(&init_sql->notices, init_sql->db->log);
	result_log_rows(init_sql->db->log, rows);
}

static struct text_source *read_again(void *ctx, struct error *err)
{
	struct init_sql *init_sql = ctx;

	(void)err;
	text_memory_init(&init_sql->again, str_of(init_sql->db->settings->init_sql), 0);
	return &init_sql->again.source;
}

/* The option is no file, and its text is not shown: it may hold what no message should. */
static void note_place(struct init_sql *init_sql, const struct statement *statement,
                       struct error *err)
{
	const struct script_again script = {.read = read_again, .ctx = init_sql};
	const struct str sent = {statement->text, statement->len};
	const size_t position = err->sql->place.position;
	struct source_line line;
	size_t at = statement->offset +
	            (position > 0 ? script_place_of_character(sent, position) : statement->token);

	if (!script_place_map(&script, &at, 1, err) ||
	    !script_place_line(&script, at, err->arena, &line, err))
		return;

	const struct note_place place = {"initSql", line.line, line.column};

	error_locate(err, NOTE_PLACE, &place, "initSql:%zu:%zu", line.line, line.column);
}

static bool run_statement(struct init_sql *init_sql, const struct statement *statement,
                          struct error *err)
{
	struct db *db = init_sql->db;

	if (db->pools_transactions
	            ? db->driver->connection.set_locally(db, statement, err)
	            : db_send(db, statement, err) == DB_OK && db_sync(db, err) == DB_OK) {
		notices_log(&init_sql->notices, db->log);
		return true;
	}
	/* DIFFERS: Flyway does not show the notices of a failed statement. */
	notices_note(&init_sql->notices, err);
	if (err->sql == NULL)
		return false;
	note_place(init_sql, statement, err);

	struct sql_failure failure = *err->sql;

	/* Flyway's report of a script without a name */
	failure.path = failure.absolute_path = "";
	failure.line = statement->line;
	failure.statement = db->log->debug ? statement->text : NULL;
	return db_fail_script(db, ERROR_DB_CONNECTION, &failure, "", err);
}

static bool run_statements(struct init_sql *init_sql, struct splitter *splitter, struct error *err)
{
	struct statement statement;

	for (;;) {
		switch (split_next(splitter, &statement, err)) {
		case SPLIT_FAILED:
			return false;
		case SPLIT_END:
			return true;
		case SPLIT_STATEMENT:
			if (!run_statement(init_sql, &statement, err))
				return false;
		}
	}
}

/* Each statement commits by itself, as in Flyway. */
bool db_run_init_sql(struct db *db, struct error *err)
{
	const char *sql = db->settings->init_sql;
	const struct split_options options = {
		.path = "",
		.max_statement_size = SIZE_MAX,
		.context = {.server_version = db->server_version},
	};
	struct init_sql init_sql = {.db = db};
	const struct db_listener listener = {
		.notice = keep_notice,
		.result = db->settings->output_query_results ? show_result : NULL,
		.ctx = &init_sql,
	};
	struct text_memory text;

	if (sql == NULL || *sql == '\0')
		return true;
	if (!db->driver->connection.find_pooler(db, err))
		return false;
	text_memory_init(&text, str_of(sql), 0);

	struct splitter *splitter = split_open(db->driver->dialect, &text.source, &options);

	notices_open(&init_sql.notices);
	db->listener = &listener;
	bool ok = run_statements(&init_sql, splitter, err);

	db->listener = NULL;
	notices_close(&init_sql.notices);
	split_close(splitter);
	return ok;
}

/* ------------------------------------------------------------------------------------------- */

static bool start(struct db *db, struct error *err)
{
	log_info(db->log, "Database: %s (%s)", url_masked(db->arena, db->url), db->product);
	return db->driver->connection.check_version(db, err);
}

bool db_check_url(const struct db_drivers *drivers, struct arena *arena, const char *url,
                  struct error *err)
{
	return url == NULL || *url == '\0' || choose(drivers, url) != NULL ||
	       refuse_url(arena, url, err);
}

bool db_is_missing(const struct db_drivers *drivers, struct arena *arena, const char *url)
{
	const struct db_driver *driver = url != NULL ? choose(drivers, url) : NULL;

	return driver != NULL && driver->is_missing != NULL && driver->is_missing(arena, url);
}

static bool has_class(const struct settings *settings)
{
	return settings->driver != NULL && settings->driver[0] != '\0';
}

bool db_check_driver(const struct db_drivers *drivers, const struct settings *settings,
                     struct error *err)
{
	if (!has_class(settings) || settings->url == NULL || choose(drivers, settings->url) == NULL)
		return true;
	for (size_t i = 0; i < drivers->n; i++)
		if (strcmp(settings->driver, drivers->items[i]->java_class) == 0)
			return true;
	error_set(err, ERROR_JDBC_DRIVER,
	          "Unable to instantiate JDBC driver: %s => Check whether the jar file is present",
	          settings->driver);
	err->cause = arena_printf(err->arena, "Unable to instantiate class %s : %s",
	                          settings->driver, settings->driver);
	err->root_cause =
		arena_printf(err->arena, "java.lang.ClassNotFoundException: %s", settings->driver);
	error_note(err, "there is no Java here: leave flyway.driver out, the URL is enough");
	return false;
}

/* A driver of Flyway rejects the URLs of other drivers. */
static bool check_class(const struct db *db, struct error *err)
{
	return !has_class(db->settings) ||
	       strcmp(db->settings->driver, db->driver->java_class) == 0 ||
	       error_set(err, ERROR_GENERAL, "Unable to connect to %s",
	                 url_masked(db->arena, db->url));
}

static void prepare_second(struct db *db, const struct db *first)
{
	*db = (struct db){
		.arena = first->arena,
		.settings = first->settings,
		.log = first->log,
		.url = first->url,
		.driver = first->driver,
		.pools_transactions = first->pools_transactions,
	};
}

bool db_open_second(struct db *db, const struct db *first, struct error *err)
{
	struct db_description about;

	prepare_second(db, first);
	if (!connect_with_retries(db, err)) {
		db->driver = NULL;
		return false;
	}
	if (db_run_init_sql(db, err) && db_describe(db, NULL, db->settings->table, &about, err))
		return true;
	db_close(db);
	return false;
}

bool db_open_watcher(struct db *db, const struct db *first, struct error *err)
{
	prepare_second(db, first);
	if (connect_with_retries(db, err))
		return true;
	db->driver = NULL;
	return false;
}

bool db_open(struct db *db, const struct db_drivers *drivers, struct arena *arena,
             const struct settings *settings, const struct log *log, struct error *err)
{
	*db = (struct db){
		.arena = arena,
		.settings = settings,
		.log = log,
		.url = settings->url,
	};
	if (db->url == NULL || *db->url == '\0') {
		error_set(err, ERROR_CONFIGURATION,
		          "Unable to connect to the database. Configure the url, user and "
		          "password!");
		if (settings->url_hint != NULL)
			error_note(err, "%s", settings->url_hint);
		return false;
	}
	if (!db_check_url(drivers, arena, db->url, err))
		return false;
	db->driver = choose(drivers, db->url);
	assert(db->driver); /* db_check_url has looked */
	if (!check_class(db, err) || !connect_with_retries(db, err)) {
		db->driver = NULL;
		return false;
	}
	if (start(db, err))
		return true;
	db_close(db);
	return false;
}

void db_close(struct db *db)
{
	if (db->driver != NULL)
		db->driver->connection.close(db);
	db->driver = NULL;
}
