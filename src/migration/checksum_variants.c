/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum_variants.c - which small change of a script gives it a stored checksum
 *
 * The sum of a text without some of its lines is put together from the sums of what is before and
 * after them, so that each of these texts costs one multiplication.
 */
#include "cflyway/migration/checksum_variants.h"

#include "cflyway/base/charset.h"
#include "cflyway/base/utf8.h"
#include "cflyway/migration/checksum.h"
#include "cflyway/sql/comment_strip.h"

#include <string.h>

enum {
	MAX_LINES = 6000,    /* of which one may be left out */
	MAX_ALL_PAIRS = 200, /* of which any that follow each other may be left out */
};

static const struct str mark = {"\xEF\xBB\xBF", 3};

/* --- text ---------------------------------------------------------------------------------- */

/* Appends all text of a source. */
static bool read_all(struct text_source *source, struct buf *text, struct error *err)
{
	struct str piece;

	do {
		if (!source->next(source, &piece, err))
			return false;
		buf_append(text, piece.ptr, piece.len);
	} while (piece.len > 0);
	return !text->overflow;
}

static bool decode(struct str bytes, const char *encoding, struct buf *text, struct error *err)
{
	struct decoder decoder = DECODER_CLOSED;

	if (!decoder_open(&decoder, encoding, err))
		return false;
	bool ok = decoder_feed(&decoder, bytes.ptr, bytes.len, true, text, err);
	decoder_close(&decoder);
	return ok;
}

static bool take_part(const struct part_of_file *part, struct str all, struct buf *text,
                      struct error *err)
{
	struct text_memory memory;
	struct part_source source;

	text_memory_init(&memory, all, 0);
	bool ok = read_all(part_source_open(&source, part, "", &memory.source), text, err);
	part_source_close(&source);
	return ok;
}

bool script_bytes_decode(const struct script_bytes *script, struct buf *text)
{
	struct arena arena = ARENA_EMPTY;
	struct error ignored = ERROR_INIT(&arena);
	struct buf all = BUF_EMPTY(text->max);
	bool ok = decode(script->bytes, script->encoding, &all, &ignored) &&
	          take_part(&script->part, buf_str(&all), text, &ignored);

	buf_release(&all);
	arena_release(&arena);
	return ok;
}

