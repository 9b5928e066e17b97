/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer.c - finds where a statement ends
 *
 * A table gives the meaning of each byte at the beginning of a token. Most bytes mean nothing and
 * are skipped in a tight loop, which ends at the NUL after the text. Offsets in a statement are
 * relative to its beginning, because the text moves when more of it is read.
 */
#include "lexer.h"

#include "scan.h"

#include <string.h>

enum {
	BYTE_PLAIN, /* has no meaning */
	BYTE_LETTER,
	BYTE_STRING,
	BYTE_NAME,
	BYTE_BRACKET,
	BYTE_OPEN,
	BYTE_CLOSE,
	BYTE_SEMICOLON,
	BYTE_DASH,
	BYTE_SLASH,
	BYTE_DOLLAR,
	BYTE_NUL,
	BYTE_MEANING = 0x0F,
	BYTE_WORD = 0x10, /* flag: continues a word */
};

static void fill_range(unsigned char *bytes, unsigned char first, unsigned char last, int meaning)
{
	memset(bytes + first, meaning, (size_t)(last - first) + 1);
}

static void fill_bytes(unsigned char bytes[256], const struct dialect *dialect)
{
	fill_range(bytes, 0, 0x7F, BYTE_PLAIN);
	fill_range(bytes, 0x80, 0xFF, BYTE_LETTER | BYTE_WORD);
	fill_range(bytes, 'a', 'z', BYTE_LETTER | BYTE_WORD);
	fill_range(bytes, 'A', 'Z', BYTE_LETTER | BYTE_WORD);
	fill_range(bytes, '0', '9', BYTE_PLAIN | BYTE_WORD);
	for (const char *c = dialect->name_quotes; *c; c++)
		bytes[(unsigned char)*c] = BYTE_NAME;
	if (dialect->bracket_names)
		bytes['['] = BYTE_BRACKET;
	bytes['_'] = BYTE_LETTER | BYTE_WORD;
	bytes['$'] = BYTE_WORD | (dialect->dollar_quotes ? BYTE_DOLLAR : BYTE_PLAIN);
	bytes['\0'] = BYTE_NUL;
	bytes['\''] = BYTE_STRING;
	bytes['('] = BYTE_OPEN;
	bytes[')'] = BYTE_CLOSE;
	bytes[';'] = BYTE_SEMICOLON;
	bytes['-'] = BYTE_DASH;
	bytes['/'] = BYTE_SLASH;
}

void lexer_open(struct lexer *lexer, const struct dialect *dialect, struct text_source *source,
                size_t max, struct error *source_error)
{
	*lexer = (struct lexer){.dialect = dialect};
	window_open(&lexer->window, source, max, source_error);
	fill_bytes(lexer->bytes, dialect);
}

void lexer_close(struct lexer *lexer)
{
	window_close(&lexer->window);
}

/* Forgets words.previous unless only white space lies between it and an offset from start. */
static void settle_previous(struct lexer *lexer, size_t offset)
{
	const char *text = lexer->window.text.ptr + lexer->window.start;

	for (; lexer->adjacent < offset; lexer->adjacent++)
		if ((unsigned char)text[lexer->adjacent] > ' ')
			lexer->words.previous = KEYWORD_NONE;
}

static void note_previous(struct lexer *lexer, enum keyword keyword)
{
	lexer->words.previous = keyword;
	lexer->adjacent = lexer->window.pos - lexer->window.start;
}

/* Skips a comment. Words on both sides of a comment remain adjacent. */
static void pass_comment(struct lexer *lexer)
{
	struct window *window = &lexer->window;

	if (lexer->words.watching)
		settle_previous(lexer, window->pos - window->start);
	if (!scan_comment(window, lexer->dialect->comments_nest))
		lexer->unbalanced = true;
	lexer->adjacent = window->pos - window->start;
}

/* Tells whether the word that ends at pos has only letters and is not part of a dotted name. */
static bool is_keyword(struct lexer *lexer, size_t offset)
{
	int next = window_byte(&lexer->window, 0);
	const char *text = lexer->window.text.ptr + lexer->window.start;
	size_t end = lexer->window.pos - lexer->window.start;

	if (next == '.')
		return false;
	if (offset > 0 && text[offset - 1] == '.' &&
	    (offset == 1 || text[offset - 2] < '0' || text[offset - 2] > '9'))
		return false;
	for (size_t i = offset; i < end; i++)
		if ((lexer->bytes[(unsigned char)text[i]] & BYTE_MEANING) != BYTE_LETTER)
			return false;
	return true;
}

