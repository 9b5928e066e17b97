/* SPDX-License-Identifier: Apache-2.0 */
/*
 * next_version.c - the version that follows another one, in the same form
 *
 * A part is a time if its digits read as one: 20240829162505, also with milliseconds, without
 * seconds, as a day alone, or as seconds or milliseconds since 1970. A time at the end is renewed,
 * and the part before it is counted; without a time the last part is counted.
 */
#include "cflyway/migration/next_version.h"

#include "cflyway/base/ascii.h"

#include <inttypes.h>
#include <stdint.h>

#define FIRST_VERSION "001"

enum { FIRST_YEAR = 1900, SECONDS_PER_MINUTE = 60, SECONDS_PER_HOUR = 3600 };
enum { SECONDS_PER_DAY = 24 * SECONDS_PER_HOUR, MS_PER_SECOND = 1000, NS_PER_MS = 1000000 };

/* A number between dots or underscores. */
struct part {
	char separator; /* before it; '\0' at the beginning */
	const char *digits;
};

struct parts {
	struct part *items;
	size_t n;
};

/* What the digits of a part may mean; the value is their number. */
enum form {
	FORM_NUMBER = 0,
	FORM_DAY = 8,        /* yyyyMMdd */
	FORM_DAY_COUNT = 10, /* yyyyMMddNN */
	FORM_MINUTE = 12,
	FORM_EPOCH_MS = 13,
	FORM_SECOND = 14,
	FORM_MS = 17,
	FORM_EPOCH, /* 10 digits, too */
};

enum { DAY_DIGITS = 8, MINUTE_DIGITS = 12, EPOCH_DIGITS = 10 };

/* --- parts --------------------------------------------------------------------------------- */

static bool is_number(const char *digits)
{
	for (const char *c = digits; *c != '\0'; c++)
		if (!ascii_is_digit(*c))
			return false;
	return digits[0] != '\0';
}

static void add_part(struct arena *arena, struct parts *parts, char separator, const char *digits)
{
	parts->items = arena_grow(arena, parts->items, parts->n, sizeof(*parts->items));
	parts->items[parts->n++] = (struct part){separator, digits};
}

static bool split(struct arena *arena, const char *raw, struct parts *parts, struct error *err)
{
	char separator = '\0';

	*parts = (struct parts){0};
	for (const char *rest = raw;;) {
		size_t len = strcspn(rest, "._");
		const char *digits = arena_strndup(arena, rest, len);

		if (!is_number(digits))
			return error_set(err, ERROR_GENERAL,
			                 "Unable to continue version %s: give the next one with "
			                 "-version",
			                 raw);
		add_part(arena, parts, separator, digits);
		if (rest[len] == '\0')
			return true;
		separator = rest[len];
		rest += len + 1;
	}
}

static const char *join(struct arena *arena, const struct parts *parts)
{
	const char *text = parts->items[0].digits;

	for (size_t i = 1; i < parts->n; i++)
		text = arena_printf(arena, "%s%c%s", text, parts->items[i].separator,
		                    parts->items[i].digits);
	return text;
}

/* Between the last two parts; "_" if there is only one. */
static char separator_of(const struct parts *parts)
{
	return parts->n > 1 ? parts->items[parts->n - 1].separator : '_';
}

static struct part *last_of(const struct parts *parts)
{
	return &parts->items[parts->n - 1];
}

/* Adds one and keeps leading zeros: 009, 010. Numbers may have any length. */
static const char *count(struct arena *arena, const char *digits)
{
	char *next = arena_printf(arena, "0%s", digits);
	size_t i = strlen(digits);

	while (next[i] == '9')
		next[i--] = '0';
	next[i]++;
	return i == 0 ? next : next + 1;
}

/* --- times --------------------------------------------------------------------------------- */

/* Reads len digits. */
static int number_at(const char *digits, size_t at, size_t len)
{
	int number = 0;

	for (size_t i = at; i < at + len; i++)
		number = number * 10 + (digits[i] - '0');
	return number;
}

