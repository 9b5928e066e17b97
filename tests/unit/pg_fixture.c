/* SPDX-License-Identifier: Apache-2.0 */
/* pg_fixture.c - a connection of the PostgreSQL driver to the server of fake_libpq.h */
#include "pg_fixture.h"

#include "suites.h"

#include "../../src/db/drivers.h"
#include "../../src/db/postgres/handle.h"

static void tell(struct pg_fixture *fixture, const char *event)
{
	str_list_add(&fixture->arena, &fixture->events, event);
}

static void on_started(void *ctx, int64_t ago_ms)
{
	struct pg_fixture *fixture = ctx;

	ck_assert_int_ge(ago_ms, 0);
	tell(fixture, "started");
}

static void on_committed(void *ctx)
{
	tell(ctx, "committed");
}

static void on_notice(void *ctx, const char *sqlstate, const char *message)
{
	struct pg_fixture *fixture = ctx;

	tell(fixture, arena_printf(&fixture->arena, "notice %s %s", sqlstate, message));
}

static const char *cells(struct pg_fixture *fixture, const char **values, size_t n)
{
	struct str_list list = {0};

	for (size_t i = 0; i < n; i++)
		str_list_add(&fixture->arena, &list, values[i] != NULL ? values[i] : "NULL");
	return str_list_join(&fixture->arena, &list, ",");
}

static void on_result(void *ctx, size_t index, struct row_set *rows)
{
	struct pg_fixture *fixture = ctx;
	struct str_list list = {0};

	row_set_rewind(rows);
	while (row_set_next(rows))
		str_list_add(&fixture->arena, &list, cells(fixture, rows->values, rows->columns));
	tell(fixture, arena_printf(&fixture->arena, "result %zu %s: %s", index,
	                           cells(fixture, rows->titles, rows->columns),
	                           str_list_join(&fixture->arena, &list, "; ")));
}

static void on_complete(void *ctx, size_t index, int64_t affected)
{
	struct pg_fixture *fixture = ctx;

	tell(fixture,
	     arena_printf(&fixture->arena, "complete %zu %lld", index, (long long)affected));
}

static void keep_line(void *ctx, enum log_level level, struct str message)
{
	static const char *const names[] = {
		[LOG_LEVEL_DEBUG] = "DEBUG",   [LOG_LEVEL_INFO] = "INFO",
		[LOG_LEVEL_OWN] = "cflyway:",  [LOG_LEVEL_NOTICE] = "NOTICE",
		[LOG_LEVEL_WARN] = "WARNING:", [LOG_LEVEL_ERROR] = "ERROR:",
	};
	struct pg_fixture *fixture = ctx;

	str_list_add(&fixture->arena, &fixture->lines,
	             arena_printf(&fixture->arena, "%s %.*s", names[level], (int)message.len,
	                          message.ptr));
}

void pg_fixture_open(struct pg_fixture *fixture)
{
	*fixture = (struct pg_fixture){
		.settings = {.url = "jdbc:postgresql://h/d", .user = "me", .explain_waits = true},
		.log = {.sink = keep_line, .ctx = fixture, .debug = true},
		.listener =
			{
				.committed = on_committed,
				.started = on_started,
				.notice = on_notice,
				.result = on_result,
				.complete = on_complete,
				.ctx = fixture,
			},
	};
	arena_init(&fixture->arena);
	fixture->err = (struct error)ERROR_INIT(&fixture->arena);
	fixture->db = (struct db){
		.driver = &db_postgres,
		.arena = &fixture->arena,
		.settings = &fixture->settings,
		.log = &fixture->log,
		.url = fixture->settings.url,
		.listener = &fixture->listener,
	};
	fixture->pg = pg_new(&fixture->db);
	fake_libpq_open(&fixture->conn, &fixture->arena, &fixture->pg->pq);
	fixture->conn.backend_pid = PG_FIXTURE_PID;
}

void pg_fixture_connect(struct pg_fixture *fixture)
{
	struct db_description description;

	fake_libpq_reply(
		&fixture->conn,
		(struct fake_reply){
			.sql = "WITH current",
			.columns = "role,session,database,path,schema,history,exists,triggers,"
				   "version,pid,standby,address",
			.rows = "me,me,d,public,public,t,t,f,PostgreSQL 16.3 on x86_64,7,f,10.0.0.1 5432",
		});
	ck_assert(pg_start(fixture->pg, &fixture->err));
	ck_assert(db_describe(&fixture->db, "public", "h", &description, &fixture->err));
	fake_libpq_calls(&fixture->conn);
}

void pg_fixture_close(struct pg_fixture *fixture)
{
	if (fixture->db.handle != NULL)
		db_close(&fixture->db);
	else
		pg_release(fixture->pg);
	fake_libpq_close(&fixture->conn);
	arena_release(&fixture->arena);
}

const char *pg_fixture_events(struct pg_fixture *fixture)
{
	const char *events = str_list_join(&fixture->arena, &fixture->events, "\n");

	fixture->events = (struct str_list){0};
	return events;
}

const char *pg_fixture_error(struct pg_fixture *fixture)
{
	const struct error *err = &fixture->err;
	const char *text = err->message;

	if (err->sql != NULL)
		text = arena_printf(&fixture->arena, "%s %s",
		                    err->sql->state != NULL ? err->sql->state : "NULL",
		                    err->sql->message);
	for (size_t i = 0; i < err->notes.n; i++)
		text = arena_printf(&fixture->arena, "%s | %s", text, err->notes.items[i].text);
	return text;
}

enum db_status pg_fixture_send(struct pg_fixture *fixture, const char *sql, unsigned flags)
{
	const struct statement statement = {.text = sql, .len = strlen(sql), .flags = flags};

	return db_send(&fixture->db, &statement, &fixture->err);
}

struct db_guard pg_fixture_guard(void)
{
	return (struct db_guard){
		.table = "\"public\".\"h\"",
		.last_rank = 3,
		.schema = "app",
		.check_history = true,
	};
}
