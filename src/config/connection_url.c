/* SPDX-License-Identifier: Apache-2.0 */
/* connection_url.c - URLs of databases in the forms of other tools, as JDBC URLs */
#include "cflyway/config/connection_url.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/nearest.h"
#include "cflyway/base/str.h"
#include "cflyway/config/pairs.h"
#include "cflyway/config/postgres_parameters.h"
#include "cflyway/config/secret.h"

enum { URL_MAX = 1 << 20 };

/* What a URL says, on its way into a JDBC URL. */
struct reader {
	struct arena *arena;
	const char *text;
	struct error *err;
	struct str_list hosts, ports; /* as many; a port may be "" */
	const char *database;         /* NULL: none */
	struct pairs properties;      /* of the JDBC driver */
	struct connection_url *url;
};

/* --- errors -------------------------------------------------------------------------------- */

/* The part before the parameters: a misspelt name must not show the password after it. */
static const char *show(const struct reader *reader)
{
	struct str rest = str_of(secret_mask_url(reader->arena, reader->text));
	const char *start = str_dup(reader->arena, str_cut(&rest, '?'));

	return arena_printf(reader->arena, "%s%s", start, rest.ptr != NULL ? "?..." : "");
}

static bool fail(const struct reader *reader, const char *why)
{
	error_set(reader->err, ERROR_CONFIGURATION, "Unable to parse URL %s", show(reader));
	error_note(reader->err, "%s", why);
	return false;
}

static bool fail_parameter(const struct reader *reader, const char *name, const char *nearest)
{
	error_set(reader->err, ERROR_CONFIGURATION, "Unknown parameter '%s' in URL %s", name,
	          show(reader));
	nearest_note(&(struct nearest){.name = nearest}, reader->err);
	return false;
}

static bool fail_without_counterpart(const struct reader *reader, const char *name)
{
	return error_set(reader->err, ERROR_CONFIGURATION,
	                 "Parameter '%s' in URL %s has no equivalent in cflyway", name,
	                 show(reader));
}

/* --- percent-encoding ---------------------------------------------------------------------- */

/* NULL: it is malformed, or holds NUL. */
static const char *decode(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		out[n++] = text.ptr[i];
		if (text.ptr[i] != '%')
			continue;
		int high = text.len - i > 2 ? ascii_hex_value(text.ptr[i + 1]) : -1;
		int low = high >= 0 ? ascii_hex_value(text.ptr[i + 2]) : -1;
		if (high < 0 || low < 0 || high + low == 0)
			return NULL;
		out[n - 1] = (char)(high * 16 + low);
		i += 2;
	}
	out[n] = '\0';
	return out;
}

static bool decode_into(const struct reader *reader, struct str text, const char **value)
{
	*value = decode(reader->arena, text);
	return *value != NULL ||
	       fail(reader, "a % is followed by two hexadecimal digits, other than 00: %25 is a %");
}

/* Encodes special characters, which would end a value in a JDBC URL. */
static void put_encoded(struct buf *out, const char *value, const char *special)
{
	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c <= ' ' || strchr(special, *c) != NULL)
			buf_printf(out, "%%%02X", (unsigned char)*c);
		else
			buf_putc(out, *c);
	}
}

/* --- parameters of PostgreSQL -------------------------------------------------------------- */

static void set_property(struct reader *reader, const char *property, const char *value)
{
	pairs_set(&reader->properties, str_of(property), str_of(value), "url");
}

static void split_list(struct arena *arena, const char *text, struct str_list *list)
{
	struct str rest = str_of(text);

	*list = (struct str_list){0};
	do
		str_list_add(arena, list, str_dup(arena, str_cut(&rest, ',')));
	while (rest.ptr != NULL);
}

static void set_place(struct reader *reader, const char *name, const char *value)
{
	if (strcmp(name, "host") == 0)
		split_list(reader->arena, value, &reader->hosts);
	else if (strcmp(name, "port") == 0)
		split_list(reader->arena, value, &reader->ports);
	else if (strcmp(name, "dbname") == 0)
		reader->database = value;
	else if (strcmp(name, "user") == 0)
		reader->url->user = value;
	else
		reader->url->password = value;
}

static bool set_flag(struct reader *reader, const char *name, const char *property,
                     const char *value)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return fail(reader,
		            arena_printf(reader->arena, "%s is 0 or 1, not '%s'", name, value));
	set_property(reader, property, value[0] == '1' ? "true" : "false");
	return true;
}

