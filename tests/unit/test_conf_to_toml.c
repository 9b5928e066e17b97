/* SPDX-License-Identifier: Apache-2.0 */
/* test_conf_to_toml.c - what is resolved from a .conf file and from its flyway.toml is the same */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/conf_to_toml.h"
#include "cflyway/config/environments.h"
#include "cflyway/config/options.h"
#include "cflyway/config/settings.h"
#include "cflyway/config/toml_file.h"

static struct arena arena;
static struct buf toml;
static struct conf_notes notes;
static const struct log silence;

static void setup(void)
{
	arena_init(&arena);
	buf_init(&toml, 1 << 20);
}

static void teardown(void)
{
	buf_release(&toml);
	arena_release(&arena);
}

/* Others are not set. */
static const char *get(const void *ctx, const char *name)
{
	static const char *const variables[] = {"A", "one", "SECRET", "s3cret", "QUOTE", "x\"y\\z"};

	(void)ctx;
	for (size_t i = 0; i < COUNT(variables); i += 2)
		if (strcmp(variables[i], name) == 0)
			return variables[i + 1];
	return NULL;
}

static const struct environment environment = {.get = get};

static void convert(const char *conf)
{
	conf_to_toml(&arena, str_of(conf), "f.conf", &environment, &toml, &notes);
}

/* --- the same settings --------------------------------------------------------------------- */

static struct settings of_conf(const char *conf)
{
	struct error err = ERROR_INIT(&arena);
	struct settings settings;
	struct pairs pairs, kept;

	pairs_init(&pairs, &arena);
	pairs_init(&kept, &arena);
	properties_parse(str_of(conf), "f.conf", &environment, &pairs);
	for (size_t i = 0; i < pairs.n; i++) {
		const char *key = pairs.items[i].key;

		if (str_starts(str_of(key), STR("cflyway.")))
			key = arena_printf(&arena, "flyway.%s", key);
		if (str_starts(str_of(key), STR("flyway.")))
			pairs_copy(&kept, key, &pairs.items[i]);
	}
	ck_assert_msg(settings_from_pairs(&arena, &kept, true, &silence, &settings, &err), "%s",
	              err.message);
	return settings;
}

static struct settings of_toml(void)
{
	struct error err = ERROR_INIT(&arena);
	struct toml_findings findings = {0};
	struct environment_facts facts;
	struct settings settings;
	struct pairs pairs, effective;

	pairs_init(&pairs, &arena);
	pairs_init(&effective, &arena);
	ck_assert_msg(toml_file_parse(buf_str(&toml), "f.toml", &pairs, &findings, &err), "%s\n%s",
	              err.message, toml.ptr);
	ck_assert(environments_apply(&pairs, &effective, &facts, &err));
	ck_assert_msg(settings_from_pairs(&arena, &effective, false, &silence, &settings, &err),
	              "%s\n%s", err.message, toml.ptr);
	return settings;
}

static void same_string(const char *key, const char *a, const char *b)
{
	/* ${env.A} is resolved later, as ${A} has been. */
	if (b != NULL)
		b = str_replace(&arena, str_of(b), STR("${env.A}"), STR("one"));
	ck_assert_msg(str_same(a, b), "%s: %s, %s\n%s", key, a, b, toml.ptr);
}

static void same_number(const char *key, long long a, long long b)
{
	ck_assert_msg(a == b, "%s: %lld, %lld\n%s", key, a, b, toml.ptr);
}

static void same_list(const char *key, const struct str_list *a, const struct str_list *b)
{
	ck_assert_msg(a->n == b->n, "%s: %zu, %zu\n%s", key, a->n, b->n, toml.ptr);
	for (size_t i = 0; i < a->n; i++)
		same_string(key, a->items[i], b->items[i]);
}

static void same_map(const char *key, const struct pairs *a, const struct pairs *b)
{
	ck_assert_msg(a->n == b->n, "%s: %zu, %zu\n%s", key, a->n, b->n, toml.ptr);
	for (size_t i = 0; i < a->n; i++) {
		const struct pair *other = pairs_find(b, a->items[i].key);

		ck_assert_msg(other != NULL, "%s.%s\n%s", key, a->items[i].key, toml.ptr);
		same_string(a->items[i].key, a->items[i].value, other->value);
	}
}

