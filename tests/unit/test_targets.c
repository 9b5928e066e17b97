/* SPDX-License-Identifier: Apache-2.0 */
/* test_targets.c - the file of -targets, which is ours */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/config/option_value.h"
#include "cflyway/config/targets.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static const char *const shown_keys[] = {
	[TARGET_CONFIG_FILES] = "files",
	[TARGET_LOCATIONS] = "locations",
	[TARGET_ENVIRONMENT] = "environment",
	[TARGET_URL] = "url",
	[TARGET_USER] = "user",
	[TARGET_SCHEMAS] = "schemas",
	[TARGET_DEFAULT_SCHEMA] = "default",
	[TARGET_LAYOUT] = "layout",
	[TARGET_SEED] = "seed",
};

static const char *show_target(const struct target *target)
{
	struct arena *arena = &scratch.arena;
	const char *text = arena_printf(arena, "%s@%zu", target->name, target->line);

	for (size_t i = 0; i < TARGET_KEY_COUNT; i++)
		if (target->values[i] != NULL)
			text = arena_printf(arena, "%s %s=%s", text, shown_keys[i],
			                    target->values[i]);
	if (target->after.n > 0)
		text = arena_printf(arena, "%s after=%s", text,
		                    str_list_join(arena, &target->after, "|"));
	return text;
}

#define NAME49 "1234567890123456789012345678901234567890123456789"
#define FIRST_KEYS "configFiles, locations, environment, url, user, schemas, defaultSchema, layout"
#define OPTION_KEYS FIRST_KEYS " and seed"
#define ALL_KEYS FIRST_KEYS ", seed and after"
#define WRONG(line, fault) "Invalid targets file x.ini, line " #line ": " fault

