/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c - grows buffers of bytes up to a stated maximum, always NUL-terminated */
#include "cflyway/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST = 64, BUF_SECRET_SIZE = 4096 };

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf)BUF_EMPTY(max);
}

void buf_release(struct buf *buf)
{
	free(buf->ptr);
	buf_init(buf, buf->max);
}

/* Overwrites bytes with zeros: the compiler may remove a plain memset before free. */
static void wipe(char *bytes, size_t len)
{
	volatile char *at = bytes;

	while (len-- > 0)
		*at++ = 0;
}

void buf_wipe(struct buf *buf)
{
	wipe(buf->ptr, buf->cap);
	buf_release(buf);
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
	if (buf->ptr != NULL)
		buf->ptr[0] = '\0';
}

/* Copies small contents and wipes the old memory, so that no copy of a password remains. */
static char *move(struct buf *buf, size_t cap)
{
	if (buf->ptr == NULL || buf->cap > BUF_SECRET_SIZE)
		return realloc(buf->ptr, cap);
	char *moved = malloc(cap);
	if (moved == NULL)
		return NULL;
	memcpy(moved, buf->ptr, buf->len);
	wipe(buf->ptr, buf->cap);
	free(buf->ptr);
	return moved;
}

static bool grow(struct buf *buf, size_t extra)
{
	if (buf->len > buf->max || extra > buf->max - buf->len) {
		buf->overflow = true;
		return false;
	}
	size_t need = buf->len + extra;
	if (need >= SIZE_MAX / 2)
		arena_exhausted();
	size_t cap = buf->cap < BUF_FIRST ? BUF_FIRST : buf->cap * 2;
	if (cap <= need)
		cap = need + 1;
	if (cap - 1 > buf->max)
		cap = buf->max + 1;
	char *moved = move(buf, cap);
	if (moved == NULL)
		arena_exhausted();
	buf->ptr = moved;
	buf->cap = cap;
	buf->ptr[buf->len] = '\0';
	return true;
}

/* What is allocated never passes the maximum, so one comparison is enough while there is room. */
static inline bool reserve(struct buf *buf, size_t extra)
{
	return extra < buf->cap - buf->len || grow(buf, extra);
}

bool buf_reserve(struct buf *buf, size_t extra)
{
	return reserve(buf, extra);
}

bool buf_append(struct buf *buf, const char *bytes, size_t len)
{
	if (!reserve(buf, len))
		return false;
	if (len > 0)
		memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
	buf->ptr[buf->len] = '\0';
	return true;
}

bool buf_add(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

bool buf_putc(struct buf *buf, char c)
{
	return buf_append(buf, &c, 1);
}

bool buf_repeat(struct buf *buf, char c, size_t n)
{
	if (!buf_reserve(buf, n))
		return false;
	memset(buf->ptr + buf->len, c, n);
	buf->len += n;
	buf->ptr[buf->len] = '\0';
	return true;
}

bool buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	bool ok = buf_vprintf(buf, format, args);
	va_end(args);
	return ok;
}

bool buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	if (len < 0)
		arena_exhausted();
	bool ok = buf_reserve(buf, (size_t)len);
	if (ok) {
		vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
	return ok;
}

void buf_consume(struct buf *buf, size_t n)
{
	if (n > buf->len)
		n = buf->len;
	if (n == 0)
		return;
	memmove(buf->ptr, buf->ptr + n, buf->len - n + 1);
	buf->len -= n;
}

struct str buf_str(const struct buf *buf)
{
	return buf->ptr != NULL ? (struct str){buf->ptr, buf->len} : STR("");
}
