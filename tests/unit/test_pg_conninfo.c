/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_conninfo.c - JDBC URL, credentials and driver properties to libpq's parameters */
#include "suites.h"

#include "scratch.h"

#include "../../src/db/postgres/conninfo.h"

#include <stdlib.h>

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

enum { MOST = 6 };

#define UNUSUAL                                                                                    \
	"Something unusual has occurred to cause the driver to fail. Please report this exception."

struct property {
	const char *key, *value;
};

static const char *value_of(const struct pg_conninfo *info, const char *key)
{
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->keys[i], key) == 0)
			return info->values[i];
	return NULL;
}

static void add_all(struct pairs *pairs, const struct property *properties)
{
	pairs_init(pairs, &memory);
	for (size_t i = 0; i < MOST && properties[i].key != NULL; i++)
		pairs_set(pairs, str_of(properties[i].key), str_of(properties[i].value), "test");
}

static const char *make_url(const struct property *properties)
{
	const char *url = "//db.example.com/a?";

	for (size_t i = 0; i < MOST && properties[i].key != NULL; i++) {
		url = arena_printf(&memory, "%s&%s=", url, properties[i].key);
		for (const char *c = properties[i].value; c != NULL && *c; c++)
			url = arena_printf(&memory, "%s%%%02x", url, (unsigned)*c);
	}
	return url;
}