static bool is_day(const char *digits)
{
	int year = number_at(digits, 0, 4), month = number_at(digits, 4, 2);
	int day = number_at(digits, 6, 2);

	return year >= 1970 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool is_time_of_day(const char *digits, size_t len)
{
	return number_at(digits, 0, 2) < 24 && number_at(digits, 2, 2) < 60 &&
	       (len < 6 || number_at(digits, 4, 2) < 60);
}

static enum form form_of(const char *digits)
{
	size_t len = strlen(digits);

	switch (len) {
	case FORM_DAY:
		return is_day(digits) ? FORM_DAY : FORM_NUMBER;
	case FORM_DAY_COUNT:
		/* Nine digits of seconds ended in 2001. */
		return is_day(digits)     ? FORM_DAY_COUNT
		       : digits[0] == '1' ? FORM_EPOCH
		                          : FORM_NUMBER;
	case FORM_EPOCH_MS:
		return digits[0] == '1' ? FORM_EPOCH_MS : FORM_NUMBER;
	case FORM_MINUTE:
	case FORM_SECOND:
	case FORM_MS:
		return is_day(digits) && is_time_of_day(digits + DAY_DIGITS,
		                                        len > MINUTE_DIGITS ? 6 : 4)
		               ? (enum form)len
		               : FORM_NUMBER;
	default:
		return FORM_NUMBER;
	}
}

/* Is it a time that may follow a counted part? */
static bool is_stamp(enum form form)
{
	return form == FORM_DAY || form == FORM_MINUTE || form == FORM_SECOND || form == FORM_MS;
}

static const char *write_time(struct arena *arena, enum form form, int64_t ms)
{
	time_t seconds = (time_t)(ms / MS_PER_SECOND);
	struct tm utc = {0};

	gmtime_r(&seconds, &utc);
	const char *text = arena_printf(
		arena, "%04d%02d%02d%02d%02d%02d%03d", utc.tm_year + FIRST_YEAR, utc.tm_mon + 1,
		utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(ms % MS_PER_SECOND));
	switch (form) {
	case FORM_EPOCH:
		return arena_printf(arena, "%" PRId64, ms / MS_PER_SECOND);
	case FORM_EPOCH_MS:
		return arena_printf(arena, "%" PRId64, ms);
	default:
		return arena_strndup(arena, text, form);
	}
}

static int64_t days_since_1970(int year, int month, int day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int full = month > 2 ? year : year - 1; /* the last year whose leap day has passed */
	int leap_days = full / 4 - full / 100 + full / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);

	return (int64_t)(year - 1970) * 365 + leap_days + before[month - 1] + day - 1;
}

/* Reads a time of form MINUTE, SECOND or MS, in milliseconds since 1970. */
static int64_t read_time(const char *digits)
{
	size_t len = strlen(digits);
	int64_t seconds = days_since_1970(number_at(digits, 0, 4), number_at(digits, 4, 2),
	                                  number_at(digits, 6, 2)) *
	                  SECONDS_PER_DAY;

	seconds += (int64_t)number_at(digits, 8, 2) * SECONDS_PER_HOUR;
	seconds += (int64_t)number_at(digits, 10, 2) * SECONDS_PER_MINUTE;
	if (len >= FORM_SECOND)
		seconds += number_at(digits, 12, 2);
	return seconds * MS_PER_SECOND + (len == FORM_MS ? number_at(digits, 14, 3) : 0);
}

/* The present time, or one unit after the old time if that is not over yet. */
static const char *renew(struct arena *arena, enum form form, const char *old, int64_t now_ms)
{
	const char *now = write_time(arena, form, now_ms);

	if (strcmp(now, old) > 0)
		return now;
	if (form == FORM_EPOCH || form == FORM_EPOCH_MS)
		return count(arena, old);
	int64_t unit_ms = form == FORM_MS       ? 1
	                  : form == FORM_SECOND ? MS_PER_SECOND
	                                        : MS_PER_SECOND * SECONDS_PER_MINUTE;
	return write_time(arena, form, read_time(old) + unit_ms);
}

/* --- days ---------------------------------------------------------------------------------- */

/* How many parts at the beginning are a day: 1 (20240829), 3 (2024.08.29), or 0. */
static size_t day_parts(struct arena *arena, const struct parts *parts)
{
	const struct part *items = parts->items;

	if (form_of(items[0].digits) == FORM_DAY)
		return 1;
	if (parts->n < 3 || strlen(items[0].digits) != 4 || strlen(items[1].digits) != 2 ||
	    strlen(items[2].digits) != 2)
		return 0;
	const char *digits = arena_concat(arena, items[0].digits, items[1].digits, items[2].digits);
	return is_day(digits) ? 3 : 0;
}

static const char *day_of(struct arena *arena, const struct parts *parts, size_t n)
{
	const struct part *items = parts->items;

	return n == 1 ? items[0].digits
	              : arena_concat(arena, items[0].digits, items[1].digits, items[2].digits);
}

