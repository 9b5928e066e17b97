/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_outcome.c - the sentences that close the report of a failure
 *
 * What a command has recorded is written in short, a word for each call:
 *
 *     +1  +view      outcome_keep: a version, a repeatable migration
 *     *1             outcome_keep_last
 *     -1             outcome_roll_back
 *     f1             outcome_keep_failed_row
 *     !PATH  !       outcome_blame; nobody
 *     s:PATH         outcome_stays
 *     c:PATH         outcome_callback_done
 *     d:TEXT         outcome_done
 *     b:VERB         a verb before in the same call
 *     surroundings   outcome_blame_surroundings
 *     rolled-back will-roll-back stays look unknown applied     outcome_end_with
 *     cancelled lost                                            the connection
 *     note:KIND                                                 err has a note of the kind already
 */
#include "suites.h"

#include "cflyway/core/outcome.h"
#include "cflyway/core/session.h"
#include "cflyway/db/driver.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* --- a run ----------------------------------------------------------------------------------- */

static enum tx_status idle(struct db *db)
{
	(void)db;
	return TX_IDLE;
}

static enum tx_status lost(struct db *db)
{
	(void)db;
	return TX_LOST;
}

static const struct db_driver idle_driver = {.transaction = {.status = idle}};
static const struct db_driver lost_driver = {.transaction = {.status = lost}};

/* "1.2" is a version, everything else the description of a repeatable migration. */
static const struct migration *migration(const char *name)
{
	struct migration *made = arena_alloc(&arena, sizeof(*made));
	struct error err = ERROR_INIT(&arena);

	*made = (struct migration){.description = name};
	if (isdigit((unsigned char)name[0]))
		ck_assert(version_parse(&arena, name, &made->version, &err));
	return made;
}

static const struct {
	const char *word;
	enum outcome_end end;
} ends[] = {
	{"rolled-back", OUTCOME_ROLLED_BACK},
	{"will-roll-back", OUTCOME_WILL_ROLL_BACK},
	{"stays", OUTCOME_STAYS},
	{"look", OUTCOME_LOOK},
	{"unknown", OUTCOME_UNKNOWN},
	{"applied", OUTCOME_APPLIED},
};

static bool play_end(struct run *run, const char *word)
{
	for (size_t i = 0; i < COUNT(ends); i++) {
		if (strcmp(word, ends[i].word) != 0)
			continue;
		outcome_end_with(run, ends[i].end);
		return true;
	}
	return false;
}

static bool play_connection(struct run *run, const char *word)
{
	if (strcmp(word, "cancelled") == 0)
		run->db->is_cancelled = true;
	else if (strcmp(word, "lost") == 0)
		run->db->driver = &lost_driver;
	else if (strcmp(word, "surroundings") == 0)
		outcome_blame_surroundings(run);
	else
		return false;
	return true;
}

static bool play_note(const char *word, struct error *err)
{
	if (strcmp(word, "note:next") == 0)
		error_explain(err, NOTE_NEXT, "what it says");
	else if (strcmp(word, "note:outcome") == 0)
		error_explain(err, NOTE_OUTCOME, "what it says");
	else
		return false;
	return true;
}

static void play_text(struct run *run, char kind, const char *text)
{
	switch (kind) {
	case 's':
		outcome_stays(run, text);
		break;
	case 'c':
		outcome_callback_done(run, text);
		break;
	case 'd':
		outcome_done(run, "%s", text);
		break;
	case 'b':
		str_list_add(&arena, &run->outcome->before, text);
		break;
	default:
		ck_abort_msg("unknown word %c:%s", kind, text);
	}
}

static void play(struct run *run, const char *word, struct error *err)
{
	if (play_end(run, word) || play_connection(run, word) || play_note(word, err))
		return;
	if (word[0] == '+')
		outcome_keep(run, migration(word + 1));
	else if (word[0] == '*')
		outcome_keep_last(run, migration(word + 1));
	else if (word[0] == '-')
		outcome_roll_back(run, migration(word + 1));
	else if (word[0] == '!')
		outcome_blame(run, word[1] != '\0' ? word + 1 : NULL);
	else if (word[0] == 'f')
		outcome_keep_failed_row(run, migration(word + 1));
	else
		play_text(run, word[0], word + 2);
}

