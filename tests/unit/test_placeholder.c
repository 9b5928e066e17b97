/* SPDX-License-Identifier: Apache-2.0 */
/* test_placeholder.c - replacing ${name}; expected texts are measured with Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/sql/placeholder.h"

#include <stdint.h>

static struct arena arena;
static struct placeholders placeholders;

static void setup(void)
{
	arena_init(&arena);
	placeholders = (struct placeholders){.prefix = "${", .suffix = "}", .separator = ":"};
	placeholders_add(&arena, &placeholders, "x", "1");
	placeholders_add(&arena, &placeholders, "v", "${x}");
	placeholders_add(&arena, &placeholders, "empty", "");
	placeholders_add(&arena, &placeholders, "größe", "g");
	placeholders_add(&arena, &placeholders, "flyway:user", "mine");
	placeholders_add(&arena, &placeholders, "flyway:user", "theirs");
	placeholders_add(&arena, &placeholders, "flyway:database", NULL);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const size_t piece_sizes[] = {0, 1, 2, 3};

/* The whole text, or the message with "!" in front. */
static const char *replace(const char *script, size_t piece_size)
{
	struct error err = ERROR_INIT(&arena);
	struct buf out = BUF_EMPTY(SIZE_MAX / 4);
	struct placeholder_source filter;
	struct text_memory memory;
	struct str piece;
	bool ok;

	text_memory_init(&memory, str_of(script), piece_size);
	placeholder_source_open(&filter, &memory.source, &placeholders, "V1__x.sql");
	while ((ok = filter.source.next(&filter.source, &piece, &err)) && piece.len > 0)
		buf_append(&out, piece.ptr, piece.len);
	filter.source.close(&filter.source);
	const char *result =
		ok ? str_dup(&arena, buf_str(&out)) : arena_printf(&arena, "!%s", err.message);
	buf_release(&out);
	return result;
}

static void check(const char *script, const char *expected)
{
	for (size_t i = 0; i < COUNT(piece_sizes); i++)
		ck_assert_str_eq(replace(script, piece_sizes[i]), expected);
}

static const struct {
	const char *script, *text;
} usual[] = {
	{"", ""},
	{"no placeholder", "no placeholder"},
	{"${x}", "1"},
	{"a ${X}-${x}${x}${empty}z", "a 1-11z"},
	{"${v}", "${x}"},
	{"'${x}' -- ${x}", "'1' -- 1"},
	{"\\${x} $\\{x} $ {x} {x}", "\\1 $\\{x} $ {x} {x}"},
	{"$${x}$$ $$${x}$$ $$$${x}", "$${x}$$ $$1$$ $$$${x}"},
	{"ü$ü ${größe} €$", "ü$ü g €$"},
	{"${flyway:user} ${FLYWAY:User}", "theirs theirs"},
	{"${flyway:filename} ${Flyway:FileName}", "V1__x.sql V1__x.sql"},
	{"$", "$"},
	{"SELECT ${x;", "SELECT 1"},
	{"SELECT ${x€", "SELECT 1"},
	{"SELECT ${nope};",
         "!No value provided for placeholder: ${nope}.  Check your configuration!"},
	{"${}", "!No value provided for placeholder: ${}.  Check your configuration!"},
	{"${ x }", "!No value provided for placeholder: ${ x }.  Check your configuration!"},
	{"${${x}}", "!No value provided for placeholder: ${${x}.  Check your configuration!"},
	{"${x\n;", "!No value provided for placeholder: ${x\n}.  Check your configuration!"},
	{"x${a", "!No value provided for placeholder: ${}.  Check your configuration!"},
	{"${flyway:nope}", "!Failed to populate value for default placeholder: ${flyway:nope}"},
	{"${flyway:database}",
         "!Failed to populate value for default placeholder: ${flyway:database}"},
	{"${FLYWAY:nope}",
         "!No value provided for placeholder: ${FLYWAY:nope}.  Check your configuration!"},
	{"${flyway:filenames}",
         "!Failed to populate value for default placeholder: ${flyway:filenames}"},
};

START_TEST(replaces_names)
{
	check(usual[_i].script, usual[_i].text);
}
END_TEST

static const struct {
	const char *prefix, *suffix, *script, *text;
} marks[] = {
	{"#[", "]#", "SELECT #[x]# ${x}", "SELECT 1 ${x}"},
	{"#[", "]#", "#[x]]#",
         "!No value provided for placeholder: #[x]]#.  Check your configuration!"},
	{"#[", "]#", "##[x]# ###[x]#", "##[x]# ##1"},
	{"#[", "]#", "#[x12", "1"},
	{"#[", "]#", "#[x]",
         "!No value provided for placeholder: #[]#.  Check your configuration!"},
	{"@@", "@@", "SELECT @@x@@ , @x@", "SELECT 1 , @x@"},
	{"$", "$", "SELECT $x$ $",
         "!No value provided for placeholder: $$.  Check your configuration!"},
	{"$", "$", "SELECT $x$.", "SELECT 1."},
	{"é{", "}", "é{x} è{x} éé{x}", "1 è{x} éé{x}"},
};