/* Records a keyword. False: an END without a BEGIN. */
static bool take_keyword(struct lexer *lexer, size_t offset)
{
	struct window *window = &lexer->window;
	struct words *words = &lexer->words;

	if (!is_keyword(lexer, offset))
		return true;
	size_t begin = window->start + offset;
	enum keyword keyword = keyword_find(str_sub(buf_str(&window->text), begin, window->pos));
	settle_previous(lexer, offset);
	words_add(words, keyword);
	if (!lexer->dialect->keyword(words, keyword))
		return false;
	note_previous(lexer, keyword);
	return true;
}

static void pass_string(struct lexer *lexer, bool escapes)
{
	struct window *window = &lexer->window;
	bool closed = escapes ? scan_escaped(window) : scan_quoted(window, '\'');

	lexer->unbalanced = lexer->unbalanced || !closed;
}

/* Skips the string after a word of one letter; false if the letter is not its prefix. */
static bool pass_prefixed_string(struct lexer *lexer, char prefix)
{
	switch (prefix) {
	case 'E':
	case 'e':
		pass_string(lexer, true);
		return true;
	case 'B':
	case 'b':
	case 'X':
	case 'x':
		pass_string(lexer, false);
		return true;
	default:
		return false;
	}
}

/* Skips a word, and the string whose prefix it is. False: an END without a BEGIN. */
static bool pass_word(struct lexer *lexer)
{
	struct window *window = &lexer->window;
	size_t offset = window->pos - window->start;

	do {
		const char *p = window->text.ptr + window->pos;
		while (lexer->bytes[(unsigned char)*p] & BYTE_WORD)
			p++;
		window->pos = (size_t)(p - window->text.ptr);
	} while (window->pos == window->text.len && window_more(window));

	const char *end = window->text.ptr + window->pos;
	if (*end == '\'' && window->pos - window->start - offset == 1 &&
	    lexer->dialect->prefixed_strings && pass_prefixed_string(lexer, end[-1]))
		return true;
	if (!lexer->words.watching || lexer->parens != 0)
		return true;
	return take_keyword(lexer, offset);
}

static void pass_dollar(struct lexer *lexer)
{
	size_t len = scan_dollar_tag(&lexer->window);

	if (len == 0)
		lexer->window.pos++;
	else if (!scan_dollar_quoted(&lexer->window, len))
		lexer->unbalanced = true;
}

static void pass_semicolon(struct lexer *lexer)
{
	lexer->window.pos++;
	if (lexer->parens < 0)
		lexer->unbalanced = true;
	else if (lexer->parens == 0)
		note_previous(lexer, KEYWORD_SEMICOLON);
}

/* Skips one token that has a meaning. False: an END without a BEGIN. */
static bool pass_token(struct lexer *lexer, unsigned char byte)
{
	struct window *window = &lexer->window;

	switch (lexer->bytes[byte] & BYTE_MEANING) {
	case BYTE_LETTER:
		return pass_word(lexer);
	case BYTE_STRING:
		pass_string(lexer, lexer->words.backslash_quotes);
		return true;
	case BYTE_NAME:
		if (!scan_quoted(window, (char)byte))
			lexer->unbalanced = true;
		return true;
	case BYTE_BRACKET:
		if (!scan_bracket(window))
			lexer->unbalanced = true;
		return true;
	case BYTE_DOLLAR:
		pass_dollar(lexer);
		return true;
	case BYTE_SEMICOLON:
		pass_semicolon(lexer);
		return true;
	case BYTE_OPEN:
		lexer->parens++;
		break;
	case BYTE_CLOSE:
		lexer->parens--;
		break;
	default: /* a dash, a slash, or a NUL in the script */
		if (scan_at_comment(window)) {
			pass_comment(lexer);
			return true;
		}
		break;
	}
	window->pos++;
	return true;
}

static void skip_plain(struct lexer *lexer)
{
	const char *p = lexer->window.text.ptr + lexer->window.pos;

	while ((lexer->bytes[(unsigned char)*p] & BYTE_MEANING) == BYTE_PLAIN)
		p++;
	lexer->window.pos = (size_t)(p - lexer->window.text.ptr);
}

enum lexer_end lexer_finish(struct lexer *lexer)
{
	struct window *window = &lexer->window;

	for (;;) {
		skip_plain(lexer);
		int byte = window_byte(window, 0);
		if (byte == -1)
			break;
		if (byte == ';' && lexer->parens == 0 && lexer->words.blocks == 0)
			return LEXER_DELIMITER;
		if (!pass_token(lexer, (unsigned char)byte))
			return LEXER_BELOW_BLOCK;
	}
	if (lexer->parens != 0)
		lexer->unbalanced = true;
	return LEXER_SCRIPT_END;
}
