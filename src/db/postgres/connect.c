/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect.c - connects to the first host that answers
 *
 * libpq connects in steps here, since only a connection that has been started but not finished lets
 * the verbosity of its errors be raised, and only verbose errors carry the SQL state.
 */
#include "connect.h"

#include "../drivers.h"
#include "connect_causes.h"
#include "conninfo.h"
#include "errors.h"
#include "listener.h"

#include "cflyway/base/clock.h"
#include "cflyway/base/fs.h"
#include "cflyway/config/secret.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

extern char **environ;

/* libpq takes these from the environment as pgjdbc does. */
static bool names_a_file(const char *variable)
{
	static const char *const kept[] = {"PGPASSFILE=", "PGSERVICEFILE=", "PGSYSCONFDIR="};

	for (size_t i = 0; i < COUNT(kept); i++)
		if (strncmp(variable, kept[i], strlen(kept[i])) == 0)
			return true;
	return false;
}

/*
 * Takes all other PG* variables out of the environment, so that a stray PGHOST never redirects a
 * migration, and returns them.
 */
static struct str_list hide_variables(struct arena *arena)
{
	struct str_list hidden = {0};

	for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
		if (strncmp(*variable, "PG", 2) == 0 && !names_a_file(*variable))
			str_list_add(arena, &hidden, arena_strdup(arena, *variable));
	for (size_t i = 0; i < hidden.n; i++) {
		struct str rest = str_of(hidden.items[i]);

		unsetenv(str_dup(arena, str_cut(&rest, '=')));
	}
	return hidden;
}

/* Without memory nothing can be set, and what reads the variable would not know. */
static void set_variable(const char *name, const char *value)
{
	if (setenv(name, value, 1) != 0)
		arena_exhausted();
}

static void show_variables(struct arena *arena, const struct str_list *hidden)
{
	unsetenv("PGTZ");
	unsetenv("PGDATESTYLE");
	for (size_t i = 0; i < hidden->n; i++) {
		struct str rest = str_of(hidden->items[i]);
		const char *name = str_dup(arena, str_cut(&rest, '='));

		set_variable(name, rest.ptr != NULL ? rest.ptr : "");
	}
}

static const char *zone_of_link(struct arena *arena)
{
	const struct str directory = STR("zoneinfo/");
	char target[PATH_MAX];
	ssize_t len = readlink("/etc/localtime", target, sizeof(target));

	if (len <= 0)
		return NULL;
	struct str path = {target, (size_t)len};
	size_t at = str_find(path, directory);

	if (at == path.len)
		return NULL;
	return str_dup(arena, str_sub(path, at + directory.len, path.len));
}

/* Where /etc/localtime is a copy, Debian's other file still has the name. */
static const char *zone_of_file(struct arena *arena)
{
	struct error ignored = ERROR_INIT(arena);
	struct buf text = BUF_EMPTY(PATH_MAX);
	const char *zone = NULL;

	if (fs_read_all("/etc/timezone", &text, &ignored) && str_trim(buf_str(&text)).len > 0)
		zone = str_dup(arena, str_trim(buf_str(&text)));
	buf_release(&text);
	return zone;
}

const char *pg_client_time_zone(struct arena *arena)
{
	static const char zones[] = "/usr/share/zoneinfo/";
	const char *zone = getenv("TZ");

	if (zone == NULL || *zone == '\0')
		zone = zone_of_link(arena);
	if (zone == NULL)
		zone = zone_of_file(arena);
	if (zone == NULL)
		return "UTC";
	if (*zone == ':')
		zone++;
	if (strncmp(zone, zones, sizeof(zones) - 1) == 0)
		zone += sizeof(zones) - 1;
	/*
	 * Java takes GMT for a zone that it does not know; the server would refuse it. A file that
	 * cannot be looked at may be that of a zone.
	 */
	enum fs_kind kind = fs_kind(fs_join(arena, zones, zone));

	if (fs_kind(zones) == FS_DIRECTORY && kind != FS_FILE && kind != FS_UNREADABLE)
		return "GMT";
	return arena_strdup(arena, zone);
}

