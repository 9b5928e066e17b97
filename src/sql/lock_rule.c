/* SPDX-License-Identifier: Apache-2.0 */
/* lock_rule.c - the locks of statements that cannot run in a transaction */
#include "cflyway/sql/lock_rule.h"

#include "cflyway/base/ascii.h"

#include <ctype.h>

struct reader {
	struct str rest, token; /* the empty token: the end */
};

/* --- tokens -------------------------------------------------------------------------------- */

static struct str skip_blanks(struct str text)
{
	for (;;) {
		while (text.len > 0 && isspace((unsigned char)text.ptr[0]))
			text = str_sub(text, 1, text.len);
		if (str_starts(text, STR("--")))
			text = str_sub(text, str_find_char(text, '\n'), text.len);
		else if (str_starts(text, STR("/*")))
			text = str_sub(text, str_find(text, STR("*/")) + 2, text.len);
		else
			return text;
	}
}

/* The length of a name with its quotes, without a dot. */
static size_t part_length(struct str text)
{
	size_t at = 1;

	if (text.len == 0 || text.ptr[0] != '"') {
		for (at = 0; at < text.len && ascii_is_name(text.ptr[at]); at++)
			continue;
		return at;
	}
	for (; at < text.len; at++) {
		if (text.ptr[at] != '"')
			continue;
		if (at + 1 == text.len || text.ptr[at + 1] != '"')
			return at + 1;
		at++;
	}
	return at;
}

/* A word or a name with its schema, or one character. */
static void next(struct reader *reader)
{
	const struct str text = skip_blanks(reader->rest);
	size_t len = part_length(text);

	while (len > 0 && len < text.len && text.ptr[len] == '.')
		len += 1 + part_length(str_sub(text, len + 1, text.len));
	if (len == 0 && text.len > 0)
		len = 1;
	reader->token = str_sub(text, 0, len);
	reader->rest = str_sub(text, len, text.len);
}

static bool accept(struct reader *reader, const char *word)
{
	if (!str_eq_nocase(reader->token, str_of(word)))
		return false;
	next(reader);
	return true;
}

/* Skips "IF EXISTS" or "IF NOT EXISTS". */
static void accept_if_exists(struct reader *reader)
{
	if (!accept(reader, "if"))
		return;
	(void)accept(reader, "not");
	(void)accept(reader, "exists");
}

/* Skips "( … )", if it comes next. True: word is in it. */
static bool accept_options(struct reader *reader, const char *word)
{
	bool has_word = false;
	size_t depth = 0;

	while (reader->token.len > 0) {
		if (str_eq(reader->token, STR("(")))
			depth++;
		else if (depth == 0)
			break;
		else if (str_eq(reader->token, STR(")")))
			depth--;
		has_word |= str_eq_nocase(reader->token, str_of(word));
		next(reader);
	}
	return has_word;
}

/* --- statements ---------------------------------------------------------------------------- */

static void add_name(struct reader *reader, struct lock_rule *rule, unsigned level)
{
	const char first = reader->token.len > 0 ? reader->token.ptr[0] : ';';

	if (rule->n == LOCK_RULE_NAMES_MAX || (first != '"' && !ascii_is_name(first)))
		return;
	rule->names[rule->n++] = (struct lock_rule_name){reader->token, level};
	next(reader);
}

/* NAME [(columns)], … */
static void add_names(struct reader *reader, struct lock_rule *rule, unsigned level)
{
	do {
		add_name(reader, rule, level);
		(void)accept_options(reader, "");
	} while (accept(reader, ","));
}

static void read_create(struct reader *reader, struct lock_rule *rule)
{
	(void)accept(reader, "unique");
	if (!accept(reader, "index") || !accept(reader, "concurrently"))
		return;
	while (reader->token.len > 0 && !accept(reader, "on"))
		next(reader); /* IF NOT EXISTS, its name */
	(void)accept(reader, "only");
	add_name(reader, rule, LOCK_RULE_SHARE_UPDATE_EXCLUSIVE);
	rule->awaited = LOCK_RULE_SHARE;
}

static void read_drop(struct reader *reader, struct lock_rule *rule)
{
	if (!accept(reader, "index") || !accept(reader, "concurrently"))
		return;
	accept_if_exists(reader);
	add_names(reader, rule, LOCK_RULE_SHARE_UPDATE_EXCLUSIVE);
	rule->awaited = LOCK_RULE_ACCESS_EXCLUSIVE;
}

static void read_reindex(struct reader *reader, struct lock_rule *rule)
{
	bool is_concurrent = accept_options(reader, "concurrently");

	if (!accept(reader, "index") && !accept(reader, "table"))
		return;
	is_concurrent |= accept(reader, "concurrently");
	if (!is_concurrent)
		return;
	add_name(reader, rule, LOCK_RULE_SHARE_UPDATE_EXCLUSIVE);
	rule->awaited = LOCK_RULE_ACCESS_EXCLUSIVE;
}

static void read_vacuum(struct reader *reader, struct lock_rule *rule)
{
	bool is_full = accept_options(reader, "full");

	is_full |= accept(reader, "full");
	(void)accept(reader, "freeze");
	(void)accept(reader, "verbose");
	if (!accept(reader, "analyze"))
		(void)accept(reader, "analyse");
	add_names(reader, rule,
	          is_full ? LOCK_RULE_ACCESS_EXCLUSIVE : LOCK_RULE_SHARE_UPDATE_EXCLUSIVE);
}

static void read_alter(struct reader *reader, struct lock_rule *rule)
{
	if (!accept(reader, "table"))
		return;
	accept_if_exists(reader);
	(void)accept(reader, "only");
	add_name(reader, rule, LOCK_RULE_SHARE_UPDATE_EXCLUSIVE);
	(void)accept(reader, "*");
	if (accept(reader, "detach") && accept(reader, "partition"))
		add_name(reader, rule, LOCK_RULE_ACCESS_EXCLUSIVE);
	if (accept(reader, "concurrently"))
		rule->awaited = LOCK_RULE_ACCESS_EXCLUSIVE;
	else
		rule->n = 0;
}

bool lock_rule_find(struct str statement, struct lock_rule *rule)
{
	static const struct {
		const char *word;
		void (*read)(struct reader *reader, struct lock_rule *rule);
	} statements[] = {
		{"alter", read_alter},     {"create", read_create}, {"drop", read_drop},
		{"reindex", read_reindex}, {"vacuum", read_vacuum},
	};
	struct reader reader = {.rest = statement};

	*rule = (struct lock_rule){0};
	next(&reader);
	for (size_t i = 0; i < COUNT(statements); i++) {
		if (!accept(&reader, statements[i].word))
			continue;
		statements[i].read(&reader, rule);
		break;
	}
	return rule->n > 0;
}
