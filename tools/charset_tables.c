/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charset_tables.c - prints the tables of iconv_linked.c, from the iconv of this machine
 *
 * Each sequence of bytes is decoded alone, so that no two characters are combined: Java does not
 * combine them either. A row holds what may follow the same bytes; rows that are equal are one.
 */
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in iconv_linked.c. */
#define NONE 0xFFFFFFFFu
#define ROW 0x80000000u
#define PAIR 0x40000000u

enum { ROWS_MAX = 8192, CELLS = 256, LONGEST = 3 };

static const char *const names[] = {
	"ISO-8859-2", "ISO-8859-3", "ISO-8859-4",  "ISO-8859-5",  "ISO-8859-6",  "ISO-8859-7",
	"ISO-8859-8", "ISO-8859-9", "ISO-8859-11", "ISO-8859-13", "ISO-8859-15", "ISO-8859-16",
	"CP1250",     "CP1251",     "CP1252",      "CP1253",      "CP1254",      "CP1255",
	"CP1256",     "CP1257",     "CP1258",      "CP874",       "KOI8-R",      "KOI8-U",
	"IBM437",     "CP737",      "CP775",       "IBM850",      "IBM852",      "IBM855",
	"IBM857",     "IBM858",     "IBM860",      "IBM861",      "IBM862",      "IBM863",
	"IBM864",     "IBM865",     "IBM866",      "IBM869",      "IBM037",      "IBM273",
	"IBM277",     "IBM278",     "IBM280",      "IBM284",      "IBM285",      "IBM297",
	"IBM420",     "IBM424",     "IBM500",      "IBM870",      "IBM871",      "IBM918",
	"IBM1026",    "IBM1047",    "TIS-620",     "SHIFT_JIS",   "CP932",       "EUC-JP",
	"EUC-KR",     "CP949",      "JOHAB",       "BIG5",        "CP950",       "BIG5-HKSCS",
	"GB18030",    "GBK",        "EUC-CN",
};

static struct row {
	uint32_t cells[CELLS];
} * rows;
static unsigned rows_n;

static uint32_t utf8_code_point(const unsigned char *text, size_t *at)
{
	static const unsigned char masks[] = {0x7F, 0x1F, 0x0F, 0x07};
	unsigned first = text[*at], more = first < 0x80   ? 0
	                                   : first < 0xE0 ? 1
	                                   : first < 0xF0 ? 2
	                                                  : 3;
	uint32_t code_point = first & masks[more];

	for (++*at; more > 0; more--)
		code_point = code_point << 6 | (text[(*at)++] & 0x3F);
	return code_point;
}

static uint32_t value_of(const char *name, const unsigned char *text, size_t len)
{
	size_t at = 0;
	uint32_t first = utf8_code_point(text, &at), second;

	if (at == len)
		return first;
	second = utf8_code_point(text, &at);
	if (at != len || first > 0x3FFF || second > 0xFFFF) {
		fprintf(stderr, "charset_tables: %s has a character that fits no cell\n", name);
		exit(1);
	}
	return PAIR | first << 16 | second;
}

/* True if the bytes are a character. *is_begun: they are the beginning of one. */
static bool decode(iconv_t handle, const char *name, const char *bytes, size_t len, uint32_t *value,
                   bool *is_begun)
{
	char copy[LONGEST + 1], text[32], *from = copy, *to = text;
	size_t room = sizeof(text);

	memcpy(copy, bytes, len);
	*is_begun = false;
	iconv(handle, NULL, NULL, NULL, NULL);
	if (iconv(handle, &from, &len, &to, &room) == (size_t)-1) {
		*is_begun = errno == EINVAL && from == copy;
		return false;
	}
	iconv(handle, NULL, NULL, &to, &room);
	if (to == text)
		return false;
	*value = value_of(name, (const unsigned char *)text, (size_t)(to - text));
	return true;
}

static uint32_t keep_row(const struct row *row)
{
	for (unsigned i = 0; i < rows_n; i++)
		if (memcmp(&rows[i], row, sizeof(*row)) == 0)
			return i;
	if (rows_n == ROWS_MAX) {
		fprintf(stderr, "charset_tables: too many rows\n");
		exit(1);
	}
	rows[rows_n] = *row;
	return rows_n++;
}

