/*
 * url.c - JDBC URLs as the drivers of Flyway 12.4.0 read them (pgjdbc 42.7.7, sqlite-jdbc 3.49.1)
 */
#include "cflyway/db/url.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"
#include "cflyway/config/secret.h"

#include <limits.h>

enum { PORT_MAX = 65535 };

const char *url_masked(struct arena *arena, const char *url)
{
	return secret_mask_url(arena, url);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "my%20db" and "my+db" are "my db"; NULL for an escape without two digits, or of a NUL. */
static const char *decode(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '%') {
			if (text.len - i < 3)
				return NULL;
			int high = hex_value(text.ptr[i + 1]), low = hex_value(text.ptr[i + 2]);
			if (high < 0 || low < 0 || high + low == 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		out[n++] = c;
	}
	return out;
}

/* "K=V&K=V": empty items are nothing, a name without '=' has an empty value. */
static bool parse_query(struct arena *arena, struct str query, struct pairs *properties)
{
	while (query.ptr != NULL) {
		struct str value = str_cut(&query, '&');
		bool is_empty = value.len == 0;
		struct str name = str_cut(&value, '=');
		const char *decoded = decode(arena, value);

		if (decoded == NULL)
			return false;
		if (!is_empty)
			pairs_set(properties, name, str_of(decoded), "url");
	}
	return true;
}

static bool is_port(struct str text)
{
	int port = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		port = port * 10 + (text.ptr[i] - '0');
		if (port > PORT_MAX)
			return false;
	}
	return port > 0;
}

/* Position of the last c, or s.len. */
static size_t find_last(struct str s, char c)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == c)
			return i - 1;
	return s.len;
}

static bool parse_host(struct arena *arena, struct str text, struct db_host *host)
{
	size_t colon = find_last(text, ':'), bracket = find_last(text, ']');

	host->port = "5432";
	if (colon < text.len && (bracket == text.len || bracket < colon)) {
		struct str port = str_sub(text, colon + 1, text.len);
		if (!is_port(port))
			return false;
		host->port = str_dup(arena, port);
		text = str_sub(text, 0, colon);
	}
	if (str_starts(text, STR("[")) && str_ends(text, STR("]")))
		text = str_sub(text, 1, text.len - 1);
	/* Java resolves an empty name to the loopback address; libpq would take a Unix socket. */
	host->name = text.len > 0 ? str_dup(arena, text) : "localhost";
	return true;
}

static bool parse_hosts(struct arena *arena, struct str text, struct postgres_url *parts)
{
	/* Empty hosts at the end do not count. */
	while (str_ends(text, STR(",")))
		text = str_sub(text, 0, text.len - 1);
	do {
		struct str host = str_cut(&text, ',');

		parts->hosts =
			arena_grow(arena, parts->hosts, parts->host_count, sizeof(*parts->hosts));
		if (!parse_host(arena, host, &parts->hosts[parts->host_count++]))
			return false;
	} while (text.ptr != NULL);
	return true;
}

/* "//HOSTS/DATABASE" or "DATABASE". */
static bool parse_server(struct arena *arena, struct str server, struct postgres_url *parts)
{
	if (!str_starts(server, STR("//"))) {
		parts->database = decode(arena, server);
		return !str_starts(server, STR("/")) && parts->database != NULL &&
		       parse_hosts(arena, STR(""), parts);
	}
	server = str_sub(server, 2, server.len);
	if (server.len == 0)
		return parse_hosts(arena, server, parts);
	struct str hosts = str_cut(&server, '/');
	if (server.ptr == NULL || str_find_char(server, '/') < server.len)
		return false;
	if (server.len > 0) {
		parts->database = decode(arena, server);
		if (parts->database == NULL)
			return false;
	}
	return parse_hosts(arena, hosts, parts);
}

bool postgres_url_parse(struct arena *arena, const char *url, struct postgres_url *parts,
                        struct error *err)
{
	struct str query = str_of(url);
	struct str server = str_cut(&query, '?');

	*parts = (struct postgres_url){0};
	pairs_init(&parts->properties, arena);
	if (parse_server(arena, server, parts) && parse_query(arena, query, &parts->properties))
		return true;
	return error_set(err, ERROR_DB_CONNECTION, "Unable to parse URL %s",
	                 url_masked(arena, arena_printf(arena, "jdbc:postgresql:%s", url)));
}

/* What the driver of SQLite does with a parameter that it knows. */
enum sqlite_parameter {
	SQLITE_PRAGMA,  /* runs it as PRAGMA name = value */
	SQLITE_IGNORED, /* concerns Java only, or has no effect */
	SQLITE_REFUSED, /* changes how the file is opened, in a way that cflyway does not have */
};

