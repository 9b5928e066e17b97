/* SPDX-License-Identifier: Apache-2.0 */
/* cause.c - finds why a statement or a connection has failed in a table of causes */
#include "cause.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"
#include "cflyway/db/db.h"
#include "cflyway/db/explanation.h"

enum { TEXT_MAX = 1 << 16 };

static struct str until(const char *text, const char *set)
{
	return (struct str){text, strcspn(text, set)};
}

bool cause_match(struct arena *arena, const char *pattern, const char *text,
                 struct cause_facts *facts)
{
	char number = '1';

	for (;;) {
		const struct str plain = until(pattern, "*");
		struct str line;
		size_t len;

		if (strncmp(text, plain.ptr, plain.len) != 0)
			return false;
		text += plain.len;
		pattern += plain.len;
		if (*pattern == '\0')
			return true;
		pattern++;
		line = until(text, "\n");
		len = line.len;
		if (*pattern != '\0' && *pattern != '\n') {
			/* A line end is not in the line: it is compared in the next turn. */
			len = str_find(line, until(pattern, "*\n"));
			if (len == line.len)
				return false;
		}
		facts->of[(unsigned char)number++] = arena_strndup(arena, text, len);
		text += len;
	}
}

static bool has_only(const char *text, const char *more)
{
	for (; *text != '\0'; text++)
		if (!(*text >= 'a' && *text <= 'z') && !ascii_is_digit(*text) &&
		    strchr(more, *text) == NULL)
			return false;
	return true;
}

/* Keywords that are names stay as they are: few are, and the server says so. */
const char *cause_identifier(struct arena *arena, const char *name)
{
	return name[0] != '\0' && !ascii_is_digit(name[0]) && has_only(name, "_")
	               ? name
	               : db_quote_identifier(arena, name);
}

static const char *shell_word(struct arena *arena, const char *word)
{
	if (word[0] != '\0' && has_only(word, "_-./:@ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return word;
	return arena_printf(arena, "'%s'",
	                    str_replace(arena, str_of(word), STR("'"), STR("'\\''")));
}

/* The value of a letter and the form before it, if it has one; *text then is after them. */
static const char *take_letter(struct arena *arena, const char **text,
                               const struct cause_facts *facts)
{
	const char form = **text == '"' || **text == '\'' ? *(*text)++ : '\0';
	const char letter = **text;

	if (letter == '\0')
		return NULL;
	(*text)++;
	const char *value = letter == '%' ? "%" : facts->of[(unsigned char)letter & 0x7f];

	if (value == NULL || form == '\0')
		return value;
	return form == '"' ? cause_identifier(arena, value) : shell_word(arena, value);
}

/* The value at the '%' of *text, which then is after it; NULL: it is unknown. */
static const char *take_value(struct arena *arena, const char **text,
                              const struct cause_facts *facts)
{
	const char *value, *other;

	(*text)++;
	if (**text != '|')
		return take_letter(arena, text, facts);
	(*text)++;
	value = take_letter(arena, text, facts);
	other = take_letter(arena, text, facts);
	return value != NULL ? value : other;
}

const char *cause_text(struct arena *arena, const char *text, const struct cause_facts *facts)
{
	struct buf out = BUF_EMPTY(TEXT_MAX);
	const char *made = NULL;

	if (text == NULL)
		return NULL;
	for (;;) {
		const struct str plain = until(text, "%");

		buf_append(&out, plain.ptr, plain.len);
		text += plain.len;
		if (*text == '\0')
			break;
		const char *value = take_value(arena, &text, facts);

		if (value == NULL)
			goto done;
		buf_add(&out, value);
	}
	made = str_dup(arena, buf_str(&out));
done:
	buf_release(&out);
	return made;
}

static bool fits(const struct cause *cause, const struct cause_question *question,
                 struct cause_facts *facts)
{
	if (cause->state != NULL && !str_same(cause->state, question->state))
		return false;
	if (cause->pattern == NULL)
		return true;
	for (size_t i = 0; i < COUNT(question->messages); i++)
		if (question->messages[i] != NULL &&
		    cause_match(question->arena, cause->pattern, question->messages[i], facts))
			return true;
	return false;
}

/* Its texts, with all their facts. */
static bool can_tell(const struct cause *cause, struct cause_question *question, const char **text,
                     const char **next)
{
	struct cause_facts facts = question->facts;

	if (!fits(cause, question, &facts))
		return false;
	if (cause->look != NULL && (question->ctx == NULL || !cause->look(question->ctx, &facts)))
		return false;
	*text = cause_text(question->arena, cause->text, &facts);
	*next = cause_text(question->arena, cause->next, &facts);
	return (*text != NULL || cause->text == NULL) && (*next != NULL || cause->next == NULL);
}

bool causes_explain(const struct cause *causes, size_t n, struct cause_question *question,
                    struct error *err)
{
	const char *text = NULL, *next = NULL;
	/* Whoever has found a cause knows more than the code. */
	const bool is_told = note_list_find(&err->notes, NOTE_CAUSE) != NULL;

	for (size_t i = 0; i < n; i++) {
		if (can_tell(&causes[i], question, &text, &next))
			break;
		text = next = NULL;
	}
	if (text != NULL)
		error_explain(err, NOTE_CAUSE, "%s", text);
	if (next != NULL)
		error_explain(err, str_starts(str_of(next), STR("next: ")) ? NOTE_NEXT : NOTE_CAUSE,
		              "%s", next);
	else if (!is_told && question->state != NULL && explanation_find(question->state) != NULL)
		error_explain(err, NOTE_REMARK, "more: \"cflyway explain %s\"", question->state);
	return text != NULL || next != NULL;
}