static void set_day(struct arena *arena, struct parts *parts, size_t n, const char *day)
{
	static const size_t lens[] = {4, 2, 2};

	if (n == 1) {
		parts->items[0].digits = day;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		parts->items[i].digits = arena_strndup(arena, day, lens[i]);
		day += lens[i];
	}
}

/* What follows a new day: the time of day if the old part was one, otherwise the first number. */
static const char *first_of_day(struct arena *arena, const char *old, int64_t now_ms)
{
	size_t len = strlen(old);

	if ((len == 4 || len == 6) && is_time_of_day(old, len))
		return arena_strndup(arena, write_time(arena, FORM_SECOND, now_ms) + DAY_DIGITS,
		                     len);
	return arena_printf(arena, "%0*d", (int)len, 1);
}

/* 20240829, 2024.08.29, or one of them and a number or a time of day. */
static bool next_day(struct arena *arena, struct parts *parts, int64_t now_ms)
{
	size_t n = day_parts(arena, parts);
	const char *today = write_time(arena, FORM_DAY, now_ms);

	if (n == 0 || parts->n > n + 1)
		return false;
	int order = strcmp(today, day_of(arena, parts, n));
	if (order > 0)
		set_day(arena, parts, n, today);
	if (parts->n == n) {
		if (order <= 0)
			add_part(arena, parts, separator_of(parts), "1");
		return true;
	}
	struct part *last = last_of(parts);
	const char *first = first_of_day(arena, last->digits, now_ms);
	bool is_later =
		order > 0 || (order == 0 && strlen(first) >= 4 && strcmp(first, last->digits) > 0);
	last->digits = is_later ? first : count(arena, last->digits);
	return true;
}

/* --- versions ------------------------------------------------------------------------------ */

static void count_last(struct arena *arena, struct parts *parts)
{
	last_of(parts)->digits = count(arena, last_of(parts)->digits);
}

/* A time at the end, or a day at the beginning, is renewed. False if there is none. */
static bool next_time(struct arena *arena, struct parts *parts, int64_t now_ms)
{
	struct part *last = last_of(parts);
	enum form form = form_of(last->digits);

	if (next_day(arena, parts, now_ms))
		return true;
	if (parts->n > 1) {
		if (!is_stamp(form))
			return false;
		last[-1].digits = count(arena, last[-1].digits);
		last->digits = write_time(arena, form, now_ms);
		return true;
	}
	if (form == FORM_NUMBER)
		return false;
	if (form == FORM_DAY_COUNT) {
		const char *first =
			arena_printf(arena, "%s01", write_time(arena, FORM_DAY, now_ms));

		last->digits = strncmp(first, last->digits, DAY_DIGITS) > 0
		                       ? first
		                       : count(arena, last->digits);
		return true;
	}
	last->digits = renew(arena, form, last->digits, now_ms);
	return true;
}

static int64_t in_ms(struct timespec now)
{
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

static void add_stamp(struct arena *arena, struct parts *parts, int64_t now_ms)
{
	add_part(arena, parts, separator_of(parts), write_time(arena, FORM_SECOND, now_ms));
}

bool next_version(struct arena *arena, const char *raw, enum add_timestamp timestamp,
                  struct timespec now, const char **next, struct error *err)
{
	struct parts parts = {0};
	int64_t now_ms = in_ms(now);

	if (raw == NULL) {
		add_part(arena, &parts, '\0', FIRST_VERSION);
		if (timestamp == ADD_TIMESTAMP_ALWAYS)
			add_stamp(arena, &parts, now_ms);
	} else if (!split(arena, raw, &parts, err)) {
		return false;
	} else if (timestamp == ADD_TIMESTAMP_NEVER) {
		if (parts.n > 1 && is_stamp(form_of(last_of(&parts)->digits)))
			parts.n--;
		count_last(arena, &parts);
	} else if (!next_time(arena, &parts, now_ms)) {
		count_last(arena, &parts);
		if (timestamp == ADD_TIMESTAMP_ALWAYS)
			add_stamp(arena, &parts, now_ms);
	}
	*next = join(arena, &parts);
	return true;
}

const char *next_version_stamped(struct arena *arena, const char *raw, struct timespec now)
{
	struct error ignored = ERROR_INIT(arena);
	struct parts parts;

	if (!split(arena, raw, &parts, &ignored) || form_of(last_of(&parts)->digits) != FORM_NUMBER)
		return raw;
	add_stamp(arena, &parts, in_ms(now));
	return join(arena, &parts);
}