/* The properties of a URL, and the parameters that must come out; NULL: must not be there. */
static const struct {
	const char *name;
	struct property url[MOST], expected[MOST];
} mapped[] = {
	{"what is always there",
         {{0}},
         {{"host", "db.example.com"},
          {"port", "5432"},
          {"dbname", "a"},
          {"client_encoding", "UTF8"},
          {"gssencmode", "disable"},
          {"sslmode", "prefer"}}},
	{"nothing that was not asked for",
         {{0}},
         {{"options", NULL},
          {"user", NULL},
          {"password", NULL},
          {"passfile", NULL},
          {"service", NULL},
          {"target_session_attrs", NULL}}},
	{"the application's name", {{0}}, {{"application_name", "cflyway"}}},
	{"another name", {{"ApplicationName", "x"}}, {{"application_name", "x"}}},
	{"credentials", {{"user", "u"}, {"password", "p&q"}}, {{"user", "u"}, {"password", "p&q"}}},
	{"an empty password does not ask the password file",
         {{"password", ""}},
         {{"password", ""}, {"passfile", "/dev/null/none"}}},
	{"host, port and database again",
         {{"PGHOST", "h1,h2"}, {"PGPORT", "1,2"}, {"PGDBNAME", "b"}},
         {{"host", "h1,h2"}, {"port", "1,2"}, {"dbname", "b"}}},
	{"an empty host is no socket", {{"PGHOST", ""}}, {{"host", "localhost"}}},
	{"dbname", {{"dbname", "c"}}, {{"dbname", "c"}}},
	{"current schema",
         {{"currentSchema", "a b,c\\d"}},
         {{"options", "-c search_path=a\\ b,c\\\\d"}}},
	{"all that travels in options",
         {{"currentSchema", "s"}, {"readOnly", "true"}, {"options", "-c x=y"}},
         {{"options", "-c search_path=s -c default_transaction_read_only=on -c x=y"}}},
	{"a size of one digit", {{"maxResultBuffer", "5"}}, {{"sslmode", "prefer"}}},
	{"a size of one digit with a unit", {{"maxResultBuffer", "5k"}}, {{"sslmode", "prefer"}}},
	{"options alone", {{"options", "-c x=y"}}, {{"options", "-c x=y"}}},
	{"read-only alone",
         {{"readOnly", "true"}},
         {{"options", "-c default_transaction_read_only=on"}}},
	{"a part of the memory", {{"maxResultBuffer", "12.5p"}}, {{"sslmode", "prefer"}}},
	{"a part with a sign", {{"maxResultBuffer", "+9pct"}}, {{"sslmode", "prefer"}}},
	{"a part with a point in front",
         {{"maxResultBuffer", ".5percent"}},
         {{"sslmode", "prefer"}}},
	{"not read-only", {{"readOnly", "false"}}, {{"options", NULL}}},
	{"ssl alone", {{"ssl", ""}}, {{"sslmode", "verify-full"}}},
	{"ssl=true", {{"ssl", "true"}}, {{"sslmode", "verify-full"}}},
	{"ssl=false", {{"ssl", "false"}}, {{"sslmode", "prefer"}}},
	{"sslmode wins over ssl",
         {{"ssl", "true"}, {"sslmode", "require"}},
         {{"sslmode", "require"}}},
	{"no validation",
         {{"ssl", "true"}, {"sslfactory", "org.postgresql.ssl.NonValidatingFactory"}},
         {{"sslmode", "require"}}},
	{"certificates",
         {{"sslrootcert", "r"}, {"sslcert", "c"}, {"sslkey", "k.pk8"}, {"sslpassword", "p"}},
         {{"sslrootcert", "/dev/null/none"},
          {"sslcert", "c"},
          {"sslkey", "k.pk8"},
          {"sslpassword", "p"}}},
	{"Kerberos",
         {{"kerberosServerName", "n"}, {"gsslib", "gssapi"}, {"gssEncMode", "prefer"}},
         {{"krbsrvname", "n"}, {"gsslib", "gssapi"}, {"gssencmode", "prefer"}}},
	{"gssEncMode=allow", {{"gssEncMode", "allow"}}, {{"gssencmode", "disable"}}},
	{"channel binding", {{"channelBinding", "require"}}, {{"channel_binding", "require"}}},
	{"keep alive", {{"tcpKeepAlive", "true"}}, {{"keepalives", "1"}}},
	{"no keep alive", {{"tcpKeepAlive", "false"}}, {{"keepalives", "0"}}},
	{"require counts an authority",
         {{"sslmode", "require"}, {"sslrootcert", "r"}},
         {{"sslrootcert", "r"}}},
	{"verify-ca needs an authority",
         {{"sslmode", "verify-ca"}, {"sslrootcert", "r"}},
         {{"sslrootcert", "r"}}},
	{"allow checks nothing",
         {{"sslmode", "allow"}, {"sslrootcert", "r"}},
         {{"sslrootcert", "/dev/null/none"}}},
	{"NonValidatingFactory checks nothing",
         {{"sslmode", "require"},
          {"sslrootcert", "r"},
          {"sslfactory", "org.postgresql.ssl.NonValidatingFactory"}},
         {{"sslrootcert", "/dev/null/none"}}},
	{"NonValidatingFactory weakens no mode",
         {{"sslmode", "verify-full"},
          {"sslrootcert", "r"},
          {"sslfactory", "org.postgresql.ssl.NonValidatingFactory"}},
         {{"sslmode", "verify-full"}, {"sslrootcert", "r"}}},
	{"no SSL", {{"sslmode", "disable"}}, {{"sslmode", "disable"}}},
	{"SSL only if it must be", {{"sslmode", "allow"}}, {{"sslmode", "allow"}}},
	{"SSL if it can be", {{"sslmode", "prefer"}}, {{"sslmode", "prefer"}}},
	{"sslmode in any case", {{"sslmode", "Require"}}, {{"sslmode", "require"}}},
	{"the authority is checked", {{"sslmode", "verify-ca"}}, {{"sslmode", "verify-ca"}}},
	{"all is checked", {{"sslmode", "verify-full"}}, {{"sslmode", "verify-full"}}},
	{"the usual factory",
         {{"sslfactory", "org.postgresql.ssl.LibPQFactory"}, {"ssl", "TRUE"}},
         {{"sslmode", "verify-full"}}},
	{"a key of another name", {{"sslkey", "p12"}}, {{"sslkey", "p12"}}},
	{"gssEncMode=require", {{"gssEncMode", "require"}}, {{"gssencmode", "require"}}},
	{"gssEncMode=disable", {{"gssEncMode", "disable"}}, {{"gssencmode", "disable"}}},
	{"primary by its name",
         {{"targetServerType", "primary"}},
         {{"target_session_attrs", "primary"}}},
	{"a slave", {{"targetServerType", "slave"}}, {{"target_session_attrs", "standby"}}},
	{"rather a secondary by its name",
         {{"targetServerType", "preferSecondary"}},
         {{"target_session_attrs", "prefer-standby"}}},
	{"rather a primary",
         {{"targetServerType", "preferPrimary"}},
         {{"target_session_attrs", "primary"}}},
	{"a server that is gone is noticed",
         {{0}},
         {{"keepalives", NULL},
          {"keepalives_idle", "60"},
          {"keepalives_interval", "10"},
          {"keepalives_count", "6"},
          {"tcp_user_timeout", NULL}}}, /* a server that works would be lost */
	{"any", {{"targetServerType", "any"}}, {{"target_session_attrs", "any"}}},
	{"primary", {{"targetServerType", "master"}}, {{"target_session_attrs", "primary"}}},
	{"secondary", {{"targetServerType", "secondary"}}, {{"target_session_attrs", "standby"}}},
	{"rather a secondary",
         {{"targetServerType", "preferSlave"}},
         {{"target_session_attrs", "prefer-standby"}}},
	{"gssEncMode in any case", {{"gssEncMode", "Prefer"}}, {{"gssencmode", "prefer"}}},
	{"gssEncMode=allow", {{"gssEncMode", "ALLOW"}}, {{"gssencmode", "disable"}}},
	{"no gssEncMode", {{0}}, {{"gssencmode", "disable"}}},
	{"sizes of results",
         {{"maxResultBuffer", "3000000000"}, {"autosave", "Never"}},
         {{"sslmode", "prefer"}}},
	{"only direct is another sslNegotiation",
         {{"sslNegotiation", "DIRECT"}},
         {{"sslmode", "prefer"}}},
	{"sslNegotiation=postgres is the default",
         {{"sslNegotiation", "postgres"}},
         {{"sslmode", "prefer"}}},
};