int32_t checksum_of_text(struct str text)
{
	struct checksum checksum = {0};

	checksum_update(&checksum, text);
	return checksum_value(&checksum);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* Removes the first line from *rest, with its end, and returns it without. */
static struct str cut_line(struct str *rest)
{
	size_t len = 0;

	while (len < rest->len && !is_line_end(rest->ptr[len]))
		len++;

	const struct str line = str_sub(*rest, 0, len);

	if (str_starts(str_sub(*rest, len, rest->len), STR("\r\n")))
		len++;
	*rest = str_sub(*rest, len < rest->len ? len + 1 : len, rest->len);
	return line;
}

static struct str without_trailing(struct str line)
{
	while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
		line.len--;
	return line;
}

static struct str without_leading(struct str line)
{
	size_t n = 0;

	while (n < line.len && is_blank(line.ptr[n]))
		n++;
	return str_sub(line, n, line.len);
}

static bool is_comment_line(struct str line)
{
	return str_starts(without_leading(line), STR("--"));
}

/* --- variants that change each line -------------------------------------------------------- */

static void add_plain(struct buf *out, struct str line)
{
	buf_append(out, line.ptr, line.len);
}

static void add_spaces(struct buf *out, struct str line, unsigned size)
{
	size_t column = 0;

	for (size_t i = 0; i < line.len; i++) {
		size_t n = line.ptr[i] == '\t' ? size - column % size : 1;

		if (line.ptr[i] == '\t')
			buf_repeat(out, ' ', n);
		else
			buf_putc(out, line.ptr[i]);
		column += ((unsigned char)line.ptr[i] & 0xC0) != 0x80 ? n : 0;
	}
}

static void add_tabs(struct buf *out, struct str line, unsigned size)
{
	size_t blanks = 0;

	while (blanks < line.len && line.ptr[blanks] == ' ')
		blanks++;
	buf_repeat(out, '\t', blanks / size);
	add_plain(out, str_sub(line, blanks - blanks % size, line.len));
}

/* Appends a line as the variant has it. The sum does not count line ends: LF keeps them apart. */
static void add_line(struct buf *out, struct str line, const struct checksum_variant *variant)
{
	switch (variant->kind) {
	case VARIANT_TRAILING_BLANKS:
		add_plain(out, without_trailing(line));
		break;
	case VARIANT_LEADING_BLANKS:
		add_plain(out, without_leading(line));
		break;
	case VARIANT_SPACES:
		add_spaces(out, line, variant->size);
		break;
	case VARIANT_TABS:
		add_tabs(out, line, variant->size);
		break;
	case VARIANT_COMMENT_LINES:
		if (is_comment_line(line))
			return;
		add_plain(out, line);
		break;
	default:
		add_plain(out, line);
		break;
	}
	buf_putc(out, '\n');
}

static void change_lines(struct buf *out, struct str text, const struct checksum_variant *variant)
{
	while (text.len > 0)
		add_line(out, cut_line(&text), variant);
}

/* --- variants of the whole text ------------------------------------------------------------ */

static struct str without_mark(struct str text)
{
	return str_starts(text, mark) ? str_sub(text, mark.len, text.len) : text;
}

/* The sum with a mark that counts; the line ends do not. */
static int32_t sum_with_mark(struct str text)
{
	struct checksum checksum = {.past_start = true};

	checksum_update(&checksum, mark);
	checksum_update(&checksum, without_mark(text));
	return checksum_value(&checksum);
}

static int32_t sum_without_marks(struct str text)
{
	struct checksum checksum = {.past_start = true};

	while (text.len > 0) {
		size_t len = str_find(text, mark);

		checksum_update(&checksum, str_sub(text, 0, len));
		text = str_sub(text, len < text.len ? len + mark.len : len, text.len);
	}
	return checksum_value(&checksum);
}

/* The sum of all bytes, with the same end for each line; the last one may have none. */
static int32_t sum_with_ends(struct str text, struct str end, bool ends_last)
{
	struct crc32 crc = {0};

	while (text.len > 0) {
		struct str line = cut_line(&text);

		crc32_update(&crc, line.ptr, line.len);
		if (text.len > 0 || ends_last)
			crc32_update(&crc, end.ptr, end.len);
	}
	return crc32_signed(&crc);
}

static bool has_with_ends(struct str text, struct str end, int32_t stored)
{
	text = without_mark(text);
	const bool ends_last = text.len > 0 && is_line_end(text.ptr[text.len - 1]);

	return sum_with_ends(text, end, ends_last) == stored;
}

static struct str without_end(struct str text)
{
	while (text.len > 0 &&
	       (is_blank(text.ptr[text.len - 1]) || is_line_end(text.ptr[text.len - 1])))
		text.len--;
	return text;
}

static bool has_with_placeholders(struct str text, const struct placeholders *placeholders,
                                  const char *file_name, int32_t stored)
{
	struct arena arena = ARENA_EMPTY;
	struct error ignored = ERROR_INIT(&arena);
	struct text_memory memory;
	struct placeholder_source filter;
	int32_t sum;

	if (placeholders == NULL)
		return false;
	text_memory_init(&memory, text, 0);
	placeholder_source_open(&filter, &memory.source, placeholders, file_name);
	bool ok = checksum_source(&filter.source, &sum, &ignored) && sum == stored;
	placeholder_source_close(&filter);
	arena_release(&arena);
	return ok;
}

/* Does the text, changed so, have the sum? */
static bool has_sum(struct str text, const struct checksum_variant *variant, int32_t stored)
{
	struct buf changed = BUF_EMPTY(SIZE_MAX / 4);

	switch (variant->kind) {
	case VARIANT_MARK:
		return sum_with_mark(text) == stored;
	case VARIANT_WITHOUT_MARKS:
		return sum_without_marks(text) == stored;
	case VARIANT_LF:
		return has_with_ends(text, STR("\n"), stored);
	case VARIANT_CRLF:
		return has_with_ends(text, STR("\r\n"), stored);
	case VARIANT_END_BLANKS:
		return checksum_of_text(without_end(text)) == stored;
	default:
		break;
	}
	change_lines(&changed, text, variant);
	bool ok = checksum_of_text(buf_str(&changed)) == stored;
	buf_release(&changed);
	return ok;
}

/* --- variants without some lines ----------------------------------------------------------- */

/* A line of the text. */
struct line {
	struct str text;
	struct crc32 before; /* the sum of all before it */
	struct crc32 after;  /* the sum of it and all after it, which is so long: */
	size_t len_after;
};

struct lines {
	struct line *items; /* one more than there are */
	size_t n;
};

static void split_lines(struct arena *arena, struct str text, struct lines *lines)
{
	struct crc32 crc = {0};

	*lines = (struct lines){0};
	text = without_mark(text);
	while (text.len > 0 && lines->n <= MAX_LINES) {
		const struct str line = cut_line(&text);

		lines->items = arena_grow(arena, lines->items, lines->n, sizeof(*lines->items));
		lines->items[lines->n++] = (struct line){.text = line, .before = crc};
		crc32_update(&crc, line.ptr, line.len);
	}
	lines->items = arena_grow(arena, lines->items, lines->n, sizeof(*lines->items));
	lines->items[lines->n] = (struct line){.before = crc};
	for (size_t i = lines->n; i-- > 0;) {
		struct line *line = &lines->items[i], *next = &lines->items[i + 1];
		struct crc32 own = {0};

		crc32_update(&own, line->text.ptr, line->text.len);
		line->after = crc32_join(own, next->after, next->len_after);
		line->len_after = line->text.len + next->len_after;
	}
}

/* Has the text the sum without the lines i to j? */
static bool has_without(const struct lines *lines, size_t i, size_t j, int32_t stored)
{
	const struct line *next = &lines->items[j + 1];
	const struct crc32 crc = crc32_join(lines->items[i].before, next->after, next->len_after);

	return crc32_signed(&crc) == stored;
}

static bool are_comments(const struct lines *lines, size_t i, size_t j)
{
	for (; i <= j; i++)
		if (without_leading(lines->items[i].text).len > 0 &&
		    !is_comment_line(lines->items[i].text))
			return false;
	return true;
}

/* Leaving out empty lines changes nothing: what is named has text in its first and last line. */
static bool try_without(const struct lines *lines, size_t i, size_t j, int32_t stored,
                        struct checksum_variant *found)
{
	if (lines->items[j].text.len == 0 || !has_without(lines, i, j, stored))
		return false;
	*found = (struct checksum_variant){
		.kind = VARIANT_LINES,
		.first = i + 1,
		.last = j + 1,
		.are_comments = are_comments(lines, i, j),
	};
	return true;
}

/* In a long script only single lines, those at its beginning and those at its end. */
static bool find_lines(const struct lines *lines, int32_t stored, struct checksum_variant *found)
{
	const size_t end = lines->n;

	for (size_t i = 0; i < end; i++) {
		const bool tries_all = end <= MAX_ALL_PAIRS || i == 0;

		if (lines->items[i].text.len == 0)
			continue;
		for (size_t j = i; j < end; j = tries_all || j == end - 1 ? j + 1 : end - 1)
			if (try_without(lines, i, j, stored, found))
				return true;
	}
	return false;
}

static bool find_without_lines(struct str text, int32_t stored, struct checksum_variant *found)
{
	struct arena arena = ARENA_EMPTY;
	struct lines lines;

	split_lines(&arena, text, &lines);
	/* Without all of its lines, every text is the same. */
	bool ok = lines.n <= MAX_LINES && stored != 0 && find_lines(&lines, stored, found);
	arena_release(&arena);
	return ok;
}

/* ------------------------------------------------------------------------------------------- */

static bool find_encoding(const struct script_bytes *script, size_t max, int32_t stored,
                          struct checksum_variant *found)
{
	static const char *const encodings[] = {
		"UTF-8",    "ISO-8859-1", "windows-1252", "ISO-8859-15", "UTF-16",
		"UTF-16LE", "UTF-16BE",   "IBM850",       "IBM437",
	};

	for (size_t i = 0; i < COUNT(encodings); i++) {
		struct script_bytes other = *script;
		struct buf text = BUF_EMPTY(max);

		other.encoding = encodings[i];
		bool ok = script_bytes_decode(&other, &text) &&
		          checksum_of_text(buf_str(&text)) == stored;
		buf_release(&text);
		if (!ok)
			continue;
		*found = (struct checksum_variant){.kind = VARIANT_ENCODING,
		                                   .encoding = encodings[i]};
		return true;
	}
	return false;
}

static bool find_whole(const struct script_bytes *script, size_t max, int32_t stored,
                       struct checksum_variant *found)
{
	struct script_bytes whole = *script;
	struct buf text = BUF_EMPTY(max);

	if (script->part.syntax == NULL)
		return false;
	whole.part = (struct part_of_file){0};
	bool ok = script_bytes_decode(&whole, &text) && checksum_of_text(buf_str(&text)) == stored;
	buf_release(&text);
	*found = (struct checksum_variant){.kind = VARIANT_WHOLE_FILE};
	return ok;
}

static bool find_changed(struct str text, int32_t stored, struct checksum_variant *found)
{
	static const struct checksum_variant variants[] = {
		{.kind = VARIANT_MARK},
		{.kind = VARIANT_WITHOUT_MARKS},
		{.kind = VARIANT_LF},
		{.kind = VARIANT_CRLF},
		{.kind = VARIANT_TRAILING_BLANKS},
		{.kind = VARIANT_END_BLANKS},
		{.kind = VARIANT_LEADING_BLANKS},
		{.kind = VARIANT_SPACES, .size = 2},
		{.kind = VARIANT_SPACES, .size = 4},
		{.kind = VARIANT_SPACES, .size = 8},
		{.kind = VARIANT_TABS, .size = 2},
		{.kind = VARIANT_TABS, .size = 4},
		{.kind = VARIANT_TABS, .size = 8},
		{.kind = VARIANT_COMMENT_LINES},
	};

	for (size_t i = 0; i < COUNT(variants); i++) {
		if (!has_sum(text, &variants[i], stored))
			continue;
		*found = variants[i];
		return true;
	}
	return false;
}

static bool find_without_comments(struct str text, const struct dialect *dialect, int32_t stored,
                                  struct checksum_variant *found)
{
	const struct checksum_variant trailing = {.kind = VARIANT_TRAILING_BLANKS};
	struct buf left = BUF_EMPTY(SIZE_MAX / 4);

	if (dialect == NULL)
		return false;
	comment_strip(text, dialect, COMMENT_STRIP_ONLY, &left);
	bool ok = has_sum(buf_str(&left), &trailing, stored);
	buf_release(&left);
	*found = (struct checksum_variant){.kind = VARIANT_COMMENTS};
	return ok;
}

struct checksum_variant checksum_find_variant(const struct script_bytes *script, int32_t stored,
                                              const struct placeholders *placeholders,
                                              const char *file_name, const struct dialect *dialect)
{
	/* No character of an encoding that is tried here becomes more than three bytes. */
	const size_t max = 3 * script->bytes.len + 1;
	struct checksum_variant found = {.kind = VARIANT_NONE};
	struct buf text = BUF_EMPTY(max);

	if (script_bytes_decode(script, &text)) {
		const struct str all = buf_str(&text);

		if (checksum_of_text(all) == stored)
			found.kind = VARIANT_SAME;
		else if (has_with_placeholders(all, placeholders, file_name, stored))
			found.kind = VARIANT_PLACEHOLDERS;
		else if (!find_encoding(script, max, stored, &found) &&
		         !find_whole(script, max, stored, &found) &&
		         !find_changed(all, stored, &found) &&
		         !find_without_comments(all, dialect, stored, &found) &&
		         !find_without_lines(all, stored, &found))
			found = (struct checksum_variant){.kind = VARIANT_NONE};
	}
	buf_release(&text);
	return found;
}

/* --- comparing ----------------------------------------------------------------------------- */

static void add_without_blanks(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_blank(text.ptr[i]) && !is_line_end(text.ptr[i]))
			buf_putc(out, text.ptr[i]);
}

