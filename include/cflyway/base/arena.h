/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is freed together
 *
 * Everything that a run makes lives in an arena and goes with it. Exhaustion of memory ends the
 * process with a message: the server then rolls back what was open.
 */
#ifndef CFLYWAY_BASE_ARENA_H
#define CFLYWAY_BASE_ARENA_H

#include "cflyway/base/attr.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* the block that is being filled; older ones behind it */
};

struct arena_mark {
	struct arena_block *block;
	size_t used;
};

#define ARENA_EMPTY {0}

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);

/* Zeroed memory, aligned for any type. size 0 is allowed. */
void *arena_alloc(struct arena *arena, size_t size);

/* Zeroed memory for n elements of size bytes; an overflow of n * size counts as exhaustion. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/*
 * Makes room for one more element in a growing array: returns items (moved when n has reached a
 * power of two, the old memory stays in the arena). n is the present number of elements.
 */
void *arena_grow(struct arena *arena, void *items, size_t n, size_t size);

/*
 * Makes an array longer without leaving its old memory behind, where that can be done: nobody else
 * may point into it. size is what it has, wanted what it shall have, in bytes; what is added is not
 * zeroed.
 */
void *arena_realloc(struct arena *arena, void *items, size_t size, size_t wanted);

char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
/* Three texts in one; for where there are thousands of them. */
char *arena_concat(struct arena *arena, const char *a, const char *b, const char *c);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF(2, 0);

/* Frees all that was allocated after the mark was taken. Marks nest like brackets. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Says that there is no memory and ends the process. For those who allocate outside of arenas. */
NORETURN void arena_exhausted(void);

#endif
