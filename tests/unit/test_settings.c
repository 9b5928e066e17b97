/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_settings.c - typed settings, what they depend on, and what is refused; measured with
 * Flyway 12.4.0 unless it stands under "ours"
 */
#include "suites.h"

#include "config_fixture.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/options.h"
#include "cflyway/config/settings.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

#define NO_LOCATIONS "WARN No locations configured and default location 'sql' not found.\n"
#define WRONG_SIZE                                                                                 \
	"error: Invalid value for flyway.cflyway.maxStatementSize (should be a size of 1B to "     \
	"1GB, such as 64MB): "
#define UPDATE ". Check the parameter spelling and ensure Flyway is up to date.\n"
#define LEGACY_FILE                                                                                \
	{                                                                                          \
		"flyway.conf", "flyway.locations=filesystem:s"                                     \
	}
#define FROM_S "-locations=filesystem:s"
#define MODERN(name, expected, ...)                                                                \
	{                                                                                          \
		name, {{NULL, NULL}}, {NULL}, {__VA_ARGS__}, expected                              \
	}
#define LEGACY(name, expected, ...)                                                                \
	{                                                                                          \
		name, {LEGACY_FILE}, {NULL}, {__VA_ARGS__}, expected                               \
	}
#define IN_S "locations=[filesystem:s]"

