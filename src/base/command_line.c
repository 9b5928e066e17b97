/* SPDX-License-Identifier: Apache-2.0 */
/* command_line.c - a command line in a setting: cut into words, without a shell */
#include "cflyway/base/command_line.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"

#include <limits.h>
#include <string.h>

/* --- reading ------------------------------------------------------------------------------- */

struct reader {
	struct arena *arena;
	struct str rest;
	struct command_line *line;
	struct command_word word; /* the one that is being read */
	struct buf text;          /* literal characters since its last part */
	bool in_word;
	bool is_plain;       /* nothing in the word was quoted or escaped */
	const char *problem; /* NULL: none so far */
};

static void add_part(struct reader *reader, enum command_part_kind kind, const char *text)
{
	struct command_word *word = &reader->word;

	word->parts = arena_grow(reader->arena, word->parts, word->n, sizeof(*word->parts));
	word->parts[word->n++] = (struct command_part){kind, text};
}

static void end_text(struct reader *reader)
{
	if (reader->text.len > 0)
		add_part(reader, COMMAND_TEXT, str_dup(reader->arena, buf_str(&reader->text)));
	buf_clear(&reader->text);
}

static bool is_operator(const char *text)
{
	static const char *const operators[] = {"<", ">", ">>", "|", "||", "&", "&&", ";"};

	for (size_t i = 0; i < COUNT(operators); i++)
		if (strcmp(text, operators[i]) == 0)
			return true;
	return false;
}

static void add_word(struct reader *reader)
{
	struct command_line *line = reader->line;
	const struct command_word *word = &reader->word;
	bool is_text = word->n == 1 && word->parts[0].kind == COMMAND_TEXT;

	if (line->reads_input) {
		reader->problem = "< must be the last word: the script itself follows it";
	} else if (reader->is_plain && is_text && strcmp(word->parts[0].text, "<") == 0) {
		line->reads_input = true;
	} else if (reader->is_plain && is_text && is_operator(word->parts[0].text)) {
		reader->problem =
			arena_printf(reader->arena, "%s needs a shell: sh -c '…', or quote it",
		                     word->parts[0].text);
	} else {
		line->words = arena_grow(reader->arena, line->words, line->n, sizeof(*word));
		line->words[line->n++] = *word;
	}
}

static void end_word(struct reader *reader)
{
	if (!reader->in_word)
		return;
	end_text(reader);
	add_word(reader);
	reader->in_word = false;
	reader->word = (struct command_word){0};
}

static char next(struct reader *reader)
{
	char c = reader->rest.ptr[0];

	reader->rest = str_sub(reader->rest, 1, reader->rest.len);
	return c;
}

static void read_single_quotes(struct reader *reader)
{
	size_t end = str_find_char(reader->rest, '\'');

	if (end == reader->rest.len) {
		reader->problem = "a ' has no end";
		return;
	}
	buf_append(&reader->text, reader->rest.ptr, end);
	reader->rest = str_sub(reader->rest, end + 1, reader->rest.len);
}

static bool is_name_char(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '_' || c == ':' || c == '.' ||
	       c == '-';
}

static void add_reference(struct reader *reader, struct str name)
{
	end_text(reader);
	if (str_eq(name, STR("script"))) {
		reader->line->has_script = true;
		add_part(reader, COMMAND_SCRIPT, "");
	} else {
		add_part(reader, COMMAND_VALUE, str_dup(reader->arena, name));
	}
}

/* After the dollar sign. */
static void read_value(struct reader *reader)
{
	struct str rest = reader->rest;
	size_t len = 1;

	if (!str_starts(rest, STR("{"))) {
		reader->problem = "$ begins a value, as in ${NAME}; \\$ is a dollar sign";
		return;
	}
	while (len < rest.len && is_name_char(rest.ptr[len]))
		len++;
	if (len == 1 || len == rest.len || rest.ptr[len] != '}') {
		reader->problem = "${ has no name and } after it";
		return;
	}
	reader->rest = str_sub(rest, len + 1, rest.len);
	add_reference(reader, str_sub(rest, 1, len));
}

/* After the backslash. */
static void read_escaped(struct reader *reader, bool is_quoted)
{
	if (reader->rest.len == 0) {
		reader->problem = "nothing follows the backslash at the end";
		return;
	}
	char c = next(reader);
	if (is_quoted && c != '"' && c != '\\' && c != '$')
		buf_putc(&reader->text, '\\');
	buf_putc(&reader->text, c);
}

