/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conninfo.c - JDBC URL, user, password and driver properties to libpq's parameters
 *
 * The names are pgjdbc's, in the URL, as jdbcProperties.NAME or in the section of a service file,
 * which only the URL can name; the first of these wins. Names that pgjdbc does not know are
 * refused, and so is what changes where or how one connects and has no counterpart in libpq.
 */
#include "conninfo.h"

#include "errors.h"
#include "properties.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/str.h"
#include "cflyway/config/postgres_parameters.h"
#include "cflyway/config/secret.h"
#include "cflyway/db/service.h"

#include <limits.h>

static void put(struct pg_conninfo *info, const char *key, const char *value)
{
	if (value == NULL || info->n == PG_CONNINFO_MAX)
		return;
	info->keys[info->n] = key;
	info->values[info->n] = value;
	info->n++; /* after the last one everything is NULL */
}

static bool is_true(const char *value)
{
	return value != NULL && str_eq_nocase(str_of(value), STR("true"));
}

/* Properties that libpq has under another name, or under the same. */
static void put_copies(const struct pg_source *source, struct pg_conninfo *info)
{
	static const struct {
		const char *jdbc, *libpq;
	} copies[] = {
		{"sslcert", "sslcert"},         {"sslkey", "sslkey"},
		{"sslpassword", "sslpassword"}, {"channelBinding", "channel_binding"},
		{"gsslib", "gsslib"},           {"kerberosServerName", "krbsrvname"},
	};

	for (size_t i = 0; i < COUNT(copies); i++)
		put(info, copies[i].libpq, pg_property(source, copies[i].jdbc));
}

/* Calls visit with each property that is given, first in the URL; false stops and is returned. */
static bool visit_properties(const struct pg_source *source,
                             bool (*visit)(void *ctx, const struct pair *pair), void *ctx)
{
	const struct pairs *const all[] = {&source->url, &source->settings->jdbc_properties,
	                                   &source->service};

	for (size_t i = 0; i < COUNT(all); i++)
		for (size_t j = 0; j < all[i]->n; j++)
			if (!visit(ctx, &all[i]->items[j]))
				return false;
	return true;
}

static bool refuse_one(void *ctx, const struct pair *pair)
{
	const struct postgres_parameter *parameter = postgres_parameter_find(str_of(pair->key));

	return parameter == NULL || parameter->use != POSTGRES_PARAMETER_REFUSED ||
	       error_set(ctx, ERROR_CONFIGURATION,
	                 "JDBC property '%s' has no equivalent in cflyway", pair->key);
}

static bool refuse_unsupported(const struct pg_source *source, struct error *err)
{
	const char *key = pg_property(source, "sslkey");

	if (!visit_properties(source, refuse_one, err))
		return false;
	if (key != NULL && (str_ends_nocase(str_of(key), STR(".p12")) ||
	                    str_ends_nocase(str_of(key), STR(".pfx"))))
		return error_set(
			err, ERROR_CONFIGURATION,
			"JDBC property 'sslkey': cflyway reads keys in PEM or DER form, not %s",
			key);
	return true;
}

/* The driver calls all of these a URL that cannot be parsed. */
static bool fail_url(const struct pg_source *source, const char *url, const char *why,
                     struct error *err)
{
	postgres_url_fail(source->arena, url, err);
	error_note(err, "%s", why);
	return pg_fail_text(err, "99999", err->message);
}

static bool read_service(struct pg_source *source, const char *url, struct error *err)
{
	const struct pair *service = pairs_find(&source->url, "service");
	const char *why;

	if (service == NULL || service_load(source->arena, service->value, &source->service, &why))
		return true;
	return fail_url(source, url, why, err);
}

static bool is_place(const char *name)
{
	return str_same(name, "PGHOST") || str_same(name, "PGPORT") || str_same(name, "PGDBNAME");
}

/*
 * DIFFERS: the driver ignores unknown names, and a misspelt sslmode connects without TLS. A name
 * that is like no other may be a piece of a password with '&': it is not shown.
 */
static bool refuse_unknown(const struct pg_source *source, struct error *err)
{
	for (size_t i = 0; i < source->url.n; i++) {
		const struct str name = str_of(source->url.items[i].key);

		if (is_place(name.ptr) || postgres_parameter_find(name) != NULL)
			continue;
		const char *nearest = postgres_parameter_nearest(name);
		if (nearest != NULL)
			return error_set(err, ERROR_CONFIGURATION,
			                 "Unknown parameter '%s' in the URL: did you mean '%s'?",
			                 name.ptr, nearest);
		return error_set(
			err, ERROR_CONFIGURATION,
			"The URL has an unknown parameter, which the JDBC driver would ignore. "
			"A misspelt sslmode would be ignored as well.");
	}
	return true;
}

