/* SPDX-License-Identifier: Apache-2.0 */
/* test_target_frames.c - what the process of a target sends, whole and cut off */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"

#include "../../src/main/target_frames.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { IN_MEMORY = 16, PIECE = 7 };

static struct scratch scratch;
static struct spool spool;
static struct buf said, document;
static struct target_outcome outcome;
static struct target_stream stream;

static void take_line(void *ctx, enum log_level level, struct str message)
{
	buf_printf(ctx, "%d:%.*s|", (int)level, (int)message.len, message.ptr);
}

static void take_note(void *ctx, const struct note *note)
{
	buf_printf(ctx, "%s:%s", note_kind_name(note->kind), note->text);
	if (note->place != NULL)
		buf_printf(ctx, " at %s:%zu:%zu", note->place->path, note->place->line,
		           note->place->column);
	if (note->object != NULL && note->object->schema == NULL)
		buf_printf(ctx, " of %s, %s", note->object->table, note->object->datatype);
	buf_add(ctx, "|");
}

static void setup(void)
{
	scratch_open(&scratch);
	spool_open(&spool, IN_MEMORY);
	buf_init(&said, 1 << 20);
	buf_init(&document, 1 << 20);
	outcome = (struct target_outcome){.name = "a"};
	stream = (struct target_stream){
		.sink = take_line,
		.note = take_note,
		.ctx = &said,
		.document = &document,
		.outcome = &outcome,
	};
}

static void teardown(void)
{
	spool_close(&spool);
	buf_release(&said);
	buf_release(&document);
	scratch_close(&scratch);
}

/* Two lines and two notes, a document and an end, as a file; returns how long it is. */
static size_t send_all(const struct target_outcome *sent)
{
	const struct sql_object object = {.table = "t", .datatype = "d"};
	int fd = open("stream", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	target_send_line(fd, LOG_LEVEL_INFO, STR("one"));
	target_send_line(fd, LOG_LEVEL_ERROR, STR(""));
	target_send_note(fd, &(struct note){.kind = NOTE_CAUSE, .text = "why"});
	target_send_note(fd, &(struct note){.kind = NOTE_PLACE,
	                                    .text = "a\nb",
	                                    .place = &(struct note_place){"p", 2, 3},
	                                    .object = &object});
	target_send_document(fd, STR("{ }"));
	target_send_end(fd, 3, sent);
	off_t size = lseek(fd, 0, SEEK_CUR);
	close(fd);
	return (size_t)size;
}

/* Reads the first len bytes of the file in pieces. */
static bool receive(size_t len)
{
	struct buf bytes = BUF_EMPTY(1 << 20);
	bool ok = fs_read_all("stream", &bytes, &scratch.err);

	for (size_t at = 0; ok && at < len; at += PIECE)
		ok = spool_write(&spool, bytes.ptr + at, len - at < PIECE ? len - at : PIECE,
		                 &scratch.err);
	buf_release(&bytes);
	return ok && target_stream_read(&spool, len, &scratch.arena, &stream, &scratch.err);
}

static const struct {
	const char *version, *error;
} ends[] = {
	{"1.2", NULL}, {NULL, "ERROR: x"}, {"1", "y"}, {NULL, NULL}, {"", ""},
};

#define ALL_LINES "1:one|5:|cause:why|place:a\nb at p:2:3 of t, d|"

START_TEST(tells_all)
{
	const struct target_outcome sent = {
		.version = ends[_i].version, .error = ends[_i].error, .applied = 7, .undone = 2};
	size_t len = send_all(&sent);

	ck_assert(receive(len));
	ck_assert_str_eq(said.ptr, ALL_LINES);
	ck_assert_str_eq(document.ptr, "{ }");
	ck_assert(stream.has_end);
	ck_assert_int_eq(stream.status, 3);
	ck_assert_pstr_eq(outcome.version, ends[_i].version);
	ck_assert_pstr_eq(outcome.error, ends[_i].error);
	ck_assert_uint_eq(outcome.applied, 7);
	ck_assert_uint_eq(outcome.undone, 2);
	ck_assert_str_eq(outcome.name, "a");
}
END_TEST

/* Wherever a stream is cut, it has no end, and its lines are whole. */
START_TEST(knows_that_it_was_cut)
{
	const struct target_outcome sent = {.version = "1"};
	size_t len = send_all(&sent);

	for (size_t cut = 0; cut < len; cut++) {
		buf_clear(&said);
		buf_clear(&document);
		spool_close(&spool);
		spool_open(&spool, IN_MEMORY);
		ck_assert(receive(cut));
		ck_assert(!stream.has_end);
		struct str lines = buf_str(&said);
		ck_assert(str_starts(STR(ALL_LINES), lines));
		ck_assert(lines.len == 0 || str_ends(lines, STR("|")));
	}
	ck_assert_str_eq(buf_str(&document).ptr, "{ }");
}
END_TEST

START_TEST(ignores_that_nobody_reads)
{
	int ends_of_pipe[2];

	ck_assert_int_eq(pipe(ends_of_pipe), 0);
	close(ends_of_pipe[0]);
	signal(SIGPIPE, SIG_IGN);
	target_send_line(ends_of_pipe[1], LOG_LEVEL_INFO, STR("x"));
	close(ends_of_pipe[1]);
	signal(SIGPIPE, SIG_DFL);
}
END_TEST

Suite *target_frames_suite(void)
{
	Suite *suite = suite_create("target_frames");
	TCase *tc = tcase_create("target_frames");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, tells_all, 0, COUNT(ends));
	tcase_add_test(tc, knows_that_it_was_cut);
	tcase_add_test(tc, ignores_that_nobody_reads);
	suite_add_tcase(suite, tc);
	return suite;
}
