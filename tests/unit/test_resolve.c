/* SPDX-License-Identifier: Apache-2.0 */
/* test_resolve.c - from folders to migrations; recorded from Flyway 12.4.0 */
#include "scratch.h"
#include "suites.h"

#include "cflyway/migration/resolve.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;
static struct placeholders placeholders = {.prefix = "${", .suffix = "}", .separator = ":"};
static struct placeholder values[] = {{"who", "World"}};
static struct placeholders program_placeholders = {
	.prefix = "FP__",
	.suffix = "__",
	.separator = "_",
	.items = values,
	.n = COUNT(values),
};

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

enum {
	VALIDATE_NAMES = 1,
	FAIL_ON_MISSING = 2,
	SKIP_RESOLVERS = 4,
	SKIP_CALLBACKS = 8,
	DETECT = 16,
	NO_PLACEHOLDERS = 32,
	SKIP_UNREADABLE = 64,
	SKIP_UNREADABLE_MIGRATIONS = 128,
};

/* "path=content;path=content" */
static void write_files(const char *files)
{
	struct str rest = str_of(files);

	while (rest.len > 0) {
		struct str content = str_cut(&rest, ';'), path = str_cut(&content, '=');

		scratch_write_bytes(str_dup(&scratch.arena, path),
		                    content.ptr != NULL ? content.ptr : "", content.len);
	}
}

static bool read_all(const struct resolve_options *options, const struct migration_files *files,
                     struct migration_list *list)
{
	struct unsorted_migrations unsorted;

	resolve_describe(&scratch.arena, options, files, &unsorted);
	for (size_t i = 0; i < unsorted.n; i++)
		if (!resolve_read(&unsorted.items[i], options, NULL, &scratch.err))
			return false;
	return resolve_sort(&scratch.arena, &unsorted, list, &scratch.err);
}

static bool resolve(const char *locations, unsigned flags, struct migration_list *list)
{
	struct str_list texts = {0};
	struct str rest = str_of(locations);
	const char *suffixes[] = {".sql"};
	struct migration_files files;
	struct resolve_options options = {
		.names = {"V", "R", "B", "U", "__", {suffixes, 1}, NULL},
		.fail_on_missing_locations = (flags & FAIL_ON_MISSING) != 0,
		.validate_naming = (flags & VALIDATE_NAMES) != 0,
		.skip_default_resolvers = (flags & SKIP_RESOLVERS) != 0,
		.skip_default_callbacks = (flags & SKIP_CALLBACKS) != 0,
		.skip_unreadable = (flags & SKIP_UNREADABLE) != 0,
		.skip_unreadable_migrations = (flags & SKIP_UNREADABLE_MIGRATIONS) != 0,
		.encoding = "UTF-8",
		.detect_encoding = (flags & DETECT) != 0,
		.placeholder_replacement = (flags & NO_PLACEHOLDERS) == 0,
		.placeholders = &placeholders,
		.program_placeholders = &program_placeholders,
	};

	while (rest.len > 0)
		str_list_add(&scratch.arena, &texts, str_dup(&scratch.arena, str_cut(&rest, ',')));
	return location_list_parse(&scratch.arena, &texts, &options.locations, &scratch.err) &&
	       scan_locations(&scratch.arena, &options, &scratch.log, &files, &scratch.err) &&
	       read_all(&options, &files, list);
}

/* "version|description|type|script" for each. */
static const char *show(const struct migration_list *list)
{
	struct str_list lines = {0};

	for (size_t i = 0; i < list->n; i++) {
		const struct migration *migration = list->items[i];
		bool is_versioned = migration_is_versioned(migration);

		str_list_add(&scratch.arena, &lines,
		             arena_printf(&scratch.arena, "%s|%s|%s|%s",
		                          is_versioned ? migration->version.text : "",
		                          migration->description,
		                          migration_type_name(migration->type), migration->script));
	}
	return str_list_join(&scratch.arena, &lines, " ");
}