static const struct {
	const char *name, *text, *expected;
} cases[] = {
	{"one target", "[a]\nconfigFiles = x.conf\n", "a@1 files=x.conf"},
	{"all keys",
         "; comment\n\n[a]\nconfigFiles=x\n[b b]\n# comment\nconfigFiles = y, z ; comment\n"
         "locations: filesystem:l\nenvironment = dev\nafter = a\n",
         "a@3 files=x, b b@5 files=y, z locations=filesystem:l environment=dev after=a"},
	{"the keys of a database",
         "[a]\nurl = jdbc:sqlite:${env.X}.db?a=b;c\nuser = u\nschemas = s,\n  t\n"
         "defaultSchema = t\nlayout = goose\n",
         "a@1 url=jdbc:sqlite:${env.X}.db?a=b;c user=u schemas=s,t default=t layout=goose"},
	{"a password", "[a]\npassword = x\n",
         "error: " WRONG(2, "unknown key password; there are " ALL_KEYS)},
	{"an url over two lines", "[a]\nurl = x\n  y\n", "error: " WRONG(3, "url is given twice")},
	{"lists over several lines",
         "[a]\nlocations = filesystem:a,\n  filesystem:b,\n\tfilesystem:c=d\n\n ; comment\n  [e]x\n"
         "[b]\nlocations = a\n  b\n[c]\nenvironment = c\nafter = a,\n  b\n",
         "error: " WRONG(7, "a section stands at the beginning of its line")},
	{"lists over several lines, with and without comma",
         "[a]\nlocations = filesystem:a,\n  filesystem:b,\n\tfilesystem:c=d\n"
         "[b]\nlocations = a\n  b\n[c]\nenvironment = c\nafter = a,\n  b\n",
         "a@1 locations=filesystem:a,filesystem:b,filesystem:c=d, b@5 locations=a,b, "
         "c@8 environment=c after=a|b"},
	{"a byte order mark, CR LF, no line end",
         "\xEF\xBB\xBF[a]\r\nenvironment = x\r\n[b]\r\nenvironment = y",
         "a@1 environment=x, b@3 environment=y"},
	{"as long a name as there may be", "[" NAME49 "]\nenvironment = x\n",
         NAME49 "@1 environment=x"},
	{"too long a name", "[" NAME49 "0]\nenvironment = x\n",
         "error: " WRONG(1, "the name of a target has at most 49 bytes")},
	{"an unknown key", "[a]\nenvironment = x\nlocation = y\n",
         "error: " WRONG(3, "unknown key location; there are " ALL_KEYS)},
	{"letter case", "[a]\nConfigFiles = x\n",
         "error: " WRONG(2, "unknown key ConfigFiles; there are " ALL_KEYS)},
	{"a key without section", "\nenvironment = x\n[a]\nenvironment = x\n",
         "error: " WRONG(2, "a key belongs into a section, [name of the target]")},
	{"a key without value", "[a]\nenvironment =\n",
         "error: " WRONG(2, "environment has no value")},
	{"no pair", "[a]\nenvironment = x\nfoo\n",
         "error: " WRONG(3, "this is neither [name], nor key = value")},
	{"an open section", "[a\nenvironment = x\n", "error: " WRONG(1, "a section ends with ]")},
	{"more after a section", "[a]x\nenvironment = x\n",
         "error: " WRONG(1, "nothing may follow the name of a section")},
	{"a section twice", "[a]\nenvironment = x\n[b]\nenvironment = x\n[a]\nlocations = x\n",
         "error: " WRONG(5, "there is a target a already")},
	{"no name", "[]\nenvironment = x\n",
         "error: " WRONG(1,
                         "the name of a target is neither empty nor begins or ends with a blank")},
	{"a section without keys", "[a]\n[b]\nenvironment = x\n",
         "error: " WRONG(1, "target a has none of the keys " OPTION_KEYS)},
	{"a target that only waits", "[a]\nenvironment = x\n[b]\nafter = a\n",
         "error: " WRONG(3, "target b has none of the keys " OPTION_KEYS)},
	{"an indented key", "[a]\nconfigFiles = x\n  locations = y\n",
         "error: " WRONG(3, "a key stands at the beginning of its line")},
	{"an indented key in the beginning", "[a]\n  configFiles = x\n",
         "error: " WRONG(2, "a key stands at the beginning of its line")},
	{"an environment over two lines", "[a]\nenvironment = x\n  y\n",
         "error: " WRONG(3, "environment is given twice")},
	{"a key twice", "[a]\nlocations = x\nenvironment = y\nlocations = z\n",
         "error: " WRONG(4, "locations is given twice")},
	{"after a later one", "[a]\nenvironment = x\nafter = b\n[b]\nenvironment = y\n",
         "error: " WRONG(3, "after names b, but no such target stands above")},
	{"after itself", "[a]\nenvironment = x\nafter = a\n",
         "error: " WRONG(3, "after names a, but no such target stands above")},
	{"after nothing", "[a]\nenvironment = x\nafter = ,a\n",
         "error: " WRONG(3, "after names nothing, but no such target stands above")},
	{"more after the blank of a section",
         "[a]; c\nlocations = x\n[b]# c\nlocations = y\n"
         "[c] ; c\nlocations = z\n",
         "a@1 locations=x, b@3 locations=y, c@5 locations=z"},
	{"a blank at the beginning of a name", "[ a]\nenvironment = x\n",
         "error: " WRONG(1,
                         "the name of a target is neither empty nor begins or ends with a blank")},
	{"a blank at the end of a name", "[a ]\nenvironment = x\n",
         "error: " WRONG(1,
                         "the name of a target is neither empty nor begins or ends with a blank")},
	{"an indented line in the beginning of another section", "[a]\nlocations = x\n[b]\n  y\n",
         "error: " WRONG(4, "a key stands at the beginning of its line")},
	{"a list that goes on after a comment", "[a]\nlocations = x\n\n# c\n  y\n",
         "a@1 locations=x,y"},
	{"two faults", "[a]\nfoo = 1\nbar = 2\n",
         "error: " WRONG(2, "unknown key foo; there are " ALL_KEYS)},
	{"the same key in two sections", "[a]\nlocations = x\n[b]\nlocations = y\n",
         "a@1 locations=x, b@3 locations=y"},
	{"an empty file", "", "error: " WRONG(1, "there is no target")},
	{"comments alone", "; x\n\n", "error: " WRONG(1, "there is no target")},
};

