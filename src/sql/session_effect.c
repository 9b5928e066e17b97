/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_effect.c - finds what a statement leaves in the session, or expects there
 *
 * Reads the words of a statement without its comments and strings. The body of DO is code: there
 * each statement is looked at, and so are strings, which EXECUTE may run.
 */
#include "cflyway/sql/session_effect.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"

#include <ctype.h>

#define SETS_PARAMETER "sets a parameter for the session (SET LOCAL is possible)"
#define MAKES_TEMPORARY "makes a temporary object that outlives the transaction"

struct words {
	struct str text;
	size_t at;
	bool is_code; /* strings are read as well */
};

/* A word, or one other character; empty at the end. */
struct token {
	struct str text;
	bool is_word;
};

static bool is_word_char(char c)
{
	return ascii_is_name(c) && c != '$';
}

static struct str rest_of(const struct words *words)
{
	return str_sub(words->text, words->at, words->text.len);
}

static void skip_past(struct words *words, struct str end)
{
	size_t at = str_find(rest_of(words), end);

	words->at += at + end.len;
	if (words->at > words->text.len)
		words->at = words->text.len;
}

static void skip_block_comment(struct words *words)
{
	int depth = 0;

	while (words->at < words->text.len) {
		if (str_starts(rest_of(words), STR("/*"))) {
			depth++;
			words->at += 2;
		} else if (str_starts(rest_of(words), STR("*/"))) {
			words->at += 2;
			if (--depth == 0)
				return;
		} else {
			words->at++;
		}
	}
}

/* Behind the opening quote. A doubled quote is an end and a new beginning. */
static void skip_string(struct words *words, char quote, bool has_escapes)
{
	while (words->at < words->text.len) {
		char c = words->text.ptr[words->at++];

		if (c == '\\' && has_escapes)
			words->at++;
		else if (c == quote)
			break;
	}
	if (words->at > words->text.len)
		words->at = words->text.len;
}

/* "$tag$", as long as it is; 0 if there is none. */
static size_t dollar_quote(struct str text)
{
	size_t n = 1;

	while (n < text.len && is_word_char(text.ptr[n]))
		n++;
	return n < text.len && text.ptr[n] == '$' && !(n > 1 && ascii_is_digit(text.ptr[1])) ? n + 1
	                                                                                     : 0;
}

/* At "'" or "$". Skips the string, or only its beginning, where strings are code. */
static void pass_string(struct words *words)
{
	struct str rest = rest_of(words);
	size_t dollars = rest.ptr[0] == '$' ? dollar_quote(rest) : 0;
	bool has_escapes = words->at > 0 && ascii_upper(words->text.ptr[words->at - 1]) == 'E';

	words->at += dollars > 0 ? dollars : 1;
	if (words->is_code)
		return;
	if (dollars > 0)
		skip_past(words, str_sub(rest, 0, dollars));
	else if (rest.ptr[0] == '\'')
		skip_string(words, '\'', has_escapes);
}

static struct token take_word(struct words *words)
{
	size_t start = words->at;

	while (words->at < words->text.len && is_word_char(words->text.ptr[words->at]))
		words->at++;
	return (struct token){str_sub(words->text, start, words->at), true};
}

static struct token next_token(struct words *words)
{
	while (words->at < words->text.len) {
		struct str rest = rest_of(words);
		char c = rest.ptr[0];

		if (str_starts(rest, STR("--")))
			skip_past(words, STR("\n"));
		else if (str_starts(rest, STR("/*")))
			skip_block_comment(words);
		else if (isspace((unsigned char)c) || c == '"')
			words->at++;
		else if (is_word_char(c))
			return take_word(words);
		else if (c == '\'' || c == '$') {
			pass_string(words);
			return (struct token){str_sub(rest, 0, 1), false};
		} else {
			words->at++;
			return (struct token){str_sub(rest, 0, 1), false};
		}
	}
	return (struct token){{NULL, 0}, false};
}

static bool is(struct token token, const char *text)
{
	return str_eq_nocase(token.text, str_of(text));
}

static bool is_temporary(struct token token)
{
	return is(token, "temp") || is(token, "temporary");
}

static bool is_end(const struct words *words, struct token token)
{
	return token.text.len == 0 || (words->is_code && is(token, ";"));
}

/* --- single statements --------------------------------------------------------------------- */

/* Does the rest of the statement have these three words in a row? */
static bool has_words(struct words words, const char *a, const char *b, const char *c)
{
	struct token before[2] = {{{NULL, 0}, false}, {{NULL, 0}, false}};

	for (;;) {
		struct token token = next_token(&words);

		if (is_end(&words, token))
			return false;
		if (is(before[0], a) && is(before[1], b) && is(token, c))
			return true;
		before[0] = before[1];
		before[1] = token;
	}
}

static const char *effect_of_set(struct words words)
{
	struct token token = next_token(&words);

	if (is(token, "local") || is(token, "constraints"))
		return NULL;
	return is(token, "transaction") ? "sets the characteristics of its transaction"
	                                : SETS_PARAMETER;
}

static const char *effect_of_create(struct words words)
{
	struct token token = next_token(&words);

	if (is(token, "or")) {
		next_token(&words);
		token = next_token(&words);
	}
	if (is(token, "global") || is(token, "local"))
		token = next_token(&words);
	if (!is_temporary(token))
		return NULL;
	token = next_token(&words);
	return is(token, "table") && has_words(words, "on", "commit", "drop") ? NULL
	                                                                      : MAKES_TEMPORARY;
}