static const struct {
	const char *files, *locations;
	unsigned flags;
	const char *migrations;
} found[] = {
	{"sql/V1__a.sql=1;sql/V10__c.sql=1;sql/sub/V9__b.sql=1", "filesystem:sql", 0,
         "1|a|SQL|V1__a.sql 9|b|SQL|sub/V9__b.sql 10|c|SQL|V10__c.sql"},
	{"q/B1__a.sql=1;q/a/V1__a.sql=2;q/a/R__a.sql=2;q/R__Z.sql=1", "filesystem:q", 0,
         "1|a|SQL|a/V1__a.sql 1|a|SQL_BASELINE|B1__a.sql |Z|SQL|R__Z.sql |a|SQL|a/R__a.sql"},
	{"a/V1__a.sql=1;b/V1__a.sql=1", "filesystem:a,filesystem:b", 0, "1|a|SQL|V1__a.sql"},
	{"sql/V1__a.sql=1", "filesystem:sql,filesystem:./sql", 0, "1|a|SQL|V1__a.sql"},
	{"q/a/V1__a.sql=1;q/b/V1__a.sql=1", "filesystem:q/*", 0, "1|a|SQL|V1__a.sql"},
	{"sql/sub/V2__b.sql=1", "filesystem:sql/*,filesystem:sql/sub", 0, "2|b|SQL|V2__b.sql"},
	{"q/R.sql=1;q/R__.sql=1;q/V4.sql=1", "filesystem:q", VALIDATE_NAMES,
         "4||SQL|V4.sql ||SQL|R__.sql"},
	{"q/README=1;q/LICENSE=1;q/Rakefile=1;q/Vagrantfile=1;q/Makefile=1;q/V1__x.rb=1;"
         "q/V12__.x=1;q/.V13__hid=1;q/V0010.5=1;q/Vx__foo.sh=1;q/V__q.sh=1;q/U1__u.sh=1;q/R=1;"
         "q/R5__x.sh=1;q/V1__x.sql=1;q/V2__b.sql.bak=1",
         "filesystem:q", VALIDATE_NAMES, "1|x|SQL|V1__x.sql 1|u|UNDO_SCRIPT|U1__u.sh"},
	{"q/V1__a.sh=1;q/V1__b.sql=1", "filesystem:q", SKIP_RESOLVERS, ""},
	{"q/beforeMigrate.sql=1;q/V1__b.sql=1", "filesystem:q", SKIP_CALLBACKS,
         "1|b|SQL|V1__b.sql"},
	{"q/V1__b.sql=1;q/.V6.sql.conf=b", "filesystem:q", 0, "1|b|SQL|V1__b.sql"},
	{"q/U1__c.sql=1;q/B1__b.sql=1;q/V1__a.sql=1;q/U2__d.sql=1", "filesystem:q", 0,
         "1|a|SQL|V1__a.sql 1|b|SQL_BASELINE|B1__b.sql 1|c|UNDO_SQL|U1__c.sql "
         "2|d|UNDO_SQL|U2__d.sql"},
	{"", "", 0, ""},
};