/* In the rows of a COPY, nothing is a comment. */
static bool has_rows(struct str text)
{
	const char *const what = "from stdin";

	for (size_t i = 0; i + strlen(what) <= text.len; i++)
		if (str_starts_nocase(str_sub(text, i, text.len), str_of(what)))
			return true;
	return false;
}

static void reduce(struct buf *out, struct str text, enum text_difference kind,
                   const struct dialect *dialect)
{
	const struct checksum_variant trailing = {.kind = VARIANT_TRAILING_BLANKS};
	const struct checksum_variant plain = {.kind = VARIANT_SAME};

	text = without_mark(text);
	switch (kind) {
	case DIFFERENCE_NONE:
		change_lines(out, text, &plain);
		break;
	case DIFFERENCE_TRAILING_BLANKS:
		change_lines(out, without_end(text), &trailing);
		break;
	case DIFFERENCE_BLANKS:
		add_without_blanks(out, text);
		break;
	default:
		comment_strip(text, dialect, COMMENT_STRIP_AND_BLANKS, out);
		break;
	}
}

static bool is_only(struct str a, struct str b, enum text_difference kind,
                    const struct dialect *dialect)
{
	struct buf left = BUF_EMPTY(SIZE_MAX / 4), right = BUF_EMPTY(SIZE_MAX / 4);

	reduce(&left, a, kind, dialect);
	reduce(&right, b, kind, dialect);
	bool ok = str_eq(buf_str(&left), buf_str(&right));
	buf_release(&left);
	buf_release(&right);
	return ok;
}

enum text_difference text_compare(struct str a, struct str b, const struct dialect *dialect)
{
	for (enum text_difference kind = DIFFERENCE_NONE; kind < DIFFERENCE_COMMENTS; kind++)
		if (is_only(a, b, kind, NULL))
			return kind;
	if (dialect != NULL && !has_rows(a) && !has_rows(b) &&
	    is_only(a, b, DIFFERENCE_COMMENTS, dialect))
		return DIFFERENCE_COMMENTS;
	return DIFFERENCE_OTHER;
}