/* All notes of the kinds outcome and next that are new. */
static const char *tell(struct run *run, const char *words, struct error *err)
{
	struct str rest = str_of(words);
	struct str_list told = {0};

	while (rest.len > 0)
		play(run, str_dup(&arena, str_cut(&rest, ' ')), err);
	outcome_note(run, err);
	for (size_t i = 0; i < err->notes.n; i++)
		if (err->notes.items[i].kind >= NOTE_OUTCOME &&
		    strcmp(err->notes.items[i].text, "what it says") != 0)
			str_list_add(&arena, &told, err->notes.items[i].text);
	return str_list_join(&arena, &told, "\n");
}

/* --- sentences ------------------------------------------------------------------------------- */

#define AGAIN "next: run \"cflyway migrate\" again"
#define MEND_3 "next: mend V3.sql, then run \"cflyway migrate\" again"

static const struct {
	const char *name, *words, *told;
} kept[] = {
	{"nothing has happened", "", "nothing was changed"},
	{"err tells it already", "note:outcome", ""},
	{"one version", "+1", "kept: version 1 (applied in this run)\n" AGAIN},
	{"two versions", "+1 +2", "kept: versions 1 and 2 (applied in this run)\n" AGAIN},
	{"a range", "+1 +2 +3", "kept: versions 1 to 3 (applied in this run)\n" AGAIN},
	{"a range of the last part", "+1.9 +1.10 +1.11",
         "kept: versions 1.9 to 1.11 (applied in this run)\n" AGAIN},
	{"no range over parts", "+1.1 +1.2 +2.3",
         "kept: versions 1.1, 1.2 and 2.3 (applied in this run)\n" AGAIN},
	{"no range over a gap", "+1 +2 +4",
         "kept: versions 1, 2 and 4 (applied in this run)\n" AGAIN},
	{"numbers that are too large for a range",
         "+1000000000000000000 +1000000000000000001 +1000000000000000002",
         "kept: versions 1000000000000000000, 1000000000000000001 and 1000000000000000002 "
         "(applied in this run)\n" AGAIN},
	{"ranges and single ones", "+1 +2 +3 +5 +7 +8 +9",
         "kept: versions 1 to 3, 5 and 7 to 9 (applied in this run)\n" AGAIN},
	{"not all are named", "+1 +3 +5 +7 +9 +11 +13 +15",
         "kept: versions 1, 3, 5, 7, 9, 11 and 2 more (applied in this run)\n" AGAIN},
	{"a repeatable one", "+view",
         "kept: the repeatable migration \"view\" (applied in this run)\n" AGAIN},
	{"both kinds", "+1 +2 +a +b",
         "kept: versions 1 and 2 and the repeatable migrations \"a\" and \"b\" (applied in this "
         "run)\n" AGAIN},
	{"the last one is added to them", "+1 *2 applied",
         "kept: versions 1 and 2 (applied in this run)\n" AGAIN},
	{"what a verb did before", "b:repair", "kept: what repair did before"},
	{"what two did", "b:repair b:baseline", "kept: what repair and baseline did before"},
	{"schemas and tables", "d:kept:_a_table", "kept:_a_table"},
	{"a callback", "c:a.sql", "kept: what a.sql did"},
	{"a callback twice", "c:a.sql c:a.sql", "kept: what a.sql did"},
	{"three callbacks", "c:a.sql c:b.sql c:c.sql", "kept: what a.sql, b.sql and c.sql did"},
	{"many callbacks", "c:a.sql c:b.sql c:c.sql c:d.sql",
         "kept: what 4 callbacks did, from a.sql to d.sql"},
};