START_TEST(reads_targets)
{
	struct arena *arena = &scratch.arena;
	struct targets targets;
	struct str_list lines = {0};
	const char *got;

	if (targets_parse(arena, str_of(cases[_i].text), "x.ini", &targets, &scratch.err)) {
		for (size_t i = 0; i < targets.n; i++)
			str_list_add(arena, &lines, show_target(&targets.items[i]));
		got = str_list_join(arena, &lines, ", ");
	} else {
		got = arena_printf(arena, "error: %s", scratch.err.message);
	}
	ck_assert_msg(strcmp(got, cases[_i].expected) == 0, "%s:\n%s\ninstead of\n%s",
	              cases[_i].name, got, cases[_i].expected);
}
END_TEST

START_TEST(refuses_a_nul)
{
	struct targets targets;

	ck_assert(!targets_parse(&scratch.arena, STR("[a]\nenvironment = x\0y\n"), "x.ini",
	                         &targets, &scratch.err));
	ck_assert_str_eq(scratch.err.message, WRONG(2, "there is a NUL"));
}
END_TEST

START_TEST(limits_the_length_of_lines)
{
	struct arena *arena = &scratch.arena;
	struct targets targets;
	const int key_len = (int)strlen("locations=");

	for (int len = 189; len <= 191; len++) {
		const char *text = arena_printf(arena, "[a]\nlocations=%0*d\n", len - key_len, 0);
		bool ok = targets_parse(arena, str_of(text), "x.ini", &targets, &scratch.err);

		ck_assert_int_eq(ok, len <= 190);
		if (ok)
			ck_assert_int_eq((int)strlen(targets.items[0].values[TARGET_LOCATIONS]),
			                 len - key_len);
	}
	ck_assert_str_eq(scratch.err.message,
	                 WRONG(2, "lines have at most 190 bytes; a list may go on in the next "
	                          "line, after a blank"));
}
END_TEST

START_TEST(reads_files)
{
	struct targets targets;

	scratch_write("t.ini", "[a]\nenvironment = x\n");
	ck_assert(targets_read(&scratch.arena, "t.ini", &targets, &scratch.err));
	ck_assert_uint_eq(targets.n, 1);
	ck_assert(!targets_read(&scratch.arena, "nope.ini", &targets, &scratch.err));
	ck_assert_str_eq(scratch.err.message,
	                 "Unable to read file nope.ini: No such file or directory");
}
END_TEST

static bool find_verb(const char *name, struct verb *verb)
{
	*verb = (struct verb){.name = "info", .commands = {"info"}};
	return strcmp(name, "info") == 0;
}

static void invocation_of(const char *argument, struct invocation *invocation)
{
	char *argv[] = {arena_strdup(&scratch.arena, "cflyway"),
	                arena_strdup(&scratch.arena, "-targets=t.ini"),
	                arena_strdup(&scratch.arena, argument),
	                arena_strdup(&scratch.arena, "info")};

	ck_assert(args_parse(&scratch.arena, (int)COUNT(argv), argv, find_verb, invocation,
	                     &scratch.err));
}

START_TEST(makes_a_call_of_each)
{
	struct invocation user, made;
	struct targets targets;
	struct arena *arena = &scratch.arena;

	ck_assert(targets_parse(arena, STR("[a]\nconfigFiles = x\nenvironment = dev\n"), "t.ini",
	                        &targets, &scratch.err));
	invocation_of("-table=t", &user);
	ck_assert(
		target_invocation(arena, &targets, &targets.items[0], &user, &made, &scratch.err));
	ck_assert_uint_eq(made.options.n, 3);
	ck_assert_str_eq(pairs_find(&made.options, "table")->value, "t");
	ck_assert_str_eq(pairs_find(&made.options, "configFiles")->value, "x");
	ck_assert_str_eq(pairs_find(&made.options, "environment")->value, "dev");
	ck_assert_str_eq(pairs_find(&made.options, "environment")->origin, "-environment");
	ck_assert_uint_eq(made.verbs.n, 1);
	ck_assert_uint_eq(user.options.n, 2);
}
END_TEST

static const char *const keys_of_targets[] = {"configFiles", "locations", "environment"};