/* The same for jdbcProperties, where host, port and dbname are unknown, too. */
static bool refuse_unknown_properties(const struct pairs *properties, struct error *err)
{
	for (size_t i = 0; i < properties->n; i++) {
		const struct str name = str_of(properties->items[i].key);
		const struct postgres_parameter *parameter = postgres_parameter_find(name);
		const bool is_url_name =
			parameter != NULL && parameter->use == POSTGRES_PARAMETER_PLACE;

		if (is_place(name.ptr) || (parameter != NULL && !is_url_name))
			continue;
		const char *nearest =
			is_url_name ? parameter->note : postgres_parameter_nearest(name);
		if (nearest != NULL)
			return error_set(err, ERROR_CONFIGURATION,
			                 "Unknown JDBC property '%s': did you mean '%s'?", name.ptr,
			                 nearest);
		return error_set(err, ERROR_CONFIGURATION,
		                 "Unknown JDBC property '%s': the JDBC driver would ignore it, as "
		                 "it would ignore a misspelt sslmode",
		                 name.ptr);
	}
	return true;
}

/*
 * DIFFERS: the driver takes "d;password=x" for the name of a database, and sends it to the server,
 * which logs it.
 */
static bool refuse_misplaced(const struct pg_source *source, const char *url, struct error *err)
{
	static const char *const names[] = {"PGHOST", "PGDBNAME", "user"};

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct pair *pair = pairs_find(&source->url, names[i]);

		if (pair != NULL && secret_is_misplaced(str_of(pair->value)))
			return fail_url(source, url,
			                "parameters begin with ?, and & stands between them", err);
	}
	return true;
}

static bool put_hosts(const struct pg_source *source, struct pg_conninfo *info, const char *url,
                      struct error *err)
{
	const char *hosts = pg_property(source, "PGHOST"), *ports = pg_property(source, "PGPORT");
	struct db_host_list *list = &info->hosts;
	const char *why;
	struct str_list names = {0}, numbers = {0};

	if (!postgres_hosts_parse(source->arena, hosts != NULL ? hosts : POSTGRES_HOST,
	                          ports != NULL ? ports : POSTGRES_PORT, list, &why))
		return fail_url(source, url, why, err);
	for (size_t i = 0; i < list->n; i++) {
		str_list_add(source->arena, &names, list->items[i].name);
		str_list_add(source->arena, &numbers, list->items[i].port);
	}
	put(info, "host", str_list_join(source->arena, &names, ","));
	put(info, "port", str_list_join(source->arena, &numbers, ","));
	return true;
}

static const char *origin_of_url(const struct pg_source *source)
{
	const char *origin = source->settings->url_origin;

	return origin != NULL ? arena_printf(source->arena, "the URL (%s)", origin) : "the URL";
}

/* Where a driver property that is not in the URL comes from; NULL: it is not there. */
static const char *origin_of_property(const struct pg_source *source, const char *name)
{
	const struct pair *pair = pairs_find(&source->settings->jdbc_properties, name);

	if (pair != NULL)
		return pair->origin;
	return pairs_find(&source->service, name) != NULL ? "the service file" : NULL;
}

/* user and password: those of the URL, then the parameters, then the driver properties. */
static bool put_credentials(const struct pg_source *source, struct pg_conninfo *info,
                            struct error *err)
{
	const struct settings *settings = source->settings;
	const struct pair *user = pairs_find(&source->url, "user");
	const struct pair *password = pairs_find(&source->url, "password");
	const char *name = user != NULL ? user->value : settings->user;
	const char *secret = password != NULL ? password->value : settings->password;

	info->user_origin = user != NULL ? origin_of_url(source) : settings->user_origin;
	info->password_origin =
		password != NULL ? origin_of_url(source) : settings->password_origin;
	if (name == NULL) {
		name = pg_property(source, "user");
		info->user_origin = origin_of_property(source, "user");
	}
	/* libpq would take the name of the operating system's user */
	if (name != NULL && *name == '\0')
		return pg_fail_text(err, "28000",
		                    "FATAL: no PostgreSQL user name specified in startup packet");
	if (secret == NULL) {
		secret = pg_property(source, "password");
		info->password_origin = origin_of_property(source, "password");
	}
	put(info, "user", name);
	put(info, "password", secret);
	if (secret != NULL && secret[0] == '\0')
		/* libpq would look into the password file for an empty password, pgjdbc does not */
		put(info, "passfile", "/dev/null/none");
	return true;
}

/*
 * libpq checks the server's certificate in every mode once it finds an authority, also that of
 * ~/.postgresql/root.crt. With allow and prefer it would then go on in plain text where the
 * certificate is invalid; the driver checks nothing there and stays with TLS.
 */
