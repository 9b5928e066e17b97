/* SPDX-License-Identifier: Apache-2.0 */
/* alembic.c - reads what Alembic prints: its revisions, and their SQL */
#include "cflyway/adopt/alembic.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"

#include <limits.h>
#include <stdint.h>

#define ARROW " -> "
#define BASE "<base>"
#define RUNNING_UPGRADE "-- Running upgrade "
#define RUNNING_DOWNGRADE "-- Running downgrade "
#define VERSION_COLUMN "version_num"
#define BEGIN_LINE "BEGIN;"
#define COMMIT_LINE "COMMIT;"

enum { DIGITS_MIN = 3, SLUG_MAX = 60 };

/* --- revisions ----------------------------------------------------------------------------- */

/* "1975 -> ae10 (head), add a column". Returns false for any other line. */
static bool read_line(struct arena *arena, struct str line, struct alembic_revision *revision)
{
	size_t arrow = str_find(line, STR(ARROW));

	if (arrow == line.len)
		return false;
	struct str rest = str_sub(line, arrow + strlen(ARROW), line.len);
	struct str id = str_cut(&rest, ',');
	struct str parent = str_trim(str_sub(line, 0, arrow));

	id = str_trim(str_cut(&id, ' '));
	*revision = (struct alembic_revision){
		.id = str_dup(arena, id),
		.parent = str_eq(parent, STR(BASE)) ? "" : str_dup(arena, parent),
		.message = str_dup(arena, str_trim(rest)),
	};
	return id.len > 0 && parent.len > 0;
}

static const struct alembic_revision *find_child(const struct alembic_revisions *all,
                                                 const char *parent, size_t *n)
{
	const struct alembic_revision *found = NULL;

	*n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->items[i].parent, parent) != 0)
			continue;
		if (found == NULL)
			found = &all->items[i];
		++*n;
	}
	return found;
}

/* "a, b -> c" is a merge, "a (b) -> c" depends on b, and two of "a -> " are branches. */
static bool check_line(const struct alembic_revisions *all, const struct alembic_revision *revision,
                       struct error *err)
{
	size_t n;

	if (strpbrk(revision->parent, ",( ") != NULL)
		return error_set(err, ERROR_GENERAL,
		                 "The revisions are not one after the other: %s comes after %s. "
		                 "Scripts of Flyway have one order; import a history without "
		                 "merges and dependencies.",
		                 revision->id, revision->parent);
	(void)find_child(all, revision->parent, &n);
	return n < 2 || error_set(err, ERROR_GENERAL,
	                          "The revisions are not one after the other: %zu of them come "
	                          "after %s. Scripts of Flyway have one order; import a history "
	                          "without branches.",
	                          n, revision->parent[0] != '\0' ? revision->parent : BASE);
}

static bool put_in_order(struct arena *arena, const struct alembic_revisions *all,
                         struct alembic_revisions *revisions, struct error *err)
{
	const char *parent = "";

	revisions->items = arena_array(arena, all->n, sizeof(*revisions->items));
	for (revisions->n = 0; revisions->n < all->n; revisions->n++) {
		size_t n;
		const struct alembic_revision *next = find_child(all, parent, &n);

		if (next == NULL)
			return error_set(err, ERROR_GENERAL,
			                 "The revisions are not one after the other: none comes "
			                 "after %s",
			                 parent[0] != '\0' ? parent : BASE);
		revisions->items[revisions->n] = *next;
		parent = next->id;
	}
	return true;
}

bool alembic_read_history(struct arena *arena, struct str output,
                          struct alembic_revisions *revisions, struct error *err)
{
	struct alembic_revisions all = {0};
	struct alembic_revision revision;

	*revisions = (struct alembic_revisions){0};
	while (output.ptr != NULL) {
		struct str line = str_trim(str_cut(&output, '\n'));

		if (!read_line(arena, line, &revision))
			continue;
		all.items = arena_grow(arena, all.items, all.n, sizeof(*all.items));
		all.items[all.n++] = revision;
	}
	if (all.n == 0)
		return error_set(err, ERROR_GENERAL, "Alembic lists no revisions");
	for (size_t i = 0; i < all.n; i++)
		if (!check_line(&all, &all.items[i], err))
			return false;
	return put_in_order(arena, &all, revisions, err);
}

/* --- SQL ----------------------------------------------------------------------------------- */

/* The statement that writes the revision: INSERT INTO alembic_version (version_num) … */
static bool is_version_line(struct str line)
{
	bool writes = str_starts(line, STR("INSERT INTO ")) || str_starts(line, STR("UPDATE ")) ||
	              str_starts(line, STR("DELETE FROM "));

	return writes && str_find(line, STR(VERSION_COLUMN)) < line.len;
}

/* Where the last such line begins; the end of text if there is none. */
static size_t find_version_line(struct str text)
{
	struct str rest = text;
	size_t found = text.len;

	while (rest.ptr != NULL) {
		size_t at = (size_t)(rest.ptr - text.ptr);

		if (is_version_line(str_cut(&rest, '\n')))
			found = at;
	}
	return found;
}

