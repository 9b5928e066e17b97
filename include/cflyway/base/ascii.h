/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ascii.h - classifies ASCII characters, independently of the locale
 *
 * White space is not here: Java's trim, properties files, JSON and PostgreSQL each define it
 * differently, so each reader has its own function.
 */
#ifndef CFLYWAY_BASE_ASCII_H
#define CFLYWAY_BASE_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A letter, a digit, '_' or '$', or a byte of a character beyond ASCII: part of a name in SQL. */
static inline bool ascii_is_name(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '_' || c == '$' || (c & 0x80) != 0;
}

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Returns 0 to 15, or -1 if c is not a hexadecimal digit. */
static inline int ascii_hex_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