static const char *root_of(const struct pg_source *source, const char *mode, bool non_validating)
{
	const bool verifies = strncmp(mode, "verify-", strlen("verify-")) == 0;

	return verifies || (strcmp(mode, "require") == 0 && !non_validating)
	               ? pg_property(source, "sslrootcert")
	               : "/dev/null/none";
}

/* libpq would go on without a certificate that it does not find. */
static bool check_certificate(const struct pg_source *source, const char *mode, struct error *err)
{
	const char *path = pg_property(source, "sslcert");
	const bool is_certain = strcmp(mode, "require") == 0 || strncmp(mode, "verify-", 7) == 0;

	if (!is_certain || path == NULL || path[0] == '\0' || fs_kind(path) != FS_MISSING)
		return true;
	return pg_fail_text(
		err, "08006",
		arena_printf(err->arena, "Could not open SSL certificate file %s.", path));
}

static bool put_ssl(const struct pg_source *source, struct pg_conninfo *info, struct error *err)
{
	static const char *const modes[] = {"disable", "allow",     "prefer",
	                                    "require", "verify-ca", "verify-full"};
	const char *mode = pg_property(source, "sslmode"), *ssl = pg_property(source, "ssl");
	const char *factory = pg_property(source, "sslfactory");
	const char *negotiation = pg_property(source, "sslNegotiation");
	bool non_validating = str_same(factory, "org.postgresql.ssl.NonValidatingFactory");

	if (factory != NULL && !non_validating &&
	    strcmp(factory, "org.postgresql.ssl.LibPQFactory") != 0)
		return error_set(err, ERROR_CONFIGURATION,
		                 "JDBC property 'sslfactory' has no equivalent in cflyway");
	/* DIFFERS: the driver takes ssl=1 and ssl=yes for false, and connects without TLS. */
	if (ssl != NULL && ssl[0] != '\0' && !is_true(ssl) &&
	    !str_eq_nocase(str_of(ssl), STR("false")))
		return error_set(err, ERROR_CONFIGURATION,
		                 "JDBC property 'ssl' is true or false, not '%s', which the JDBC "
		                 "driver would take for false",
		                 ssl);
	/* The driver takes everything else for "postgres". */
	if (str_same(negotiation, "direct"))
		return error_set(err, ERROR_CONFIGURATION,
		                 "JDBC property 'sslNegotiation': cflyway knows only postgres");
	if (mode == NULL && ssl != NULL && (ssl[0] == '\0' || is_true(ssl)))
		mode = non_validating ? "require" : "verify-full";
	if (mode == NULL)
		mode = "prefer";
	for (size_t i = 0; i < COUNT(modes); i++) {
		if (str_eq_nocase(str_of(mode), str_of(modes[i]))) {
			put(info, "sslmode", modes[i]);
			put(info, "sslrootcert", root_of(source, modes[i], non_validating));
			return check_certificate(source, modes[i], err);
		}
	}
	return pg_fail_text(err, "08001",
	                    arena_printf(err->arena, "Invalid sslmode value: %s", mode));
}

static bool put_gss(const struct pg_source *source, struct pg_conninfo *info, struct error *err)
{
	static const struct {
		const char *jdbc, *libpq;
	} modes[] = {
		{"disable", "disable"},
		{"allow", "disable"},
		{"prefer", "prefer"},
		{"require", "require"},
	};
	const char *mode = pg_property(source, "gssEncMode");

	for (size_t i = 0; i < COUNT(modes); i++) {
		if (mode == NULL || str_eq_nocase(str_of(mode), str_of(modes[i].jdbc))) {
			put(info, "gssencmode", modes[i].libpq);
			return true;
		}
	}
	return pg_fail_text(err, "08001",
	                    arena_printf(err->arena, "Invalid gssEncMode value: %s", mode));
}

/* The smaller of both limits that is not 0 (no limit). pgjdbc ignores a bad loginTimeout. */
static bool read_timeouts(const struct pg_source *source, struct pg_conninfo *info,
                          struct error *err)
{
	int connect_s = 10, login_s = 0;
	struct error ignored = ERROR_INIT(source->arena);

	if (!pg_property_number(source, "connectTimeout", &connect_s, err))
		return false;
	if (connect_s < 0 || connect_s > INT_MAX / 1000)
		return pg_property_fail(source, "connectTimeout", err);
	if (!pg_property_number(source, "loginTimeout", &login_s, &ignored))
		login_s = 0;
	if (login_s > 0 && (connect_s == 0 || login_s < connect_s))
		connect_s = login_s;
	info->timeout_s = connect_s;
	return true;
}