START_TEST(maps_properties)
{
	const struct settings settings = {0};
	const char *url = make_url(mapped[_i].url);
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	ck_assert_msg(pg_conninfo_make(&memory, &settings, url, &info, &err), "%s: %s",
	              mapped[_i].name, err.message);
	for (size_t i = 0; i < MOST && mapped[_i].expected[i].key != NULL; i++) {
		const struct property *expected = &mapped[_i].expected[i];
		const char *value = value_of(&info, expected->key);

		ck_assert_msg((!value && !expected->value) || (value && expected->value &&
		                                               strcmp(value, expected->value) == 0),
		              "%s: %s is %s", mapped[_i].name, expected->key,
		              value ? value : "not there");
	}
}
END_TEST

static const struct {
	struct property url[MOST];
	const char *state, *message;
} refused[] = {
	{{{"sslmode", "foo"}}, "08001", "Invalid sslmode value: foo"},
	{{{"connectTimeout", "abc"}},
         "22023",
         "connectTimeout parameter value must be an integer but was: abc"},
	{{{"targetServerType", "foo"}}, "08001", "Invalid targetServerType value: foo"},
	{{{"user", ""}}, "28000", "FATAL: no PostgreSQL user name specified in startup packet"},
	{{{"localSocketAddress", "1.2.3.4"}},
         NULL,
         "JDBC property 'localSocketAddress' has no equivalent in cflyway"},
	{{{"replication", "database"}},
         NULL,
         "JDBC property 'replication' has no equivalent in cflyway"},
	{{{"sslfactory", ""}}, NULL, "JDBC property 'sslfactory' has no equivalent in cflyway"},
	{{{"sslmode", "verify-full"}, {"sslcert", "none.crt"}},
         "08006",
         "Could not open SSL certificate file none.crt."},
	{{{"sslfactory", "x.Y"}}, NULL, "JDBC property 'sslfactory' has no equivalent in cflyway"},
	{{{"sslkey", "x.p12"}},
         NULL,
         "JDBC property 'sslkey': cflyway reads keys in PEM or DER form, not x.p12"},
	{{{"sslkey", "x.PFX"}},
         NULL,
         "JDBC property 'sslkey': cflyway reads keys in PEM or DER form, not x.PFX"},
	{{{"targetServerType", "Any"}}, "08001", "Invalid targetServerType value: Any"},
	{{{"connectTimeout", "2147484"}}, "99999", UNUSUAL},
	{{{"gssEncMode", "x"}}, "08001", "Invalid gssEncMode value: x"},
	{{{"channelBinding", "Prefer"}}, "08001", "Invalid channelBinding value: Prefer"},
	{{{"protocolVersion", "4"}},
         "08001",
         "A connection could not be made using the requested protocol 4."},
	{{{"defaultRowFetchSize", "-1"}},
         "22023",
         "Fetch size must be a value greater than or equal to 0."},
	{{{"autosave", "x"}}, "99999", UNUSUAL},
	{{{"connectTimeout", "-1"}}, "99999", UNUSUAL},
	{{{"connectTimeout", "3000000"}}, "99999", UNUSUAL},
	{{{"maxSendBufferSize", "0"}}, "99999", UNUSUAL},
	{{{"sslResponseTimeout", "-1"}}, "99999", UNUSUAL},
	{{{"maxResultBuffer", "3000000000k"}}, "99999", UNUSUAL},
	{{{"maxResultBuffer", "1.5.p"}}, "99999", UNUSUAL},
	{{{"maxResultBuffer", ".p"}}, "99999", UNUSUAL},
	{{{"maxResultBuffer", "k"}}, "99999", UNUSUAL},
	{{{"adaptiveFetchMaximum", "x"}},
         "22023",
         "adaptiveFetchMaximum parameter value must be an integer but was: x"},
	{{{"adaptiveFetchMinimum", "x"}},
         "22023",
         "adaptiveFetchMinimum parameter value must be an integer but was: x"},
	{{{"socketTimeout", "x"}},
         "22023",
         "socketTimeout parameter value must be an integer but was: x"},
	{{{"unknownLength", "x"}},
         "22023",
         "unknownLength parameter value must be an integer but was: x"},
	{{{"maxResultBuffer", "-pct"}}, "99999", UNUSUAL},
	{{{"maxResultBuffer", "1:p"}}, "99999", UNUSUAL},
	{{{"maxResultBuffer", "1/p"}}, "99999", UNUSUAL},
	{{{"maxResultBuffer", "x"}},
         "42601",
         "Received MaxResultBuffer parameter cant be parsed. Value received to parse: {0}"},
	{{{"stringtype", "x"}}, "22023", "Unsupported value for stringtype parameter: x"},
	{{{"socketTimeout", " 5"}},
         "22023",
         "socketTimeout parameter value must be an integer but was:  5"},
	{{{"PGPORT", "1,2"}},
         "99999",
         "Unable to parse URL jdbc:postgresql://db.example.com/a?&PGPORT=%31%2c%32"},
	{{{"SSLMODE", "verify-full"}},
         NULL,
         "Unknown parameter 'SSLMODE' in the URL: did you mean 'sslmode'?"},
	{{{"sslMode", "verify-full"}},
         NULL,
         "Unknown parameter 'sslMode' in the URL: did you mean 'sslmode'?"},
	{{{"ssl_mode", "verify-full"}},
         NULL,
         "Unknown parameter 'ssl_mode' in the URL: did you mean 'sslmode'?"},
	{{{"user", "x"}, {"secret9", "x"}},
         NULL,
         "The URL has an unknown parameter, which the JDBC driver would ignore. A misspelt sslmode "
         "would be ignored as well."},
	{{{"sslNegotiation", "direct"}},
         NULL,
         "JDBC property 'sslNegotiation': cflyway knows only postgres"},
};

