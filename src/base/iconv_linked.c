/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iconv_linked.c - iconv for the static program, from tables that glibc's iconv has made
 *
 * The iconv of musl lacks many character sets, and decodes others in its own way: CP932 without the
 * signs of NEC and IBM, for example. That would change the texts and checksums of migrations, so
 * its functions are replaced. Only decoding to UTF-8 is there. The tables have no EUC-TW, which
 * would be larger than all others together, and no ISO-2022-JP.
 */
#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"
#include "cflyway/base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* What a cell of a row can be besides a code point: the row of the next byte, two code points. */
#define NONE 0xFFFFFFFFu
#define ROW 0x80000000u
#define PAIR 0x40000000u

/* Cells for the bytes from first to last; those of narrow rows have 16 bits, 0xFFFF is NONE. */
struct row {
	uint8_t first, last;
	bool is_wide;
	uint32_t offset;
};

struct set {
	const char *name;
	uint32_t row; /* of the first byte */
};

/* Characters of GB18030 with four bytes, by their number, from which on code points ascend. */
struct range {
	uint32_t number, code_point;
};

#include "charset_tables.h"

enum { GB18030_LENGTH = 4, GB18030_PLANES = 189000, GB18030_PLANES_END = 189000 + 0x100000 };

static uint32_t cell(uint32_t row, unsigned char byte)
{
	const struct row *of = &rows[row];

	if (byte < of->first || byte > of->last)
		return NONE;
	if (of->is_wide)
		return wide_cells[of->offset + byte - of->first];
	return narrow_cells[of->offset + byte - of->first] == 0xFFFF
	               ? NONE
	               : narrow_cells[of->offset + byte - of->first];
}

static bool is_between(unsigned char byte, unsigned char first, unsigned char last)
{
	return byte >= first && byte <= last;
}

static uint32_t decode_gb18030(const unsigned char *bytes)
{
	uint32_t number = (bytes[0] - 0x81u) * 12600 + (bytes[1] - 0x30u) * 1260 +
	                  (bytes[2] - 0x81u) * 10 + (bytes[3] - 0x30u);
	size_t i = COUNT(ranges);

	if (number >= GB18030_PLANES)
		return number < GB18030_PLANES_END ? 0x10000 + number - GB18030_PLANES : NONE;
	while (i > 0 && ranges[i - 1].number > number)
		i--;
	if (i == 0 || ranges[i - 1].code_point == NONE)
		return NONE;
	return ranges[i - 1].code_point + number - ranges[i - 1].number;
}

/*
 * How many bytes the next character has; 0 if more bytes are needed, -1 if it is wrong. *value is
 * a code point or a PAIR.
 */
static int next(const struct set *set, const unsigned char *bytes, size_t len, uint32_t *value)
{
	uint32_t row = set->row;
	bool is_gb18030 = strcmp(set->name, "GB18030") == 0;

	if (is_gb18030 && len > 1 && is_between(bytes[0], 0x81, 0xFE) &&
	    is_between(bytes[1], '0', '9')) {
		if (len > 2 && !is_between(bytes[2], 0x81, 0xFE))
			return -1;
		if (len < GB18030_LENGTH)
			return 0;
		if (!is_between(bytes[3], '0', '9'))
			return -1;
		*value = decode_gb18030(bytes);
		return *value == NONE ? -1 : GB18030_LENGTH;
	}
	for (size_t i = 0; i < len; i++) {
		*value = cell(row, bytes[i]);
		if (*value == NONE)
			return -1;
		if ((*value & ROW) == 0)
			return (int)i + 1;
		row = *value & ~ROW;
	}
	return 0;
}

static size_t encode(uint32_t value, char text[2 * UTF8_MAX])
{
	if ((value & PAIR) == 0)
		return utf8_encode(value, text);
	size_t len = utf8_encode((value & ~PAIR) >> 16, text);
	return len + utf8_encode(value & 0xFFFF, text + len);
}

iconv_t iconv_open(const char *to, const char *from)
{
	if (strcmp(to, "UTF-8") == 0)
		for (size_t i = 0; i < COUNT(sets); i++)
			if (str_eq_nocase(str_of(from), str_of(sets[i].name)))
				return (iconv_t)(uintptr_t)&sets[i];
	errno = EINVAL;
	return (iconv_t)-1;
}

size_t iconv(iconv_t handle, char **from, size_t *from_len, char **to, size_t *room)
{
	const struct set *set = handle;

	if (from == NULL || *from == NULL)
		return 0;
	while (*from_len > 0) {
		uint32_t value;
		char text[2 * UTF8_MAX];
		int used = next(set, (const unsigned char *)*from, *from_len, &value);

		if (used <= 0) {
			errno = used < 0 ? EILSEQ : EINVAL;
			return (size_t)-1;
		}
		size_t len = encode(value, text);
		if (len > *room) {
			errno = E2BIG;
			return (size_t)-1;
		}
		memcpy(*to, text, len);
		*to += len;
		*room -= len;
		*from += used;
		*from_len -= (size_t)used;
	}
	return 0;
}

int iconv_close(iconv_t handle)
{
	(void)handle;
	return 0;
}
