/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.c - parses JDBC URLs as the drivers of Flyway 12.4.0 do (pgjdbc 42.7.7, sqlite-jdbc 3.49.1)
 */
#include "cflyway/db/url.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/nearest.h"
#include "cflyway/base/str.h"
#include "cflyway/config/secret.h"

#include <limits.h>

enum { PORT_MAX = 65535 };

const char *url_masked(struct arena *arena, const char *url)
{
	return secret_mask_url(arena, url);
}

const char *url_decoded(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '%') {
			if (text.len - i < 3)
				return NULL;
			int high = ascii_hex_value(text.ptr[i + 1]),
			    low = ascii_hex_value(text.ptr[i + 2]);
			if (high < 0 || low < 0 || high + low == 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		out[n++] = c;
	}
	return out;
}

/* Turns "my%20db" and "my+db" into "my db". */
static const char *decode(struct arena *arena, struct str text)
{
	char *blanks = str_dup(arena, text);

	for (size_t i = 0; i < text.len; i++)
		if (blanks[i] == '+')
			blanks[i] = ' ';
	return url_decoded(arena, (struct str){blanks, text.len});
}

/* "host", "Port" and "dbname" are other names of PGHOST, PGPORT and PGDBNAME. */
static struct str property_name(struct arena *arena, struct str name)
{
	static const char *const names[] = {"PGHOST", "PGPORT", "PGDBNAME"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq_nocase(name, str_of(names[i] + strlen("PG"))))
			return str_of(names[i]);
	return str_of(str_dup(arena, name));
}

/* Parses "K=V&K=V"; skips empty items, and gives a name without '=' an empty value. */
static bool parse_query(struct arena *arena, struct str query, struct pairs *properties)
{
	while (query.ptr != NULL) {
		struct str value = str_cut(&query, '&');
		bool is_empty = value.len == 0;
		struct str name = str_cut(&value, '=');
		const char *decoded = decode(arena, value);

		if (decoded == NULL)
			return false;
		if (value.ptr != NULL)
			name = property_name(arena, name);
		if (!is_empty)
			pairs_set(properties, name, str_of(decoded), "url");
	}
	return true;
}

/* Position of the last c, or s.len. */
static size_t find_last(struct str s, char c)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == c)
			return i - 1;
	return s.len;
}

/* Splits "HOST:PORT"; each part may be missing. */
static void split_host(struct str text, struct str *host, struct str *port)
{
	size_t colon = find_last(text, ':'), bracket = find_last(text, ']');

	*host = text;
	*port = STR(POSTGRES_PORT);
	if (colon < text.len && (bracket == text.len || bracket < colon)) {
		*host = str_sub(text, 0, colon);
		*port = str_sub(text, colon + 1, text.len);
		if (host->len == 0)
			*host = STR(POSTGRES_HOST);
	}
}

/* Like Java's String.split, which drops empty items at the end. */
static struct str without_commas_at_end(struct str text)
{
	while (str_ends(text, STR(",")))
		text = str_sub(text, 0, text.len - 1);
	return text;
}

static bool parse_hosts(struct arena *arena, struct str text, struct pairs *properties)
{
	struct str_list hosts = {0}, ports = {0};
	bool is_none = text.len > 0;

	text = without_commas_at_end(text);
	if (is_none && text.len == 0)
		return false;
	do {
		struct str item = str_cut(&text, ','), host, port;

		split_host(item, &host, &port);
		str_list_add(arena, &hosts, str_dup(arena, host));
		str_list_add(arena, &ports, str_dup(arena, port));
	} while (text.ptr != NULL);
	pairs_set(properties, STR("PGHOST"), str_of(str_list_join(arena, &hosts, ",")), "url");
	pairs_set(properties, STR("PGPORT"), str_of(str_list_join(arena, &ports, ",")), "url");
	return true;
}

static bool put_database(struct arena *arena, struct str text, struct pairs *properties)
{
	const char *database = decode(arena, text);

	if (database == NULL)
		return false;
	pairs_set(properties, STR("PGDBNAME"), str_of(database), "url");
	return true;
}

/* Parses "//HOSTS/DATABASE" or "DATABASE". *why explains a failure if the cause is known. */
static bool parse_server(struct arena *arena, struct str server, struct pairs *properties,
                         const char **why)
{
	if (str_eq(server, STR("//")) || str_eq(server, STR("///")))
		return true;
	if (!str_starts(server, STR("//")))
		return !str_starts(server, STR("/")) && put_database(arena, server, properties);
	server = str_sub(server, 2, server.len);

	struct str hosts = str_cut(&server, '/');

	if (server.ptr == NULL) {
		*why = "host and port need a / after them";
		return false;
	}
	if (str_find_char(server, '/') < server.len)
		return false;
	if (server.len > 0 && !put_database(arena, server, properties))
		return false;
	return parse_hosts(arena, hosts, properties);
}