static const struct {
	const char *name, *words, *told;
} failed[] = {
	{"a script is rolled back", "+1 +2 -3 !V3.sql rolled-back",
         "kept: versions 1 and 2 (applied in this run)\nrolled back: version 3\n" MEND_3},
	{"a group is rolled back", "-1 -2 -3 !V3.sql rolled-back",
         "rolled back: versions 1 to 3\n" MEND_3},
	{"a script that was interrupted can stay", "-3 !V3.sql rolled-back cancelled",
         "rolled back: version 3\n" AGAIN},
	{"and one whose connection was lost", "-3 !V3.sql rolled-back lost",
         "rolled back: version 3\n" AGAIN},
	{"and one that others were in the way of", "-3 !V3.sql rolled-back surroundings",
         "rolled back: version 3\n" AGAIN},
	{"a row, for which no script is to blame", "-3 !V3.sql ! rolled-back",
         "rolled back: version 3\n" AGAIN},
	{"a script that cannot be read", "!V3.sql", "nothing was changed\n" MEND_3},
	{"the failure says first what to do", "-3 !V3.sql rolled-back note:next",
         "rolled back: version 3\nnext: after that, mend V3.sql, then run \"cflyway migrate\" "
         "again"},
	{"or all that there is to do", "note:next", "nothing was changed"},
	{"a server that does not answer", "-3 !V3.sql will-roll-back lost",
         "the server rolls back version 3 when it notices that the connection is gone\n" AGAIN},
	{"nobody knows", "-3 unknown lost",
         "unknown: whether the history has version 3\nnext: run \"cflyway info\" to see what is "
         "applied, then \"cflyway migrate\""},
	{"a part of it stays", "!V3.sql stays",
         "next: take back what stays of V3.sql, or make it a script that can run after it, then "
         "run \"cflyway migrate\" again"},
	{"a part of another one stays", "-3 !V3.sql s:V2.sql stays",
         "rolled back: version 3\nnext: take back what stays of V2.sql, or make it a script that "
         "can run after it, mend V3.sql, then run \"cflyway migrate\" again"},
	{"and the failed one can stay as it is", "-3 !V3.sql s:V2.sql stays cancelled",
         "rolled back: version 3\nnext: take back what stays of V2.sql, or make it a script that "
         "can run after it, then run \"cflyway migrate\" again"},
	{"parts of two others stay", "-3 !V3.sql s:V1.sql s:V2.sql s:V1.sql stays",
         "rolled back: version 3\nnext: take back what stays of V1.sql and V2.sql, or make them "
         "scripts that can run after it, mend V3.sql, then run \"cflyway migrate\" again"},
	{"a part of it and of its callback stays", "!V3.sql s:V3.sql s:c.sql stays",
         "next: take back what stays of V3.sql and c.sql, or make them scripts that can run after "
         "it, then run \"cflyway migrate\" again"},
	{"its last statement may be there", "!V3.sql look lost",
         "next: look at what is there of V3.sql, then run \"cflyway migrate\" again"},
	{"a failed row", "f3 !V3.sql stays",
         "the history lists version 3 as failed\nnext: take back what stays of V3.sql, or make it "
         "a script that can run after it, then run \"cflyway repair\", which takes the failed row "
         "out of the history, and \"cflyway migrate\" again"},
	{"a failed repeatable one", "fview !R.sql",
         "the history lists the repeatable migration \"view\" as failed\nnext: mend R.sql, then "
         "run \"cflyway repair\", which takes the failed row out of the history, and \"cflyway "
         "migrate\" again"},
};

static struct db idle_db(void)
{
	return (struct db){.driver = &idle_driver};
}

/* The session only has to be there. */
static const char *tell_run(const struct settings *settings, const char *verb, const char *words,
                            struct error *err)
{
	struct session *session = arena_alloc(&arena, sizeof(*session));
	struct outcome outcome = {.arena = &arena, .verb = verb};
	struct db db = idle_db();
	struct run run = {
		.arena = &arena,
		.settings = settings,
		.db = &db,
		.outcome = &outcome,
		.session = session,
		.is_undo = strcmp(verb, "undo") == 0,
	};

	return tell(&run, words, err);
}

static const char *tell_migrate(const char *words)
{
	const struct settings settings = {0};
	struct error err = ERROR_INIT(&arena);

	return tell_run(&settings, "migrate", words, &err);
}