static const struct config_case cases[] = {
	/* types */
	{"the legacy manager looks at locations first",
         {{"flyway.conf", "flyway.foo=1"}},
         {NULL},
         {NULL},
         NO_LOCATIONS
         "error: Unknown configuration property: flyway.foo. Please check your conf files or "
         "commandline parameters"},
	{"nothing", {{NULL, NULL}}, {NULL}, {NULL}, NO_LOCATIONS "modern"},
	MODERN("booleans in any letter case",
               "modern " IN_S " mixed=true group=true createSchemas=false", FROM_S, "-mixed=TRUE",
               "-group=true", "-createSchemas=False"),
	LEGACY("booleans in legacy mode", "legacy " IN_S " mixed=true createSchemas=false",
               "-mixed=TRUE", "-createSchemas=False"),
	LEGACY("a wrong boolean in legacy mode",
               "error: Invalid value for flyway.mixed (should be either true or false): yes",
               "-mixed=yes", "-foo=1"),
	{"an empty boolean in legacy mode",
         {LEGACY_FILE},
         {"FLYWAY_MIXED="},
         {NULL},
         "error: Invalid value for flyway.mixed (should be either true or false): "},
	{"an empty boolean or integer in modern mode is unset",
         {{NULL, NULL}},
         {"FLYWAY_MIXED="},
         {FROM_S, "-cleanDisabled=", "-lockRetryCount="},
         "modern " IN_S},
	LEGACY("a wrong integer in legacy mode",
               "error: Invalid value for flyway.connectRetries (should be an integer): 1.5",
               "-connectRetries=1.5"),
	LEGACY("integers with a sign", "legacy connectRetries=1 lockRetryCount=-5 " IN_S,
               "-connectRetries=+1", "-lockRetryCount=-5"),
	LEGACY("negative retries in legacy mode",
               "error: Invalid number of connectRetries (must be 0 or greater): -1",
               "-connectRetries=-1"),
	LEGACY("negative interval in legacy mode",
               "error: Invalid number for connectRetriesInterval (must be 0 or greater): -1",
               "-connectRetriesInterval=-1"),
	MODERN("negative retries in modern mode", "modern connectRetries=-1 " IN_S, FROM_S,
               "-connectRetries=-1"),
	LEGACY("lists",
               "legacy schemas=[a|b||c] " IN_S
               " sqlMigrationSuffixes=[] ignoreMigrationPatterns=NULL",
               "-schemas= a, b,,c,,", "-sqlMigrationSuffixes=", "-ignoreMigrationPatterns=,"),
	{"maps",
         {{NULL, NULL}},
         {"FLYWAY_PLACEHOLDERS_C_D=3"},
         {FROM_S, "-placeholders.a=1", "-placeholders.B=", "-url=u"},
         "modern url=u " IN_S " placeholders=c_d:3a:1B:"},
	LEGACY("driver properties in legacy mode", "legacy jdbcProperties=x:1 " IN_S,
               "-jdbcProperties.x=1"),
	MODERN("driver properties as an argument in modern mode",
               "error: Failed to configure parameters:\n\tUnknown: 'flyway.jdbcProperties.x'" UPDATE,
               "-jdbcProperties.x=1"),
	{"driver properties as a variable",
         {{NULL, NULL}},
         {"FLYWAY_JDBC_PROPERTIES_X=1"},
         {FROM_S},
         "modern jdbcProperties=x:1 " IN_S},
	LEGACY("empty texts", "legacy table= " IN_S " sqlMigrationPrefix= defaultSchema=",
               "-table=", "-defaultSchema=", "-installedBy=", "-sqlMigrationPrefix="),
	MODERN("an empty user of the history in modern mode", "modern installedBy= " IN_S, FROM_S,
               "-installedBy="),
	LEGACY("an empty prefix in legacy mode", "error: placeholderPrefix cannot be empty!",
               "-placeholderPrefix=", "-foo=1"),
	LEGACY("an empty separator in legacy mode", "error: sqlMigrationSeparator cannot be empty!",
               "-sqlMigrationSeparator="),
	MODERN("an empty prefix in modern mode", "modern " IN_S " placeholderPrefix=", FROM_S,
               "-placeholderPrefix="),
	LEGACY("a plug-in of the legacy manager does not look", "legacy " IN_S,
               "-postgresql.transactional.lock=x", "-publishResult=x"),
	{"the lock of PostgreSQL",
         {{"flyway.conf",
           "flyway.postgresql.transactional.lock=false\nflyway.locations=filesystem:s"}},
         {NULL},
         {NULL},
         "legacy " IN_S " postgresql.transactional.lock=false"},
	{"what files may hold without effect",
         {{"flyway.conf", "flyway.locations=filesystem:s\nflyway.outputType=json\n"
                          "flyway.configFiles=nope\nflyway.configFileEncoding=nope"}},
         {NULL},
         {NULL},
         "legacy " IN_S},
	/* unknown keys */
	LEGACY("unknown in legacy mode",
               "error: Unknown configuration property: flyway.foo. Please check your conf files or commandline "
               "parameters",
               "-foo=1"),
	{"several unknown in legacy mode",
         {{"flyway.conf", "flyway.locations=x\nflyway.a=1"}},
         {NULL},
         {"-b=1"},
         "error: Unknown configuration properties: flyway.a,flyway.b. Please check your conf files or "
         "commandline parameters"},
	{"a command line option in a file",
         {{"flyway.conf", "flyway.locations=x\nflyway.outputFile=x"}},
         {NULL},
         {NULL},
         "error: Unknown configuration property: flyway.outputFile. Please check your conf files or "
         "commandline parameters"},
	LEGACY("a modern option in legacy mode",
               "error: Unknown configuration property: flyway.environment. Please check your conf files or "
               "commandline parameters",
               "-environment=x"),
	LEGACY("a bare map in legacy mode",
               "error: Unknown configuration property: flyway.placeholders. Please check your conf files or "
               "commandline parameters",
               "-placeholders=1"),
	MODERN("unknown in modern mode",
               "error: Failed to configure parameters:\n\tUnknown: 'flyway.foo'" UPDATE, "-foo=1"),
	MODERN("with a suggestion, and a long one",
               "error: Failed to configure parameters:\n"
               "\tUnknown: 'flyway.locatons'. Possible values: flyway.locations?\n"
               "\tUnknown: 'flyway.a.b'. Possible values: flyway.baselineVersion, flyway.baselineDescription, "
               "flyway.baselineOnMigrate, flyway.batch?\n"
               "\tUnknown: 'flyway.h'" UPDATE,
               "-locatons=1", "-a.b.c=1", "-a.b.d=1", "-h=1"),
	MODERN("former keys",
               "error: Failed to configure parameters:\n"
               "\tDeprecated: 'flyway.plugins.clean' has been replaced by 'flyway.sqlserver.clean'.\n"
               "\tRemoved: 'flyway.cleanOnValidationError' has been removed and is no longer supported.\n",
               "-plugins.clean=1", "-cleanOnValidationError=1"),
	MODERN("two dashes before what is no option",
               "error: Failed to configure parameters:\n\tUnknown: 'flyway.-nonsense'" UPDATE,
               "--nonsense=x"),
	{"a variable that no option has",
         {{NULL, NULL}},
         {"flyway_foo=1"},
         {NULL},
         "error: Failed to configure parameters:\n\tUnknown: 'flyway.foo'" UPDATE},
	/* placeholders */
	MODERN("a reserved placeholder",
               "error: Invalid placeholder ('flyway:' prefix is reserved): FLYWAY:x", FROM_S,
               "-placeholders.FLYWAY:x=1"),
	LEGACY("a reserved placeholder in legacy mode",
               "error: Invalid placeholder ('flyway:' prefix is reserved): flyway:x",
               "-placeholders.flyway:x=1"),
	MODERN("an unknown key comes before it",
               "error: Failed to configure parameters:\n\tUnknown: 'flyway.foo'" UPDATE,
               "-placeholders.flyway:x=1", "-foo=1"),
	LEGACY("another separator",
               "legacy " IN_S " placeholderSeparator=. placeholders=flyway:x:1",
               "-placeholderSeparator=.", "-placeholders.flyway:x=1"),
	/* what is paid for, and what has no effect */
	MODERN("licence options",
               "modern " IN_S " licenseKey=x token=x email=x offlinePermitPath=x pipelineId=x "
               "publishResult=true checkDriftOnMigrate=true",
               FROM_S, "-licenseKey=x", "-token=x", "-email=x", "-offlinePermitPath=x",
               "-publishResult=true", "-pipelineId=x", "-checkDriftOnMigrate=true"),
	{"a token in legacy mode",
         {LEGACY_FILE},
         {"FLYWAY_TOKEN=x"},
         {NULL},
         "legacy " IN_S " token=x"},
	LEGACY("a file for Kerberos",
               "refused: Upgrade required: kerberosConfigFile is not supported by OSS.",
               "-kerberosConfigFile=x"),
	MODERN("Java migrations", "error: Directory for Java Migrations not found: nope", FROM_S,
               "-jarDirs=nope"),
	{"Java migrations in a working directory",
         {{"w/j/a.txt", ""}},
         {NULL},
         {"-workingDirectory=w", "-locations=x", "-jarDirs=j"},
         "modern locations=[x] jarDirs=[j] workingDirectory=w"},
	/* environments */
	MODERN("an environment that does not exist",
               "error: Failed to configure parameters:\nEnvironment 'x' not found. Check that this environment "
               "exists in your configuration.\n",
               FROM_S, "-environment=x"),
	{"an environment that is made by a connection",
         {{NULL, NULL}},
         {"FLYWAY_URL=u"},
         {FROM_S, "-environment=x"},
         "modern url=u environment=x " IN_S " (x)"},
	MODERN("no name is the default one", "modern environment= " IN_S, FROM_S, "-environment="),
	{"an argument of the environment wins, a variable does not",
         {{NULL, NULL}},
         {"environments_x_url=v", "environments_x_user=w"},
         {FROM_S, "-url=u", "-environment=x", "-environments.x.schemas=a, b",
          "-environments.y.url=z"},
         "modern url=u user=w schemas=[a|b] environment=x " IN_S " (x)"},
	MODERN("an argument of the default environment", "modern url=v jdbcProperties=a:b " IN_S,
               FROM_S, "-url=u", "-environments.default.url=v",
               "-environments.default.jdbcProperties.a=b", "-environments.default.foo=1"),
	MODERN("a mode that does not exist", "error: Unknown provisioner mode: xx", FROM_S,
               "-provisionMode=xx"),
	MODERN("a mode without provisioner",
               "error: Reprovisioning is not supported for `default` environment", FROM_S,
               "-provisionMode=reprovision"),
	/* locations */
	{"the default is the folder of the program",
         {{"inst/sql/V1__a.sql", ""}, {"sql/V1__b.sql", ""}},
         {NULL},
         {NULL},
         "WARN Storing migrations in 'sql' is not recommended and default scanning of this location may "
         "be deprecated in a future release\nmodern locations=[filesystem:@/inst/sql]"},
	{"without scripts there is no warning",
         {{"inst/sql/x/V1__a.sql", ""}, {"inst/sql/v.SQL", ""}},
         {NULL},
         {NULL},
         "modern locations=[filesystem:@/inst/sql]"},
	{"or the folder sql of the working directory",
         {{"w/sql/a", ""}, {"inst/sql/b", ""}},
         {NULL},
         {"-workingDirectory=w"},
         "modern locations=[filesystem:@/w/sql] workingDirectory=w"},
	{"without it, nothing in modern mode",
         {{"w/a", ""}},
         {NULL},
         {"-workingDirectory=w"},
         NO_LOCATIONS "modern workingDirectory=w"},
	{"and the working directory itself in legacy mode",
         {{"w/flyway.conf", ""}},
         {NULL},
         {"-workingDirectory=w"},
         NO_LOCATIONS "legacy callbackLocations=[filesystem:@/w] locations=[filesystem:@/w] "
                      "workingDirectory=w"},
	MODERN("the default as an argument is none", NO_LOCATIONS "modern",
               "-locations=db/migration"),
	MODERN("empty locations in modern mode", "modern locations=[]", "-locations="),
	{"empty locations in legacy mode",
         {{"flyway.conf", "flyway.locations="}},
         {NULL},
         {NULL},
         NO_LOCATIONS "legacy locations=[classpath:]"},
	MODERN("relative locations in a working directory",
               "modern locations=[filesystem:/a|filesystem:@/w/b/../c|x|filesystem:@/w|filesystem:@/w/./s|"
               "FILESYSTEM:y] workingDirectory=w",
               "-workingDirectory=w",
               "-locations=filesystem:/a,filesystem:b/../c,x,filesystem:,filesystem:./s,FILESYSTEM:y"),
	/* values of the connection */
	{"references to variables and placeholders",
         {{NULL, NULL}},
         {"XX=x.db"},
         {FROM_S, "-url=  jdbc:sqlite:${env.XX}${foo} ", "-user=${ENV . XX }",
          "-password=${env.XX:a}", "-placeholders.q=r"},
         "modern url=jdbc:sqlite:x.db${foo} user=x.db password=xdb " IN_S " placeholders=q:r"},
	{"references in legacy mode",
         {{"flyway.conf", "flyway.url=${env.XX}\nflyway.user=${placeholder.q}\n"
                          "flyway.placeholders.q=r\nflyway.locations=filesystem:s"}},
         {"XX=x.db"},
         {NULL},
         "legacy url=x.db user=r " IN_S " placeholders=q:r"},
	{"literal references",
         {{NULL, NULL}},
         {"XX=x.db"},
         {FROM_S, "-url=!{a${env.NOPE}b}", "-user=$${env.NOPE}", "-password=$$$${env.XX}"},
         "modern url=a${env.NOPE}b user=${env.NOPE} password=$$${env.XX} " IN_S},
	MODERN("what is no reference",
               "modern url=${.XX}${env.}${env.a.b}${a:b} user=a$${X} password=${env.XX " IN_S,
               FROM_S, "-url=${.XX}${env.}${env.a.b}${a:b}", "-user=a$${X}", "-password=${env.XX"),
	MODERN("a variable that is not set",
               "error: Unable to resolve environment variable: 'NOPE'", FROM_S, "-url=${env.NOPE}"),
	MODERN("a placeholder that does not exist", "error: Unable to resolve placeholder: 'Q'",
               FROM_S, "-url=${placeholder.Q}", "-placeholders.q=r"),
	MODERN("a default placeholder",
               "error: Only user defined placeholders are supported, but detected attempt to use a default "
               "placeholder.",
               FROM_S, "-url=${placeholder.flyway:user}"),
	MODERN("an unknown resolver", "error: Unknown resolver 'a b' for environment default",
               FROM_S, "-url=${a b.c}"),
	{"a nested reference",
         {{NULL, NULL}},
         {"XX=x.db"},
         {FROM_S, "-url=${foo.x${env.XX}}"},
         "error: Resolvers cannot be nested: ${foo.x${env.XX}}"},
	{"one inside braces",
         {{NULL, NULL}},
         {"XX=x.db"},
         {FROM_S, "-url=$${env.${env.XX}}", "-user=$${foo${env.XX}}"},
         "modern url=$${env.x.db} user=${foo${env.XX}} " IN_S},
	MODERN("an empty URL is none", "modern " IN_S, FROM_S, "-url="),
};