bool postgres_url_fail(struct arena *arena, const char *url, struct error *err)
{
	return error_set(err, ERROR_DB_CONNECTION, "Unable to parse URL %s",
	                 url_masked(arena, arena_printf(arena, "jdbc:postgresql:%s", url)));
}

bool postgres_url_parse(struct arena *arena, const char *url, struct pairs *properties,
                        struct error *err)
{
	struct str query = str_of(url);
	struct str server = str_cut(&query, '?');
	const char *why = NULL;

	pairs_init(properties, arena);
	if (parse_server(arena, server, properties, &why) && parse_query(arena, query, properties))
		return true;
	postgres_url_fail(arena, url, err);
	if (why != NULL)
		error_note(err, "%s", why);
	return false;
}

/* Parses a number as Java does. */
static bool parse_port(struct arena *arena, struct str text, const char **port)
{
	int number = 0;

	if (str_starts(text, STR("+")) && text.len > 1)
		text = str_sub(text, 1, text.len);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		number = number * 10 + (text.ptr[i] - '0');
		if (number > PORT_MAX)
			return false;
	}
	*port = arena_printf(arena, "%d", number);
	return number > 0;
}

/* "user:password@host", with a comma in the password, has a part of it where a port can be. */
static bool fail_port(struct arena *arena, const char *hosts, struct str port, const char **why)
{
	*why = strchr(hosts, '@') != NULL || str_find_char(port, '@') < port.len
	               ? POSTGRES_NO_LOGIN
	               : arena_printf(arena, "the port '%s' is not a number from 1 to %d",
	                              str_dup(arena, port), PORT_MAX);
	return false;
}

static void name_host(struct arena *arena, struct str text, struct db_host *host)
{
	host->shown = secret_mask_login(arena, text);
	if (str_starts(text, STR("[")) && str_ends(text, STR("]")))
		text = str_sub(text, 1, text.len - 1);
	/* Java resolves an empty name to the loopback address; libpq would take a Unix socket. */
	host->name = text.len > 0 ? str_dup(arena, text) : POSTGRES_HOST;
}

bool postgres_hosts_parse(struct arena *arena, const char *hosts, const char *ports,
                          struct db_host_list *list, const char **why)
{
	struct str names = without_commas_at_end(str_of(hosts));
	struct str numbers = without_commas_at_end(str_of(ports));

	*list = (struct db_host_list){0};
	*why = "there must be as many ports as hosts";
	if ((names.len == 0 && *hosts != '\0') ||
	    str_count_char(names, ',') != str_count_char(numbers, ','))
		return false;
	do {
		list->items = arena_grow(arena, list->items, list->n, sizeof(*list->items));

		struct db_host *host = &list->items[list->n++];

		struct str port = str_cut(&numbers, ',');

		name_host(arena, str_cut(&names, ','), host);
		if (!parse_port(arena, port, &host->port))
			return fail_port(arena, hosts, port, why);
	} while (names.ptr != NULL);
	return true;
}

/* The action of the SQLite driver for a parameter that it knows. */
enum sqlite_parameter {
	SQLITE_PRAGMA,  /* runs it as PRAGMA name = value */
	SQLITE_IGNORED, /* concerns Java only, or has no effect */
	SQLITE_REFUSED, /* opens the file in a way that cflyway does not support */
};

static const struct {
	const char *name;
	enum sqlite_parameter kind;
} sqlite_parameters[] = {
#define SQLITE_PARAMETER(name, kind) {name, kind},
#include "cflyway/config/sqlite_parameters.def"
#undef SQLITE_PARAMETER
};

/* SQLite's own, in the order of its manual. */
static const char *const uri_parameters[] = {
	"cache", "immutable", "mode", "modeof", "nolock", "psow", "vfs", "8_3_names",
};

/* The row of a parameter, or COUNT(sqlite_parameters). */
static size_t find_parameter(const char *name)
{
	size_t i = 0;

	while (i < COUNT(sqlite_parameters) && strcmp(sqlite_parameters[i].name, name) != 0)
		i++;
	return i;
}

static bool is_off(struct str value)
{
	return str_eq_nocase(value, STR("false")) || str_eq(value, STR("0"));
}

static const char *nearest_parameter(const char *name, bool is_uri)
{
	struct nearest nearest;

	nearest_init(&nearest, str_of(name));
	for (size_t i = 0; i < COUNT(sqlite_parameters); i++)
		nearest_consider(&nearest, str_of(sqlite_parameters[i].name),
		                 sqlite_parameters[i].name);
	for (size_t i = 0; is_uri && i < COUNT(uri_parameters); i++)
		nearest_consider(&nearest, str_of(uri_parameters[i]), uri_parameters[i]);
	return nearest.name;
}

/*
 * DIFFERS: the driver makes what it does not know a part of the file's name, or leaves it to SQLite
 * in a URI, and a misspelt pragma has no effect. A name that is like no other is not shown, as in
 * URLs of PostgreSQL.
 */
