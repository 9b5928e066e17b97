/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_wakeup.c - one wake-up for the whole answer to a batch that begins with a row */
#include "suites.h"

#include "../../src/db/postgres/wakeup.h"

#include "cflyway/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MESSAGE = 100, SLEEP_MS = 100 };

static struct arena memory;
static struct db db;
static struct postgres pg;
static int server = -1, client = -1;

static int client_socket(const PGconn *conn)
{
	(void)conn;
	return client;
}

/* The low-water mark works with TCP alone. */
static void connect_both(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int door = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(door, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(door, 1), 0);
	ck_assert_int_eq(getsockname(door, (struct sockaddr *)&address, &size), 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	server = accept(door, NULL, NULL);
	ck_assert_int_ge(server, 0);
	close(door);
}

static void set_up(void)
{
	arena_init(&memory);
	db = (struct db){.arena = &memory};
	pg = (struct postgres){.db = &db, .pq = {.socket = client_socket}};
	pg_wakeup_init(&pg);
	connect_both();
}

static void tear_down(void)
{
	close(server);
	close(client);
	arena_release(&memory);
}

/* The server answers with so many bytes. */
static void answer(size_t size_bytes)
{
	char bytes[512] = {0};

	ck_assert_int_eq(send(server, bytes, size_bytes, 0), (ssize_t)size_bytes);
}

/* Waits and reads; returns how long it took. */
static int64_t wait_for_answer(enum pg_progress progress)
{
	int64_t start = clock_system.monotonic_ms(&clock_system);
	struct pollfd fd = {.fd = client, .events = POLLIN};
	char bytes[512];

	ck_assert_int_eq(pg_wakeup_wait(&pg, &fd), 1);
	ck_assert_int_eq(fd.revents, POLLIN);
	int64_t waited_ms = clock_system.monotonic_ms(&clock_system) - start;

	ck_assert_int_gt(recv(client, bytes, sizeof(bytes), 0), 0);
	pg_wakeup_learn(&pg, progress);
	return waited_ms;
}

/* A batch that begins with a row, and the first answer to it. */
static int64_t play(size_t size_bytes, enum pg_progress progress)
{
	pg_wakeup_reset(&pg);
	pg_wakeup_queued(&pg);
	answer(size_bytes);
	return wait_for_answer(progress);
}

static bool sleeps_through(size_t size_bytes)
{
	return play(size_bytes, PG_PROGRESS_STARTED) >= SLEEP_MS - 1;
}

/* What the batch after one that has been measured shows about what was learned from it. */
static const struct {
	const char *name;
	size_t size_bytes;
	enum pg_progress progress;
	bool sleeps;
} measured[] = {
	{"the message alone", MESSAGE, PG_PROGRESS_STARTED, true},
	{"the message with results", MESSAGE, PG_PROGRESS_RESULTS, false},
	{"the whole answer", MESSAGE, PG_PROGRESS_ALL, false},
	{"a part of the message", MESSAGE, PG_PROGRESS_NONE, false},
	{"a longer message", MESSAGE + 1, PG_PROGRESS_STARTED, true},
	{"a shorter message", MESSAGE - 1, PG_PROGRESS_STARTED, false},
};

START_TEST(measures_the_message)
{
	ck_assert_int_lt(play(measured[_i].size_bytes, measured[_i].progress), SLEEP_MS - 1);
	ck_assert_msg(sleeps_through(MESSAGE) == measured[_i].sleeps, "%s", measured[_i].name);
}
END_TEST

START_TEST(wakes_for_more_than_the_message)
{
	play(MESSAGE, PG_PROGRESS_STARTED);
	ck_assert_int_lt(play(MESSAGE + 1, PG_PROGRESS_ALL), SLEEP_MS - 1);
	ck_assert(sleeps_through(MESSAGE));
}
END_TEST

/* What was known when the wait ended early has been wrong in some cases, and is measured anew. */
static const struct {
	const char *name;
	enum pg_progress progress;
	bool sleeps;
} woken[] = {
	{"a longer message", PG_PROGRESS_STARTED, false},
	{"a part of a longer message", PG_PROGRESS_NONE, false},
	{"results", PG_PROGRESS_RESULTS, true},
};

START_TEST(measures_again_what_has_become_longer)
{
	play(MESSAGE, PG_PROGRESS_STARTED);
	play(MESSAGE + 20, woken[_i].progress);
	ck_assert_msg(sleeps_through(MESSAGE) == woken[_i].sleeps, "%s", woken[_i].name);
	ck_assert_msg(sleeps_through(MESSAGE), "%s: not measured", woken[_i].name);
}
END_TEST

/* With TLS, the next turn reads the rest. */
START_TEST(keeps_what_it_knows_while_the_rest_waits)
{
	struct pollfd fd = {.fd = client, .events = POLLIN};
	char bytes[MESSAGE];

	play(MESSAGE, PG_PROGRESS_STARTED);
	pg_wakeup_reset(&pg);
	pg_wakeup_queued(&pg);
	answer(MESSAGE + 1);
	ck_assert_int_eq(pg_wakeup_wait(&pg, &fd), 1);
	ck_assert_int_eq(recv(client, bytes, MESSAGE, 0), MESSAGE);
	pg_wakeup_learn(&pg, PG_PROGRESS_STARTED);
	ck_assert_int_eq(recv(client, bytes, MESSAGE, 0), 1);
	ck_assert(sleeps_through(MESSAGE));
}
END_TEST

START_TEST(does_not_sleep_again_after_it_has_slept_through_a_whole_answer)
{
	play(MESSAGE, PG_PROGRESS_STARTED);
	ck_assert_int_ge(play(MESSAGE, PG_PROGRESS_ALL), SLEEP_MS - 1);
	play(MESSAGE, PG_PROGRESS_STARTED);
	ck_assert(!sleeps_through(MESSAGE));
}
END_TEST

START_TEST(sleeps_only_in_the_first_wait_of_a_batch)
{
	play(MESSAGE, PG_PROGRESS_STARTED);
	ck_assert(sleeps_through(MESSAGE));
	answer(1);
	ck_assert_int_lt(wait_for_answer(PG_PROGRESS_RESULTS), SLEEP_MS - 1);
}
END_TEST

START_TEST(does_not_sleep_where_no_row_shares_the_batch)
{
	play(MESSAGE, PG_PROGRESS_STARTED);
	pg_wakeup_reset(&pg);
	answer(MESSAGE);
	ck_assert_int_lt(wait_for_answer(PG_PROGRESS_STARTED), SLEEP_MS - 1);
	ck_assert_int_eq(pg_wakeup_ago_ms(&pg), 0);
}
END_TEST

static void ignore_waiting(void *ctx)
{
	(void)ctx;
}

START_TEST(does_not_sleep_while_somebody_watches)
{
	const struct db_listener listener = {.waiting = ignore_waiting};

	play(MESSAGE, PG_PROGRESS_STARTED);
	db.listener = &listener;
	ck_assert(!sleeps_through(MESSAGE));
}
END_TEST

/* What has been learned once is not learned again by a turn that has not waited. */
START_TEST(learns_once_from_a_wait)
{
	play(MESSAGE, PG_PROGRESS_STARTED);
	pg_wakeup_learn(&pg, PG_PROGRESS_ALL);
	ck_assert(sleeps_through(MESSAGE));
	pg_wakeup_learn(&pg, PG_PROGRESS_ALL);
	ck_assert(sleeps_through(MESSAGE));
}
END_TEST

START_TEST(forgets_a_row_that_another_batch_had)
{
	play(MESSAGE, PG_PROGRESS_STARTED);
	pg_wakeup_queued(&pg);
	pg_wakeup_reset(&pg);
	answer(MESSAGE);
	ck_assert_int_lt(wait_for_answer(PG_PROGRESS_STARTED), SLEEP_MS - 1);
}
END_TEST

/* Something is still to be sent: the first wait is one for that. */
START_TEST(does_not_sleep_after_a_wait_to_write)
{
	struct pollfd fd = {.fd = client, .events = POLLIN | POLLOUT};

	play(MESSAGE, PG_PROGRESS_STARTED);
	pg_wakeup_reset(&pg);
	pg_wakeup_queued(&pg);
	ck_assert_int_eq(pg_wakeup_wait(&pg, &fd), 1);
	ck_assert_int_eq(fd.revents, POLLOUT);
	answer(MESSAGE);
	ck_assert_int_lt(wait_for_answer(PG_PROGRESS_STARTED), SLEEP_MS - 1);
}
END_TEST

/* A pipe has no low-water mark. */
START_TEST(does_not_sleep_where_the_kernel_cannot)
{
	int ends[2];
	struct pollfd fd = {.events = POLLIN};
	int64_t start;

	ck_assert_int_eq(pipe(ends), 0);
	fd.fd = ends[0];
	play(MESSAGE, PG_PROGRESS_STARTED);
	pg_wakeup_reset(&pg);
	pg_wakeup_queued(&pg);
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	start = clock_system.monotonic_ms(&clock_system);
	ck_assert_int_eq(pg_wakeup_wait(&pg, &fd), 1);
	ck_assert_int_eq(fd.revents, POLLIN);
	ck_assert_int_lt(clock_system.monotonic_ms(&clock_system) - start, SLEEP_MS - 1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

long syscall(long number, ...); /* POSIX has none */

static int refused_mark = -1;

/* In place of libc's: the kernel refuses one low-water mark. */
int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	if (name == SO_RCVLOWAT && *(const int *)value == refused_mark) {
		errno = ENOBUFS;
		return -1;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

/* The mark stays, and nothing shorter would ever wake us again. */
START_TEST(loses_the_connection_where_the_mark_stays)
{
	struct pollfd fd = {.fd = client, .events = POLLIN};
	char byte;

	play(MESSAGE, PG_PROGRESS_STARTED);
	refused_mark = 1;
	ck_assert(sleeps_through(MESSAGE));
	refused_mark = -1;
	ck_assert_int_eq(poll(&fd, 1, SLEEP_MS), 1);
	ck_assert_int_eq(recv(client, &byte, 1, MSG_DONTWAIT), 0);
}
END_TEST

/* --- when the script has started ----------------------------------------------------------- */

static const char *time_text;
static int columns;

static int rows;

static int row_count(const PGresult *result)
{
	(void)result;
	return rows;
}

static int column_count(const PGresult *result)
{
	(void)result;
	return columns;
}

static char *time_value(const PGresult *result, int row, int column)
{
	(void)result;
	(void)row;
	ck_assert_int_lt(column, columns);
	return (char *)time_text;
}

static void take_time(bool is_history, const char *text)
{
	static const char result[] = "not looked into";

	time_text = text;
	columns = is_history ? PG_HISTORY_TIME + 1 : PG_ROW_TIME + 1;
	pg_wakeup_take_time(&pg, is_history, (const PGresult *)result);
}

static int is_never_null(const PGresult *result, int row, int column)
{
	(void)result, (void)row, (void)column;
	return 0;
}

static void answer_with_times(void)
{
	pg.pq.getisnull = is_never_null;
	rows = 1;
	pg.pq.ntuples = row_count;
	pg.pq.nfields = column_count;
	pg.pq.getvalue = time_value;
}

static void pass_time(int64_t ms)
{
	struct pollfd none = {.fd = -1};

	(void)poll(&none, 1, (int)ms);
}

static const struct {
	const char *name, *row_ms, *history_ms;
	int64_t least, most;
} times[] = {
	{"the server was busy for no time", "1700000000000", "1700000000000", 30, 1000},
	{"it was busy for a while", "1700000000000", "1700000000020", 10, 980},
	{"it was busy for longer than we know", "1700000000000", "1700000005000", 0, 0},
	{"its clock was set back", "1700000005000", "1700000000000", 30, 1000},
};

START_TEST(tells_how_long_ago_the_script_started)
{
	int64_t ago_ms;

	answer_with_times();
	pg_wakeup_reset(&pg);
	pg_wakeup_queued(&pg);
	take_time(false, times[_i].row_ms);
	take_time(true, times[_i].history_ms);
	pass_time(31);
	ago_ms = pg_wakeup_ago_ms(&pg);
	ck_assert_msg(ago_ms >= times[_i].least && ago_ms <= times[_i].most, "%s: %d ms",
	              times[_i].name, (int)ago_ms);
}
END_TEST

/* Results that tell no time: the script seems to have started when the batch was sent. */
static const struct {
	const char *name;
	int rows, columns;
} no_times[] = {
	{"no row", 0, PG_HISTORY_TIME + 1},
	{"too many rows", 2, PG_HISTORY_TIME + 1},
	{"no such column", 1, PG_HISTORY_TIME},
};

START_TEST(takes_no_time_from_other_results)
{
	answer_with_times();
	pg_wakeup_reset(&pg);
	pg_wakeup_queued(&pg);
	take_time(false, "1000");
	take_time(true, "1000");
	rows = no_times[_i].rows;
	columns = no_times[_i].columns;
	time_text = "9000";
	pg_wakeup_take_time(&pg, true, (const PGresult *)"not looked into");
	pass_time(21);
	ck_assert_msg(pg_wakeup_ago_ms(&pg) >= 20, "%s", no_times[_i].name);
}
END_TEST

START_TEST(takes_no_time_before_a_row_is_queued)
{
	answer_with_times();
	pg_wakeup_reset(&pg);
	take_time(false, "1000");
	take_time(true, "9000");
	pg_wakeup_queued(&pg);
	pass_time(21);
	ck_assert_int_ge(pg_wakeup_ago_ms(&pg), 20);
}
END_TEST

Suite *pg_wakeup_suite(void)
{
	Suite *suite = suite_create("pg_wakeup");
	TCase *tc = tcase_create("wakeup");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, measures_the_message, 0, COUNT(measured));
	tcase_add_test(tc, wakes_for_more_than_the_message);
	tcase_add_loop_test(tc, measures_again_what_has_become_longer, 0, COUNT(woken));
	tcase_add_test(tc, keeps_what_it_knows_while_the_rest_waits);
	tcase_add_test(tc, does_not_sleep_again_after_it_has_slept_through_a_whole_answer);
	tcase_add_test(tc, sleeps_only_in_the_first_wait_of_a_batch);
	tcase_add_test(tc, does_not_sleep_where_no_row_shares_the_batch);
	tcase_add_test(tc, does_not_sleep_while_somebody_watches);
	tcase_add_test(tc, learns_once_from_a_wait);
	tcase_add_test(tc, forgets_a_row_that_another_batch_had);
	tcase_add_test(tc, does_not_sleep_after_a_wait_to_write);
	tcase_add_test(tc, does_not_sleep_where_the_kernel_cannot);
	tcase_add_test(tc, loses_the_connection_where_the_mark_stays);
	tcase_add_loop_test(tc, tells_how_long_ago_the_script_started, 0, COUNT(times));
	tcase_add_loop_test(tc, takes_no_time_from_other_results, 0, COUNT(no_times));
	tcase_add_test(tc, takes_no_time_before_a_row_is_queued);
	suite_add_tcase(suite, tc);
	return suite;
}
