/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.c - checks a file against a checksum that another tool has computed of it
 */
#include "cflyway/adopt/digest.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "libcrypto.h"

#include <limits.h>
#include <string.h>

enum { DIGEST_MAX = 64 };

struct kind {
	const char *name;
	enum crypto_sum sum;
	size_t digits;
};

static const struct kind kinds[] = {
	{"SHA-256", CRYPTO_SHA256, 64},
	{"SHA-1", CRYPTO_SHA1, 40},
	{"MD5", CRYPTO_MD5, 32},
};

static struct str digits_of(const char *checksum)
{
	struct str digits = str_trim(str_of(checksum));
	size_t colon = str_find_char(digits, ':');

	if (str_starts(digits, STR("\\x")))
		return str_sub(digits, 2, digits.len);
	return colon < digits.len ? str_sub(digits, colon + 1, digits.len) : digits;
}

static const struct kind *find_kind(struct str digits)
{
	for (size_t i = 0; i < digits.len; i++)
		if (ascii_hex_value(digits.ptr[i]) < 0)
			return NULL;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i].digits == digits.len)
			return &kinds[i];
	return NULL;
}

const char *digest_kind(const char *checksum)
{
	const struct kind *kind = find_kind(digits_of(checksum));

	return kind != NULL ? kind->name : NULL;
}

/* --- comparing ----------------------------------------------------------------------------- */

static bool is_sum_of(const struct libcrypto *crypto, struct str digits, struct str bytes)
{
	unsigned char sum[DIGEST_MAX] = {0};
	unsigned size = 0;

	if (crypto->digest(bytes.ptr, bytes.len, sum, &size, crypto->algorithm, NULL) != 1 ||
	    digits.len != 2 * (size_t)size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (ascii_hex_value(digits.ptr[2 * i]) != sum[i] >> 4 ||
		    ascii_hex_value(digits.ptr[2 * i + 1]) != (sum[i] & 0xf))
			return false;
	return true;
}

/* Appends the text with these line ends. */
static void put_lines(struct str text, const char *line_end, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		bool is_pair = text.ptr[i] == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';

		if (is_pair)
			i++;
		if (text.ptr[i] == '\n')
			buf_add(out, line_end);
		else
			buf_putc(out, text.ptr[i]);
	}
}

static bool is_sum_with_line_ends(const struct libcrypto *crypto, struct str digits,
                                  struct str bytes, const char *line_end)
{
	struct buf text = BUF_EMPTY(INT_MAX);

	put_lines(bytes, line_end, &text);
	bool is_same = is_sum_of(crypto, digits, buf_str(&text));
	buf_release(&text);
	return is_same;
}

enum digest_verdict digest_check(const char *checksum, struct str bytes)
{
	struct str digits = digits_of(checksum);
	const struct kind *kind = find_kind(digits);
	enum digest_verdict verdict = DIGEST_CANNOT_CHECK;
	struct libcrypto crypto = {0};

	if (kind == NULL)
		return DIGEST_UNKNOWN_KIND;
	if (libcrypto_open(&crypto, kind->sum))
		verdict = is_sum_of(&crypto, digits, bytes) ? DIGEST_SAME
		          : is_sum_with_line_ends(&crypto, digits, bytes, "\n") ||
		                          is_sum_with_line_ends(&crypto, digits, bytes, "\r\n")
		                  ? DIGEST_SAME_BUT_LINE_ENDS
		                  : DIGEST_DIFFERS;
	libcrypto_close(&crypto);
	return verdict;
}
