/* SPDX-License-Identifier: Apache-2.0 */
/* json_value.c - parses JSON: reports of earlier runs */
#include "cflyway/output/json_value.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/utf8.h"

enum {
	MAX_DEPTH = 64,
	MAX_STRING = 64 << 20,
	LITERAL_MAX = 5, /* "false" */
	BEGIN_HIGH = 0xD800,
	BEGIN_LOW = 0xDC00,
	END_LOW = 0xE000,
	BEYOND_BMP = 0x10000,
	HALF_BITS = 10,
	REPLACEMENT = 0xFFFD,
};

struct parser {
	struct arena *arena;
	struct str text, rest; /* the whole input, and the part still to be parsed */
	int depth;             /* open arrays and objects */
	struct error *err;
};

static bool fail(const struct parser *parser, const char *what)
{
	size_t done = parser->text.len - parser->rest.len, line = 1;

	for (size_t i = 0; i < done; i++)
		line += parser->text.ptr[i] == '\n';
	return error_set(parser->err, ERROR_GENERAL, "line %zu: %s", line, what);
}

static char peek(const struct parser *parser)
{
	return parser->rest.len > 0 ? parser->rest.ptr[0] : '\0';
}

static void advance(struct parser *parser, size_t n)
{
	parser->rest = str_sub(parser->rest, n, parser->rest.len);
}

static bool take(struct parser *parser, char c)
{
	if (peek(parser) != c || parser->rest.len == 0)
		return false;
	advance(parser, 1);
	return true;
}

static bool is_white_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct parser *parser)
{
	size_t n = 0;

	while (n < parser->rest.len && is_white_space(parser->rest.ptr[n]))
		n++;
	advance(parser, n);
}

/* --- strings ------------------------------------------------------------------------------- */

/* Reads four hexadecimal digits; -1 if there are fewer. */
static int take_unit(struct parser *parser)
{
	int unit = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		char c = peek(parser);
		const char *found = strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

		if (c == '\0' || found == NULL)
			return -1;
		unit = unit * 16 + (int)(found - digits);
		advance(parser, 1);
	}
	return unit;
}

/* Reads one \uXXXX, or two that form a surrogate pair. */
static bool take_escaped_unit(struct parser *parser, struct buf *out)
{
	char bytes[UTF8_MAX];
	int first = take_unit(parser);
	uint32_t code = (uint32_t)first;

	if (first < 0)
		return fail(parser, "\\u needs four hexadecimal digits");
	if (first >= BEGIN_HIGH && first < END_LOW) {
		struct str before = parser->rest;

		code = REPLACEMENT;
		int second = first < BEGIN_LOW && take(parser, '\\') && take(parser, 'u')
		                     ? take_unit(parser)
		                     : -1;
		if (second >= BEGIN_LOW && second < END_LOW)
			code = (uint32_t)(BEYOND_BMP + ((first - BEGIN_HIGH) << HALF_BITS) +
			                  (second - BEGIN_LOW));
		else
			parser->rest = before;
	}
	buf_append(out, bytes, utf8_encode(code == 0 ? REPLACEMENT : code, bytes));
	return true;
}

static bool take_escape(struct parser *parser, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	char c = peek(parser);
	const char *found = c != '\0' ? strchr(names, c) : NULL;

	if (c == 'u') {
		advance(parser, 1);
		return take_escaped_unit(parser, out);
	}
	if (found == NULL)
		return fail(parser, "unknown escape in a string");
	advance(parser, 1);
	return buf_putc(out, values[found - names]);
}

/* Parses the string after its opening quote. */
static bool take_rest_of_string(struct parser *parser, struct buf *out)
{
	for (;;) {
		size_t n = 0;

		while (n < parser->rest.len && (unsigned char)parser->rest.ptr[n] >= ' ' &&
		       parser->rest.ptr[n] != '"' && parser->rest.ptr[n] != '\\')
			n++;
		buf_append(out, parser->rest.ptr, n);
		advance(parser, n);
		if (out->overflow)
			return fail(parser, "a string is too long");
		if (take(parser, '"'))
			return true;
		if (!take(parser, '\\'))
			return fail(parser, parser->rest.len == 0
			                            ? "a string has no end"
			                            : "a control character in a string");
		if (!take_escape(parser, out))
			return false;
	}
}

static bool take_string(struct parser *parser, const char **text)
{
	struct buf out = BUF_EMPTY(MAX_STRING);
	bool ok;

	if (!take(parser, '"'))
		return fail(parser, "a string is missing");
	ok = take_rest_of_string(parser, &out);
	*text = str_dup(parser->arena, buf_str(&out));
	buf_release(&out);
	return ok;
}

/* --- numbers and words --------------------------------------------------------------------- */

static size_t take_digits(struct parser *parser)
{
	size_t n = 0;

	while (n < parser->rest.len && parser->rest.ptr[n] >= '0' && parser->rest.ptr[n] <= '9')
		n++;
	advance(parser, n);
	return n;
}