static void same_settings(const struct settings *a, const struct settings *b)
{
#define SAME_STRING(field) same_string(#field, a->field, b->field)
#define SAME_PATH(field) SAME_STRING(field)
#define SAME_BOOL(field) same_number(#field, a->field, b->field)
#define SAME_INT(field) same_number(#field, a->field, b->field)
#define SAME_SIZE(field) same_number(#field, (long long)a->field, (long long)b->field)
#define SAME_DURATION(field) same_number(#field, a->field, b->field)
#define SAME_ENUM(field) same_number(#field, (long long)a->field, (long long)b->field)
#define SAME_LIST(field) same_list(#field, &a->field, &b->field)
#define SAME_MAP(field) same_map(#field, &a->field, &b->field)
#define OPTION(type, field, ...) SAME_##type(field);
#include "cflyway/config/options.def"
#undef OPTION
}

static const char *const confs[] = {
	"",
	"flyway.url=jdbc:sqlite:t.db\nflyway.user=me\nflyway.password=a=b;c#d\n",
	"flyway.url=jdbc:sqlite:${A}.db\n",
	"flyway.locations=filesystem:a, filesystem:b ,filesystem:c,,\n",
	"flyway.locations=filesystem:${A},filesystem:b\n",
	"flyway.schemas=a,,b\nflyway.defaultSchema=b\n",
	"flyway.schemas=\n",
	"flyway.outOfOrder=TRUE\nflyway.mixed=false\nflyway.lockRetryCount=+7\n",
	"flyway.connectRetries=3\nflyway.initSql=select 1; select 'a\\n'\n",
	"flyway.placeholders.a=b\nflyway.placeholders.a.b=c d\nflyway.placeholders.x y=1\n",
	"flyway.placeholders.quote=\"q\" 'r' \\u0041 \xc3\xa4 # no comment\n",
	"flyway.placeholders.empty=\nflyway.placeholders.A=${A}\n",
	"flyway.placeholders.q=${QUOTE}\nflyway.table=${NOT_SET}x\n",
	"flyway.placeholderPrefix=#[\nflyway.placeholderSuffix=]\n",
	"flyway.placeholderPrefix=${\n",
	"flyway.jdbcProperties.a.b=c\nflyway.jdbcProperties.d=\n",
	"flyway.postgresql.transactional.lock=false\n",
	"flyway.baselineVersion=1.0\nflyway.target=2?\nflyway.table=\n",
	"flyway.sqlMigrationSuffixes=.sql,.ddl\nflyway.ignoreMigrationPatterns=*:missing\n",
	"flyway.callbackLocations=filesystem:c\nflyway.encoding=ISO-8859-1\n",
	"flyway.oracle.sqlplus=true\nflyway.licenseKey=x\nflyway.powershellExecutable=pwsh\n",
	"cflyway.durability=run\nflyway.cflyway.maxStatementSize=1MB\n",
	"cflyway.executor.cql=a ${A} \"b\" \\$\nflyway.cflyway.executor.py=p\n",
	"flyway.loggers=console\nflyway.reportFilename=r\nflyway.outputType=json\n",
	"flyway.callbacks=\n",
	"flyway.table=a\nflyway.table=b\n",
	"flyway.initSql=select 1, \\\n  2\n",
	"flyway.table=x\002A\003y\n",
	"flyway.placeholders.x\001y=1\n",
};

START_TEST(resolves_the_same)
{
	convert(confs[_i]);
	const struct settings a = of_conf(confs[_i]), b = of_toml();

	ck_assert_uint_eq(notes.left_out.n, 0);
	same_settings(&a, &b);
}
END_TEST

/* --- the text ------------------------------------------------------------------------------ */

static const struct {
	const char *name, *line;
} names[] = {
	{"aZ09_-", "aZ09_- = \"1\"\n"},
	{"a.b", "\"a.b\" = \"1\"\n"},
	{"a`", "\"a`\" = \"1\"\n"},
	{"\xC3\xA4", "\"\xC3\xA4\" = \"1\"\n"},
};

