/* SPDX-License-Identifier: Apache-2.0 */
/* test_arena.c - memory that is freed together */
#include "suites.h"

#include "cflyway/base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static bool is_filled(const char *memory, size_t size, int with)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)memory[i] != with)
			return false;
	return true;
}

static const size_t sizes[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 16384, 100000, 3000000};

START_TEST(gives_zeroed_aligned_memory_again_and_again)
{
	struct arena_mark mark = arena_mark(&arena);

	for (int round = 0; round < 20; round++) {
		char *memory = arena_alloc(&arena, sizes[_i]);

		ck_assert_ptr_nonnull(memory);
		ck_assert_uint_eq((uintptr_t)memory % alignof(max_align_t), 0);
		ck_assert(is_filled(memory, sizes[_i], 0));
		memset(memory, 0xAA, sizes[_i]);
		if (round % 3 == 0)
			arena_rewind(&arena, mark);
	}
}
END_TEST

START_TEST(does_not_mix_up_allocations)
{
	enum { N = 2000 };
	char *memory[N];

	for (size_t i = 0; i < N; i++) {
		memory[i] = arena_alloc(&arena, i * 7 % 6000 + 1);
		memset(memory[i], (int)(i % 251), i * 7 % 6000 + 1);
	}
	for (size_t i = 0; i < N; i++)
		ck_assert(is_filled(memory[i], i * 7 % 6000 + 1, (int)(i % 251)));
}
END_TEST

START_TEST(rewinds_to_nested_marks)
{
	char *kept = arena_strdup(&arena, "kept");
	struct arena_mark outer = arena_mark(&arena);
	char *large = arena_alloc(&arena, 50000);
	struct arena_mark inner = arena_mark(&arena);

	memset(large, 'x', 50000);
	for (int i = 0; i < 100; i++)
		memset(arena_alloc(&arena, 30000), 'y', 30000);
	arena_rewind(&arena, inner);
	ck_assert_int_eq(large[49999], 'x');
	for (int i = 0; i < 10000; i++)
		arena_strdup(&arena, "filler that goes through several blocks");
	arena_rewind(&arena, outer);
	ck_assert_str_eq(kept, "kept");
	ck_assert_ptr_ne(arena_strdup(&arena, "next"), kept);
	ck_assert_str_eq(kept, "kept");
}
END_TEST

START_TEST(rewinds_to_the_beginning)
{
	struct arena_mark mark = arena_mark(&arena);

	arena_alloc(&arena, 10);
	arena_alloc(&arena, 1000000);
	arena_rewind(&arena, mark);
	ck_assert_ptr_null(arena.head);
}
END_TEST

START_TEST(grows_arrays)
{
	size_t *items = NULL;

	for (size_t n = 0; n < 1000; n++) {
		items = arena_grow(&arena, items, n, sizeof(items[0]));
		items[n] = n;
	}
	for (size_t n = 0; n < 1000; n++)
		ck_assert_uint_eq(items[n], n);
}
END_TEST

START_TEST(joins_texts)
{
	char longer[20000];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_str_eq(arena_concat(&arena, "a", "", "bc"), "abc");
	ck_assert_str_eq(arena_concat(&arena, "", "", ""), "");
	ck_assert_uint_eq(strlen(arena_concat(&arena, longer, "/", longer)), 39999);
}
END_TEST

/* From a block to memory of its own, and there. */
START_TEST(stretches_arrays)
{
	struct arena_mark mark = arena_mark(&arena);
	char *small = arena_strdup(&arena, "text");
	char *items = small, *behind;
	size_t size = 5;

	for (size_t wanted = 10; wanted < (size_t)1000 * 1000; wanted *= 10) {
		items = arena_realloc(&arena, items, size, wanted);
		ck_assert_str_eq(items, "text");
		memset(items + size, 'x', wanted - size);
		behind = arena_strdup(&arena, "behind");
		size = wanted;
	}
	ck_assert_str_eq(small, "text");
	ck_assert_str_eq(behind, "behind");
	arena_rewind(&arena, mark);
}
END_TEST

/* What is in the way makes the memory move; the arena then knows its new place. */
START_TEST(stretches_what_cannot_stay)
{
	struct arena_mark mark = arena_mark(&arena);
	char *items = arena_alloc(&arena, 20000);

	memset(items, 'a', 20000);
	for (size_t size = 20000; size < (size_t)2000 * 1000; size *= 2) {
		char *in_the_way = arena_alloc(&arena, size);

		memset(in_the_way, 'b', size);
		items = arena_realloc(&arena, items, size, 2 * size);
		ck_assert(is_filled(items, size, 'a'));
		memset(items, 'a', 2 * size);
		ck_assert(is_filled(in_the_way, size, 'b'));
	}
	arena_rewind(&arena, mark);
}
END_TEST

START_TEST(copies_and_prints_text)
{
	const size_t lengths[] = {0, 1, 254, 255, 256, 257, 70000};

	ck_assert_str_eq(arena_strdup(&arena, ""), "");
	ck_assert_str_eq(arena_strndup(&arena, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_strndup(&arena, NULL, 0), "");
	for (size_t i = 0; i < COUNT(lengths); i++) {
		const char *text = arena_printf(&arena, "%*s", (int)lengths[i], "");

		ck_assert_uint_eq(strlen(text), lengths[i]);
	}
	ck_assert_str_eq(arena_printf(&arena, "%s-%d", "a", 7), "a-7");
}
END_TEST

/* Sizes that no size_t can hold, or whose product one cannot hold. */
static const struct {
	bool is_array;
	size_t n, size;
} impossible[] = {
	{true, SIZE_MAX / 8 + 2, 8}, {true, 8, SIZE_MAX / 8 + 2}, {true, SIZE_MAX, SIZE_MAX},
	{true, SIZE_MAX / 2, 2},     {false, 1, SIZE_MAX},        {false, 1, SIZE_MAX / 2 + 1},
};

/* In a process of its own. Returns its exit status. */
static int exhaust(size_t i)
{
	int status = -1;

	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(STDERR_FILENO);
		if (impossible[i].is_array)
			arena_array(&arena, impossible[i].n, impossible[i].size);
		else
			arena_alloc(&arena, impossible[i].size);
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(ends_where_there_cannot_be_enough_memory)
{
	ck_assert_int_eq(exhaust((size_t)_i), EXIT_FAILURE);
}
END_TEST

Suite *arena_suite(void)
{
	Suite *suite = suite_create("arena");
	TCase *tc = tcase_create("arena");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, gives_zeroed_aligned_memory_again_and_again, 0, COUNT(sizes));
	tcase_add_test(tc, does_not_mix_up_allocations);
	tcase_add_test(tc, rewinds_to_nested_marks);
	tcase_add_test(tc, rewinds_to_the_beginning);
	tcase_add_test(tc, grows_arrays);
	tcase_add_test(tc, joins_texts);
	tcase_add_test(tc, stretches_arrays);
	tcase_add_test(tc, stretches_what_cannot_stay);
	tcase_add_test(tc, copies_and_prints_text);
	tcase_add_loop_test(tc, ends_where_there_cannot_be_enough_memory, 0, COUNT(impossible));
	suite_add_tcase(suite, tc);
	return suite;
}
