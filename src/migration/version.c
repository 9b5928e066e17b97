/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.c - parse, compare and print versions of migrations
 *
 * A part keeps its digits as a string; parts compare by length, then byte by byte. Digits of other
 * writing systems become ASCII first (measured: V１７ equals V17).
 */
#include "cflyway/migration/version.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/str.h"
#include "cflyway/base/utf8.h"

#include <string.h>

struct version_part {
	const char *digits; /* without leading zeros, empty for zero; not NUL-terminated */
	size_t len;
	bool is_negative;
};

/* The zeros of all writing systems whose digits Java 17 knows; each begins ten digits. */
static const uint32_t zeros[] = {
	0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
	0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0,
	0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
	0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

static const struct {
	const char *word;
	enum version_kind kind;
	const char *text;
} words[] = {
	{"current", VERSION_CURRENT, "<< Current Version >>"},
	{"next", VERSION_NEXT, "<< Next Version >>"},
	{"latest", VERSION_LATEST, "<< Latest Version >>"},
	{"9223372036854775807", VERSION_LATEST, "<< Latest Version >>"},
};

/* Returns 0 to 9, or -1. */
static int digit_value(uint32_t code_point)
{
	for (size_t i = 0; i < COUNT(zeros); i++)
		if (code_point >= zeros[i] && code_point <= zeros[i] + 9)
			return (int)(code_point - zeros[i]);
	return -1;
}

static bool all_ascii_digits(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.ptr[i]))
			return false;
	return true;
}

/* Returns a copy in ASCII; ptr is NULL if the text has other characters than digits. */
static struct str ascii_digits(struct arena *arena, struct str text)
{
	char *digits = arena_alloc(arena, text.len);
	size_t len = 0;

	while (text.len > 0) {
		int value = digit_value(utf8_next(&text));

		if (value < 0)
			return (struct str){NULL, 0};
		digits[len++] = (char)('0' + value);
	}
	return (struct str){digits, len};
}

static bool part_parse(struct arena *arena, struct str text, struct version_part *part)
{
	bool has_sign = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
	bool is_negative = has_sign && text.ptr[0] == '-';
	struct str digits = str_sub(text, has_sign ? 1 : 0, text.len);

	if (digits.len == 0)
		return false;
	if (!all_ascii_digits(digits)) {
		digits = ascii_digits(arena, digits);
		if (digits.ptr == NULL)
			return false;
	}
	while (digits.len > 0 && digits.ptr[0] == '0')
		digits = str_sub(digits, 1, digits.len);
	*part = (struct version_part){
		.digits = digits.ptr,
		.len = digits.len,
		.is_negative = is_negative && digits.len > 0,
	};
	return true;
}

/* A dot separates parts only before an ASCII digit: "1.-2" and "1." are not versions. */
static size_t part_end(struct str text)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.ptr[i] == '.' && ascii_is_digit(text.ptr[i + 1]))
			return i;
	return text.len;
}

static bool parts_parse(struct arena *arena, struct version *version)
{
	struct str rest = str_of(version->text);
	size_t most = 1;

	for (size_t i = 0; i < rest.len; i++)
		most += rest.ptr[i] == '.';
	struct version_part *parts = arena_array(arena, most, sizeof(parts[0]));
	unsigned n = 0;
	for (;;) {
		size_t end = part_end(rest);

		if (!part_parse(arena, str_sub(rest, 0, end), &parts[n++]))
			return false;
		if (end == rest.len)
			break;
		rest = str_sub(rest, end + 1, rest.len);
	}
	while (n > 0 && parts[n - 1].len == 0)
		n--;
	version->parts = parts;
	version->n = n;
	return true;
}

struct version version_empty(void)
{
	return (struct version){
		.kind = VERSION_EMPTY,
		.text = "<< Empty Schema >>",
		.raw = "",
	};
}

bool version_parse(struct arena *arena, const char *text, struct version *version,
                   struct error *err)
{
	const char *raw = arena_strdup(arena, text);
	bool has_underscore = strchr(raw, '_') != NULL;

	*version = (struct version){
		.kind = VERSION_NUMBER,
		.raw = raw,
		.text = has_underscore ? str_replace(arena, str_of(raw), STR("_"), STR(".")) : raw,
	};
	for (size_t i = 0; i < COUNT(words); i++) {
		if (str_eq_nocase(str_of(raw), str_of(words[i].word))) {
			version->kind = words[i].kind;
			version->text = words[i].text;
			return true;
		}
	}
	if (parts_parse(arena, version))
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "Version may only contain 0..9 and . (dot). Invalid version: %s",
	                 version->text);
}

static int magnitude_compare(const struct version_part *a, const struct version_part *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return a->len == 0 ? 0 : memcmp(a->digits, b->digits, a->len);
}

static int part_compare(const struct version_part *a, const struct version_part *b)
{
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	return a->is_negative ? magnitude_compare(b, a) : magnitude_compare(a, b);
}

int version_compare(const struct version *a, const struct version *b)
{
	static const struct version_part zero = {.digits = ""};
	size_t most = a->n > b->n ? a->n : b->n;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	for (size_t i = 0; i < most; i++) {
		int order = part_compare(i < a->n ? &a->parts[i] : &zero,
		                         i < b->n ? &b->parts[i] : &zero);

		if (order != 0)
			return order;
	}
	return 0;
}

bool version_is_set(const struct version *version)
{
	return version->kind != VERSION_EMPTY;
}