/* A character that is the same inside and outside of double quotes. */
static void read_common(struct reader *reader, char c, bool is_quoted)
{
	if (c == '$') {
		read_value(reader);
	} else if (c == '\\') {
		read_escaped(reader, is_quoted);
	} else if (c == '{' && str_starts(reader->rest, STR("}"))) {
		next(reader);
		add_reference(reader, STR("script"));
	} else {
		buf_putc(&reader->text, c);
	}
}

static void read_double_quotes(struct reader *reader)
{
	while (reader->problem == NULL && reader->rest.len > 0) {
		char c = next(reader);

		if (c == '"')
			return;
		read_common(reader, c, true);
	}
	if (reader->problem == NULL)
		reader->problem = "a \" has no end";
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void read_char(struct reader *reader)
{
	char c = next(reader);

	if (is_blank(c)) {
		end_word(reader);
		return;
	}
	if (!reader->in_word) {
		reader->in_word = true;
		reader->is_plain = true;
	}
	if (c == '\'' || c == '"' || c == '\\')
		reader->is_plain = false;
	if (c == '\'')
		read_single_quotes(reader);
	else if (c == '"')
		read_double_quotes(reader);
	else
		read_common(reader, c, false);
}

const char *command_line_parse(struct arena *arena, const char *text, struct command_line *line)
{
	struct reader reader = {
		.arena = arena,
		.rest = str_of(text),
		.line = line,
		.text = BUF_EMPTY(INT_MAX),
	};

	*line = (struct command_line){0};
	while (reader.rest.len > 0 && reader.problem == NULL)
		read_char(&reader);
	if (reader.problem == NULL)
		end_word(&reader);
	buf_wipe(&reader.text);
	if (reader.problem == NULL && line->n == 0)
		reader.problem = "it names no program";
	if (reader.problem == NULL && line->reads_input && line->has_script)
		reader.problem = "the script is either an argument or, with <, standard input";
	return reader.problem;
}

/* --- expanding ----------------------------------------------------------------------------- */

static const char *value_of(const struct command_part *part, const char *script,
                            command_value_fn *value, const void *ctx)
{
	switch (part->kind) {
	case COMMAND_TEXT:
		return part->text;
	case COMMAND_SCRIPT:
		return script;
	case COMMAND_VALUE:
		break;
	}
	return value(ctx, part->text);
}

bool command_line_expand(struct arena *arena, const struct command_line *line, const char *script,
                         command_value_fn *value, const void *ctx, struct str_list *words,
                         struct str_list *missing)
{
	for (size_t i = 0; i < line->n; i++) {
		const struct command_word *word = &line->words[i];
		struct str_list texts = {0};

		for (size_t j = 0; j < word->n; j++) {
			const struct command_part *part = &word->parts[j];
			const char *text = value_of(part, script, value, ctx);

			if (text != NULL)
				str_list_add(arena, &texts, text);
			else if (!str_list_has(missing, part->text))
				str_list_add(arena, missing, part->text);
		}
		str_list_add(arena, words, str_list_join(arena, &texts, ""));
	}
	if (!line->has_script && !line->reads_input)
		str_list_add(arena, words, script);
	return missing->n == 0;
}

/* --- showing ------------------------------------------------------------------------------- */

static const char *show_word(struct arena *arena, const struct command_word *word,
                             const char *script)
{
	struct str_list texts = {0};

	for (size_t i = 0; i < word->n; i++) {
		const struct command_part *part = &word->parts[i];
		const char *text = part->kind == COMMAND_SCRIPT ? script : part->text;

		if (part->kind == COMMAND_VALUE)
			text = arena_printf(arena, "${%s}", part->text);
		str_list_add(arena, &texts, text);
	}
	const char *shown = str_list_join(arena, &texts, "");
	bool needs_quotes = shown[0] == '\0' || strpbrk(shown, " \t\r\n") != NULL;
	return needs_quotes ? arena_printf(arena, "'%s'", shown) : shown;
}

const char *command_line_show(struct arena *arena, const struct command_line *line,
                              const char *script)
{
	struct str_list words = {0};

	for (size_t i = 0; i < line->n; i++)
		str_list_add(arena, &words, show_word(arena, &line->words[i], script));
	if (line->reads_input)
		str_list_add(arena, &words, "<");
	if (!line->has_script)
		str_list_add(arena, &words, script);
	return str_list_join(arena, &words, " ");
}
