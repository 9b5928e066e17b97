/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_markers.c - lines that divide a file into parts: "-- +goose Up", "-- migrate:down"
 *
 * Sources: goose, internal/sqlparser/parser.go: a line that begins with "--" and has "+goose" in it
 * is a marker; the word after it may be in any letter case, and an unknown one is an error. dbmate,
 * pkg/dbmate/migration.go: "--", white space, "migrate:up" or "migrate:down" at the beginning of a
 * line, then its end or options such as transaction:false; all else is a comment. tern,
 * migrate/migrate.go: the file is divided at the first "---- create above / drop below ----", and
 * "---- tern: disable-tx ----" in a part is for this part. Here both are lines of their own.
 */
#include "cflyway/migration/part_markers.h"

#include "cflyway/base/attr.h"

/* --- goose --------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum part_mark mark;
} goose_words[] = {
	{"Up", MARK_UP},
	{"Down", MARK_DOWN},
	{"StatementBegin", MARK_STATEMENT_BEGIN},
	{"StatementEnd", MARK_STATEMENT_END},
	{"NO TRANSACTION", MARK_NO_TRANSACTION},
	{"ENVSUB ON", MARK_VARIABLES},
	{"ENVSUB OFF", MARK_NOTHING},
};

/* Everything before the word, and dashes after it, is only "--". */
static struct str without_dashes(struct str text)
{
	while (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = str_sub(text, 1, text.len);
	while (str_ends(text, STR("--")))
		text = str_trim_right(str_sub(text, 0, text.len - 2));
	return text;
}

static enum part_mark read_goose(struct str line, bool *without_transaction)
{
	const struct str lead = STR("+goose");
	struct str text = without_dashes(line);

	(void)without_transaction;
	if (str_find(text, lead) == text.len)
		return MARK_NONE;
	if (!str_starts(text, lead))
		return MARK_UNKNOWN;
	text = str_trim(str_sub(text, lead.len, text.len));
	for (size_t i = 0; i < COUNT(goose_words); i++)
		if (str_eq_nocase(text, str_of(goose_words[i].word)))
			return goose_words[i].mark;
	return MARK_UNKNOWN;
}

const struct part_syntax part_syntax_goose = {
	.tool = "goose",
	.up = "-- +goose Up",
	.down = "-- +goose Down",
	.read = read_goose,
};

/* --- dbmate -------------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Removes the word from the beginning of *text, if it stands there alone. */
static bool take_word(struct str *text, struct str word)
{
	if (!str_starts(*text, word) || (text->len > word.len && !is_space(text->ptr[word.len])))
		return false;
	*text = str_sub(*text, word.len, text->len);
	return true;
}

static bool has_option(struct str text, struct str option)
{
	while (text.len > 0) {
		text = str_trim_left(text);
		if (take_word(&text, option))
			return true;
		while (text.len > 0 && !is_space(text.ptr[0]))
			text = str_sub(text, 1, text.len);
	}
	return false;
}

static enum part_mark read_dbmate(struct str line, bool *without_transaction)
{
	struct str text = str_trim(str_sub(line, 2, line.len));
	enum part_mark mark = MARK_NONE;

	if (take_word(&text, STR("migrate:up")))
		mark = MARK_UP;
	else if (take_word(&text, STR("migrate:down")))
		mark = MARK_DOWN;
	if (mark != MARK_NONE)
		*without_transaction = has_option(text, STR("transaction:false"));
	return mark;
}

const struct part_syntax part_syntax_dbmate = {
	.tool = "dbmate",
	.up = "-- migrate:up",
	.down = "-- migrate:down",
	.read = read_dbmate,
};

/* --- tern ---------------------------------------------------------------------------------- */

#define TERN_DOWN "---- create above / drop below ----"
#define TERN_NO_TRANSACTION "---- tern: disable-tx ----"

static enum part_mark read_tern(struct str line, bool *without_transaction)
{
	if (str_eq(line, STR(TERN_DOWN)))
		return MARK_DOWN;
	*without_transaction = str_eq(line, STR(TERN_NO_TRANSACTION));
	return *without_transaction ? MARK_NOTHING : MARK_NONE;
}

const struct part_syntax part_syntax_tern = {
	.tool = "tern",
	.down = TERN_DOWN,
	.read = read_tern,
};

/* ------------------------------------------------------------------------------------------- */

enum part_mark part_mark_read(const struct part_syntax *syntax, struct str line,
                              bool *without_transaction)
{
	struct str text = str_trim(line);
	enum part_mark mark;

	*without_transaction = false;
	mark = syntax->read(text, without_transaction);
	return mark == MARK_NONE || text.ptr == line.ptr ? mark : MARK_INDENTED;
}