static bool has_line(struct str text, struct str wanted)
{
	while (text.ptr != NULL)
		if (str_eq(str_trim_right(str_cut(&text, '\n')), wanted))
			return true;
	return false;
}

/* Around what must not run in a transaction, Alembic ends its own and begins another one. */
static bool has_gap(struct str text)
{
	return has_line(text, STR(COMMIT_LINE)) && has_line(text, STR(BEGIN_LINE));
}

static bool has_statement(struct str text)
{
	while (text.ptr != NULL) {
		struct str line = str_trim(str_cut(&text, '\n'));

		if (line.len > 0 && !str_starts(line, STR("--")))
			return true;
	}
	return false;
}

static const char *without_gaps(struct arena *arena, struct str text)
{
	struct buf out = BUF_EMPTY(INT_MAX);

	while (text.ptr != NULL) {
		struct str line = str_cut(&text, '\n');
		struct str trimmed = str_trim_right(line);

		if (str_eq(trimmed, STR(COMMIT_LINE)) || str_eq(trimmed, STR(BEGIN_LINE)))
			continue;
		buf_append(&out, line.ptr, line.len);
		buf_add(&out, text.ptr != NULL ? "\n" : "");
	}
	const char *sql = str_dup(arena, str_trim(buf_str(&out)));
	buf_release(&out);
	return sql;
}

/* text: what follows the line "-- Running …" up to the next one. */
static struct alembic_script read_script(struct arena *arena, struct str text)
{
	struct str body = str_trim(str_sub(text, 0, find_version_line(text)));
	bool has_gaps = has_gap(body);

	return (struct alembic_script){
		.sql = has_gaps ? without_gaps(arena, body) : str_dup(arena, body),
		.is_empty = !has_statement(body),
		.no_transaction = has_gaps,
		.has_placeholder = str_find(body, STR("${")) < body.len,
	};
}

/* Finds the line "-- Running upgrade A -> B", and sets *next to what follows it. */
static bool find_running(struct arena *arena, struct str text, const char *words, struct str *next)
{
	struct str wanted = str_trim_right(str_of(words));
	struct str with_message = str_of(arena_concat(arena, words, ",", ""));

	while (text.ptr != NULL) {
		struct str line = str_trim_right(str_cut(&text, '\n'));

		if (!str_eq(line, wanted) && !str_starts(line, with_message))
			continue;
		*next = text.ptr != NULL ? text : (struct str){"", 0};
		return true;
	}
	return false;
}

/* Up to the next line "-- Running ". */
static struct str cut_section(struct str text)
{
	struct str rest = text;

	while (rest.ptr != NULL) {
		size_t at = (size_t)(rest.ptr - text.ptr);
		struct str line = str_cut(&rest, '\n');

		if (str_starts(line, STR(RUNNING_UPGRADE)) ||
		    str_starts(line, STR(RUNNING_DOWNGRADE)))
			return str_sub(text, 0, at);
	}
	return text;
}

/* Reads the script after the line "-- Running upgrade A -> B". Without one, *script stays. */
static void take_script(struct arena *arena, struct str output, const char *running,
                        const char *from, const char *to, struct alembic_script *script)
{
	struct str section;

	if (find_running(arena, output, arena_printf(arena, "%s%s" ARROW "%s", running, from, to),
	                 &section))
		*script = read_script(arena, cut_section(section));
}

void alembic_divide_upgrade(struct arena *arena, struct str output,
                            struct alembic_revisions *revisions)
{
	for (size_t i = 0; i < revisions->n; i++) {
		struct alembic_revision *revision = &revisions->items[i];

		take_script(arena, output, RUNNING_UPGRADE, revision->parent, revision->id,
		            &revision->up);
	}
}

void alembic_divide_downgrade(struct arena *arena, struct str output,
                              struct alembic_revisions *revisions)
{
	for (size_t i = 0; i < revisions->n; i++) {
		struct alembic_revision *revision = &revisions->items[i];

		take_script(arena, output, RUNNING_DOWNGRADE, revision->id, revision->parent,
		            &revision->down);
	}
}

/* --- names --------------------------------------------------------------------------------- */

/* "Add a column: 'x'" is add_a_column_x. */
static const char *slug_of(struct arena *arena, const struct alembic_revision *revision)
{
	char slug[SLUG_MAX + 1];
	size_t n = 0;

	for (const char *c = revision->message; *c != '\0' && n < SLUG_MAX; c++) {
		bool is_word = ascii_is_letter(*c) || ascii_is_digit(*c);

		if (is_word)
			slug[n++] = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
		else if (n > 0 && slug[n - 1] != '_')
			slug[n++] = '_';
	}
	while (n > 0 && slug[n - 1] == '_')
		n--;
	return n > 0 ? arena_strndup(arena, slug, n) : revision->id;
}

const char *alembic_file_name(struct arena *arena, const char *prefix,
                              const struct alembic_revision *revision, size_t place, size_t n)
{
	int digits = DIGITS_MIN;

	for (size_t limit = 1000; n >= limit && limit < SIZE_MAX / 10; limit *= 10)
		digits++;
	return arena_printf(arena, "%s%0*zu__%s.sql", prefix, digits, place + 1,
	                    slug_of(arena, revision));
}
