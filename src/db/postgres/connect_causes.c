/* SPDX-License-Identifier: Apache-2.0 */
/* connect_causes.c - why a connection fails, and what to do */
#include "connect_causes.h"

#include "../cause.h"
#include "english.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/str.h"
#include "cflyway/config/secret.h"

#include <sys/stat.h>

struct attempt {
	struct arena *arena;
	const struct pg_conninfo *info;
	const struct db_host *host;
};

/* --- looks at this machine ----------------------------------------------------------------- */

static bool is_local(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "::1"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(host, names[i]) == 0)
			return true;
	return false;
}

/* The servers of this machine have sockets: "/var/run/postgresql/.s.PGSQL.5433". */
static bool look_for_sockets(void *ctx, struct cause_facts *facts)
{
	static const char *const folders[] = {"/var/run/postgresql", "/tmp"};
	enum { FIRST = 5432, LAST = 5441 };
	const struct attempt *attempt = ctx;

	if (!is_local(attempt->host->name))
		return false;
	for (int port = FIRST; port <= LAST; port++) {
		const char *number = arena_printf(attempt->arena, "%d", port);

		if (strcmp(number, attempt->host->port) == 0)
			continue;
		for (size_t i = 0; i < COUNT(folders); i++) {
			struct stat status;
			const char *path =
				arena_printf(attempt->arena, "%s/.s.PGSQL.%s", folders[i], number);

			if (stat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
				facts->of['s'] = number;
				return true;
			}
		}
	}
	return false;
}

static const char *password_file(struct arena *arena)
{
	const char *path = getenv("PGPASSFILE"), *home = getenv("HOME");

	if (path != NULL && path[0] != '\0')
		return arena_strdup(arena, path);
	return home != NULL ? fs_join(arena, home, ".pgpass") : NULL;
}

static bool look_for_password_file(void *ctx, struct cause_facts *facts)
{
	const struct attempt *attempt = ctx;
	const char *path = password_file(attempt->arena);

	facts->of['f'] = path;
	return path != NULL && fs_kind(path) == FS_FILE;
}

/* libpq ignores one that others may read. */
static bool look_for_open_password_file(void *ctx, struct cause_facts *facts)
{
	struct stat status;

	return look_for_password_file(ctx, facts) && stat(facts->of['f'], &status) == 0 &&
	       (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

/* The line of pg_hba.conf for host %1, user %2, database %3, and how it was tried: %4. */
static bool look_at_rule(void *ctx, struct cause_facts *facts)
{
	const struct attempt *attempt = ctx;
	const char *host = facts->of['1'], *way = facts->of['4'];
	const bool is_encrypted = strcmp(way, "SSL encryption") == 0 || strcmp(way, "SSL on") == 0;

	facts->of['t'] = is_encrypted ? "with" : "without";
	if (strcmp(host, "[local]") == 0)
		facts->of['r'] = "local DATABASE USER scram-sha-256";
	else
		facts->of['r'] = arena_printf(attempt->arena, "%s %s %s %s/%d scram-sha-256",
		                              is_encrypted ? "hostssl" : "host",
		                              cause_text(attempt->arena, "%\"3", facts),
		                              cause_text(attempt->arena, "%\"2", facts), host,
		                              strchr(host, ':') != NULL ? 128 : 32);
	return true;
}

/* ------------------------------------------------------------------------------------------- */

static const struct cause causes[] = {
#define CAUSE(state, pattern, look, text, next) {state, pattern, look, text, next},
#include "connect_causes.def"
#undef CAUSE
};

static const char *value_of(const struct pg_conninfo *info, const char *key)
{
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->keys[i], key) == 0)
			return info->values[i];
	return NULL;
}

/* What stands in the text between these words and this character; NULL: the words are not there. */
static const char *text_between(struct arena *arena, const char *text, struct str before, char end)
{
	struct str rest = str_of(text);
	const size_t at = str_find(rest, before);

	if (at == rest.len)
		return NULL;
	rest = str_sub(rest, at + before.len, rest.len);
	return str_dup(arena, str_cut(&rest, end));
}

/* libpq says so after its error: 'password retrieved from file "/home/x/.pgpass"'. */
static const char *origin_of_file(struct arena *arena, const char *text)
{
	return text_between(arena, text, STR("password retrieved from file \""), '"');
}

static void collect(const struct attempt *attempt, const char *url_origin, const char *text,
                    struct cause_facts *facts)
{
	struct arena *arena = attempt->arena;
	const struct pg_conninfo *info = attempt->info;
	const char *password = value_of(info, "password"), *database = value_of(info, "dbname");
	const char *root = value_of(info, "sslrootcert"), *file = origin_of_file(arena, text);

	facts->of['h'] = attempt->host->shown;
	facts->of['p'] = attempt->host->port;
	facts->of['u'] = value_of(info, "user");
	if (database != NULL)
		facts->of['d'] = secret_mask_login(arena, str_of(database));
	facts->of['o'] =
		url_origin != NULL ? arena_printf(arena, "the URL (%s)", url_origin) : "the URL";
	facts->of['U'] = info->user_origin != NULL ? info->user_origin : "the configuration";
	if (file != NULL)
		facts->of['w'] = file;
	else if (password != NULL && password[0] != '\0')
		facts->of['w'] = info->password_origin;
	else if (password != NULL)
		facts->of['e'] = info->password_origin;
	/* "system" means OpenSSL's own certificates, which openssl uses anyway; it is no file. */
	if (root != NULL && strcmp(root, "system") != 0)
		facts->of['c'] = root;
}

/* The server's message without "FATAL: "; what libpq says without "connection to … failed: ". */
static const char *without(const char *text, const char *before)
{
	const char *at = strstr(text, before);

	return at != NULL ? at + strlen(before) : text;
}

/* libpq says "LOCATION:  InitPostgres, postinit.c:935" after the message. */
static const char *routine_of(struct arena *arena, const char *text)
{
	return text_between(arena, text, STR("\nLOCATION:  "), ',');
}

static const char *in_english(struct arena *arena, const struct cause_question *question,
                              const char *text)
{
	const struct pg_report report = {
		.state = question->state,
		.routine = routine_of(arena, text),
		.message = question->messages[0],
	};

	return pg_in_english(arena, &report);
}

void pg_explain_connect(const struct pg_conninfo *info, const char *url_origin, const char *text,
                        struct error *err)
{
	const struct attempt attempt = {err->arena, info, &info->hosts.items[info->hosts.n - 1]};
	const bool is_of_server =
		err->sql != NULL && err->sql->state != NULL &&
		strstr(text, arena_printf(err->arena, ":  %s: ", err->sql->state)) != NULL;
	struct cause_question question = {
		.arena = err->arena,
		.state = err->sql != NULL ? err->sql->state : NULL,
		.ctx = (void *)&attempt,
	};

	if (is_of_server) {
		question.messages[0] = without(err->sql->message, ": ");
		question.messages[1] = in_english(err->arena, &question, text);
	} else {
		question.messages[0] = without(text, " failed: ");
		question.messages[1] = text;
	}
	collect(&attempt, url_origin, text, &question.facts);
	if (!causes_explain(causes, COUNT(causes), &question, err) && !is_of_server)
		error_explain(err, NOTE_CAUSE, "%s", str_dup(err->arena, str_trim(str_of(text))));
}
