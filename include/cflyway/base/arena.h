/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is freed together
 *
 * Everything that a run makes lives in an arena and is freed with it. Running out of memory ends
 * the process with a message: the server then rolls back the open transaction.
 *
 * Example: a growing array that lives as long as the arena, and scratch memory for each round.
 *
 *	for (size_t i = 0; i < n; i++) {
 *		struct arena_mark mark = arena_mark(scratch);
 *		char *path = arena_printf(scratch, "sql/%s", names[i]);
 *
 *		items = arena_grow(arena, items, i, sizeof(items[0]));
 *		items[i] = read_size(path);
 *		arena_rewind(scratch, mark);
 *	}
 *
 * The array must not grow in scratch: arena_rewind would free it.
 */
#ifndef CFLYWAY_BASE_ARENA_H
#define CFLYWAY_BASE_ARENA_H

#include "cflyway/base/attr.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* the block that is being filled; it links to older blocks */
};

struct arena_mark {
	struct arena_block *block;
	size_t used;
};

#define ARENA_EMPTY {0}

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);

/* Returns zeroed memory, aligned for any type. size may be 0. */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns zeroed memory for n elements of size bytes. An overflow of n * size ends the process. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/*
 * Makes room for one more element in a growing array and returns its new address. The array moves
 * when n is 0 or a power of two; its old memory stays in the arena. n is the number of elements
 * before the call.
 */
void *arena_grow(struct arena *arena, void *items, size_t n, size_t size);

/*
 * Enlarges an array from size to wanted bytes and returns its new address. Frees the old memory if
 * it is a large allocation of its own, so no other pointer may point into it. The added bytes are
 * not always zeroed.
 */
void *arena_realloc(struct arena *arena, void *items, size_t size, size_t wanted);

char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
/* Joins three strings; faster than arena_printf where there are thousands of them. */
char *arena_concat(struct arena *arena, const char *a, const char *b, const char *c);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF(2, 0);

/* arena_rewind frees everything allocated since the mark was taken. Marks nest like brackets. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Reports that memory is exhausted and ends the process. For code that allocates without arenas. */
NORETURN void arena_exhausted(void);

#endif