START_TEST(quotes_names_that_need_it)
{
	convert(arena_printf(&arena, "flyway.placeholders.%s=1\n", names[_i].name));
	ck_assert_msg(str_ends(buf_str(&toml), str_of(names[_i].line)), "%s", toml.ptr);
}
END_TEST

START_TEST(writes_tables)
{
	convert("flyway.outOfOrder=true\ncflyway.durability=run\nflyway.url=a\n"
	        "flyway.placeholders.x.y=\"z\\\nflyway.jdbcProperties.p=${A}${B}\n"
	        "flyway.locations=a,b\n");
	ck_assert_str_eq(toml.ptr, "[environments.default]\n"
	                           "url = \"a\"\n"
	                           "\n"
	                           "[environments.default.jdbcProperties]\n"
	                           "p = \"${env.A}${env.B}\"\n"
	                           "\n"
	                           "[flyway]\n"
	                           "outOfOrder = true\n"
	                           "locations = [\"a\", \"b\"]\n"
	                           "\n"
	                           "[flyway.placeholders]\n"
	                           "\"x.y\" = \"\\\"z\\\\\"\n"
	                           "\n"
	                           "[cflyway]\n"
	                           "durability = \"run\"\n");
	ck_assert_str_eq(str_list_join(&arena, &notes.needed, " "), "B");
}
END_TEST

START_TEST(gives_resolvers_their_other_name)
{
	convert("flyway.resolvers=a\n");
	ck_assert_uint_eq(notes.left_out.n, 0);
	ck_assert_str_eq(toml.ptr, "[flyway]\nmigrationResolvers = [\"a\"]\n");
}
END_TEST

static const struct {
	const char *conf, *left_out, *replaced, *needed;
} named[] = {
	{"flyway.foo=1\n", "flyway.foo (f.conf:1): unknown", "", ""},
	{"\nother=1\n", "other (f.conf:2): it does not begin with flyway.", "", ""},
	{"flyway.configFiles=a\n", "flyway.configFiles (f.conf:1): without effect in a file", "",
         ""},
	{"flyway.environment=a\n",
         "flyway.environment (f.conf:1): not known in both kinds of files", "", ""},
	{"flyway.postgresql.transactional.lock=no\n",
         "flyway.postgresql.transactional.lock (f.conf:1): neither true nor false", "", ""},
	{"flyway.placeholders.password=${SECRET}\n",
         "flyway.placeholders.password (f.conf:1): its variable holds a secret, and flyway.toml "
         "knows variables only in the settings of a connection; set its FLYWAY_ variable",
         "", ""},
	{"flyway.${A}=1\n", "flyway.${env.A} (f.conf:1): unknown", "", ""},
	{"flyway.table=${A}\n", "", "flyway.table", ""},
	{"flyway.password=${SECRET}\n", "", "", ""},
	{"flyway.password=${UNSET}\nflyway.user=${UNSET}\n", "", "", "UNSET"},
};

START_TEST(names_what_is_not_the_same)
{
	convert(named[_i].conf);
	ck_assert_str_eq(str_list_join(&arena, &notes.left_out, "; "), named[_i].left_out);
	ck_assert_str_eq(str_list_join(&arena, &notes.replaced, "; "), named[_i].replaced);
	ck_assert_str_eq(str_list_join(&arena, &notes.needed, "; "), named[_i].needed);
	ck_assert(toml.ptr == NULL || strstr(toml.ptr, "s3cret") == NULL);
}
END_TEST

Suite *conf_to_toml_suite(void)
{
	Suite *suite = suite_create("conf_to_toml");
	TCase *tc = tcase_create("conf_to_toml");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, resolves_the_same, 0, COUNT(confs));
	tcase_add_test(tc, writes_tables);
	tcase_add_loop_test(tc, quotes_names_that_need_it, 0, COUNT(names));
	tcase_add_test(tc, gives_resolvers_their_other_name);
	tcase_add_loop_test(tc, names_what_is_not_the_same, 0, COUNT(named));
	suite_add_tcase(suite, tc);
	return suite;
}