START_TEST(says_what_is_kept)
{
	const char *told = tell_migrate(kept[_i].words);

	ck_assert_msg(strcmp(told, kept[_i].told) == 0, "%s:\n%s", kept[_i].name, told);
}
END_TEST

START_TEST(says_what_became_of_a_failed_script)
{
	const char *told = tell_migrate(failed[_i].words);

	ck_assert_msg(strcmp(told, failed[_i].told) == 0, "%s:\n%s", failed[_i].name, told);
}
END_TEST

static const struct {
	const char *name, *words, *told;
} undos[] = {
	{"two are undone", "+3 +2 -1 !U1.sql rolled-back",
         "undone: versions 3 and 2 (in this run)\nrolled back: the undo of version 1\n"
         "next: mend U1.sql, then run \"cflyway undo\" again"},
	{"a range goes down", "+4 +3 +2",
         "undone: versions 4 to 2 (in this run)\nnext: run \"cflyway undo\" again"},
	{"a server that does not answer", "-1 will-roll-back",
         "the server rolls back the undo of version 1 when it notices that the connection is "
         "gone\nnext: run \"cflyway undo\" again"},
	{"nobody knows", "-1 unknown",
         "unknown: whether the history still has version 1\nnext: run \"cflyway info\" to see "
         "what is applied, then \"cflyway undo\""},
};

START_TEST(speaks_of_an_undo)
{
	const struct settings settings = {0};
	struct error err = ERROR_INIT(&arena);
	const char *told = tell_run(&settings, "undo", undos[_i].words, &err);

	ck_assert_msg(strcmp(told, undos[_i].told) == 0, "%s:\n%s", undos[_i].name, told);
}
END_TEST

static const struct {
	const char *name;
	struct settings settings;
	const char *words, *told;
} set[] = {
	{"rows without scripts",
         {.skip_executing_migrations = true},
         "+1 +2",
         "kept: versions 1 and 2 (recorded in this run)\n" AGAIN},
	{"a dry run",
         {.dry_run_output = "x.sql"},
         "+1 -2 !V2.sql rolled-back",
         "nothing was changed: this was a dry run\nnext: mend V2.sql, then run it again"},
	{"one that executes",
         {.dry_run_kind = DRY_RUN_EXECUTE},
         "",
         "nothing was changed: this was a dry run"},
	{"one of repair", {.repair_dry_run = true}, "", "nothing was changed: this was a dry run"},
	{"what initSql did is not known", {.init_sql = "create table x(i int)"}, "", ""},
	{"initSql is empty", {.init_sql = ""}, "", "nothing was changed"},
};

START_TEST(respects_settings)
{
	struct error err = ERROR_INIT(&arena);
	const char *told = tell_run(&set[_i].settings, "migrate", set[_i].words, &err);

	ck_assert_msg(strcmp(told, set[_i].told) == 0, "%s:\n%s", set[_i].name, told);
}
END_TEST

/* Can the same script succeed next time? */
static const struct {
	const char *state; /* NULL: SQLite's code */
	int code;
	bool may_succeed;
} states[] = {
	{"42601", 0, false}, {"23505", 0, false}, {"25001", 0, false}, {"55000", 0, false},
	{"08006", 0, true},  {"40001", 0, true},  {"40P01", 0, true},  {"53300", 0, true},
	{"55P03", 0, true},  {"57014", 0, true},  {"57P01", 0, true},  {"58030", 0, true},
	{NULL, 1, false},    {NULL, 19, false},   {NULL, 5, true},     {NULL, 6, true},
	{NULL, 7, true},     {NULL, 8, true},     {NULL, 10, true},    {NULL, 13, true},
};

START_TEST(knows_what_a_script_has_no_part_in)
{
	const struct settings settings = {0};
	struct error err = ERROR_INIT(&arena);
	struct sql_failure sql = {
		.state = states[_i].state, .code = states[_i].code, .message = "x"};

	error_set(&err, ERROR_GENERAL, "x");
	err.sql = &sql;
	ck_assert_str_eq(tell_run(&settings, "migrate", "-3 !V3.sql rolled-back", &err),
	                 states[_i].may_succeed ? "rolled back: version 3\n" AGAIN
	                                        : "rolled back: version 3\n" MEND_3);
}
END_TEST