static bool set_server(struct reader *reader, const char *name, const char *property,
                       const char *value)
{
	static const char *const words[][2] = {
		{"any", "any"},           {"read-write", "primary"},
		{"primary", "primary"},   {"read-only", "secondary"},
		{"standby", "secondary"}, {"prefer-standby", "preferSecondary"},
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(value, words[i][0]) != 0)
			continue;
		set_property(reader, property, words[i][1]);
		return true;
	}
	return fail(reader, arena_printf(reader->arena, "%s cannot be '%s'", name, value));
}

static bool check_encoding(const struct reader *reader, const char *value)
{
	static const char *const names[] = {"utf8", "utf-8", "unicode", "auto"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq_nocase(str_of(value), str_of(names[i])))
			return true;
	return fail(reader, "client_encoding is UTF8 here, whatever the scripts are written in");
}

static bool set_parameter(struct reader *reader, const char *name, const char *value)
{
	const struct libpq_parameter *parameter = libpq_parameter_find(str_of(name));

	if (parameter == NULL) {
		if (postgres_parameter_find(str_of(name)) == NULL)
			return fail_parameter(reader, name, libpq_parameter_nearest(str_of(name)));
		set_property(reader, name, value);
		return true;
	}
	switch (parameter->kind) {
	case LIBPQ_PARAMETER_SAME:
		set_property(reader, parameter->property, value);
		return true;
	case LIBPQ_PARAMETER_PLACE:
		set_place(reader, name, value);
		return true;
	case LIBPQ_PARAMETER_FLAG:
		return set_flag(reader, name, parameter->property, value);
	case LIBPQ_PARAMETER_SERVER:
		return set_server(reader, name, parameter->property, value);
	case LIBPQ_PARAMETER_ENCODING:
		return check_encoding(reader, value);
	case LIBPQ_PARAMETER_NONE:
		return fail_without_counterpart(reader, name);
	}
	return false;
}

static bool read_parameters(struct reader *reader, struct str query)
{
	while (query.ptr != NULL) {
		struct str value = str_cut(&query, '&');
		const char *name, *decoded;

		if (value.len == 0)
			continue;
		if (!decode_into(reader, str_cut(&value, '='), &name))
			return false;
		if (value.ptr == NULL)
			return fail(reader, "a parameter has the form name=value");
		if (!decode_into(reader, value, &decoded) || !set_parameter(reader, name, decoded))
			return false;
	}
	return true;
}

/* --- postgres:// --------------------------------------------------------------------------- */

static size_t find_last(struct str text, char c)
{
	size_t at = text.len;

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == c)
			at = i;
	return at;
}

/* DIFFERS from libpq: the last '@' ends the login, so that a password may have one. */
static bool read_login(struct reader *reader, struct str *authority)
{
	const size_t at = find_last(*authority, '@');
	struct str password = str_sub(*authority, 0, at);
	struct str user;

	if (at == authority->len)
		return true;
	*authority = str_sub(*authority, at + 1, authority->len);
	user = str_cut(&password, ':');
	if (user.len > 0 && !decode_into(reader, user, &reader->url->user))
		return false;
	return password.ptr == NULL || decode_into(reader, password, &reader->url->password);
}

static bool is_port(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.ptr[i]))
			return false;
	return text.len <= 5;
}

/* "host", "host:port", "[::1]:port". */
static bool read_host(struct reader *reader, struct str text)
{
	const size_t bracket = find_last(text, ']');
	struct str host = text, port = STR("");
	const size_t colon = find_last(text, ':');
	const char *decoded;

	if (str_starts(text, STR("[")) && bracket == text.len)
		return fail(reader, "an IPv6 address ends with ]");
	if (colon < text.len && (bracket == text.len || colon > bracket)) {
		host = str_sub(text, 0, colon);
		port = str_sub(text, colon + 1, text.len);
	}
	if (!is_port(port))
		return fail(reader, "a port is a number; in user:password@ the characters / ? # "
		                    "% are written as %2F %3F %23 %25");
	if (!decode_into(reader, host, &decoded))
		return false;
	str_list_add(reader->arena, &reader->hosts, decoded);
	str_list_add(reader->arena, &reader->ports, str_dup(reader->arena, port));
	return true;
}

static bool read_hosts(struct reader *reader, struct str text)
{
	do
		if (!read_host(reader, str_cut(&text, ',')))
			return false;
	while (text.ptr != NULL);
	return true;
}

static bool has_socket(const struct str_list *hosts)
{
	for (size_t i = 0; i < hosts->n; i++)
		if (hosts->items[i][0] == '/')
			return true;
	return false;
}

