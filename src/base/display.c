/* SPDX-License-Identifier: Apache-2.0 */
/* display.c - characters of a script as a message shows them */
#include "cflyway/base/display.h"

#include "cflyway/base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { TAB_WIDTH = 4 };

struct range {
	uint32_t first, last;
};

/* Sorted. */
static const struct range unseen[] = {
	{0x007F, 0x00A0}, {0x00AD, 0x00AD}, {0x061C, 0x061C}, {0x1680, 0x1680},
	{0x180E, 0x180E}, {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},
	{0x3000, 0x3000}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
};

/* Combining characters. */
static const struct range narrow[] = {
	{0x0300, 0x036F}, {0x0483, 0x0489},   {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
	{0x06D6, 0x06DC}, {0x093C, 0x093C},   {0x0941, 0x0948}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
	{0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
	{0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
};

static const struct range wide[] = {
	{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},
	{0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
	{0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
	{0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

static bool is_in(uint32_t code_point, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n && ranges[i].first <= code_point; i++)
		if (code_point <= ranges[i].last)
			return true;
	return false;
}

static size_t width_of(uint32_t code_point)
{
	if (is_in(code_point, narrow, COUNT(narrow)))
		return 0;
	return is_in(code_point, wide, COUNT(wide)) ? 2 : 1;
}

struct display_char display_next(struct str *rest, size_t column)
{
	const struct str before = *rest;
	const bool is_valid = utf8_valid_prefix(str_sub(before, 0, UTF8_MAX), NULL) > 0;
	const uint32_t code_point = utf8_next(rest);
	struct display_char c = {.len = before.len - rest->len};

	if (before.ptr[0] == '\t') {
		c.len = c.width = TAB_WIDTH - column % TAB_WIDTH;
		memset(c.text, ' ', c.len);
	} else if (!is_valid || code_point < ' ') {
		snprintf(c.text, sizeof(c.text), "\\x%02x", (unsigned)(unsigned char)before.ptr[0]);
		c.len = c.width = strlen(c.text);
	} else if (is_in(code_point, unseen, COUNT(unseen))) {
		snprintf(c.text, sizeof(c.text), "\\u%04x", (unsigned)code_point);
		c.len = c.width = strlen(c.text);
	} else {
		memcpy(c.text, before.ptr, c.len);
		c.width = width_of(code_point);
	}
	return c;
}