/* Ours: sentences instead of the names of Java exceptions, and what is not built yet. */
static const struct config_case own_cases[] = {
	MODERN("a wrong boolean in modern mode",
               "error: Invalid value for flyway.mixed (should be either true or false): 1",
               "-mixed=1", "-foo=1"),
	MODERN("a wrong integer in modern mode",
               "error: Invalid value for flyway.lockRetryCount (should be an integer): 99999999999",
               "-lockRetryCount=99999999999"),
	MODERN("a wrong lock in modern mode",
               "error: Invalid value for flyway.postgresql.transactional.lock (should be either true or "
               "false): x",
               "-postgresql.transactional.lock=x"),
	{"a table among placeholders",
         {{NULL, NULL}},
         {"flyway_placeholders_a_b=1"},
         {NULL},
         "error: Invalid value for flyway.placeholders.a.b (should be a text, not a table): "
         "flyway_placeholders_a_b"},
	MODERN("a bare map in modern mode",
               "error: Invalid value for flyway.placeholders (should be given with a name, as in "
               "flyway.placeholders.x=1)",
               "-placeholders=1"),
	LEGACY("colour in legacy mode",
               "error: Unknown configuration property: flyway.color. Please check your conf files or "
               "commandline parameters",
               "-color=never"),
	MODERN("a dry run", "modern " IN_S " dryRunOutput=x", FROM_S, "-dryRunOutput=x"),
	{"a dry run in legacy mode",
         {{"flyway.conf", "flyway.locations=x\nflyway.dryRunOutput=x"}},
         {NULL},
         {NULL},
         "legacy locations=[x] dryRunOutput=x"},
	{"a dry run by a variable",
         {{"flyway.conf", "flyway.locations=x"}},
         {"FLYWAY_DRYRUN_OUTPUT=y"},
         {NULL},
         "legacy locations=[x] dryRunOutput=y"},
	{"cherry pick",
         {{NULL, NULL}},
         {"FLYWAY_CHERRY_PICK=1"},
         {NULL},
         "WARN No locations configured and default location 'sql' not found.\n"
         "modern cherryPick=[1]"},
	MODERN("error overrides",
               "error: Invalid error override: x (STATE:CODE:BEHAVIOUR, e.g. 42P01:0:W)",
               "-errorOverrides=42P01:0:W,x"),
	MODERN("error overrides and batch",
               "error: flyway.batch configuration option is incompatible with "
               "flyway.errorOverrides.\n"
               "It is impossible to intercept the errors in a batch process.\n"
               "Set flyway.batch to false, or remove the error overrides.",
               "-errorOverrides=42P01:0:W", "-batch=true"),
	MODERN("batch without error overrides", "modern " IN_S " errorOverrides=[] batch=true",
               FROM_S, "-errorOverrides=", "-batch=true"),
	MODERN("a report", "modern " IN_S " reportFilename=r reportEnabled=true", FROM_S,
               "-reportEnabled=true", "-reportFilename=r"),
	MODERN("callbacks",
               "refused: flyway.callbacks (-callbacks) names Java classes, which cflyway cannot "
               "run",
               "-callbacks=x"),
	MODERN("JSON", "modern outputType=json outputLogsInJson=true " IN_S, FROM_S,
               "-outputType=json", "-outputLogsInJson=true"),
	MODERN("what is off need not be refused",
               "modern " IN_S " callbacks=[] errorOverrides=[] dryRunOutput= cherryPick=[]", FROM_S,
               "-dryRunOutput=", "-errorOverrides=", "-reportEnabled=false",
               "-callbacks=", "-undoSqlMigrationPrefix=U", "-cherryPick="),
	MODERN("an undo prefix that is taken",
               "error: undoSqlMigrationPrefix must differ from the prefixes of other migrations: R",
               "-undoSqlMigrationPrefix=R"),
	MODERN("the prefix of undo as that of migrations", "modern " IN_S " sqlMigrationPrefix=U",
               FROM_S, "-sqlMigrationPrefix=U"),
	MODERN("no undo prefix", "modern " IN_S " baselineMigrationPrefix= undoSqlMigrationPrefix=",
               FROM_S, "-undoSqlMigrationPrefix=", "-baselineMigrationPrefix="),
	LEGACY("Java classes",
               "refused: flyway.resolvers (-resolvers) names Java classes, which cflyway cannot run",
               "-resolvers=a.B"),
	MODERN("a driver, and loggers",
               "INFO cflyway: flyway.loggers=slf4j is ignored: the log goes to the console\n"
               "modern driver=com.example.Driver " IN_S " loggers=[auto|slf4j]",
               FROM_S, "-driver=com.example.Driver", "-loggers=auto,slf4j"),
	{"Java migrations that cannot be run",
         {{"j/a.jar", ""}},
         {NULL},
         {FROM_S, "-jarDirs=j"},
         "INFO cflyway: Java migrations in j cannot be run; write them as SQL\nmodern " IN_S
         " jarDirs=[j]"},
	MODERN("a size with a unit", "modern " IN_S " cflyway.maxStatementSize=67108864", FROM_S,
               "-cflyway.maxStatementSize=64 mb"),
	MODERN("a size in bytes", "modern " IN_S " cflyway.maxStatementSize=1073741824", FROM_S,
               "-cflyway.maxStatementSize=1073741824"),
	MODERN("a size that is too large", WRONG_SIZE "1025MB", FROM_S,
               "-cflyway.maxStatementSize=1025MB"),
	MODERN("a size whose number is too large", WRONG_SIZE "99999999999999999999B", FROM_S,
               "-cflyway.maxStatementSize=99999999999999999999B"),
	MODERN("a size of nothing", WRONG_SIZE "0", FROM_S, "-cflyway.maxStatementSize=0"),
	LEGACY("a unit without a number", WRONG_SIZE "MB", "-cflyway.maxStatementSize=MB"),
	LEGACY("a unit that is none", WRONG_SIZE "1TB", "-cflyway.maxStatementSize=1TB"),
	MODERN("a durability", "modern " IN_S " cflyway.durability=run", FROM_S,
               "-cflyway.durability=run"),
	LEGACY("a durability that is none",
               "error: Invalid value for flyway.cflyway.durability (should be migration or run): x",
               "-cflyway.durability=x"),
	{"our options in a file that Flyway reads as well",
         {{"flyway.conf", "flyway.locations=filesystem:s\ncflyway.maxStatementSize=1kB"}},
         {NULL},
         {NULL},
         "legacy " IN_S " cflyway.maxStatementSize=1024"},
	{"our options in a section of their own",
         {{"flyway.toml", "[flyway]\nlocations = [\"filesystem:s\"]\n"
                          "[cflyway]\nmaxStatementSize = \"1kB\"\n"}},
         {NULL},
         {NULL},
         "modern " IN_S " cflyway.maxStatementSize=1024"},
	{"the durability in a variable",
         {{NULL, NULL}},
         {"CFLYWAY_DURABILITY=run"},
         {FROM_S},
         "modern " IN_S " cflyway.durability=run"},
	{"our options in a variable",
         {{NULL, NULL}},
         {"CFLYWAY_MAX_STATEMENT_SIZE=2000"},
         {FROM_S},
         "modern " IN_S " cflyway.maxStatementSize=2000"},
	{"what we do not have either",
         {{"flyway.toml", "[cflyway]\nfoo = 1\n"}},
         {NULL},
         {FROM_S},
         "error: Failed to configure parameters:\n\tUnknown: 'flyway.cflyway.foo'" UPDATE},
	{"a nested reference in a password",
         {{NULL, NULL}},
         {"XX=x.db"},
         {FROM_S, "-password=secret${foo${env.XX}}"},
         "error: Resolvers cannot be nested: ********"},
};