/* A socket directory is a parameter here: a JDBC URL has no place for it before the database. */
static void put_place(struct reader *reader, struct buf *out)
{
	const struct str_list *hosts = &reader->hosts, *ports = &reader->ports;

	if (has_socket(hosts)) {
		set_property(reader, "host", str_list_join(reader->arena, hosts, ","));
		if (ports->n > 1 || (ports->n == 1 && ports->items[0][0] != '\0'))
			set_property(reader, "port", str_list_join(reader->arena, ports, ","));
		return;
	}
	for (size_t i = 0; i < hosts->n; i++) {
		const char *port = ports->n == 1  ? ports->items[0]
		                   : i < ports->n ? ports->items[i]
		                                  : "";

		buf_printf(out, "%s%s", i > 0 ? "," : "",
		           hosts->items[i][0] == '\0' ? "localhost" : hosts->items[i]);
		if (port[0] != '\0')
			buf_printf(out, ":%s", port);
	}
}

static const char *make_jdbc(struct reader *reader)
{
	struct buf out = BUF_EMPTY(URL_MAX);
	const char *jdbc;

	buf_add(&out, "jdbc:postgresql://");
	put_place(reader, &out);
	buf_putc(&out, '/');
	if (reader->database != NULL)
		put_encoded(&out, reader->database, "%+&?#=;@/");
	for (size_t i = 0; i < reader->properties.n; i++) {
		const struct pair *property = &reader->properties.items[i];

		buf_printf(&out, "%c%s=", i == 0 ? '?' : '&', property->key);
		put_encoded(&out, property->value, "%+&?#=;@");
	}
	jdbc = str_dup(reader->arena, buf_str(&out));
	buf_wipe(&out);
	return jdbc;
}

/* Without a host it is the local machine, by TCP. */
static bool check_place(struct reader *reader)
{
	const size_t hosts = reader->hosts.n, ports = reader->ports.n;

	for (size_t i = 0; i < hosts; i++)
		if (strpbrk(reader->hosts.items[i],
		            reader->hosts.items[i][0] == '/' ? "," : "/?#&= ,") != NULL)
			return fail(reader, "a host has a character that no host has");
	for (size_t i = 0; i < ports; i++)
		if (!is_port(str_of(reader->ports.items[i])))
			return fail(reader, "a port is a number");
	return ports <= 1 || ports == hosts || fail(reader, "there must be as many ports as hosts");
}

static bool read_postgres(struct reader *reader, struct str rest)
{
	struct str query = rest, path, authority;

	path = str_cut(&query, '?');
	/* The slash before the database comes after the login, which may have one by mistake. */
	authority = str_cut(&path, '/');
	if (!read_login(reader, &authority) || !read_hosts(reader, authority))
		return false;
	if (path.len > 0) {
		if (str_find_char(path, '/') < path.len)
			return fail(reader, "the name of the database has a /; it is written as "
			                    "%2F, also in user:password@");
		if (!decode_into(reader, path, &reader->database))
			return false;
	}
	if (!read_parameters(reader, query) || !check_place(reader))
		return false;
	reader->url->jdbc = make_jdbc(reader);
	return true;
}

/* --- sqlite: ------------------------------------------------------------------------------- */

static const char *const sqlite_names[] = {
#define SQLITE_PARAMETER(name, kind) name,
#include "cflyway/config/sqlite_parameters.def"
#undef SQLITE_PARAMETER
};

/* "_fk" of other libraries is "foreign_keys". */
static const char *sqlite_name(const char *name)
{
	static const char *const others[][2] = {
		{"_fk", "foreign_keys"},
		{"_timeout", "busy_timeout"},
		{"_journal", "journal_mode"},
		{"_sync", "synchronous"},
	};

	for (size_t i = 0; i < COUNT(others); i++)
		if (strcmp(name, others[i][0]) == 0)
			return others[i][1];
	return name[0] == '_' ? name + 1 : name;
}

static bool read_sqlite_item(struct reader *reader, const char *name, struct str value)
{
	const char *known = sqlite_name(name);
	struct nearest nearest;

	nearest_init(&nearest, str_of(known));
	for (size_t i = 0; i < COUNT(sqlite_names); i++) {
		nearest_consider(&nearest, str_of(sqlite_names[i]), sqlite_names[i]);
		if (strcmp(known, sqlite_names[i]) != 0)
			continue;
		if (value.len == 0)
			return fail(reader, "a parameter has the form name=value");
		pairs_set(&reader->properties, str_of(known), value, "url");
		return true;
	}
	return fail_parameter(reader, name, nearest.name);
}

