/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - fills blocks of memory from the front, and frees them newest first
 *
 * A large allocation has memory of its own and is linked to the block that was being filled. It
 * also takes one byte of that block, so that marks taken before and after it differ.
 */
#include "cflyway/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_HIDE(ptr, len) ASAN_POISON_MEMORY_REGION(ptr, len)
#define ARENA_SHOW(ptr, len) ASAN_UNPOISON_MEMORY_REGION(ptr, len)
#else
#define ARENA_HIDE(ptr, len) ((void)(ptr), (void)(len))
#define ARENA_SHOW(ptr, len) ((void)(ptr), (void)(len))
#endif

#ifndef __clang__
/* gcc's analyser reports memory in a linked list as leaked. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum {
	ARENA_ALIGN = alignof(max_align_t),
	ARENA_FIRST_BLOCK = 16 * 1024,
	ARENA_LAST_BLOCK = 1024 * 1024,
	ARENA_SMALL = ARENA_FIRST_BLOCK / 4, /* larger allocations have memory of their own */
};

struct arena_large {
	struct arena_large *older;
	size_t at; /* how far the block was filled before this allocation */
	alignas(max_align_t) char bytes[];
};

struct arena_block {
	struct arena_block *older;
	struct arena_large *large;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

void arena_exhausted(void)
{
	/* handlers that libraries have left for the exit could need memory, too */
	fputs("cflyway: out of memory\n", stderr);
	fflush(NULL);
	_exit(EXIT_FAILURE);
}

static void *take_memory(size_t header, size_t size)
{
	void *memory = size > SIZE_MAX / 2 ? NULL : malloc(header + size);

	if (memory == NULL)
		arena_exhausted();
	return memory;
}

static void block_push(struct arena *arena)
{
	struct arena_block *older = arena->head;
	size_t size = ARENA_FIRST_BLOCK;

	if (older != NULL)
		size = older->size < ARENA_LAST_BLOCK ? older->size * 2 : ARENA_LAST_BLOCK;
	struct arena_block *block = take_memory(sizeof(struct arena_block), size);
	*block = (struct arena_block){.older = older, .size = size};
	ARENA_HIDE(block->bytes, size);
	arena->head = block;
}

/* Frees the large allocations made when the block was filled up to used or further. */
static void block_free_large(struct arena_block *block, size_t used)
{
	while (block->large != NULL && block->large->at >= used) {
		struct arena_large *older = block->large->older;

		free(block->large);
		block->large = older;
	}
}

static void block_pop(struct arena *arena)
{
	struct arena_block *block = arena->head;

	block_free_large(block, 0);
	arena->head = block->older;
	free(block);
}

/* Returns the offset in the block of the next memory with this alignment. */
static size_t block_next(const struct arena_block *block, size_t align)
{
	return (block->used + align - 1) / align * align;
}

/* Takes memory from the newest block; size is at most ARENA_FIRST_BLOCK. */
static char *block_take(struct arena *arena, size_t size, size_t align)
{
	if (arena->head == NULL || arena->head->size < block_next(arena->head, align) + size)
		block_push(arena);
	size_t at = block_next(arena->head, align);
	char *memory = arena->head->bytes + at;
	arena->head->used = at + size;
	ARENA_SHOW(memory, size);
	return memory;
}

void arena_init(struct arena *arena)
{
	*arena = (struct arena)ARENA_EMPTY;
}

void arena_release(struct arena *arena)
{
	while (arena->head != NULL)
		block_pop(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size <= ARENA_SMALL)
		return memset(block_take(arena, size ? size : 1, ARENA_ALIGN), 0, size);
	/* calloc does not touch fresh pages of the system: they cost nothing until used */
	struct arena_large *large =
		size > SIZE_MAX / 2 ? NULL : calloc(1, sizeof(struct arena_large) + size);
	if (large == NULL)
		arena_exhausted();
	(void)block_take(arena, 1, 1);
	large->at = arena->head->used - 1;
	large->older = arena->head->large;
	arena->head->large = large;
	return large->bytes;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		arena_exhausted();
	return arena_alloc(arena, n * size);
}

void *arena_grow(struct arena *arena, void *items, size_t n, size_t size)
{
	bool is_full = (n & (n - 1)) == 0; /* 0, 1, 2, 4, 8, … */

	if (!is_full)
		return items;
	if (n > SIZE_MAX / 2)
		arena_exhausted();
	void *moved = arena_array(arena, n == 0 ? 1 : 2 * n, size);
	if (n > 0)
		memcpy(moved, items, n * size);
	return moved;
}

/* Finds the list link to a large allocation; NULL if the memory is part of a block. */
static struct arena_large **find_large(struct arena *arena, const void *memory)
{
	for (struct arena_block *block = arena->head; block != NULL; block = block->older)
		for (struct arena_large **at = &block->large; *at != NULL; at = &(*at)->older)
			if ((*at)->bytes == memory)
				return at;
	return NULL;
}

void *arena_realloc(struct arena *arena, void *items, size_t size, size_t wanted)
{
	struct arena_large **at = find_large(arena, items);

	if (at == NULL) {
		void *moved = arena_alloc(arena, wanted);

		if (size > 0)
			memcpy(moved, items, size);
		return moved;
	}
	struct arena_large *large =
		wanted > SIZE_MAX / 2 ? NULL : realloc(*at, sizeof(struct arena_large) + wanted);
	if (large == NULL)
		arena_exhausted();
	*at = large;
	return large->bytes;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	if (len == SIZE_MAX)
		arena_exhausted();
	/* strings are many and short: they are packed without alignment */
	char *copy =
		len < ARENA_SMALL ? block_take(arena, len + 1, 1) : arena_alloc(arena, len + 1);
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

static char *append(char *to, const char *text, size_t len)
{
	memcpy(to, text, len);
	return to + len;
}

char *arena_concat(struct arena *arena, const char *a, const char *b, const char *c)
{
	size_t len_a = strlen(a), len_b = strlen(b), len_c = strlen(c);
	size_t len = len_a + len_b + len_c + 1;
	char *text = len <= ARENA_SMALL ? block_take(arena, len, 1) : arena_alloc(arena, len);

	*append(append(append(text, a, len_a), b, len_b), c, len_c) = '\0';
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	char most[256]; /* holds nearly all strings, which are then formatted only once */
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(most, sizeof(most), format, again);
	va_end(again);
	if (len < 0)
		arena_exhausted();
	if ((size_t)len < sizeof(most))
		return arena_strndup(arena, most, (size_t)len);
	char *text = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){
		.block = arena->head,
		.used = arena->head != NULL ? arena->head->used : 0,
	};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	while (arena->head != mark.block) {
		assert(arena->head);
		block_pop(arena);
	}
	if (mark.block == NULL)
		return;
	assert(mark.used <= mark.block->used);
	block_free_large(mark.block, mark.used);
	mark.block->used = mark.used;
	ARENA_HIDE(mark.block->bytes + mark.used, mark.block->size - mark.used);
}
