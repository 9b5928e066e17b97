/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swar.h - eight bytes at a time, where a call of memchr per line would cost more than the line
 */
#ifndef CFLYWAY_BASE_SWAR_H
#define CFLYWAY_BASE_SWAR_H

#include <stdint.h>
#include <string.h>

enum { SWAR_BYTES = sizeof(uint64_t) };

/* A loop over so many bytes, without a way out, is one that compilers turn into vector
 * instructions. A byte can count them. */
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

/* The highest bit of each byte that is c is set, all others are clear. */
static inline uint64_t swar_marks(uint64_t word, char c)
{
	const uint64_t low_bits = 0x7F7F7F7F7F7F7F7Fu;
	uint64_t differs = word ^ 0x0101010101010101u * (unsigned char)c;

	return ~(((differs & low_bits) + low_bits) | differs | low_bits);
}

/* How many bytes are marked. */
static inline unsigned swar_count(uint64_t marks)
{
	return (unsigned)((marks >> 7) * 0x0101010101010101u >> 56);
}

#endif