START_TEST(takes_other_marks)
{
	placeholders.prefix = marks[_i].prefix;
	placeholders.suffix = marks[_i].suffix;
	check(marks[_i].script, marks[_i].text);
}
END_TEST

START_TEST(takes_another_separator)
{
	placeholders.separator = "_";
	check("${flyway_filename}", "V1__x.sql");
	check("${flyway:filename}",
	      "!No value provided for placeholder: ${flyway:filename}.  Check your configuration!");
	check("${flyway_nope}",
	      "!Failed to populate value for default placeholder: ${flyway_nope}");
}
END_TEST

/* The offset is shown as the column. */
static bool find_place(const struct text_origin *origin, size_t offset, struct note_place *place)
{
	(void)origin;
	*place = (struct note_place){"f", 1, offset + 1};
	return true;
}

static const char *explain(const char *script, size_t piece_size)
{
	const struct text_origin origin = {find_place};
	struct error err = ERROR_INIT(&arena);
	struct placeholder_source filter;
	struct text_memory memory;
	const char *text = "";
	struct str piece;

	text_memory_init(&memory, str_of(script), piece_size);
	placeholder_source_open(&filter, &memory.source, &placeholders, "V1__x.sql");
	filter.origin = &origin;
	while (filter.source.next(&filter.source, &piece, &err))
		ck_assert_uint_gt(piece.len, 0);
	filter.source.close(&filter.source);
	for (size_t i = 0; i < err.notes.n; i++)
		text = arena_printf(&arena, "%s%s%s", text, i > 0 ? "|" : "",
		                    err.notes.items[i].text);
	return text;
}

#define DEFINED "|these placeholders are defined: x, v, empty, größe, region|"
#define STAYS "with placeholderReplacement=false"

static const struct {
	const char *script, *notes;
} unknown[] = {
	{"${regoin}", "f:1:1" DEFINED "did you mean \"${region}\"?"},
	{"a ${x} ${REGIO}", "f:1:8" DEFINED "did you mean \"${region}\"?"},
	{"ü$ü $$${nothing} ${x}",
         "f:1:9" DEFINED "-placeholders.nothing=VALUE gives it a value; " STAYS
         " it stays as it is"},
	{"$${x} do ${ if (a) { b(); }", "f:1:10" DEFINED STAYS ", ${...} stays as it is"},
	{"${}", "f:1:1" DEFINED STAYS ", ${...} stays as it is"},
	{"${regiox", "f:1:1" DEFINED "did you mean \"${region}\"?"}, /* Flyway cuts it: regio */
	{"${flyway:usr}", "f:1:1|did you mean \"${flyway:user}\"?"},
	{"${flyway:filenam}", "f:1:1|did you mean \"${flyway:filename}\"?"},
	{"${flyway:database}", "f:1:1|" STAYS ", ${...} stays as it is"},
};

START_TEST(explains_unknown_names)
{
	placeholders_add(&arena, &placeholders, "region", "r");
	for (size_t i = 0; i < COUNT(piece_sizes); i++)
		ck_assert_str_eq(explain(unknown[_i].script, piece_sizes[i]), unknown[_i].notes);
}
END_TEST

START_TEST(lists_names_as_far_as_a_line_goes)
{
	const char *notes;

	placeholders.n = 0;
	ck_assert_str_eq(explain("${a b}", 0),
	                 "f:1:1|no placeholder is defined|" STAYS ", ${...} stays as it is");
	for (int i = 0; i < 23; i++)
		placeholders_add(&arena, &placeholders, arena_printf(&arena, "n%02d", i), "");
	notes = explain("${a b}", 0);
	ck_assert_ptr_nonnull(strstr(notes, "defined: n00, n01, "));
	ck_assert_ptr_nonnull(strstr(notes, ", n19 and 3 more|"));
}
END_TEST

START_TEST(does_not_read_names_without_end)
{
	char *script = arena_alloc(&arena, 1 << 20);

	memset(script, 'x', (1 << 20) - 1);
	script[0] = '$';
	script[1] = '{';
	const char *message = replace(script, 1000);
	ck_assert(message[0] == '!');
	ck_assert_uint_lt(strlen(message), 1 << 17);
}
END_TEST

Suite *placeholder_suite(void)
{
	Suite *suite = suite_create("placeholder");
	TCase *filter = tcase_create("filter");

	tcase_add_checked_fixture(filter, setup, teardown);
	tcase_add_loop_test(filter, replaces_names, 0, COUNT(usual));
	tcase_add_loop_test(filter, takes_other_marks, 0, COUNT(marks));
	tcase_add_test(filter, takes_another_separator);
	tcase_add_loop_test(filter, explains_unknown_names, 0, COUNT(unknown));
	tcase_add_test(filter, lists_names_as_far_as_a_line_goes);
	tcase_add_test(filter, does_not_read_names_without_end);
	suite_add_tcase(suite, filter);
	return suite;
}