static const struct {
	const char *name;
	enum sqlite_parameter kind;
} sqlite_parameters[] = {
	{"application_id", SQLITE_PRAGMA},
	{"busy_timeout", SQLITE_PRAGMA},
	{"cache_size", SQLITE_PRAGMA},
	{"case_sensitive_like", SQLITE_PRAGMA},
	{"count_changes", SQLITE_PRAGMA},
	{"date_class", SQLITE_IGNORED},
	{"date_precision", SQLITE_IGNORED},
	{"date_string_format", SQLITE_IGNORED},
	{"default_cache_size", SQLITE_PRAGMA},
	{"defer_foreign_keys", SQLITE_PRAGMA},
	{"empty_result_callback", SQLITE_PRAGMA},
	{"enable_load_extension", SQLITE_REFUSED},
	{"encoding", SQLITE_PRAGMA},
	{"foreign_keys", SQLITE_PRAGMA},
	{"full_column_names", SQLITE_PRAGMA},
	{"fullsync", SQLITE_PRAGMA},
	{"hexkey_mode", SQLITE_IGNORED},
	{"incremental_vacuum", SQLITE_PRAGMA},
	{"jdbc.explicit_readonly", SQLITE_REFUSED},
	{"jdbc.get_generated_keys", SQLITE_IGNORED},
	{"journal_mode", SQLITE_PRAGMA},
	{"journal_size_limit", SQLITE_PRAGMA},
	{"legacy_alter_table", SQLITE_PRAGMA},
	{"legacy_file_format", SQLITE_PRAGMA},
	{"limit_attached", SQLITE_REFUSED},
	{"limit_column", SQLITE_REFUSED},
	{"limit_compound_select", SQLITE_REFUSED},
	{"limit_expr_depth", SQLITE_REFUSED},
	{"limit_function_arg", SQLITE_REFUSED},
	{"limit_length", SQLITE_REFUSED},
	{"limit_like_pattern_length", SQLITE_REFUSED},
	{"limit_page_count", SQLITE_REFUSED},
	{"limit_sql_length", SQLITE_REFUSED},
	{"limit_trigger_depth", SQLITE_REFUSED},
	{"limit_variable_number", SQLITE_REFUSED},
	{"limit_vdbe_op", SQLITE_REFUSED},
	{"limit_worker_threads", SQLITE_REFUSED},
	{"locking_mode", SQLITE_PRAGMA},
	{"max_page_count", SQLITE_PRAGMA},
	{"mmap_size", SQLITE_PRAGMA},
	{"open_mode", SQLITE_REFUSED},
	{"page_size", SQLITE_PRAGMA},
	{"password", SQLITE_IGNORED},
	{"read_uncommitted", SQLITE_PRAGMA},
	{"recursive_triggers", SQLITE_PRAGMA},
	{"reverse_unordered_selects", SQLITE_PRAGMA},
	{"secure_delete", SQLITE_PRAGMA},
	{"shared_cache", SQLITE_REFUSED},
	{"short_column_names", SQLITE_PRAGMA},
	{"synchronous", SQLITE_PRAGMA},
	{"temp_store", SQLITE_PRAGMA},
	{"temp_store_directory", SQLITE_PRAGMA},
	{"transaction_mode", SQLITE_IGNORED},
	{"user_version", SQLITE_PRAGMA},
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

/*
 * Handles one item of the query part; *known is false for what stays in the file name. The last of
 * equal names counts.
 */
static bool parse_sqlite_item(struct arena *arena, const char *url, struct str item,
                              struct sqlite_url *parts, bool *known, struct error *err)
{
	struct str value = item;
	const char *name = str_lower(arena, str_trim(str_cut(&value, '=')));
	size_t row = find_parameter(name);

	*known = row < COUNT(sqlite_parameters);
	if (!*known)
		return true;
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

bool sqlite_url_parse(struct arena *arena, const char *url, struct sqlite_url *parts,
                      struct error *err)
{
	struct str query = str_of(url);
	const char *file = str_dup(arena, str_cut(&query, '?'));
	char separator = '?';

	*parts = (struct sqlite_url){0};
	pairs_init(&parts->pragmas, arena);
	if (strncmp(file, ":resource:", strlen(":resource:")) == 0)
		return error_set(err, ERROR_DB_CONNECTION,
		                 "%s is inside a Java archive, which cflyway cannot read", file);
	/* From the end, as the driver does: the rest of the file name comes out in this order. */
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
	parts->is_uri = strncmp(file, "file:", strlen("file:")) == 0;
	return true;
}