START_TEST(loads_as_flyway)
{
	config_check(&scratch, &cases[_i]);
}
END_TEST

START_TEST(differs_where_it_should)
{
	config_check(&scratch, &own_cases[_i]);
}
END_TEST

START_TEST(shows_the_configuration_without_secrets)
{
	static const struct config_case test = {
		.arguments = {FROM_S, "-X", "-password=secret",
	                      "-url=jdbc:postgresql://h/d?password=secret",
	                      "-placeholders.db_password=secret"},
	};
	struct environment environment;
	struct invocation invocation;
	struct settings settings;

	config_fixture(&scratch, &test, &environment, &invocation);
	scratch.log.debug = true;
	ck_assert(settings_load(&scratch.arena, &invocation, &environment, &scratch.log, &settings,
	                        &scratch.err));
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "DEBUG Using configuration:\n"
	                 "DEBUG flyway.locations -> filesystem:s\n"
	                 "flyway.password -> ********\n"
	                 "flyway.placeholders.db_password -> ********\n"
	                 "flyway.url -> jdbc:postgresql://h/d?password=********\n\n");
	ck_assert(settings.debug);
	ck_assert_str_eq(settings.password, "secret");
}
END_TEST

/* They hold nothing, but info shows them. */
static const struct {
	struct config_case test;
	const char *locations;
} unfound[] = {
	{{.arguments = {NULL}}, "classpath:db/migration"},
	{{.arguments = {"-locations=filesystem:sql"}}, "filesystem:sql"},
	{{.files = {{"flyway.conf", "flyway.locations="}}}, "classpath:"},
	{{.files = {{"flyway.conf", "flyway.table=t"}}}, "classpath:db/migration"},
};

START_TEST(falls_back_on_locations_that_hold_nothing)
{
	struct environment environment;
	struct invocation invocation;
	struct settings settings;

	config_fixture(&scratch, &unfound[_i].test, &environment, &invocation);
	ck_assert(settings_load(&scratch.arena, &invocation, &environment, &scratch.log, &settings,
	                        &scratch.err));
	ck_assert_str_eq(str_list_join(&scratch.arena, &settings.locations, ","),
	                 unfound[_i].locations);
	scratch_lines(&scratch);
}
END_TEST

Suite *settings_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, loads_as_flyway, 0, COUNT(cases));
	tcase_add_loop_test(tc, differs_where_it_should, 0, COUNT(own_cases));
	tcase_add_loop_test(tc, falls_back_on_locations_that_hold_nothing, 0, COUNT(unfound));
	tcase_add_test(tc, shows_the_configuration_without_secrets);
	suite_add_tcase(suite, tc);
	return suite;
}