START_TEST(refuses)
{
	const struct settings settings = {0};
	const char *url = make_url(refused[_i].url);
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	ck_assert(!pg_conninfo_make(&memory, &settings, url, &info, &err));
	ck_assert_str_eq(err.message, refused[_i].message);
	ck_assert_pstr_eq(err.sql ? err.sql->state : NULL, refused[_i].state);
}
END_TEST

/* URL, parameters, driver properties: who gives the user? */
static const struct {
	const char *in_url, *configured, *property, *expected;
} users[] = {
	{"u", "c", "p", "u"},
	{NULL, "c", "p", "c"},
	{NULL, NULL, "p", "p"},
	{NULL, NULL, NULL, NULL},
};

START_TEST(takes_the_first_user)
{
	const struct property in_url[MOST] = {
		{users[_i].in_url != NULL ? "user" : NULL, users[_i].in_url}};
	const struct property given[MOST] = {
		{users[_i].property != NULL ? "user" : NULL, users[_i].property}};
	struct settings settings = {.user = users[_i].configured};
	const char *url = make_url(in_url);
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	add_all(&settings.jdbc_properties, given);
	ck_assert(pg_conninfo_make(&memory, &settings, url, &info, &err));
	ck_assert_pstr_eq(value_of(&info, "user"), users[_i].expected);
}
END_TEST