/* --- signals --------------------------------------------------------------------------------- */

static const struct {
	const char *name, *verb;
	bool only_reads, is_lost, is_cancelled;
	const char *doing, *left, *said_before, *told; /* NULL: there is none */
} interruptions[] = {
	{"no signal", "clean", .doing = "cleaning x", .told = ""},
	{"a verb that writes", "repair", .is_cancelled = true, .told = "interrupted during repair"},
	{"a verb that reads", "info", .only_reads = true, .is_cancelled = true,
         .told = "interrupted during info, which only reads"},
	{"something of it", "clean", .is_cancelled = true, .doing = "dropping x",
         .told = "interrupted during clean, while dropping x"},
	{"and what is left", "clean", .is_cancelled = true, .doing = "cleaning x",
         .left = "nothing is gone",
         .told = "interrupted during clean, while cleaning x: nothing is gone"},
	{"which is not known without a connection", "clean", .is_cancelled = true, .is_lost = true,
         .doing = "cleaning x", .left = "nothing is gone",
         .told = "interrupted during clean, while cleaning x: the connection is lost"},
	{"a script has said it", "migrate", .is_cancelled = true,
         .said_before = "interrupted in V1: rolled back", .told = "interrupted in V1: rolled back"},
};

START_TEST(says_what_a_signal_has_ended)
{
	const struct settings settings = {0};
	struct session session = {0};
	struct outcome outcome = {.arena = &arena};
	struct error err = ERROR_INIT(&arena);
	struct db db = idle_db();
	struct run run = {
		.arena = &arena,
		.settings = &settings,
		.db = &db,
		.outcome = &outcome,
		.session = &session,
	};

	if (interruptions[_i].is_lost)
		db.driver = &lost_driver;
	db.is_cancelled = interruptions[_i].is_cancelled;
	outcome_doing(&run, interruptions[_i].doing, interruptions[_i].left);
	if (interruptions[_i].said_before != NULL)
		error_explain(&err, NOTE_CAUSE, "%s", interruptions[_i].said_before);
	outcome_note_interruption(&run, interruptions[_i].verb, interruptions[_i].only_reads, &err);
	const char *told = err.notes.n > 0 ? err.notes.items[0].text : "";
	ck_assert_uint_le(err.notes.n, 1);
	ck_assert_msg(strcmp(told, interruptions[_i].told) == 0, "%s: %s", interruptions[_i].name,
	              told);
}
END_TEST

START_TEST(does_nothing_where_nobody_asks)
{
	struct error err = ERROR_INIT(&arena);
	struct run run = {.arena = &arena};

	outcome_keep(&run, migration("1"));
	outcome_keep_last(&run, migration("1"));
	outcome_roll_back(&run, migration("1"));
	outcome_keep_failed_row(&run, migration("1"));
	outcome_done(&run, "%d", 1);
	outcome_callback_done(&run, "a.sql");
	outcome_stays(&run, "a.sql");
	outcome_doing(&run, "cleaning x", NULL);
	outcome_blame(&run, "a.sql");
	outcome_blame_surroundings(&run);
	outcome_end_with(&run, OUTCOME_STAYS);
	outcome_note(&run, &err);
	ck_assert_uint_eq(err.notes.n, 0);
}
END_TEST

Suite *outcome_suite(void)
{
	Suite *suite = suite_create("outcome");
	TCase *tc = tcase_create("outcome");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, says_what_is_kept, 0, COUNT(kept));
	tcase_add_loop_test(tc, says_what_became_of_a_failed_script, 0, COUNT(failed));
	tcase_add_loop_test(tc, speaks_of_an_undo, 0, COUNT(undos));
	tcase_add_loop_test(tc, respects_settings, 0, COUNT(set));
	tcase_add_loop_test(tc, knows_what_a_script_has_no_part_in, 0, COUNT(states));
	tcase_add_loop_test(tc, says_what_a_signal_has_ended, 0, COUNT(interruptions));
	tcase_add_test(tc, does_nothing_where_nobody_asks);
	suite_add_tcase(suite, tc);
	return suite;
}