/* What the first word of a statement says. */
static const char *effect_of_command(struct words words, struct token first)
{
	static const struct {
		const char *word, *effect;
	} commands[] = {
		{"reset", "resets a parameter of the session"},
		{"discard", "discards what the session holds"},
		{"listen", "listens for the session"},
		{"unlisten", "listens for the session"},
		{"load", "loads a library into the session"},
		{"prepare", "prepares a statement for the session"},
		{"execute", "executes what was prepared for the session"},
		{"deallocate", "drops what was prepared for the session"},
	};
	struct words after = words;
	bool is_alone = is_end(&words, next_token(&after));

	/* In PL/pgSQL the word may be a variable or a block, and EXECUTE is another command. */
	after = words;
	if (is_alone || (words.is_code && (!next_token(&after).is_word || is(first, "execute"))))
		return NULL;
	if (is(first, "set"))
		return effect_of_set(words);
	if (is(first, "create"))
		return effect_of_create(words);
	if (is(first, "declare") && !words.is_code && has_words(words, "with", "hold", "for"))
		return "declares a cursor that outlives the transaction";
	for (size_t i = 0; i < COUNT(commands); i++)
		if (is(first, commands[i].word))
			return commands[i].effect;
	return NULL;
}

/* --- functions and names anywhere in a statement -------------------------------------------- */

/* Behind "set_config": is its last argument the word true? */
static bool is_local_setting(struct words words)
{
	struct token token = next_token(&words), last = token;
	int depth = 0;

	for (; token.text.len > 0; token = next_token(&words)) {
		if (is(token, "("))
			depth++;
		if (is(token, ")") && --depth == 0)
			return is(last, "true");
		last = token;
	}
	return false;
}

static const char *effect_of_word(struct words words, struct token word)
{
	static const struct {
		const char *start, *effect;
	} functions[] = {
		{"pg_advisory_lock", "takes a lock of the session"},
		{"pg_try_advisory_lock", "takes a lock of the session"},
		{"pg_advisory_unlock", "releases a lock of the session"},
		{"dblink_connect", "opens a connection that belongs to the session"},
	};
	struct words after = words;
	struct token next = next_token(&after);

	if (is(word, "pg_temp") && is(next, "."))
		return MAKES_TEMPORARY;
	if (is(word, "into") && is_temporary(next) && next_token(&after).is_word)
		return MAKES_TEMPORARY;
	if (!is(next, "("))
		return NULL;
	if (is(word, "set_config"))
		return is_local_setting(words) ? NULL : SETS_PARAMETER;
	for (size_t i = 0; i < COUNT(functions); i++)
		if (str_starts_nocase(word.text, str_of(functions[i].start)))
			return functions[i].effect;
	return NULL;
}

/* --- all of it ------------------------------------------------------------------------------ */

/* Does a statement follow it in PL/pgSQL? */
static bool begins_statement(struct token token)
{
	static const char *const words[] = {";", "$", "'", "begin", "then", "else", "loop"};

	for (size_t i = 0; i < COUNT(words); i++)
		if (is(token, words[i]))
			return true;
	return false;
}

/* CREATE [OR REPLACE] FUNCTION or PROCEDURE: its body is not run. */
static bool is_routine(struct words words)
{
	struct token token = next_token(&words);

	if (is(token, "or")) {
		next_token(&words);
		token = next_token(&words);
	}
	return is(token, "function") || is(token, "procedure");
}

/* The name of a routine may be that of a temporary one. */
static const char *effect_of_routine(struct words words)
{
	for (;;) {
		struct token token = next_token(&words);

		if (token.text.len == 0 || is(token, "("))
			return NULL;
		if (is(token, "pg_temp"))
			return MAKES_TEMPORARY;
	}
}

const char *session_effect_find(struct str statement)
{
	struct words words = {.text = statement};
	struct token token = next_token(&words);
	bool is_first = true;

	if (is(token, "create") && is_routine(words))
		return effect_of_routine(words);
	words.is_code = is(token, "do");
	while (token.text.len > 0) {
		const char *effect = NULL;
		struct token before = token;

		if (is_first && token.is_word)
			effect = effect_of_command(words, token);
		if (effect == NULL && token.is_word)
			effect = effect_of_word(words, token);
		if (effect != NULL)
			return effect;
		token = next_token(&words);
		is_first = words.is_code && begins_statement(before);
	}
	return NULL;
}

const char *session_set_locally(struct arena *arena, struct str statement)
{
	struct words words = {.text = statement};
	struct token token = next_token(&words);
	struct words after;

	if (!is(token, "set"))
		return NULL;
	after = words;
	token = next_token(&after);
	if (is(token, "local") || is(token, "transaction") || is(token, "constraints"))
		return is(token, "local") ? str_dup(arena, statement) : NULL;
	if (is(token, "session")) {
		struct words name = after;

		token = next_token(&name);
		if (is(token, "characteristics"))
			return NULL;
		if (!is(token, "authorization"))
			words = after;
	}
	return arena_printf(arena, "SET LOCAL %s", str_dup(arena, str_trim(rest_of(&words))));
}