static bool check_unknown(const char *name, struct str item, bool is_uri, struct error *err)
{
	if (secret_key_length(item) < item.len)
		return error_set(err, ERROR_DB_CONNECTION,
		                 "The URL of an SQLite database has no password, but %s", name);
	const size_t len = str_find_char(item, '=');

	if (len == item.len) /* names of files have question marks, too */
		return true;
	for (size_t i = 0; is_uri && i < COUNT(uri_parameters); i++)
		if (str_eq(str_sub(item, 0, len), str_of(uri_parameters[i])))
			return true;

	const char *nearest = nearest_parameter(name, is_uri);

	if (nearest != NULL)
		return error_set(err, ERROR_CONFIGURATION,
		                 "Unknown parameter '%.*s' in the URL: did you mean '%s'?",
		                 (int)len, item.ptr, nearest);
	return error_set(err, ERROR_CONFIGURATION,
	                 "The URL has an unknown parameter, which would have no effect. A "
	                 "misspelt foreign_keys would have none, either.");
}

/*
 * Handles one item of the query part; *known is false for an item that stays in the file name. The
 * last of equal names counts.
 */
static bool parse_sqlite_item(struct arena *arena, const char *url, struct str item,
                              struct sqlite_url *parts, bool *known, struct error *err)
{
	struct str value = item;
	const char *name = str_lower(arena, str_trim(str_cut(&value, '=')));
	size_t row = find_parameter(name);

	*known = row < COUNT(sqlite_parameters);
	if (!*known)
		return check_unknown(name, item, parts->is_uri, err);
	value = str_trim(str_cut(&value, '='));
	if (value.len == 0)
		return error_set(err, ERROR_DB_CONNECTION,
		                 "Please specify a value for PRAGMA %s in URL %s", name,
		                 url_masked(arena, arena_printf(arena, "jdbc:sqlite:%s", url)));
	if (sqlite_parameters[row].kind == SQLITE_REFUSED && !is_off(value))
		return error_set(err, ERROR_DB_CONNECTION,
		                 "Parameter '%s' of an SQLite URL has no equivalent in cflyway",
		                 name);
	if (sqlite_parameters[row].kind == SQLITE_PRAGMA &&
	    pairs_find(&parts->pragmas, name) == NULL)
		pairs_set(&parts->pragmas, str_of(name), value, "url");
	return true;
}

/* DIFFERS: the driver ignores names that it does not know. It knows them in lower case only. */
static bool fail_property(const char *name, struct error *err)
{
	const char *nearest = nearest_parameter(name, false);

	return nearest != NULL
	               ? error_set(err, ERROR_CONFIGURATION,
	                           "Unknown JDBC property '%s': did you mean '%s'?", name, nearest)
	               : error_set(err, ERROR_CONFIGURATION,
	                           "Unknown JDBC property '%s': the JDBC driver would ignore it",
	                           name);
}

bool sqlite_properties_take(const struct pairs *properties, struct sqlite_url *parts,
                            struct error *err)
{
	for (size_t i = 0; i < properties->n; i++) {
		const struct pair *property = &properties->items[i];
		const size_t row = find_parameter(property->key);

		if (row == COUNT(sqlite_parameters)) {
			if (strcmp(property->key, "user") == 0)
				continue;
			return fail_property(property->key, err);
		}
		if (sqlite_parameters[row].kind == SQLITE_REFUSED &&
		    !is_off(str_of(property->value)))
			return error_set(err, ERROR_CONFIGURATION,
			                 "JDBC property '%s' has no equivalent in cflyway",
			                 property->key);
		if (sqlite_parameters[row].kind == SQLITE_PRAGMA)
			pairs_set(&parts->pragmas, str_of(property->key), str_of(property->value),
			          property->origin);
	}
	return true;
}

bool sqlite_url_parse(struct arena *arena, const char *url, struct sqlite_url *parts,
                      struct error *err)
{
	struct str query = str_of(url);
	const char *file = str_dup(arena, str_cut(&query, '?'));
	char separator = '?';

	*parts = (struct sqlite_url){0};
	pairs_init(&parts->pragmas, arena);
	parts->is_uri = strncmp(file, "file:", strlen("file:")) == 0;
	if (strncmp(file, ":resource:", strlen(":resource:")) == 0)
		return error_set(err, ERROR_DB_CONNECTION,
		                 "%s is inside a Java archive, which cflyway cannot read",
		                 secret_mask_url(arena, file));
	/* Works from the end, as the driver does: the other items keep its order. */
	while (query.len > 0) {
		size_t start = find_last(query, '&');
		struct str item = query;
		bool known;

		if (start < query.len)
			item = str_sub(query, start + 1, query.len);
		query = str_sub(query, 0, start < query.len ? start : 0);
		item = str_trim(item);
		if (item.len == 0)
			continue;
		if (!parse_sqlite_item(arena, url, item, parts, &known, err))
			return false;
		if (!known) {
			file = arena_printf(arena, "%s%c%.*s", file, separator, (int)item.len,
			                    item.ptr);
			separator = '&';
		}
	}
	parts->file = file;
	return true;
}
