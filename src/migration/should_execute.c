/* SPDX-License-Identifier: Apache-2.0 */
/*
 * should_execute.c - evaluates the condition of a script: shouldExecute=${site}==Kiel
 *
 * The grammar is ambiguous. The parser that Flyway's editions use takes the first alternative that
 * leads to the end; with one token more to look at, that can be decided at once:
 *
 * - WORD cmp WORD comes before WORD cmp expression, and never stands in the way of it;
 * - after an expression, cmp WORD is a comparison with that word, unless the word begins an
 *   expression itself, because cmp follows.
 */
#include "cflyway/migration/should_execute.h"

#include "cflyway/base/ascii.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_BOOL,
	TOKEN_COMPARE, /* == or != */
	TOKEN_LOGIC,   /* && or || */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_FAULT, /* a character that begins no token */
};

struct token {
	enum token_kind kind;
	struct str text;
};

/* What an expression may contain without parentheses, by where it is. */
enum rank {
	RANK_ALL,     /* at the top and in parentheses: also a comparison with a word at its end */
	RANK_RIGHT,   /* after WORD cmp: comparisons and && and || */
	RANK_LOGIC,   /* after && and ||: comparisons */
	RANK_COMPARE, /* after cmp: nothing */
};

enum { MAX_DEPTH = 100 };

struct parser {
	struct str text, rest;
	struct token token, next; /* what is read next, and what follows it */
	size_t depth;
	bool depends_on_order;
	struct error *err;
};

/* --- tokens -------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_in_word(char c)
{
	return !is_blank(c) && strchr("&|=!()", c) == NULL;
}

static enum token_kind kind_of_word(struct str word)
{
	bool is_bool = str_eq_nocase(word, STR("true")) || str_eq_nocase(word, STR("false"));

	return is_bool ? TOKEN_BOOL : TOKEN_WORD;
}

static const struct {
	const char *text;
	enum token_kind kind;
} signs[] = {
	{"==", TOKEN_COMPARE}, {"!=", TOKEN_COMPARE}, {"&&", TOKEN_LOGIC},
	{"||", TOKEN_LOGIC},   {"(", TOKEN_OPEN},     {")", TOKEN_CLOSE},
};

static struct token read_token(struct str *rest)
{
	size_t len = 0;

	while (rest->len > 0 && is_blank(rest->ptr[0]))
		*rest = str_sub(*rest, 1, rest->len);
	struct token token = {TOKEN_END, str_sub(*rest, 0, 0)};
	if (rest->len == 0)
		return token;
	for (size_t i = 0; i < COUNT(signs) && len == 0; i++) {
		if (str_starts(*rest, str_of(signs[i].text))) {
			token.kind = signs[i].kind;
			len = strlen(signs[i].text);
		}
	}
	if (len == 0) {
		while (len < rest->len && rest->ptr[len] != '\0' && is_in_word(rest->ptr[len]))
			len++;
		token.kind = len > 0 ? kind_of_word(str_sub(*rest, 0, len)) : TOKEN_FAULT;
		len = len > 0 ? len : 1;
	}
	token.text = str_sub(*rest, 0, len);
	*rest = str_sub(*rest, len, rest->len);
	return token;
}

static void advance(struct parser *parser)
{
	parser->token = parser->next;
	parser->next = read_token(&parser->rest);
}

/* --- errors -------------------------------------------------------------------------------- */

static bool fail(struct parser *parser, const char *why)
{
	size_t column = (size_t)(parser->token.text.ptr - parser->text.ptr);

	return error_set(parser->err, ERROR_GENERAL,
	                 "Error parsing boolean expression: Syntax error in expression: \"%.*s\". "
	                 "Details: line 1:%zu %s",
	                 (int)parser->text.len, parser->text.ptr, column, why);
}

static bool fail_here(struct parser *parser, const char *expected)
{
	struct token token = parser->token;
	const char *found = token.kind == TOKEN_END
	                            ? "the end"
	                            : arena_printf(parser->err->arena, "'%.*s'",
	                                           (int)token.text.len, token.text.ptr);

	return fail(parser, arena_printf(parser->err->arena, "%s is found where %s is expected",
	                                 found, expected));
}

/* --- expressions --------------------------------------------------------------------------- */

static bool parse_expression(struct parser *parser, enum rank rank, bool *value);

static bool is_equal_sign(struct token sign)
{
	return sign.text.ptr[0] == '=';
}

