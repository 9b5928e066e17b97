/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_properties.c - values of driver properties that pgjdbc 42.7.7 takes or refuses */
#include "scratch.h"
#include "suites.h"

#include "../../src/db/postgres/properties.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

/* "ok", or "SQLSTATE message | notes". */
static const char *check(const char *name, const char *value)
{
	const struct settings settings = {0};
	struct pg_source source = {.arena = &memory, .settings = &settings};
	struct error err = ERROR_INIT(&memory);

	pairs_init(&source.url, &memory);
	pairs_init(&source.service, &memory);
	pairs_set(&source.url, str_of(name), str_of(value), "test");
	if (pg_properties_check(&source, &err))
		return "ok";
	return arena_printf(&memory, "%s %s | %s", err.sql->state, err.message,
	                    str_list_join(&memory, scratch_texts(&memory, &err.notes), ", "));
}

#define UNUSUAL(name, value)                                                                       \
	"99999 Something unusual has occurred to cause the driver to fail. Please report this "    \
	"exception. | JDBC property '" name "' cannot be '" value "'"

static const char *const numbers[] = {
	"adaptiveFetchMaximum",
	"adaptiveFetchMinimum",
	"cancelSignalTimeout",
	"databaseMetadataCacheFields",
	"databaseMetadataCacheFieldsMiB",
	"defaultRowFetchSize",
	"maxSendBufferSize",
	"prepareThreshold",
	"preparedStatementCacheQueries",
	"preparedStatementCacheSizeMiB",
	"receiveBufferSize",
	"sendBufferSize",
	"socketTimeout",
	"sslResponseTimeout",
	"unknownLength",
};

START_TEST(takes_numbers_of_32_bits)
{
	static const char *const wrong[] = {"", "x", "5x", " 5", "5 ", "2147483648", "-2147483649"};
	const char *name = numbers[_i];

	ck_assert_str_eq(check(name, "1"), "ok");
	ck_assert_str_eq(check(name, "2147483647"), "ok");
	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_str_eq(check(name, wrong[i]),
		                 arena_printf(&memory,
		                              "22023 %s parameter value must be an integer but "
		                              "was: %s | ",
		                              name, wrong[i]));
}
END_TEST