static const struct {
	const char *connect, *login;
	int expected_s;
} timeouts[] = {
	{NULL, NULL, 10}, {"0", NULL, 0},   {"30", NULL, 30},  {NULL, "5", 5},
	{"3", "5", 3},    {"0", "5", 5},    {"5", "3", 3},     {"2147483", NULL, 2147483},
	{"1", "0", 1},    {NULL, "-1", 10}, {NULL, "abc", 10}, {NULL, "1", 1},
};

START_TEST(takes_the_shorter_timeout)
{
	const struct property both[MOST] = {
		{timeouts[_i].connect != NULL ? "connectTimeout" : "binaryTransfer",
	         timeouts[_i].connect},
		{timeouts[_i].login != NULL ? "loginTimeout" : "tcpNoDelay", timeouts[_i].login},
	};
	const struct settings settings = {0};
	const char *url = make_url(both);
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	ck_assert(pg_conninfo_make(&memory, &settings, url, &info, &err));
	ck_assert_int_eq(info.timeout_s, timeouts[_i].expected_s);
}
END_TEST

static const char *const without_equivalent[] = {
	"localSocketAddress",  "socketFactory",       "socketFactoryArg",
	"sslfactoryarg",       "sslhostnameverifier", "authenticationPluginClassName",
	"sslpasswordcallback", "jaasApplicationName", "jaasLogin",
	"useSpnego",           "sspiServiceClass",    "replication",
};

START_TEST(refuses_what_libpq_cannot_do)
{
	const struct property url[MOST] = {{without_equivalent[_i], "x"}};
	const struct settings settings = {0};
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	ck_assert(!pg_conninfo_make(&memory, &settings, make_url(url), &info, &err));
	ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
	ck_assert_str_eq(err.message,
	                 arena_printf(&memory, "JDBC property '%s' has no equivalent in cflyway",
	                              without_equivalent[_i]));
}
END_TEST

static const struct {
	const char *wanted;
	bool any_if_no_primary;
} preferences[] = {{"primary", false}, {"preferPrimary", true}, {"preferSecondary", false}};

START_TEST(remembers_which_server_is_wanted)
{
	const struct property url[MOST] = {{"targetServerType", preferences[_i].wanted}};
	const struct settings settings = {0};
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	ck_assert(pg_conninfo_make(&memory, &settings, make_url(url), &info, &err));
	ck_assert_str_eq(info.target_server, preferences[_i].wanted);
	ck_assert_int_eq(info.any_if_no_primary, preferences[_i].any_if_no_primary);
}
END_TEST

