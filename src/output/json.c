/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - writes JSON as Flyway lays it out */
#include "cflyway/output/json.h"

#include "cflyway/base/utf8.h"

#include <inttypes.h>

enum {
	INDENT = 2,
	FIRST_PRINTABLE = 0x20,
};

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for bytes that are not UTF-8 */

void json_init(struct json *json)
{
	*json = (struct json){.text = BUF_EMPTY(SIZE_MAX / 2)};
}

void json_release(struct json *json)
{
	buf_release(&json->text);
}

void json_clear(struct json *json)
{
	buf_clear(&json->text);
	json->depth = 0;
}

/* --- strings ------------------------------------------------------------------------------- */

static void escape(struct buf *out, char c)
{
	static const char short_forms[][3] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r",
	};
	unsigned char byte = (unsigned char)c;

	if (c == '"' || c == '\\') {
		buf_putc(out, '\\');
		buf_putc(out, c);
	} else if (byte < COUNT(short_forms) && short_forms[byte][0] != '\0') {
		buf_add(out, short_forms[byte]);
	} else {
		buf_printf(out, "\\u%04X", (unsigned)byte);
	}
}

static bool is_plain(char c)
{
	return (unsigned char)c >= FIRST_PRINTABLE && c != '"' && c != '\\';
}

static void quote_valid(struct buf *out, struct str text)
{
	size_t done = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (is_plain(text.ptr[i]))
			continue;
		buf_append(out, text.ptr + done, i - done);
		escape(out, text.ptr[i]);
		done = i + 1;
	}
	buf_append(out, text.ptr + done, text.len - done);
}

void json_quote(struct buf *out, struct str text)
{
	buf_putc(out, '"');
	while (text.len > 0) {
		size_t valid = utf8_valid_prefix(text, NULL);

		quote_valid(out, str_sub(text, 0, valid));
		text = str_sub(text, valid, text.len);
		if (text.len > 0) {
			buf_add(out, REPLACEMENT);
			text = str_sub(text, 1, text.len);
		}
	}
	buf_putc(out, '"');
}

/* --- values -------------------------------------------------------------------------------- */

/* Writes the separator between a value and the one before it. */
static void begin_value(struct json *json)
{
	bool is_root = json->text.len == 0;

	if (!json->has_key && !is_root)
		buf_add(&json->text, json->is_empty ? " " : ", ");
	json->has_key = false;
	json->is_empty = false;
}

static void new_line(struct json *json)
{
	buf_putc(&json->text, '\n');
	buf_repeat(&json->text, ' ', json->depth * INDENT);
}

void json_open_object(struct json *json)
{
	begin_value(json);
	buf_putc(&json->text, '{');
	json->depth++;
	json->is_empty = true;
}

void json_close_object(struct json *json)
{
	json->depth--;
	if (json->is_empty)
		buf_putc(&json->text, ' ');
	else
		new_line(json);
	buf_putc(&json->text, '}');
	json->is_empty = false;
}

void json_open_array(struct json *json)
{
	begin_value(json);
	buf_putc(&json->text, '[');
	json->is_empty = true;
}

void json_close_array(struct json *json)
{
	buf_add(&json->text, " ]");
	json->is_empty = false;
}

void json_key(struct json *json, const char *key)
{
	if (!json->is_empty)
		buf_putc(&json->text, ',');
	new_line(json);
	json_quote(&json->text, str_of(key));
	buf_add(&json->text, " : ");
	json->is_empty = false;
	json->has_key = true;
}

void json_literal(struct json *json, const char *text)
{
	begin_value(json);
	buf_add(&json->text, text);
}

void json_string(struct json *json, const char *text)
{
	if (text == NULL) {
		json_literal(json, "null");
		return;
	}
	begin_value(json);
	json_quote(&json->text, str_of(text));
}

void json_add_string(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

void json_add_int(struct json *json, const char *key, int64_t number)
{
	json_key(json, key);
	begin_value(json);
	buf_printf(&json->text, "%" PRId64, number);
}

void json_add_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_literal(json, value ? "true" : "false");
}

void json_add_null(struct json *json, const char *key)
{
	json_add_string(json, key, NULL);
}

void json_add_document(struct json *json, const char *key, struct str document)
{
	json_key(json, key);
	begin_value(json);
	/* Strings contain no raw line ends, only escapes: these line ends are between keys. */
	for (bool is_first = true; document.ptr != NULL; is_first = false) {
		struct str line = str_cut(&document, '\n');

		if (!is_first)
			new_line(json);
		buf_append(&json->text, line.ptr, line.len);
	}
}

void json_add_list(struct json *json, const char *key, const struct str_list *list)
{
	json_key(json, key);
	json_open_array(json);
	for (size_t i = 0; i < list->n; i++)
		json_string(json, list->items[i]);
	json_close_array(json);
}