static bool take_number(struct parser *parser, struct json_value *value)
{
	struct str begin = parser->rest;
	bool ok;

	take(parser, '-');
	ok = take(parser, '0') || take_digits(parser) > 0;
	if (ok && take(parser, '.'))
		ok = take_digits(parser) > 0;
	if (ok && (take(parser, 'e') || take(parser, 'E'))) {
		if (!take(parser, '+'))
			take(parser, '-');
		ok = take_digits(parser) > 0;
	}
	if (!ok)
		return fail(parser, "a value is missing");
	value->kind = JSON_NUMBER;
	value->text = str_dup(parser->arena, str_sub(begin, 0, begin.len - parser->rest.len));
	return true;
}

static const struct {
	char text[LITERAL_MAX + 1];
	enum json_kind kind;
} literals[] = {{"null", JSON_NULL}, {"false", JSON_FALSE}, {"true", JSON_TRUE}};

static bool take_literal(struct parser *parser, struct json_value *value)
{
	for (size_t i = 0; i < COUNT(literals); i++) {
		if (!str_starts(parser->rest, str_of(literals[i].text)))
			continue;
		value->kind = literals[i].kind;
		advance(parser, strlen(literals[i].text));
		return true;
	}
	return false;
}

/* --- arrays and objects -------------------------------------------------------------------- */

static bool take_value(struct parser *parser, struct json_value *value);

static bool take_item(struct parser *parser, struct json_value *parent)
{
	const char *key = NULL;
	struct json_value item = {0};

	skip_blanks(parser);
	if (parent->kind == JSON_OBJECT) {
		if (!take_string(parser, &key))
			return false;
		skip_blanks(parser);
		if (!take(parser, ':'))
			return fail(parser, "a colon is missing");
	}
	if (!take_value(parser, &item))
		return false;
	json_append(parser->arena, parent, key, item);
	return true;
}

/* Parses the items after the opening bracket. */
static bool take_items(struct parser *parser, struct json_value *parent, char end)
{
	if (parser->depth == MAX_DEPTH)
		return fail(parser, "too deeply nested");
	skip_blanks(parser);
	if (take(parser, end))
		return true;
	parser->depth++;
	do {
		if (!take_item(parser, parent))
			return false;
		skip_blanks(parser);
	} while (take(parser, ','));
	parser->depth--;
	return take(parser, end) || fail(parser, "a comma or the closing bracket is missing");
}

static bool take_value(struct parser *parser, struct json_value *value)
{
	skip_blanks(parser);
	if (take_literal(parser, value))
		return true;
	if (peek(parser) == '"') {
		value->kind = JSON_STRING;
		return take_string(parser, &value->text);
	}
	if (take(parser, '[')) {
		value->kind = JSON_ARRAY;
		return take_items(parser, value, ']');
	}
	if (take(parser, '{')) {
		value->kind = JSON_OBJECT;
		return take_items(parser, value, '}');
	}
	return take_number(parser, value);
}

bool json_parse(struct arena *arena, struct str text, struct json_value *value, struct error *err)
{
	struct parser parser = {.arena = arena, .text = text, .rest = text, .err = err};

	*value = (struct json_value){0};
	parser.rest = str_sub(text, utf8_valid_prefix(text, NULL), text.len);
	if (parser.rest.len > 0)
		return fail(&parser, "the text is not UTF-8");
	parser.rest = text;
	if (!take_value(&parser, value))
		return false;
	skip_blanks(&parser);
	return parser.rest.len == 0 || fail(&parser, "there is something behind the end");
}

/* --- values -------------------------------------------------------------------------------- */

const struct json_value *json_member(const struct json_value *object, const char *key)
{
	if (object->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = object->n; i-- > 0;)
		if (strcmp(object->items[i].key, key) == 0)
			return &object->items[i];
	return NULL;
}

const char *json_member_text(const struct json_value *object, const char *key)
{
	const struct json_value *member = json_member(object, key);

	return member != NULL ? member->text : NULL;
}

void json_append(struct arena *arena, struct json_value *parent, const char *key,
                 struct json_value item)
{
	item.key = key;
	parent->items = arena_grow(arena, parent->items, parent->n, sizeof(*parent->items));
	parent->items[parent->n++] = item;
}

static void write_items(struct json *json, const struct json_value *parent)
{
	for (size_t i = 0; i < parent->n; i++) {
		if (parent->items[i].key != NULL)
			json_key(json, parent->items[i].key);
		json_write(json, &parent->items[i]);
	}
}

void json_write(struct json *json, const struct json_value *value)
{
	switch (value->kind) {
	case JSON_NULL:
		json_literal(json, "null");
		break;
	case JSON_FALSE:
		json_literal(json, "false");
		break;
	case JSON_TRUE:
		json_literal(json, "true");
		break;
	case JSON_NUMBER:
		json_literal(json, value->text);
		break;
	case JSON_STRING:
		json_string(json, value->text);
		break;
	case JSON_ARRAY:
		json_open_array(json);
		write_items(json, value);
		json_close_array(json);
		break;
	case JSON_OBJECT:
		json_open_object(json);
		write_items(json, value);
		json_close_object(json);
		break;
	}
}