enum attempt {
	ATTEMPT_OK,
	ATTEMPT_FAILED,
	ATTEMPT_TIMED_OUT,
};

/* As poll. Most probes do not go on when the connection that it looks at has got an answer. */
static enum attempt poll_server(const struct postgres *pg, struct pollfd server, int64_t left_ms,
                                bool *is_ready)
{
	struct pollfd fds[] = {server, {.events = POLLIN}};
	nfds_t n = 1;
	int ready;

	if (pg->probe_stops_early)
		fds[n++].fd = pg->pq.socket(pg->probed->conn);
	ready = poll(fds, n, (int)left_ms);
	*is_ready = fds[0].revents != 0;
	if (ready < 0 && errno != EINTR)
		return ATTEMPT_FAILED;
	return ready > 0 && fds[1].revents != 0 ? ATTEMPT_TIMED_OUT : ATTEMPT_OK;
}

static enum attempt wait_for_server(struct postgres *pg, int64_t timeout_ms)
{
	int64_t start = clock_system.monotonic_ms(&clock_system);
	PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;

	while (wanted != PGRES_POLLING_OK && wanted != PGRES_POLLING_FAILED) {
		int64_t spent = clock_system.monotonic_ms(&clock_system) - start;
		int64_t left = timeout_ms - spent;
		struct pollfd fd = {
			.fd = pg->pq.socket(pg->conn),
			.events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT,
		};

		if (timeout_ms > 0 && left <= 0)
			return ATTEMPT_TIMED_OUT;
		bool is_ready;
		enum attempt state = poll_server(pg, fd, timeout_ms > 0 ? left : -1, &is_ready);

		if (state != ATTEMPT_OK)
			return state;
		if (is_ready)
			wanted = pg->pq.connect_poll(pg->conn);
	}
	return wanted == PGRES_POLLING_OK ? ATTEMPT_OK : ATTEMPT_FAILED;
}

/* Without a limit of the driver, that of the network counts. 0: none. */
static int64_t limit_ms(const struct postgres *pg, const struct pg_conninfo *info)
{
	enum { MS_PER_S = 1000 };

	if (pg->probed != NULL)
		return pg->probe_limit_ms > 0 ? pg->probe_limit_ms : 1;
	return info->timeout_s > 0 ? (int64_t)info->timeout_s * MS_PER_S
	                           : pg->db->settings->network_timeout;
}

static enum attempt attempt(struct postgres *pg, const struct pg_conninfo *info)
{
	const struct libpq *pq = &pg->pq;

	pg->conn = pq->connect_start(info->keys, info->values, 0);
	if (pg->conn == NULL || pq->status(pg->conn) == CONNECTION_BAD)
		return ATTEMPT_FAILED;
	pq->set_error_verbosity(pg->conn, PQERRORS_VERBOSE);
	/* Before the first message: libpq itself would write it to standard error. */
	pq->set_notice_receiver(pg->conn, pg_listener_notice, pg);
	return wait_for_server(pg, limit_ms(pg, info));
}

static void set_value(struct pg_conninfo *info, const char *key, const char *value)
{
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->keys[i], key) == 0)
			info->values[i] = value;
}

static const char *value_of(const struct pg_conninfo *info, const char *key)
{
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->keys[i], key) == 0)
			return info->values[i];
	return NULL;
}

/* Drops the hosts up to the one that did not answer in time. False if none is left. */
static bool drop_silent_host(struct postgres *pg, struct pg_conninfo *info)
{
	struct db_host_list *hosts = &info->hosts;
	struct str_list names = {0}, ports = {0};
	const char *silent = pg->pq.host(pg->conn), *port = pg->pq.port(pg->conn);
	size_t first = 0;

	while (first < hosts->n && (strcmp(hosts->items[first].name, silent) != 0 ||
	                            strcmp(hosts->items[first].port, port) != 0))
		first++;
	if (first + 1 >= hosts->n)
		return false;
	hosts->items += first + 1;
	hosts->n -= first + 1;
	for (size_t i = 0; i < hosts->n; i++) {
		str_list_add(pg->db->arena, &names, hosts->items[i].name);
		str_list_add(pg->db->arena, &ports, hosts->items[i].port);
	}
	set_value(info, "host", str_list_join(pg->db->arena, &names, ","));
	set_value(info, "port", str_list_join(pg->db->arena, &ports, ","));
	return true;
}

