/* SPDX-License-Identifier: Apache-2.0 */
/* fake_db.c - a database in memory: the record of its calls, and where they fail */
#include "fake_connection.h"

#include <check.h>

struct fake_connection *fake_connection_of(struct db *db)
{
	return (struct fake_connection *)db->handle;
}

size_t fake_owner(const struct fake_connection *connection)
{
	return connection->in_transaction ? connection->number : FAKE_COMMITTED;
}

void fake_change(struct fake_connection *connection, enum fake_change_kind kind, const char *name)
{
	const struct fake_change change = {
		.kind = kind,
		.name = name,
		.owner = fake_owner(connection),
	};

	fake_store_add(&connection->fake->store, change);
}

void fake_end_transaction(struct fake_connection *connection, bool commits)
{
	struct fake_db *fake = connection->fake;

	if (commits)
		fake_store_commit(&fake->store, connection->number);
	else
		fake_store_roll_back(&fake->store, connection->number);
	connection->in_transaction = connection->has_failed = connection->is_read_only = false;
	if (fake->lock_owner == connection->number && !connection->has_session_lock)
		fake->lock_owner = 0;
}

/* --- failures ------------------------------------------------------------------------------ */

static bool set_failure(struct error *err, const char *state, const char *message)
{
	const struct sql_failure failure = {.state = state, .message = message};

	ck_assert_msg(!err->is_set, "\"%s\" would hide \"%s\"", message, err->message);
	return error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", message);
}

bool fake_refuse(struct fake_connection *connection, const char *state, const char *message,
                 struct error *err)
{
	connection->has_failed = connection->in_transaction;
	return set_failure(err, state, message);
}

static bool lose(struct fake_connection *connection, struct error *err)
{
	connection->is_lost = true;
	connection->has_session_lock = false;
	fake_end_transaction(connection, false);
	return set_failure(err, "08006", "An I/O error occurred while sending to the backend.");
}

/* As main/signals.c does. */
static bool cancel(struct fake_connection *connection, struct error *err)
{
	for (struct db *db = connection->fake->first; db != NULL; db = db->second)
		db->is_cancelled = 1;
	return fake_refuse(connection, "57014", "ERROR: canceling statement due to user request",
	                   err);
}

/* What a server could say to the call. */
static bool refuse_call(struct fake_connection *connection, const char *call, struct error *err)
{
	static const struct {
		const char *call, *state, *message;
	} failures[] = {
		{"OPEN", "08001",
	         "Connection to fake:5432 refused. Check that the hostname and port are correct "
	         "and that the postmaster is accepting TCP/IP connections."},
		{"BEGIN", "53200", "ERROR: out of memory"},
		{"COMMIT", "23503",
	         "ERROR: insert or update on table \"b\" violates foreign key constraint "
	         "\"b_a\"\n  Detail: Key (a)=(1) is not present in table \"a\"."},
		{"SEND", "42601", "ERROR: syntax error at or near \"x\"\n  Position: 1"},
		{"COPY", "22P02", "ERROR: invalid input syntax for type integer: \"x\""},
		{"LOCK", "57014", "ERROR: canceling statement due to statement timeout"},
		{"INSERT", "23514",
	         "ERROR: new row for relation \"flyway_schema_history\" violates check "
	         "constraint \"mine\""},
		{"DROP SCHEMA", "2BP01",
	         "ERROR: cannot drop schema s because other objects depend on it"},
		{"CLEAN", "2BP01", "ERROR: cannot drop table a because other objects depend on it"},
		{"", "42501", "ERROR: permission denied for schema public"},
	};
	size_t i = 0;

	while (!str_starts(str_of(call), str_of(failures[i].call)))
		i++;
	return fake_refuse(connection, failures[i].state, failures[i].message, err);
}

/* These have no way to say that they have failed. */
static bool cannot_fail(const char *call)
{
	static const char *const calls[] = {"ROLLBACK", "SYNC", "CLOSE", "CANCEL", "HOLDER"};

	for (size_t i = 0; i < COUNT(calls); i++)
		if (strcmp(call, calls[i]) == 0)
			return true;
	return false;
}

/* The fault that the call meets; NULL: none. */
static const struct fake_fault *find_fault(struct fake_db *fake, const char *call)
{
	const struct fake_fault *found = NULL;

	for (size_t i = 0; i < fake->faults_n; i++) {
		struct fake_fault *fault = &fake->faults[i];
		size_t times = fault->times > 0 ? fault->times : 1;

		if (fault->call != NULL && !str_starts(str_of(call), str_of(fault->call)))
			continue;
		fault->seen++;
		if (fault->seen >= fault->at && fault->seen - fault->at < times)
			found = fault;
	}
	return found;
}

static const char *record(struct fake_connection *connection, const char *call, const char *detail)
{
	struct fake_db *fake = connection->fake;
	const char *text =
		arena_printf(fake->arena, "%s%s%s", call, *detail != '\0' ? " " : "", detail);

	str_list_add(fake->arena, &fake->calls,
	             connection->number == 1
	                     ? text
	                     : arena_printf(fake->arena, "%zu: %s", connection->number, text));
	if (fake->on_call != NULL)
		fake->on_call(fake->ctx, fake->calls.items[fake->calls.n - 1]);
	return text;
}

bool fake_enter(struct fake_connection *connection, const char *call, const char *detail,
                struct error *err)
{
	const char *text = record(connection, call, detail);
	const struct fake_fault *fault = find_fault(connection->fake, text);