START_TEST(finds_migrations)
{
	struct migration_list list;

	write_files(found[_i].files);
	ck_assert_msg(resolve(found[_i].locations, found[_i].flags, &list), "%s: %s",
	              found[_i].files, scratch.err.message);
	ck_assert_str_eq(show(&list), found[_i].migrations);
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

#define SKIPPED(path, why)                                                                         \
	"ERROR Skipping filesystem location: " path " (" why ")\nINFO cflyway: looked at @/" path  \
	"\n"
#define NAMES(n)                                                                                   \
	"INFO " n " SQL migrations were detected but not run because they did not follow the "     \
	"filename convention.\nINFO Set 'validateMigrationNaming' to true to fail fast and see a " \
	"list of the invalid file names.\n"
#define CHECKSUM(name)                                                                             \
	"Unable to calculate checksum of " name                                                    \
	"\nPlease ensure you have configured the correct file encoding with 'flyway.encoding' or " \
	"enable 'flyway.detectEncoding' to let Flyway detect it for you\n"                         \
	"+ java.nio.charset.MalformedInputException: Input length = 1"
#define UNKNOWN(key)                                                                               \
	"Unknown configuration property: " key ". Please check your script config files"
#define BAD_VERSION(name, version)                                                                 \
	"Invalid versioned migration name format: " name                                           \
	" (could not recognise version number " version ")"
#define NO_VALUE(name) "No value provided for placeholder: " name ".  Check your configuration!"
#define DUPLICATE(version, a, b)                                                                   \
	"Found more than one migration with version " version "\nOffenders:\n-> @/" a              \
	" (SQL)\n-> @/" b " (SQL)"

static const struct {
	const char *files, *locations;
	unsigned flags;
	const char *lines, *message;
} failing[] = {
	/* duplicates; the order of the two is our own */
	{"h/V1__a.sql=1;h/x/V1__a.sql=2;h/V2__e.sql=1;h/x/V2__e.sql=2;h/x/V2__f.sql=2",
         "filesystem:h", 0, "", DUPLICATE("1", "h/V1__a.sql", "h/x/V1__a.sql")},
	{"q/V1__a.sql=1;q/a/V1__a.sql=1", "filesystem:q", 0, "",
         DUPLICATE("1", "q/V1__a.sql", "q/a/V1__a.sql")},
	{"q/V1.0.0__b.sql=1;q/V1__a.sql=1", "filesystem:q", 0, "",
         DUPLICATE("1.0.0", "q/V1.0.0__b.sql", "q/V1__a.sql")},
	{"a/V1__a.sql=1;b/V1__a.sql=2", "filesystem:a,filesystem:b", 0, "",
         DUPLICATE("1", "a/V1__a.sql", "b/V1__a.sql")},
	{"q/B1__a.sql=1;q/a/B1__a.sql=2", "filesystem:q", 0, "",
         "Found more than one migration with version 1\nOffenders:\n-> @/q/B1__a.sql "
         "(SQL_BASELINE)\n-> @/q/a/B1__a.sql (SQL_BASELINE)"},
	{"q/U1__a.sql=1;q/U01__b.sql=1", "filesystem:q", 0, "",
         "Found more than one undo migration with version 01\nOffenders:\n-> @/q/U01__b.sql "
         "(UNDO_SQL)\n-> @/q/U1__a.sql (UNDO_SQL)"},
	{"q/R__a_b.sql=1;q/R__a b.sql=1", "filesystem:q", 0, "",
         "Found more than one repeatable migration with description a b\nOffenders:\n"
         "-> @/q/R__a b.sql (SQL)\n-> @/q/R__a_b.sql (SQL)"},
	{"g/V1__a.sql=1;g/x/V1__a.sql=2;g/R__e.sql=1;g/x/R__e.sql=2", "filesystem:g", 0, "",
         DUPLICATE("1", "g/V1__a.sql", "g/x/V1__a.sql")},
	/* which error comes first */
	{"b/x/V1__a.sql=1;b/V1__a.sql=2;b/V9__e.sql=\xFF", "filesystem:b", 0, "",
         CHECKSUM("V9__e.sql")},
	{"c/x/V1__a.sql=1;c/V1__a.sql=2;c/V1a__e.sql=1", "filesystem:c", VALIDATE_NAMES, "",
         "Invalid SQL filenames found:\r\n" BAD_VERSION("V1a__e.sql", "1a")},
	{"c/x/V1__a.sql=1;c/V1__a.sql=2;c/V1a__e.sql=1", "filesystem:c", 0, NAMES("1"),
         DUPLICATE("1", "c/V1__a.sql", "c/x/V1__a.sql")},
	{"d/x/V1__a.sql=1;d/V1__a.sql=2;d/R__e.sql=${x}", "filesystem:d", 0, "", NO_VALUE("${x}")},
	{"e/V1__a.sql=\xFF;e/R__e.sql=${x}", "filesystem:e", 0, "", CHECKSUM("V1__a.sql")},
	{"l/z/V1__a.sql=\xFF;l/a/R__a.sql=\xFF", "filesystem:l", 0, "", CHECKSUM("V1__a.sql")},
	{"q/a/B9__b.sql=\xFF;q/z/R__b.sql=\xFF", "filesystem:q", 0, "", CHECKSUM("R__b.sql")},
	{"l/z/V1__a.sql=\xFF;l/a/V9__b.sql=\xFF;l/a/B9__b.sql=\xFF", "filesystem:l", 0, "",
         CHECKSUM("V9__b.sql")},
	{"f/V1__a.sql=1;f/V1__a.sql.conf=b;f/R__e.sql=${x}", "filesystem:f", 0, "", UNKNOWN("b")},
	{"i/V1__a.sql=1;i/V1__a.sql.conf=b;i/V1a__e.sql=1", "filesystem:i", VALIDATE_NAMES, "",
         UNKNOWN("b")},
	{"j/V1__a.sql=\xFF;j/V1a__e.sql=1", "filesystem:j", 0, NAMES("1"), CHECKSUM("V1__a.sql")},
	{"p/V1__x.sql=;p/V1__x.sql.conf=b;p/R__x.sql=;p/R__x.sql.conf=c;p/B1__x.sql=;"
         "p/B1__x.sql.conf=d",
         "filesystem:p", 0, "", UNKNOWN("d")},
	{"q/notes.md=;q/notes.md.conf=b", "filesystem:q,filesystem:zz,filesystem:aa", 0,
         SKIPPED("aa", "not found"), UNKNOWN("b")},
	{"q/r/V1__a.sql=;q/r/V1__a.sql.conf=b", "filesystem:q/*/V*.sql", 0, "", UNKNOWN("b")},
	{"q/Vx.sql=", "filesystem:q,filesystem:zz,filesystem:aa", VALIDATE_NAMES,
         SKIPPED("aa", "not found") SKIPPED("zz", "not found"),
         "Invalid SQL filenames found:\r\n" BAD_VERSION("Vx.sql", "x")},
	/* the order of names */
	{"n/b/Xa.sql=;n/b/s/Xb.sql=;n/a/Xc.sql=;n/b/Xd.sql=", "filesystem:n/b,filesystem:n/a",
         VALIDATE_NAMES, "",
         "Invalid SQL filenames found:\r\nUnrecognised migration name format: Xc.sql\r\n"
         "Unrecognised migration name format: Xa.sql\r\n"
         "Unrecognised migration name format: Xd.sql\r\n"
         "Unrecognised migration name format: Xb.sql"},
	{"q/a/Xy.sql=;q/b/Xx.sql=", "filesystem:./q/*", VALIDATE_NAMES, "",
         "Invalid SQL filenames found:\r\nUnrecognised migration name format: Xx.sql\r\n"
         "Unrecognised migration name format: Xy.sql"},
	{"q/a/Xy.sql=;q/b/Xx.sql=", "filesystem:./q/*/X*.sql", VALIDATE_NAMES, "",
         "Invalid SQL filenames found:\r\nUnrecognised migration name format: Xy.sql\r\n"
         "Unrecognised migration name format: Xx.sql"},
	{"q/V1__a.sh=1;q/Vx.sql=", "filesystem:q", VALIDATE_NAMES | SKIP_RESOLVERS, "",
         "Invalid SQL filenames found:\r\n" BAD_VERSION("Vx.sql", "x")},
	/* missing locations */
	{"", "filesystem:nope", FAIL_ON_MISSING, "",
         "Failed to find filesystem location: nope (not found)"},
	{"", "classpath:nope,filesystem:no", FAIL_ON_MISSING, "",
         "Unable to resolve location classpath:nope."},
	{"", "", FAIL_ON_MISSING, "", "Unable to resolve location classpath:db/migration."},
};

START_TEST(fails_as_flyway_does)
{
	struct migration_list list;

	write_files(failing[_i].files);
	ck_assert_msg(!resolve(failing[_i].locations, failing[_i].flags, &list), "%s",
	              failing[_i].files);
	ck_assert_str_eq(scratch_error(&scratch), failing[_i].message);
	ck_assert_str_eq(scratch_lines(&scratch), failing[_i].lines);
	ck_assert_int_eq(scratch.err.exit_status, EXIT_FAILED);
}
END_TEST

/* --- what cannot be read ------------------------------------------------------------------- */

static const struct {
	const char *what, *closed, *location;
	unsigned flags;
	const char *result; /* migrations, or the message */
	const char *lines;
} closed[] = {
	{"a script", "q/V2__b.sql", "q", 0, "Unable to read file q/V2__b.sql: Permission denied",
         ""},
	{"a script is skipped", "q/V2__b.sql", "q", SKIP_UNREADABLE,
         "1|a|SQL|V1__a.sql 3|d|SQL|sub/V3__d.sql |c|SQL|R__c.sql", ""},
	{"a migration is skipped", "q/V2__b.sql", "q", SKIP_UNREADABLE_MIGRATIONS,
         "1|a|SQL|V1__a.sql 3|d|SQL|sub/V3__d.sql |c|SQL|R__c.sql", ""},
	{"a callback", "q/beforeInfo.sql", "q", 0,
         "Unable to read file q/beforeInfo.sql: Permission denied", ""},
	{"a callback is no migration", "q/beforeInfo.sql", "q", SKIP_UNREADABLE_MIGRATIONS,
         "Unable to read file q/beforeInfo.sql: Permission denied", ""},
	{"a callback is skipped", "q/beforeInfo.sql", "q", SKIP_UNREADABLE,
         "1|a|SQL|V1__a.sql 2|b|SQL|V2__b.sql 3|d|SQL|sub/V3__d.sql |c|SQL|R__c.sql", ""},
	{"the first of two is named", "q/R__c.sql,q/V2__b.sql", "q", 0,
         "Unable to read file q/R__c.sql: Permission denied", ""},
	{"another file", "q/notes.md", "q", 0,
         "1|a|SQL|V1__a.sql 2|b|SQL|V2__b.sql 3|d|SQL|sub/V3__d.sql |c|SQL|R__c.sql", ""},
	{"a file with an invalid name", "q/Vx.sql", "q", 0,
         "1|a|SQL|V1__a.sql 2|b|SQL|V2__b.sql 3|d|SQL|sub/V3__d.sql |c|SQL|R__c.sql", NAMES("1")},
	{"a configuration", "q/V2__b.sql.conf", "q", 0,
         "Unable to load filesystem resource: q/V2__b.sql.conf (encoding: UTF-8)\n+ q/V2__b.sql.conf (Permission denied)",
         ""},
	{"a configuration is not skipped", "q/V2__b.sql.conf", "q", SKIP_UNREADABLE_MIGRATIONS,
         "Unable to load filesystem resource: q/V2__b.sql.conf (encoding: UTF-8)\n+ q/V2__b.sql.conf (Permission denied)",
         ""},
	{"a folder", "q/sub", "q", 0, "Unable to read folder q/sub: Permission denied", ""},
	{"a folder is skipped", "q/sub", "q", SKIP_UNREADABLE,
         "1|a|SQL|V1__a.sql 2|b|SQL|V2__b.sql |c|SQL|R__c.sql", ""},
	{"a folder that holds only other files", "q/sub", "q/V*.sql", 0,
         "1|a|SQL|V1__a.sql 2|b|SQL|V2__b.sql", ""},
	{"a folder below a pattern", "q/sub", "q/*/V*.sql", 0,
         "Unable to read folder q/sub: Permission denied", ""},
	{"the location", "q", "q", 0, "Unable to read folder q: Permission denied", ""},
	{"the location is skipped", "q", "q", SKIP_UNREADABLE, "", SKIPPED("q", "not readable")},
	{"the location must exist", "q", "q", FAIL_ON_MISSING,
         "Failed to find filesystem location: q (not readable)", ""},
};

/* Closes the paths for all. */
static void close_paths(const char *paths)
{
	struct str rest = str_of(paths);

	while (rest.len > 0)
		ck_assert_int_eq(chmod(str_dup(&scratch.arena, str_cut(&rest, ',')), 0), 0);
}

static void open_path(const char *path)
{
	if (strchr(path, ',') == NULL)
		chmod(path, 0755);
}

START_TEST(reports_or_skips_what_cannot_be_read)
{
	struct migration_list list = {0};
	const char *location = arena_printf(&scratch.arena, "filesystem:%s", closed[_i].location);

	write_files("q/V1__a.sql=1;q/V2__b.sql=1;q/V2__b.sql.conf=;q/R__c.sql=1;q/sub/V3__d.sql=1;"
	            "q/beforeInfo.sql=1;q/notes.md=1");
	if (strcmp(closed[_i].closed, "q/Vx.sql") == 0)
		write_files("q/Vx.sql=1");
	close_paths(closed[_i].closed);
	bool is_closed = scratch_drop_root(&scratch);
	bool ok = resolve(location, closed[_i].flags, &list);
	scratch_regain_root();
	open_path(closed[_i].closed);
	if (!is_closed)
		return;
	ck_assert_msg(strcmp(ok ? show(&list) : scratch_error(&scratch), closed[_i].result) == 0,
	              "%s: %s", closed[_i].what, ok ? show(&list) : scratch_error(&scratch));
	ck_assert_str_eq(scratch_lines(&scratch), closed[_i].lines);
}
END_TEST

/* A file counts once for each location that finds it. */
START_TEST(counts_invalid_names)
{
	struct migration_list list;

	write_files("sql/x.sql=;sql/V1__a.sql=");
	ck_assert(resolve("filesystem:sql,filesystem:./sql", 0, &list));
	ck_assert_str_eq(scratch_lines(&scratch), NAMES("2"));
	ck_assert_str_eq(show(&list), "1|a|SQL|V1__a.sql");
}
END_TEST

/* Scripts that are not SQL. */
static const struct {
	const char *files, *migration;
} programs[] = {
	{"q/V2__noext=", "2|noext|SCRIPT|V2__noext"},
	{"q/V5=", "5||SCRIPT|V5"},
	{"q/V4__a.sh=", "4|a|SCRIPT|V4__a.sh"},
	{"q/R__b.py=", "|b|SCRIPT|R__b.py"},
	{"q/V9__x.CMD=", "9|x|SCRIPT|V9__x.CMD"},
	{"q/V11__x.y.sh=", "11|x.y|SCRIPT|V11__x.y.sh"},
	{"q/V14__x.=", "14|x.|SCRIPT|V14__x."},
	{"q/R__.sh=", "||SCRIPT|R__.sh"},
	{"q/R.sh=", "||SCRIPT|R.sh"},
	{"q/B6__b.bash=", "6|b|SQL_BASELINE|B6__b.bash"},
	{"q/R__noext=", "|noext|SCRIPT|R__noext"},
	{"q/V7__x.ps1=", "7|x|SCRIPT|V7__x.ps1"},
	{"q/V8__x.bat=", "8|x|SCRIPT|V8__x.bat"},
	{"q/V8__x.sh=;q/V8__x.sh.conf=encoding:latin1", "8|x|SCRIPT|V8__x.sh"},
};

START_TEST(finds_scripts_that_are_not_sql)
{
	struct migration_list list;

	write_files("q/V1__a.sql=");
	write_files(programs[_i].files);
	ck_assert_msg(resolve("filesystem:q", VALIDATE_NAMES, &list), "%s: %s", programs[_i].files,
	              scratch.err.message);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_str_eq(show(&list), arena_printf(&scratch.arena, "1|a|SQL|V1__a.sql %s",
	                                           programs[_i].migration));
	ck_assert_ptr_nonnull(list.items[1]->program);
	ck_assert_str_eq(list.items[1]->encoding, "UTF-8");
}
END_TEST

#define NO_OWN_VALUE(name) "Failed to populate value for default placeholder: " name

/* Their placeholders are written FP__name__, and only repeatables are looked at. */
static const struct {
	const char *text, *message;
} program_texts[] = {
	{"echo ${nope} $FP_x $FP_", NULL},
	{"echo $FP__who__", NULL},
	{"echo $FP__WHO__", NULL},
	{"echo FP__nope__", NO_VALUE("FP__nope__")},
	{"echo FP__who", NO_VALUE("FP__w__")},
	{"echo FP__flyway_user__", NO_OWN_VALUE("FP__flyway_user__")},
	{"echo FP__flyway_filename__", NO_OWN_VALUE("FP__flyway_filename__")},
	{"echo FP__flyway:filename__", NO_VALUE("FP__flyway:filename__")},
};

START_TEST(checks_placeholders_of_programs)
{
	struct migration_list list;
	const char *text = program_texts[_i].text, *message = program_texts[_i].message;

	scratch_write("q/V1__a.sh", text);
	ck_assert(resolve("filesystem:q", 0, &list));
	scratch_write("q/R__b.sh", text);
	ck_assert_msg(resolve("filesystem:q", 0, &list) == (message == NULL), "%s", text);
	if (message != NULL)
		ck_assert_str_eq(scratch_error(&scratch), message);
}
END_TEST

START_TEST(fills_in_all_that_is_known)
{
	struct migration_list list;
	const struct migration *migration;

	write_files("sql/sub/V01_2__x_y.SQL=select 1;sql/sub/V01_2__x_y.SQL.conf=encoding:latin1\n"
	            "executeInTransaction:false\nplaceholderReplacement:false;"
	            "sql/R__.sql=a ${flyway:filename}");
	ck_assert(resolve("filesystem:./sql", 0, &list));
	ck_assert_uint_eq(list.n, 2);
	migration = list.items[0];
	ck_assert_str_eq(migration->version.raw, "01_2");
	ck_assert_str_eq(migration->path, "./sql/sub/V01_2__x_y.SQL");
	ck_assert_str_eq(scratch_shorten(&scratch, migration->absolute_path),
	                 "@/./sql/sub/V01_2__x_y.SQL");
	ck_assert_str_eq(migration->file_name, "V01_2__x_y.SQL");
	ck_assert_str_eq(migration->placeholder_name, "V01_2__x_y.SQL");
	ck_assert_str_eq(migration->encoding, "latin1");
	ck_assert_int_eq(migration->execute_in_transaction, NO);
	ck_assert(!migration->replace_placeholders);
	ck_assert(migration_checksum_matches(migration, migration->checksum));
	ck_assert(!migration_checksum_matches(migration, migration->checksum + 1));

	migration = list.items[1];
	ck_assert_str_eq(migration->placeholder_name, "R.sql");
	ck_assert_str_eq(migration->encoding, "UTF-8");
	ck_assert(migration->replace_placeholders);
	ck_assert_int_ne(migration->checksum, migration->raw_checksum);
	ck_assert(migration_checksum_matches(migration, migration->checksum));
	ck_assert(migration_checksum_matches(migration, migration->raw_checksum));
}
END_TEST

START_TEST(leaves_placeholders_alone_when_told_so)
{
	struct migration_list list;

	write_files("sql/R__a.sql=${x}");
	ck_assert(resolve("filesystem:sql", NO_PLACEHOLDERS, &list));
	ck_assert(!list.items[0]->replace_placeholders);
	ck_assert_int_eq(list.items[0]->checksum, list.items[0]->raw_checksum);
}
END_TEST

START_TEST(detects_encodings)
{
	struct migration_list list;

	write_files("sql/V1__a.sql=\xE9;sql/V2__b.sql=a;sql/V3__c.sql=a;"
	            "sql/V3__c.sql.conf=encoding:US-ASCII");
	ck_assert_msg(resolve("filesystem:sql", DETECT, &list), "%s", scratch.err.message);
	ck_assert_str_eq(list.items[0]->encoding, "ISO-8859-1");
	ck_assert_str_eq(list.items[1]->encoding, "UTF-8");
	ck_assert_str_eq(list.items[2]->encoding, "US-ASCII");
}
END_TEST

Suite *resolve_suite(void)
{
	Suite *suite = suite_create("resolve");
	TCase *tc = tcase_create("resolve");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_migrations, 0, COUNT(found));
	tcase_add_loop_test(tc, fails_as_flyway_does, 0, COUNT(failing));
	tcase_add_loop_test(tc, reports_or_skips_what_cannot_be_read, 0, COUNT(closed));
	tcase_add_test(tc, counts_invalid_names);
	tcase_add_loop_test(tc, finds_scripts_that_are_not_sql, 0, COUNT(programs));
	tcase_add_loop_test(tc, checks_placeholders_of_programs, 0, COUNT(program_texts));
	tcase_add_test(tc, fills_in_all_that_is_known);
	tcase_add_test(tc, leaves_placeholders_alone_when_told_so);
	tcase_add_test(tc, detects_encodings);
	suite_add_tcase(suite, tc);
	return suite;
}
