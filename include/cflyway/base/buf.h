/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - growable bytes with a stated maximum, always NUL-terminated
 *
 * An append that would pass the maximum changes nothing, returns false and sets overflow. The flag
 * stays set until buf_clear: a writer may append many times and check once.
 */
#ifndef CFLYWAY_BASE_BUF_H
#define CFLYWAY_BASE_BUF_H

#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *ptr; /* NULL until the first append */
	size_t len, cap, max;
	bool overflow;
};

#define BUF_EMPTY(maximum) {.max = (maximum)}

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf); /* releasing a released buffer does nothing */
void buf_wipe(struct buf *buf);    /* overwrites the bytes, then releases: for passwords */
void buf_clear(struct buf *buf);   /* keeps the memory */

bool buf_append(struct buf *buf, const char *bytes, size_t len);
bool buf_add(struct buf *buf, const char *text);
bool buf_putc(struct buf *buf, char c);
bool buf_repeat(struct buf *buf, char c, size_t n);
bool buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);
bool buf_vprintf(struct buf *buf, const char *format, va_list args) PRINTF(2, 0);

/* Makes room for extra more bytes (plus the NUL) at ptr + len. */
bool buf_reserve(struct buf *buf, size_t extra);

/* Removes the first n bytes. */
void buf_consume(struct buf *buf, size_t n);

struct str buf_str(const struct buf *buf); /* a view of the bytes; "" when empty */

#endif
