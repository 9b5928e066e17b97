/* SPDX-License-Identifier: Apache-2.0 */
/* side_effect.c - finds what a rollback does not take back */
#include "cflyway/sql/side_effect.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"

#include <ctype.h>

/* Functions: the name is followed by a parenthesis. */
static const char *const functions[] = {
	"dblink",
	"dblink_connect",
	"dblink_connect_u",
	"dblink_exec",
	"dblink_open",
	"dblink_send_query",
	"lo_export",
	"pg_advisory_lock",
	"pg_advisory_lock_shared",
	"pg_advisory_unlock",
	"pg_advisory_unlock_all",
	"pg_cancel_backend",
	"pg_file_write",
	"pg_log_backend_memory_contexts",
	"pg_promote",
	"pg_reload_conf",
	"pg_rotate_logfile",
	"pg_switch_wal",
	"pg_terminate_backend",
	"pg_try_advisory_lock",
	"pg_try_advisory_lock_shared",
	"setval",
};

/* The word that begins there, if one does. */
static struct str word_at(struct str text, size_t at)
{
	size_t end = at;

	if (at > 0 && ascii_is_name(text.ptr[at - 1]))
		return (struct str){NULL, 0};
	while (end < text.len && ascii_is_name(text.ptr[end]))
		end++;
	return str_sub(text, at, end);
}

static bool is_called(struct str text, size_t end)
{
	while (end < text.len && (isspace((unsigned char)text.ptr[end]) || text.ptr[end] == '"'))
		end++;
	return end < text.len && text.ptr[end] == '(';
}

static const char *find_function(struct str text)
{
	for (size_t at = 0; at < text.len; at++) {
		struct str word = word_at(text, at);

		for (size_t i = 0; word.len > 0 && i < COUNT(functions); i++)
			if (str_eq_nocase(word, str_of(functions[i])) &&
			    is_called(text, at + word.len))
				return functions[i];
		if (word.len > 0)
			at += word.len - 1;
	}
	return NULL;
}

/* The first words of a statement, without the comments in front of them. */
static struct str next_word(struct str *text)
{
	size_t at = 0;

	for (;;) {
		while (at < text->len && isspace((unsigned char)text->ptr[at]))
			at++;
		struct str rest = str_sub(*text, at, text->len);

		if (str_starts(rest, STR("--"))) {
			while (at < text->len && text->ptr[at] != '\n')
				at++;
		} else if (str_starts(rest, STR("/*"))) {
			at += 2;
			while (at < text->len &&
			       !str_starts(str_sub(*text, at, text->len), STR("*/")))
				at++;
			at = at + 2 < text->len ? at + 2 : text->len;
		} else {
			break;
		}
	}
	struct str word = word_at(*text, at);

	*text = str_sub(*text, at + word.len, text->len);
	return word;
}

static bool has_word(struct str text, struct str wanted)
{
	for (size_t at = 0; at < text.len; at++) {
		struct str word = word_at(text, at);

		if (str_eq_nocase(word, wanted))
			return true;
		if (word.len > 0)
			at += word.len - 1;
	}
	return false;
}

/* COPY … FROM PROGRAM, COPY … TO PROGRAM, COPY … TO 'file': not to the client. */
static const char *find_copy(struct str rest)
{
	if (has_word(rest, STR("program")))
		return "COPY ... PROGRAM";
	return has_word(rest, STR("to")) && !has_word(rest, STR("stdout")) ? "COPY ... TO a file"
	                                                                   : NULL;
}

const char *side_effect_find(struct str statement)
{
	struct str rest = statement;
	struct str first = next_word(&rest);

	if (str_eq_nocase(first, STR("copy"))) {
		const char *found = find_copy(rest);

		if (found != NULL)
			return found;
	}
	if (str_eq_nocase(first, STR("set"))) {
		struct str second = next_word(&rest);

		if (str_eq_nocase(second, STR("transaction")))
			return "SET TRANSACTION, which only a transaction of its own can";
	}
	return find_function(statement);
}