static bool read_sqlite_parameters(struct reader *reader, struct str query)
{
	while (query.ptr != NULL) {
		struct str value = str_cut(&query, '&');
		struct str name = str_cut(&value, '=');

		if (name.len + value.len > 0 &&
		    !read_sqlite_item(reader, str_dup(reader->arena, name), value))
			return false;
	}
	return true;
}

static bool has_folder(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash != path &&
	       fs_kind(arena_strndup(arena, path, (size_t)(slash - path))) == FS_DIRECTORY;
}

/*
 * sqlite:///data/app.db is /data/app.db to dbmate and golang-migrate, and data/app.db to
 * SQLAlchemy. It is the former here, where that file or its folder exists and the other file does
 * not.
 */
static bool choose_path(struct reader *reader, const char *absolute, const char **path)
{
	const char *relative = absolute + 1;
	const bool has_absolute = fs_kind(absolute) == FS_FILE;

	*path = absolute;
	if (has_absolute != (fs_kind(relative) == FS_FILE))
		return has_absolute ||
		       fail(reader, arena_printf(reader->arena,
		                                 "it can mean %s, which does not exist, or %s: "
		                                 "write sqlite:///%s or sqlite:%s",
		                                 absolute, relative, absolute, relative));
	if (!has_absolute && has_folder(reader->arena, absolute) &&
	    !has_folder(reader->arena, relative))
		return true;
	return fail(reader, arena_printf(reader->arena,
	                                 "it can mean %s or %s: write sqlite:///%s or sqlite:%s",
	                                 absolute, relative, absolute, relative));
}

/* "//user:password@host/app.db" would be a folder with the password in its name. */
static bool has_login(const char *path)
{
	struct str rest = str_of(path), authority;

	if (!str_starts(rest, STR("//")))
		return false;
	rest = str_sub(rest, 2, rest.len);
	authority = str_cut(&rest, '/');
	return str_find_char(authority, ':') < str_find_char(authority, '@') &&
	       str_find_char(authority, '@') < authority.len;
}

static bool read_sqlite(struct reader *reader, struct str rest)
{
	struct str query = rest;
	const char *path = str_dup(reader->arena, str_cut(&query, '?'));
	const char *separator = "?";

	if (has_login(path))
		return fail(reader, "a file has no user and no password");
	if (strcmp(path, "//") == 0 || strcmp(path, "///:memory:") == 0)
		path = ":memory:";
	else if (strncmp(path, "////", 4) == 0)
		path += 3;
	else if (strncmp(path, "///", 3) == 0 && !choose_path(reader, path + 2, &path))
		return false;
	else if (strncmp(path, "//", 2) == 0)
		path += 2;
	if (path[0] == '\0')
		return fail(reader, "it names no file");
	if (!read_sqlite_parameters(reader, query))
		return false;
	reader->url->jdbc = arena_printf(reader->arena, "jdbc:sqlite:%s", path);
	for (size_t i = 0; i < reader->properties.n; i++, separator = "&")
		reader->url->jdbc = arena_printf(reader->arena, "%s%s%s=%s", reader->url->jdbc,
		                                 separator, reader->properties.items[i].key,
		                                 reader->properties.items[i].value);
	return true;
}

/* --- schemes ------------------------------------------------------------------------------- */

/* Cuts "postgres://", also with the name of a Python driver: "postgresql+psycopg2://". */
static bool cut_scheme(struct str *rest, const char *name, const char *end)
{
	struct str after = *rest;

	if (!str_starts_nocase(after, str_of(name)))
		return false;
	after = str_sub(after, strlen(name), after.len);
	if (str_starts(after, STR("+"))) {
		const size_t colon = str_find_char(after, ':');

		for (size_t i = 1; i < colon; i++)
			if (!ascii_is_name(after.ptr[i]))
				return false;
		after = str_sub(after, colon, after.len);
	}
	if (!str_starts(after, str_of(end)))
		return false;
	*rest = str_sub(after, strlen(end), after.len);
	return true;
}

bool connection_url_read(struct arena *arena, const char *text, struct connection_url *url,
                         struct error *err)
{
	struct reader reader = {.arena = arena, .text = text, .err = err, .url = url};
	struct str rest = str_of(text);

	*url = (struct connection_url){.jdbc = text};
	pairs_init(&reader.properties, arena);
	if (cut_scheme(&rest, "postgresql", "://") || cut_scheme(&rest, "postgres", "://"))
		return read_postgres(&reader, rest);
	if (cut_scheme(&rest, "sqlite", ":") || cut_scheme(&rest, "sqlite3", ":"))
		return read_sqlite(&reader, rest);
	return true;
}