static bool fail(struct postgres *pg, const struct pg_conninfo *info, enum attempt outcome,
                 struct error *err)
{
	const struct libpq *pq = &pg->pq;
	const char *password = value_of(info, "password");
	const char *database = value_of(info, "dbname");
	const char *text = "timeout expired";

	if (outcome != ATTEMPT_TIMED_OUT)
		text = pg->conn != NULL ? pq->error_message(pg->conn) : "out of memory";
	/* "jdbc:postgresql:user:secret@host/db", without slashes, is the name of a database */
	if (database != NULL && strchr(database, '@') != NULL)
		text = str_replace(err->arena, str_of(text), str_of(database),
		                   str_of(secret_mask_login(err->arena, str_of(database))));
	pg_fail_connect(text, pg->conn != NULL && pq->connection_needs_password(pg->conn),
	                password != NULL && *password == '\0',
	                &info->hosts.items[info->hosts.n - 1], info->target_server, err);
	pg_explain_connect(info, pg->db->settings->url_origin, text, err);
	return false;
}

static bool connect_hosts(struct postgres *pg, struct pg_conninfo *info, struct error *err)
{
	for (;;) {
		enum attempt outcome = attempt(pg, info);

		if (outcome == ATTEMPT_OK) {
			pg->pq.set_error_verbosity(pg->conn, PQERRORS_DEFAULT);
			return true;
		}
		bool again = outcome == ATTEMPT_TIMED_OUT && drop_silent_host(pg, info);

		if (!again && info->any_if_no_primary) {
			info->any_if_no_primary = false;
			info->target_server = NULL;
			set_value(info, "target_session_attrs", "any");
			again = true;
		}
		if (!again)
			fail(pg, info, outcome, err);
		pg->pq.finish(pg->conn);
		pg->conn = NULL;
		if (!again)
			return false;
	}
}

/* At no other server: a name may stand for several. */
static void aim(const struct postgres *pg, struct pg_conninfo *info)
{
	const PGconn *probed = pg->probed->conn;
	const char *address = pg->pq.hostaddr(probed);
	struct db_host *host = arena_alloc(pg->db->arena, sizeof(*host));

	*host = (struct db_host){
		.name = pg->pq.host(probed),
		.shown = pg->pq.host(probed),
		.port = pg->pq.port(probed),
	};
	info->hosts = (struct db_host_list){host, 1};
	set_value(info, "host", host->name);
	set_value(info, "port", host->port);
	set_value(info, "application_name", "cflyway");
	if (address == NULL || *address == '\0' || info->n == PG_CONNINFO_MAX)
		return;
	info->keys[info->n] = "hostaddr";
	info->values[info->n++] = address;
}

bool pg_connect(struct postgres *pg, struct error *err)
{
	struct arena *arena = pg->db->arena;
	struct pg_conninfo info = {0};
	const char *rest = pg->db->url + strlen(db_postgres.scheme);

	if (!pg_conninfo_make(arena, pg->db->settings, rest, &info, err))
		return false;
	pg->ignored = info.ignored;

	pg->asks_for_options = value_of(&info, "options") != NULL;
	if (pg->probed != NULL)
		aim(pg, &info);

	struct str_list hidden = hide_variables(arena);

	set_variable("PGTZ", pg_client_time_zone(arena));
	set_variable("PGDATESTYLE", "ISO");
	bool ok = connect_hosts(pg, &info, err);

	show_variables(arena, &hidden);
	return ok;
}