static bool put_target(const struct pg_source *source, struct pg_conninfo *info, struct error *err)
{
	static const struct {
		const char *jdbc, *libpq;
	} types[] = {
		{"any", "any"},
		{"primary", "primary"},
		{"master", "primary"},
		{"secondary", "standby"},
		{"slave", "standby"},
		{"preferSecondary", "prefer-standby"},
		{"preferSlave", "prefer-standby"},
		{"preferPrimary", "primary"}, /* and any, if there is none */
	};
	const char *wanted = pg_property(source, "targetServerType");

	if (wanted == NULL)
		return true;
	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(wanted, types[i].jdbc) != 0)
			continue;
		put(info, "target_session_attrs", types[i].libpq);
		info->target_server = wanted;
		info->any_if_no_primary = strcmp(wanted, "preferPrimary") == 0;
		return true;
	}
	return pg_fail_text(err, "08001",
	                    arena_printf(err->arena, "Invalid targetServerType value: %s", wanted));
}

/* Server settings that travel in libpq's "options". */
static void put_options(const struct pg_source *source, struct pg_conninfo *info)
{
	const char *schema = pg_property(source, "currentSchema");
	const char *given = pg_property(source, "options");
	struct buf options = BUF_EMPTY(SIZE_MAX);

	if (schema != NULL) {
		buf_add(&options, "-c search_path=");
		for (const char *c = schema; *c; c++) {
			if (*c == ' ' || *c == '\\')
				buf_putc(&options, '\\');
			buf_putc(&options, *c);
		}
	}
	if (is_true(pg_property(source, "readOnly")))
		buf_printf(&options, "%s-c default_transaction_read_only=on",
		           options.len > 0 ? " " : "");
	if (given != NULL)
		buf_printf(&options, "%s%s", options.len > 0 ? " " : "", given);
	if (options.len > 0)
		put(info, "options", str_dup(source->arena, buf_str(&options)));
	buf_release(&options);
}

struct ignoring {
	struct arena *arena;
	struct str_list *lines;
};

static bool note_ignored(void *ctx, const struct pair *pair)
{
	const struct postgres_parameter *parameter = postgres_parameter_find(str_of(pair->key));
	const struct ignoring *ignoring = ctx;
	const char *line;

	if (parameter == NULL || parameter->use != POSTGRES_PARAMETER_IGNORED)
		return true;
	/* That is what happens. */
	if (strcmp(pair->key, "autosave") == 0 && str_eq_nocase(str_of(pair->value), STR("never")))
		return true;
	line = arena_printf(ignoring->arena, "JDBC property '%s' has no effect: %s",
	                    parameter->name, parameter->note);
	if (!str_list_has(ignoring->lines, line))
		str_list_add(ignoring->arena, ignoring->lines, line);
	return true;
}

/*
 * A server that is gone without a word is noticed after two minutes, and not after the two hours of
 * the kernel: a minute and six probes. There is no tcp_user_timeout: Linux also ends a connection
 * whose other side lives and does not read for so long, as a server that works on a statement while
 * the rest of a large script waits to be sent.
 */
static void put_keepalives(const char *wanted, struct pg_conninfo *info)
{
	if (wanted != NULL)
		put(info, "keepalives", is_true(wanted) ? "1" : "0");
	put(info, "keepalives_idle", "60");
	put(info, "keepalives_interval", "10");
	put(info, "keepalives_count", "6");
}

bool pg_conninfo_make(struct arena *arena, const struct settings *settings, const char *url,
                      struct pg_conninfo *info, struct error *err)
{
	struct pg_source source = {.arena = arena, .settings = settings};
	struct ignoring ignoring = {arena, &info->ignored};

	pairs_init(&source.service, arena);
	if (!postgres_url_parse(arena, url, &source.url, err))
		return pg_fail_text(err, "99999", err->message);
	if (!refuse_misplaced(&source, url, err) || !refuse_unknown(&source, err) ||
	    !refuse_unknown_properties(&settings->jdbc_properties, err) ||
	    !read_service(&source, url, err))
		return false;

	const char *name = pg_property(&source, "ApplicationName");
	const char *keepalives = pg_property(&source, "tcpKeepAlive");

	if (!refuse_unsupported(&source, err) || !put_hosts(&source, info, url, err))
		return false;
	put(info, "dbname", pg_property(&source, "PGDBNAME"));
	if (!put_credentials(&source, info, err))
		return false;
	put_copies(&source, info);
	put(info, "client_encoding", "UTF8");
	/* DIFFERS: Flyway's sessions are called "PostgreSQL JDBC Driver". */
	put(info, "application_name", name != NULL ? name : "cflyway");
	put_keepalives(keepalives, info);
	put_options(&source, info);
	if (!put_gss(&source, info, err) || !put_ssl(&source, info, err) ||
	    !put_target(&source, info, err) || !read_timeouts(&source, info, err))
		return false;
	return pg_properties_check(&source, err) &&
	       visit_properties(&source, note_ignored, &ignoring);
}