/* --- service files ------------------------------------------------------------------------- */

static struct scratch scratch;

static void enter_services(void)
{
	arena_init(&memory);
	scratch_open(&scratch);
}

static void leave_services(void)
{
	unsetenv("PGSERVICEFILE");
	scratch_close(&scratch);
	arena_release(&memory);
}

START_TEST(takes_what_else_is_missing_from_the_service)
{
	const struct property url[MOST] = {{"service", "s"}, {"sslcert", "services.conf"}};
	struct settings settings = {0};
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	scratch_write("services.conf",
	              "[s]\nuser=u\npassword=p\nsslcert=c\nsslkey=k\nsslrootcert=r\n"
	              "sslmode=require\n");
	setenv("PGSERVICEFILE", "services.conf", 1);
	add_all(&settings.jdbc_properties, (const struct property[MOST]){{"sslkey", "set"}});
	ck_assert_msg(pg_conninfo_make(&memory, &settings, make_url(url), &info, &err), "%s",
	              err.message);
	ck_assert_str_eq(value_of(&info, "user"), "u");
	ck_assert_str_eq(value_of(&info, "password"), "p");
	ck_assert_str_eq(value_of(&info, "sslcert"), "services.conf");
	ck_assert_str_eq(value_of(&info, "sslkey"), "set");
	ck_assert_str_eq(value_of(&info, "sslrootcert"), "r");
}
END_TEST

START_TEST(says_why_there_is_no_service)
{
	const struct settings settings = {0};
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	setenv("PGSERVICEFILE", "file://elsewhere/x", 1);
	ck_assert(!pg_conninfo_make(&memory, &settings, "//h/d?service=s", &info, &err));
	ck_assert_str_eq(err.message, "Unable to parse URL jdbc:postgresql://h/d?service=s");
	ck_assert_str_eq(err.sql->state, "99999");
	ck_assert_uint_eq(err.notes.n, 1);
	ck_assert_str_eq(err.notes.items[0].text, "file://elsewhere/x is no file of this machine");
}
END_TEST

/* --- what is ignored ----------------------------------------------------------------------- */

#define NO_EFFECT(name, why) "JDBC property '" name "' has no effect: " why

static const struct {
	struct property url[MOST], properties[MOST];
	const char *said;
} ignored[] = {
	{{{"autosave", "always"}},
         {{0}},
         NO_EFFECT("autosave", "a failed statement ends its transaction")},
	{{{"autosave", "NEVER"}}, {{0}}, ""}, /* that is what happens */
	{{{"loginTimeout", "5"}}, {{0}}, ""},
	{{{"socketTimeout", "5"}},
         {{"socketTimeout", "6"}, {"tcpNoDelay", "true"}},
         NO_EFFECT(
		 "socketTimeout",
		 "a statement may take as long as it needs; "
		 "cflyway.networkTimeout notices a server that is gone") "|" NO_EFFECT("tcpNoDelay",
                                                                                       "libpq never holds back what is to be sent")},
	{{{"PGHOST", "h"}, {"ssl", "true"}}, {{"ApplicationName", "a"}}, ""},
};

START_TEST(says_what_it_ignores)
{
	struct settings settings = {0};
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};

	add_all(&settings.jdbc_properties, ignored[_i].properties);
	ck_assert(pg_conninfo_make(&memory, &settings, make_url(ignored[_i].url), &info, &err));
	ck_assert_str_eq(str_list_join(&memory, &info.ignored, "|"), ignored[_i].said);
}
END_TEST

/* --- unknown properties -------------------------------------------------------------------- */

