/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c - decodes, checks and measures UTF-8 text as Java does */
#include "cflyway/base/utf8.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/swar.h"

#include <string.h>

/*
 * The well-formed sequences of the Unicode standard (table 3-7): the range of the second byte
 * depends on the first; all others are 80..BF.
 */
struct lead {
	size_t len; /* 0 if no character begins with this byte */
	unsigned char second_min, second_max;
};

static struct lead lead_of(unsigned char byte)
{
	if (byte < 0x80)
		return (struct lead){1, 0, 0};
	if (byte < 0xC2)
		return (struct lead){0, 0, 0};
	if (byte < 0xE0)
		return (struct lead){2, 0x80, 0xBF};
	if (byte < 0xF0)
		return (struct lead){3, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF};
	if (byte < 0xF5)
		return (struct lead){4, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF};
	return (struct lead){0, 0, 0};
}

/* Returns the length of the first character of s, or 0 if it is malformed or *incomplete. */
static size_t character_length(struct str s, bool *incomplete)
{
	const unsigned char *bytes = (const unsigned char *)s.ptr;
	struct lead lead = lead_of(bytes[0]);

	*incomplete = false;
	for (size_t i = 1; i < lead.len; i++) {
		unsigned char min = i == 1 ? lead.second_min : 0x80;
		unsigned char max = i == 1 ? lead.second_max : 0xBF;

		if (i == s.len) {
			*incomplete = true;
			return 0;
		}
		if (bytes[i] < min || bytes[i] > max)
			return 0;
	}
	return lead.len;
}

uint32_t utf8_next(struct str *rest)
{
	const unsigned char *bytes = (const unsigned char *)rest->ptr;
	bool incomplete;
	size_t len = character_length(*rest, &incomplete);
	uint32_t code_point = 0xFFFD;

	if (len == 1)
		code_point = bytes[0];
	else if (len > 1)
		code_point = bytes[0] & (0x7Fu >> len);
	for (size_t i = 1; i < len; i++)
		code_point = code_point << 6 | (bytes[i] & 0x3Fu);
	*rest = str_sub(*rest, len > 0 ? len : 1, rest->len);
	return code_point;
}

size_t utf8_encode(uint32_t code_point, char *out)
{
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	size_t len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code_point & 0x3F));
		code_point >>= 6;
	}
	out[0] = (char)((0xF00u >> len & 0xFF) | code_point);
	return len;
}

static bool is_ascii(const char *bytes)
{
	uint8_t all = 0;

	for (size_t i = 0; i < VECTOR_LOOP; i++)
		all |= (uint8_t)bytes[i];
	return all < 0x80;
}

static size_t skip_ascii(struct str s, size_t at)
{
	while (s.len - at >= VECTOR_LOOP && is_ascii(s.ptr + at))
		at += VECTOR_LOOP;
	while (s.len - at >= SWAR_BYTES && (swar_load(s.ptr + at) & 0x8080808080808080u) == 0)
		at += SWAR_BYTES;
	while (at < s.len && (unsigned char)s.ptr[at] < 0x80)
		at++;
	return at;
}

size_t utf8_valid_prefix(struct str s, bool *incomplete)
{
	bool is_cut = false;
	size_t at = skip_ascii(s, 0);

	while (at < s.len) {
		size_t len = character_length(str_sub(s, at, s.len), &is_cut);

		if (len == 0)
			break;
		at += len;
		if (at < s.len && (unsigned char)s.ptr[at] < 0x80)
			at = skip_ascii(s, at);
	}
	if (incomplete != NULL)
		*incomplete = is_cut;
	return at;
}

static bool is_surrogate(const unsigned char *bytes)
{
	return bytes[0] == 0xED && bytes[1] >= 0xA0 && bytes[1] <= 0xBF;
}

/* Returns how many bytes Java counts as the first malformed sequence of s, which is not empty. */
static size_t malformed_length(struct str s)
{
	const unsigned char *bytes = (const unsigned char *)s.ptr;
	struct lead lead = lead_of(bytes[0]);
	bool has_two =
		s.len > 1 && (is_surrogate(bytes) || (lead.len > 2 && bytes[1] >= lead.second_min &&
	                                              bytes[1] <= lead.second_max));
	size_t len = has_two ? 2 : 1;

	while (len > 1 && len < lead.len && len < s.len && (bytes[len] & 0xC0) == 0x80)
		len++;
	return len;
}

struct str utf8_replaced(struct arena *arena, struct str s)
{
	size_t valid = utf8_valid_prefix(s, NULL);
	struct buf text = BUF_EMPTY(SIZE_MAX / 4);

	if (valid == s.len)
		return s;
	while (s.len > 0) {
		buf_append(&text, s.ptr, valid);
		s = str_sub(s, valid, s.len);
		if (s.len == 0)
			break;
		buf_add(&text, "\xEF\xBF\xBD");
		s = str_sub(s, malformed_length(s), s.len);
		valid = utf8_valid_prefix(s, NULL);
	}
	s = (struct str){str_dup(arena, buf_str(&text)), text.len};
	buf_release(&text);
	return s;
}

size_t utf8_ascii_prefix(struct str s)
{
	return skip_ascii(s, 0);
}

static size_t units_of(uint32_t code_point)
{
	return code_point >= 0x10000 ? 2 : 1;
}

size_t utf8_length_utf16(struct str s)
{
	size_t units = 0;

	while (s.len > 0)
		units += units_of(utf8_next(&s));
	return units;
}

struct str utf8_truncate_utf16(struct str s, size_t units)
{
	struct str rest = s;

	while (rest.len > 0) {
		struct str before = rest;
		size_t more = units_of(utf8_next(&rest));

		if (more > units)
			return str_sub(s, 0, s.len - before.len);
		units -= more;
	}
	return s;
}

/*
 * UTF-8 bytes sort as code points do. UTF-16 differs in one case: characters above U+FFFF (first
 * byte F0 or more) are surrogate pairs, which sort before U+E000..U+FFFF (first byte EE or EF).
 */
static int utf16_rank(char c)
{
	unsigned char byte = (unsigned char)c;

	if (byte >= 0xF0)
		return byte - 2;
	return byte >= 0xEE ? byte + 0x10 : byte;
}

int utf8_compare_utf16(struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < common; i++)
		if (a.ptr[i] != b.ptr[i])
			return utf16_rank(a.ptr[i]) - utf16_rank(b.ptr[i]);
	return (a.len > b.len) - (a.len < b.len);
}