static const struct {
	const char *name, *value, *said;
} cases[] = {
	/* what is less than Java takes */
	{"prepareThreshold", "-2147483648", "ok"},
	{"unknownLength", "-1", "ok"},
	{"defaultRowFetchSize", "0", "ok"},
	{"defaultRowFetchSize", "-1",
         "22023 Fetch size must be a value greater than or equal to 0. | "},
	{"maxSendBufferSize", "0", UNUSUAL("maxSendBufferSize", "0")},
	{"sslResponseTimeout", "0", "ok"},
	{"sslResponseTimeout", "-1", UNUSUAL("sslResponseTimeout", "-1")},
	/* words */
	{"protocolVersion", "3", "ok"},
	{"protocolVersion", "3.0", "ok"},
	{"protocolVersion", "3.2", "ok"},
	{"protocolVersion", "3.1",
         "08001 A connection could not be made using the requested protocol 3.1. | "},
	{"channelBinding", "disable", "ok"},
	{"channelBinding", "prefer", "ok"},
	{"channelBinding", "require", "ok"},
	{"channelBinding", "Require", "08001 Invalid channelBinding value: Require | "},
	{"autosave", "never", "ok"},
	{"autosave", "Always", "ok"},
	{"autosave", "conservative", "ok"},
	{"autosave", "on", UNUSUAL("autosave", "on")},
	{"stringtype", "VARCHAR", "ok"},
	{"stringtype", "unspecified", "ok"},
	{"stringtype", "text", "22023 Unsupported value for stringtype parameter: text | "},
	/* sizes of results: digits, with a unit, or a part of the memory */
	{"maxResultBuffer", "", "ok"},
	{"maxResultBuffer", "50%", "ok"},
	{"maxResultBuffer", "0", "ok"},
	{"maxResultBuffer", "9", "ok"},
	{"maxResultBuffer", "-9", "ok"},
	{"maxResultBuffer", "+9", "ok"},
	{"maxResultBuffer", "00000000000000000000009", "ok"},
	{"maxResultBuffer", "9223372036854775807", "ok"},
	{"maxResultBuffer", "9223372036854775808",
         UNUSUAL("maxResultBuffer", "9223372036854775808")},
	{"maxResultBuffer", " 9", UNUSUAL("maxResultBuffer", " 9")},
	{"maxResultBuffer", "x9", UNUSUAL("maxResultBuffer", "x9")},
	{"maxResultBuffer", "1k", "ok"},
	{"maxResultBuffer", "1K", "ok"},
	{"maxResultBuffer", "1m", "ok"},
	{"maxResultBuffer", "1M", "ok"},
	{"maxResultBuffer", "1g", "ok"},
	{"maxResultBuffer", "1G", "ok"},
	{"maxResultBuffer", "1t", "ok"},
	{"maxResultBuffer", "1T", "ok"},
	{"maxResultBuffer", "2147483647k", "ok"},
	{"maxResultBuffer", "-2147483647k", "ok"},
	{"maxResultBuffer", "2147483648k", UNUSUAL("maxResultBuffer", "2147483648k")},
	{"maxResultBuffer", "-2147483649k", UNUSUAL("maxResultBuffer", "-2147483649k")},
	{"maxResultBuffer", "1p", "ok"},
	{"maxResultBuffer", "0.9pct", "ok"},
	{"maxResultBuffer", "-9percent", "ok"},
	{"maxResultBuffer", "+0.p", "ok"},
	{"maxResultBuffer", "1..9p", UNUSUAL("maxResultBuffer", "1..9p")},
	{"maxResultBuffer", "+p", UNUSUAL("maxResultBuffer", "+p")},
	{"maxResultBuffer", "--1p", UNUSUAL("maxResultBuffer", "--1p")},
	{"maxResultBuffer", "1xp", UNUSUAL("maxResultBuffer", "1xp")},
	{"maxResultBuffer", "percent", UNUSUAL("maxResultBuffer", "percent")},
	{"maxResultBuffer", "p",
         "42601 Received MaxResultBuffer parameter cant be parsed. Value received to parse: {0} | "},
	{"maxResultBuffer", "1b",
         "42601 Received MaxResultBuffer parameter cant be parsed. Value received to parse: {0} | "},
	{"maxResultBuffer", "1:",
         "42601 Received MaxResultBuffer parameter cant be parsed. Value received to parse: {0} | "},
	{"maxResultBuffer", "1/",
         "42601 Received MaxResultBuffer parameter cant be parsed. Value received to parse: {0} | "},
};

START_TEST(takes_what_pgjdbc_takes)
{
	ck_assert_str_eq(check(cases[_i].name, cases[_i].value), cases[_i].said);
}
END_TEST

static const struct {
	const char *mode;
	bool ok;
} modes[] = {
	{"disable", true},
	{"Allow", true},
	{"prefer", false},
	{"require", false},
};

/* The driver sets the timeout when it asks for SSL. */
START_TEST(needs_the_timeout_of_ssl_where_it_asks_for_ssl)
{
	const struct settings settings = {0};
	struct pg_source source = {.arena = &memory, .settings = &settings};
	struct error err = ERROR_INIT(&memory);

	pairs_init(&source.url, &memory);
	pairs_init(&source.service, &memory);
	pairs_set(&source.url, STR("sslResponseTimeout"), STR("-1"), "test");
	pairs_set(&source.url, STR("sslmode"), str_of(modes[_i].mode), "test");
	ck_assert_int_eq(pg_properties_check(&source, &err), modes[_i].ok);
}
END_TEST

Suite *pg_properties_suite(void)
{
	Suite *suite = suite_create("pg_properties");
	TCase *tc = tcase_create("properties");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, takes_numbers_of_32_bits, 0, COUNT(numbers));
	tcase_add_loop_test(tc, takes_what_pgjdbc_takes, 0, COUNT(cases));
	tcase_add_loop_test(tc, needs_the_timeout_of_ssl_where_it_asks_for_ssl, 0, COUNT(modes));
	suite_add_tcase(suite, tc);
	return suite;
}