START_TEST(refuses_its_keys_as_arguments)
{
	const char *key = keys_of_targets[_i];
	struct arena *arena = &scratch.arena;
	struct invocation user, made;
	struct targets targets;

	ck_assert(targets_parse(arena, STR("[a]\nconfigFiles = x\n"), "t.ini", &targets,
	                        &scratch.err));
	invocation_of(arena_printf(arena, "-%s=x", key), &user);
	ck_assert(
		!target_invocation(arena, &targets, &targets.items[0], &user, &made, &scratch.err));
	ck_assert_int_eq(scratch.err.code, ERROR_CONFIGURATION);
	ck_assert_str_eq(scratch.err.message,
	                 arena_printf(arena,
	                              "-%s cannot stand beside -targets: it is a key of the "
	                              "targets in t.ini",
	                              key));
}
END_TEST

/* An argument beside a target that has url and layout. */
static const struct {
	const char *argument, *refused; /* NULL: it is taken over */
} beside[] = {
	{"-url=x", "url"},        {"-cflyway.layout=flyway", "cflyway.layout"},
	{"-user=x", NULL},        {"-schemas=x", NULL},
	{"-targetNames=a", NULL},
};

START_TEST(refuses_what_a_target_has_itself)
{
	struct arena *arena = &scratch.arena;
	struct invocation user, made;
	struct targets targets;
	bool ok;

	ck_assert(targets_parse(arena, STR("[a]\nurl = u\nlayout = goose\n"), "t.ini", &targets,
	                        &scratch.err));
	invocation_of(beside[_i].argument, &user);
	ok = target_invocation(arena, &targets, &targets.items[0], &user, &made, &scratch.err);
	ck_assert_int_eq(ok, beside[_i].refused == NULL);
	if (!ok)
		ck_assert_str_eq(scratch.err.message,
		                 arena_printf(arena,
		                              "-%s cannot stand beside -targets: it is a key of "
		                              "the targets in t.ini",
		                              beside[_i].refused));
	else
		ck_assert_str_eq(pairs_find(&made.options, "cflyway.layout")->value, "goose");
	if (ok)
		ck_assert_ptr_null(pairs_find(&made.options, "targetNames"));
}
END_TEST

/* --- a choice ------------------------------------------------------------------------------ */

static const struct {
	const char *names, *chosen; /* or the error */
} choices[] = {
	{"c,a", "a,c"},
	{"b,a", "a,b"},
	{"a,a", "a"},
	{"b", "-targetNames names b, which runs after a: name that one too"},
	{"a,x", "-targetNames names x, but there is no such target in t.ini"},
	{"A", "-targetNames names A, but there is no such target in t.ini"},
	{",a", "-targetNames names nothing, but there is no such target in t.ini"},
};

START_TEST(chooses_targets)
{
	struct arena *arena = &scratch.arena;
	struct str_list names = option_parse_list(arena, choices[_i].names), got = {0};
	struct targets targets;

	ck_assert(targets_parse(arena, STR("[a]\nurl = u\n[b]\nurl = v\nafter = a\n[c]\nurl = w\n"),
	                        "t.ini", &targets, &scratch.err));
	if (!targets_select(arena, &names, &targets, &scratch.err)) {
		ck_assert_str_eq(scratch.err.message, choices[_i].chosen);
		return;
	}
	for (size_t i = 0; i < targets.n; i++)
		str_list_add(arena, &got, targets.items[i].name);
	ck_assert_str_eq(str_list_join(arena, &got, ","), choices[_i].chosen);
}
END_TEST

Suite *targets_suite(void)
{
	Suite *suite = suite_create("targets");
	TCase *tc = tcase_create("targets");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_targets, 0, COUNT(cases));
	tcase_add_test(tc, refuses_a_nul);
	tcase_add_test(tc, limits_the_length_of_lines);
	tcase_add_test(tc, reads_files);
	tcase_add_test(tc, makes_a_call_of_each);
	tcase_add_loop_test(tc, refuses_its_keys_as_arguments, 0, COUNT(keys_of_targets));
	tcase_add_loop_test(tc, refuses_what_a_target_has_itself, 0, COUNT(beside));
	tcase_add_loop_test(tc, chooses_targets, 0, COUNT(choices));
	suite_add_tcase(suite, tc);
	return suite;
}