	if (connection->is_lost)
		return cannot_fail(call) ||
		       set_failure(err, "08003", "This connection has been closed.");
	if (fault != NULL && fault->kind == FAKE_LOSES)
		return lose(connection, err);
	if (fault != NULL && fault->kind == FAKE_LOSES_ANSWER)
		connection->loses_answer = true;
	if (fault != NULL && fault->kind == FAKE_CANCELS)
		return cancel(connection, err);
	if (cannot_fail(call))
		return true;
	if (fault != NULL && fault->kind == FAKE_FAILS)
		return refuse_call(connection, text, err);
	if (fault != NULL && fault->kind == FAKE_CONFLICTS)
		return fake_refuse(connection, "55P03",
		                   "ERROR: canceling statement due to lock timeout", err);
	/* COMMIT then rolls back */
	return !connection->has_failed || strcmp(call, "COMMIT") == 0 ||
	       set_failure(err, "25P02",
	                   "ERROR: current transaction is aborted, commands ignored until end of "
	                   "transaction block");
}

bool fake_leave(struct fake_connection *connection, struct error *err)
{
	bool is_lost = connection->loses_answer;

	connection->loses_answer = false;
	return !is_lost || lose(connection, err);
}

/* --- what tests ask for -------------------------------------------------------------------- */

void fake_db_init(struct fake_db *fake, struct arena *arena)
{
	*fake = (struct fake_db){
		.driver = fake_driver,
		.arena = arena,
		.store = {.arena = arena},
		.current_schema = "public",
	};
	fake->list[0] = &fake->driver;
	fake->drivers = (struct db_drivers){fake->list, COUNT(fake->list)};
	fake_db_add_schema(fake, "public");
}

void fake_db_connect(struct fake_db *fake, struct db *db, const struct settings *settings,
                     const struct log *log)
{
	struct error err = ERROR_INIT(fake->arena);

	ck_assert_msg(db_open(db, &fake->drivers, fake->arena, settings, log, &err), "%s",
	              err.message);
	fake->calls.n = 0;
}

void fake_db_add_fault(struct fake_db *fake, enum fake_fault_kind kind, const char *call, size_t at)
{
	ck_assert_uint_lt(fake->faults_n, FAKE_FAULTS_MAX);
	fake->faults[fake->faults_n++] = (struct fake_fault){.kind = kind, .call = call, .at = at};
}

void fake_db_add_reaction(struct fake_db *fake, struct fake_reaction reaction)
{
	ck_assert_uint_lt(fake->reactions_n, FAKE_REACTIONS_MAX);
	fake->reactions[fake->reactions_n++] = reaction;
}

static void add(struct fake_db *fake, enum fake_change_kind kind, const char *name)
{
	fake_store_add(&fake->store, (struct fake_change){.kind = kind, .name = name});
}

static const char *qualified(struct fake_db *fake, const char *schema, const char *name)
{
	return arena_printf(fake->arena, "%s.%s", db_quote_identifier(fake->arena, schema),
	                    db_quote_identifier(fake->arena, name));
}

void fake_db_add_schema(struct fake_db *fake, const char *schema)
{
	add(fake, FAKE_CREATE_SCHEMA, schema);
}

void fake_db_drop_schema(struct fake_db *fake, const char *schema)
{
	add(fake, FAKE_DROP_SCHEMA, schema);
}

void fake_db_add_object(struct fake_db *fake, const char *schema, const char *name)
{
	add(fake, FAKE_CREATE_OBJECT, qualified(fake, schema, name));
}

void fake_db_add_table(struct fake_db *fake, const char *schema, const char *table)
{
	add(fake, FAKE_CREATE_TABLE, qualified(fake, schema, table));
}

struct fake_row *fake_db_add_row(struct fake_db *fake, const char *version, const char *description,
                                 const char *script, const char *checksum)
{
	const struct fake_view view = fake_db_view(fake);
	int last_rank = fake_view_last_rank(&view);
	const char *rank = arena_printf(fake->arena, "%d", last_rank < 0 ? 1 : last_rank + 1);
	const struct fake_change change = {
		.kind = FAKE_INSERT,
		.row = {{rank, version, description, "SQL", script, checksum,
	                 "2026-01-02 03:04:05.678", "me", "7", "1"}},
	};

	fake_store_add(&fake->store, change);
	return &fake->store.changes[fake->store.n - 1].row;
}

struct fake_view fake_db_view(const struct fake_db *fake)
{
	return fake_store_view(&fake->store, FAKE_COMMITTED);
}

const char *fake_db_statements(const struct fake_db *fake)
{
	const struct fake_view view = fake_db_view(fake);

	return str_list_join(fake->arena, &view.statements, "\n");
}

const char *fake_db_rows(const struct fake_db *fake)
{
	const struct fake_view view = fake_db_view(fake);
	const char *text = "";

	for (size_t i = 0; i < view.n; i++) {
		const char *const *values = view.rows[i].values;

		text = arena_printf(fake->arena, "%s%s %s %s %s %s %s\n", text, values[0],
		                    values[1] != NULL ? values[1] : "NULL", values[2], values[3],
		                    values[4], values[9][0] == '1' ? "ok" : "failed");
	}
	return text;
}

const char *fake_db_calls(struct fake_db *fake)
{
	const char *calls = str_list_join(fake->arena, &fake->calls, "\n");

	fake->calls.n = 0;
	return calls;
}
