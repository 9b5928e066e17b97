/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swar.h - examines eight bytes at a time, where a call of memchr costs more than a whole line
 */
#ifndef CFLYWAY_BASE_SWAR_H
#define CFLYWAY_BASE_SWAR_H

#include <stdint.h>
#include <string.h>

enum { SWAR_BYTES = sizeof(uint64_t) };

/* Compilers turn a loop over this many bytes, without an early exit, into vector instructions.
 * The number fits in a byte. */
enum { VECTOR_LOOP = 128 };

static inline uint64_t swar_load(const char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return word;
}

static inline void swar_store(char *to, uint64_t word)
{
	memcpy(to, &word, sizeof(word));
}

/* Sets the highest bit of each byte that is c, and clears all other bits. */
static inline uint64_t swar_marks(uint64_t word, char c)
{
	const uint64_t low_bits = 0x7F7F7F7F7F7F7F7Fu;
	uint64_t differs = word ^ 0x0101010101010101u * (unsigned char)c;

	return ~(((differs & low_bits) + low_bits) | differs | low_bits);
}

/* Counts the marked bytes. */
static inline unsigned swar_count(uint64_t marks)
{
	return (unsigned)((marks >> 7) * 0x0101010101010101u >> 56);
}

#endif