static const struct {
	const char *name, *error; /* NULL: it is known */
} property_names[] = {
	{"sslmode", NULL},
	{"PGHOST", NULL},
	{"prepareThreshold", NULL},
	{"sslMode", "Unknown JDBC property 'sslMode': did you mean 'sslmode'?"},
	{"SSLMODE", "Unknown JDBC property 'SSLMODE': did you mean 'sslmode'?"},
	{"currentschema", "Unknown JDBC property 'currentschema': did you mean 'currentSchema'?"},
	/* libpq's names */
	{"channel_binding",
         "Unknown JDBC property 'channel_binding': did you mean 'channelBinding'?"},
	{"search_path", "Unknown JDBC property 'search_path': did you mean 'currentSchema'?"},
	/* the driver knows them only in URLs */
	{"host", "Unknown JDBC property 'host': did you mean 'PGHOST'?"},
	{"dbname", "Unknown JDBC property 'dbname': did you mean 'PGDBNAME'?"},
	{"nonsense",
         "Unknown JDBC property 'nonsense': the JDBC driver would ignore it, as it would "
         "ignore a misspelt sslmode"},
};

START_TEST(refuses_unknown_properties)
{
	const struct property given[MOST] = {{property_names[_i].name, "1"}};
	const char *expected = property_names[_i].error;
	struct settings settings = {0};
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};
	bool ok;

	add_all(&settings.jdbc_properties, given);
	if (strcmp(property_names[_i].name, "sslmode") == 0)
		settings.jdbc_properties.items[0].value = "disable";
	ok = pg_conninfo_make(&memory, &settings, "//h/d", &info, &err);
	ck_assert_int_eq(ok, expected == NULL);
	if (expected != NULL) {
		ck_assert_str_eq(err.message, expected);
		ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
	}
}
END_TEST

static const struct {
	const char *value;
	bool ok;
} ssl_values[] = {
	{"true", true},  {"TRUE", true},   {"", true},   {"false", true},
	{"False", true}, {"1", false},     {"0", false}, {"yes", false},
	{"on", false},   {"true ", false}, {"t", false}, {"require", false},
};

START_TEST(knows_two_values_of_ssl)
{
	const struct property url[MOST] = {{"ssl", ssl_values[_i].value}};
	const struct settings settings = {0};
	struct error err = ERROR_INIT(&memory);
	struct pg_conninfo info = {0};
	bool ok = pg_conninfo_make(&memory, &settings, make_url(url), &info, &err);

	ck_assert_int_eq(ok, ssl_values[_i].ok);
	if (!ok)
		ck_assert_str_eq(err.message,
		                 arena_printf(&memory,
		                              "JDBC property 'ssl' is true or false, not '%s', "
		                              "which the JDBC driver would take for false",
		                              ssl_values[_i].value));
}
END_TEST

Suite *pg_conninfo_suite(void)
{
	Suite *suite = suite_create("pg_conninfo");
	TCase *tc = tcase_create("conninfo");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, maps_properties, 0, COUNT(mapped));
	tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
	tcase_add_loop_test(tc, takes_the_first_user, 0, COUNT(users));
	tcase_add_loop_test(tc, takes_the_shorter_timeout, 0, COUNT(timeouts));
	tcase_add_loop_test(tc, refuses_what_libpq_cannot_do, 0, COUNT(without_equivalent));
	tcase_add_loop_test(tc, remembers_which_server_is_wanted, 0, COUNT(preferences));
	tcase_add_loop_test(tc, says_what_it_ignores, 0, COUNT(ignored));
	tcase_add_loop_test(tc, refuses_unknown_properties, 0, COUNT(property_names));
	tcase_add_loop_test(tc, knows_two_values_of_ssl, 0, COUNT(ssl_values));
	suite_add_tcase(suite, tc);
	tc = tcase_create("services");
	tcase_add_checked_fixture(tc, enter_services, leave_services);
	tcase_add_test(tc, takes_what_else_is_missing_from_the_service);
	tcase_add_test(tc, says_why_there_is_no_service);
	suite_add_tcase(suite, tc);
	return suite;
}