/* Only the words true and false can equal an expression, and they are no words. */
static bool compare_word(struct parser *parser, struct str word, struct token sign, bool value)
{
	const char *lower = str_lower(parser->err->arena, word);
	bool is_equal = strcmp(lower, value ? "true" : "false") == 0;

	return is_equal == is_equal_sign(sign);
}

static bool parse_word(struct parser *parser, bool *value)
{
	struct str word = parser->token.text;
	struct token sign = parser->next;
	bool right;

	if (sign.kind != TOKEN_COMPARE) {
		advance(parser);
		return fail_here(parser, "== or !=");
	}
	advance(parser);
	advance(parser);
	if (parser->token.kind == TOKEN_WORD) {
		*value = str_eq(word, parser->token.text) == is_equal_sign(sign);
		advance(parser);
		return true;
	}
	if (!parse_expression(parser, RANK_RIGHT, &right))
		return false;
	*value = compare_word(parser, word, sign, right);
	return true;
}

static bool parse_parentheses(struct parser *parser, bool *value)
{
	advance(parser);
	if (!parse_expression(parser, RANK_ALL, value))
		return false;
	if (parser->token.kind != TOKEN_CLOSE)
		return fail_here(parser, "')'");
	advance(parser);
	return true;
}

static bool parse_operand(struct parser *parser, bool *value)
{
	switch (parser->token.kind) {
	case TOKEN_OPEN:
		return parse_parentheses(parser, value);
	case TOKEN_WORD:
		return parse_word(parser, value);
	case TOKEN_BOOL:
		*value = str_eq_nocase(parser->token.text, STR("true"));
		advance(parser);
		return true;
	default:
		return fail_here(parser, "true, false, a comparison or '('");
	}
}

/* Does a word follow that begins no expression? */
static bool is_last_word(const struct parser *parser)
{
	struct str rest = parser->rest;

	return parser->next.kind == TOKEN_WORD && read_token(&rest).kind != TOKEN_COMPARE;
}

/* The token is cmp. */
static bool parse_comparison(struct parser *parser, bool *value)
{
	struct token sign = parser->token;
	bool is_word = is_last_word(parser), right = false;

	advance(parser);
	if (is_word) {
		*value = compare_word(parser, parser->token.text, sign, *value);
		advance(parser);
		return true;
	}
	if (!parse_expression(parser, RANK_COMPARE, &right))
		return false;
	*value = (*value == right) == is_equal_sign(sign);
	return true;
}

/* The token is && or ||. has_or: there was one || already in this row. */
static bool parse_logic(struct parser *parser, bool *has_or, bool *value)
{
	bool is_and = parser->token.text.ptr[0] == '&', right = false;

	parser->depends_on_order |= is_and && *has_or;
	*has_or |= !is_and;
	advance(parser);
	if (!parse_expression(parser, RANK_LOGIC, &right))
		return false;
	*value = is_and ? *value && right : *value || right;
	return true;
}

static bool takes_comparison(const struct parser *parser, enum rank rank)
{
	return parser->token.kind == TOKEN_COMPARE && rank != RANK_COMPARE &&
	       (rank == RANK_ALL || !is_last_word(parser));
}

static bool parse_row(struct parser *parser, enum rank rank, bool *value)
{
	bool has_or = false, ok = parse_operand(parser, value);

	while (ok) {
		if (takes_comparison(parser, rank))
			ok = parse_comparison(parser, value);
		else if (parser->token.kind == TOKEN_LOGIC && rank <= RANK_RIGHT)
			ok = parse_logic(parser, &has_or, value);
		else
			return true;
	}
	return false;
}

static bool parse_expression(struct parser *parser, enum rank rank, bool *value)
{
	if (parser->depth == MAX_DEPTH)
		return fail(parser, "the expression is nested too deeply");
	parser->depth++;
	bool ok = parse_row(parser, rank, value);
	parser->depth--;
	return ok;
}

bool should_execute_evaluate(const char *expression, struct should_execute *result,
                             struct error *err)
{
	struct parser parser = {
		.text = str_of(expression),
		.rest = str_of(expression),
		.err = err,
	};

	*result = (struct should_execute){0};
	advance(&parser);
	advance(&parser);
	if (!parse_expression(&parser, RANK_ALL, &result->value))
		return false;
	if (parser.token.kind != TOKEN_END)
		return fail_here(&parser, "&&, ||, ==, != or the end");
	result->depends_on_order = parser.depends_on_order;
	return true;
}