/* Characters of four bytes are not in the tables: iconv_linked.c computes those of GB18030. */
static uint32_t make_row(iconv_t handle, const char *name, const char *bytes, size_t len)
{
	struct row row;
	char longer[LONGEST + 1];
	bool is_begun;

	memcpy(longer, bytes, len);
	for (unsigned i = 0; i < CELLS; i++) {
		longer[len] = (char)i;
		row.cells[i] = NONE;
		if (!decode(handle, name, longer, len + 1, &row.cells[i], &is_begun) && is_begun &&
		    len + 1 < LONGEST)
			row.cells[i] = ROW | make_row(handle, name, longer, len + 1);
	}
	return keep_row(&row);
}

/* Prints where the code points of GB18030 with four bytes do not follow each other, up to U+FFFF */
static void print_ranges(void)
{
	iconv_t handle = iconv_open("UTF-8", "GB18030");
	uint32_t expected = 0;
	bool is_begun;

	printf("\nstatic const struct range ranges[] = {\n");
	for (uint32_t i = 0; i <= 39420; i++) {
		char bytes[] = {(char)(0x81 + i / 12600), (char)(0x30 + i / 1260 % 10),
		                (char)(0x81 + i / 10 % 126), (char)(0x30 + i % 10)};
		uint32_t value = NONE;

		if (!decode(handle, "GB18030", bytes, sizeof(bytes), &value, &is_begun))
			value = NONE;
		if (value != expected || i == 0)
			printf("\t{%u, 0x%Xu},\n", i, value);
		expected = value == NONE ? NONE : value + 1;
	}
	printf("};\n");
	iconv_close(handle);
}

static bool is_wide(const struct row *row)
{
	for (unsigned i = 0; i < CELLS; i++)
		if (row->cells[i] != NONE && row->cells[i] >= 0xFFFF)
			return true;
	return false;
}

/* Prints the cells of all rows of one width, and sets where each begins, from its first one on. */
static void print_cells(bool wide, unsigned first[], unsigned last[], unsigned offsets[])
{
	unsigned n = 0;

	printf("\nstatic const uint%d_t %s_cells[] = {", wide ? 32 : 16, wide ? "wide" : "narrow");
	for (unsigned i = 0; i < rows_n; i++) {
		if (is_wide(&rows[i]) != wide)
			continue;
		for (first[i] = 0; first[i] < CELLS - 1 && rows[i].cells[first[i]] == NONE;)
			first[i]++;
		for (last[i] = CELLS - 1; last[i] > first[i] && rows[i].cells[last[i]] == NONE;)
			last[i]--;
		offsets[i] = n;
		for (unsigned k = first[i]; k <= last[i]; k++, n++)
			printf("%s0x%X,", n % 12 == 0 ? "\n\t" : " ",
			       wide ? rows[i].cells[k] : rows[i].cells[k] & 0xFFFF);
	}
	printf("\n};\n");
}

int main(void)
{
	static unsigned first[ROWS_MAX], last[ROWS_MAX], offsets[ROWS_MAX];
	uint32_t roots[sizeof(names) / sizeof(names[0])];

	rows = malloc(ROWS_MAX * sizeof(*rows));
	if (rows == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		iconv_t handle = iconv_open("UTF-8", names[i]);

		if (handle == (iconv_t)-1) {
			fprintf(stderr, "charset_tables: iconv does not know %s\n", names[i]);
			return 1;
		}
		roots[i] = make_row(handle, names[i], "", 0);
		iconv_close(handle);
	}
	printf("/* Made by tools/charset_tables.c */\n");
	print_cells(false, first, last, offsets);
	print_cells(true, first, last, offsets);
	printf("\nstatic const struct row rows[] = {\n");
	for (unsigned i = 0; i < rows_n; i++)
		printf("\t{%u, %u, %s, %u},\n", first[i], last[i],
		       is_wide(&rows[i]) ? "true" : "false", offsets[i]);
	printf("};\n\nstatic const struct set sets[] = {\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		printf("\t{\"%s\", %u},\n", names[i], roots[i]);
	printf("};\n");
	print_ranges();
	free(rows);
	return 0;
}
