/* SPDX-License-Identifier: Apache-2.0 */
/*
 * placeholder.c - replaces ${name} in the text of a script, as it streams by
 *
 * Flyway's scan rule: characters wait as long as they match the beginning of the prefix. A
 * character that breaks the match passes through with the waiting ones and is not examined again.
 * Therefore "$${x}" stays as it is and "$$${x}" does not. A piece without the first character of
 * the prefix is passed on unchanged.
 */
#include "cflyway/sql/placeholder.h"

#include "cflyway/base/nearest.h"
#include "cflyway/base/utf8.h"

#include <stdint.h>
#include <string.h>

/* DIFFERS: Flyway reads an unclosed name to the end of the script. */
enum { NAME_MAX_BYTES = 64 * 1024 };

/* For notes. */
enum { NAMES_SHOWN = 20, LONGEST_SHOWN = 64 };

void placeholders_add(struct arena *arena, struct placeholders *placeholders, const char *name,
                      const char *value)
{
	placeholders->items = arena_grow(arena, placeholders->items, placeholders->n,
	                                 sizeof(*placeholders->items));
	placeholders->items[placeholders->n++] = (struct placeholder){name, value};
	placeholders->index.ignores_case = true;
	size_t first = placeholders->index.n > 0 ? placeholders->n - 1 : 0;
	for (size_t i = first; i < placeholders->n && placeholders->n >= NAME_INDEX_MIN; i++)
		name_index_put(arena, &placeholders->index, str_of(placeholders->items[i].name), i);
}

/* Tells whether name begins with "flyway:" (case matters; configured separator). For messages. */
static bool is_own(const struct placeholders *placeholders, struct str name)
{
	struct str own = STR("flyway"), separator = str_of(placeholders->separator);

	return str_starts(name, own) && str_starts(str_sub(name, own.len, name.len), separator);
}

static bool is_file_name(const struct placeholders *placeholders, struct str name)
{
	struct str own = STR("flyway"), separator = str_of(placeholders->separator);

	return str_starts_nocase(name, own) &&
	       str_starts_nocase(str_sub(name, own.len, name.len), separator) &&
	       str_eq_nocase(str_sub(name, own.len + separator.len, name.len), STR("filename"));
}

/* Returns NULL if there is no value. */
static const char *find_value(const struct placeholder_source *filter, struct str name)
{
	const struct placeholders *placeholders = filter->placeholders;

	if (filter->file_name != NULL && is_file_name(placeholders, name))
		return filter->file_name;
	if (placeholders->index.n > 0) {
		size_t found = name_index_find(&placeholders->index, name);

		return found != SIZE_MAX ? placeholders->items[found].value : NULL;
	}
	for (size_t i = placeholders->n; i > 0; i--)
		if (str_eq_nocase(str_of(placeholders->items[i - 1].name), name))
			return placeholders->items[i - 1].value;
	return NULL;
}

/* What is appended to out next comes from that offset of the script. */
static void add_part(struct placeholder_source *filter, size_t input, bool is_value)
{
	struct placeholder_trace *trace = filter->trace;

	if (trace == NULL)
		return;
	if (trace->n == trace->cap) {
		size_t cap = trace->cap == 0 ? 64 : 2 * trace->cap;

		trace->parts = arena_realloc(&trace->arena, trace->parts,
		                             trace->cap * sizeof(*trace->parts),
		                             cap * sizeof(*trace->parts));
		trace->cap = cap;
	}
	trace->parts[trace->n++] = (struct placeholder_part){filter->out.len, input, is_value};
}

/* The offset in the script of what has not been read yet of the piece; only with a trace. */
static size_t input_offset(const struct placeholder_source *filter)
{
	return filter->trace != NULL ? filter->trace->input - filter->rest.len : 0;
}

void placeholder_trace_release(struct placeholder_trace *trace)
{
	arena_release(&trace->arena);
	*trace = (struct placeholder_trace){0};
}

/* Appends the value of the name that has been read. */
static bool replace(struct placeholder_source *filter)
{
	const char *value = find_value(filter, buf_str(&filter->name));

	if (filter->trace != NULL)
		add_part(filter, filter->trace->name_at, true);
	filter->in_name = false;
	filter->is_unknown = value == NULL;
	return value != NULL && buf_add(&filter->out, value);
}

/* --- an unknown name ----------------------------------------------------------------------- */

static void note_place(const struct placeholder_source *filter, struct error *err)
{
	struct note_place place;

	if (filter->origin != NULL && filter->origin->find(filter->origin, filter->name_at, &place))
		error_locate(err, NOTE_PLACE, &place, "%s:%zu:%zu", place.path, place.line,
		             place.column);
}

/* Lists the user's names, as far as a line goes. */
static void note_defined(const struct placeholders *placeholders, struct error *err)
{
	struct str_list names = {0};
	size_t more = 0;

	for (size_t i = 0; i < placeholders->n; i++) {
		const char *name = placeholders->items[i].name;

		if (is_own(placeholders, str_of(name)))
			continue;
		if (names.n < NAMES_SHOWN)
			str_list_add(err->arena, &names, name);
		else
			more++;
	}
	if (names.n == 0)
		error_explain(err, NOTE_CAUSE, "no placeholder is defined");
	else if (more == 0)
		error_explain(err, NOTE_CAUSE, "these placeholders are defined: %s",
		              str_list_join(err->arena, &names, ", "));
	else
		error_explain(err, NOTE_CAUSE, "these placeholders are defined: %s and %zu more",
		              str_list_join(err->arena, &names, ", "), more);
}

/* Could it be the name of a placeholder, or is it a piece of code that has a prefix in it? */
static bool is_like_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] <= ' ' || strchr("{}()$'\";,", name.ptr[i]) != NULL)
			return false;
	return name.len > 0 && name.len <= LONGEST_SHOWN;
}

/* Returns the nearest name in the spelling of scripts: "${user}". NULL: none is near. */
static const char *nearest_name(const struct placeholder_source *filter, struct str name,
                                struct arena *arena)
{
	const struct placeholders *placeholders = filter->placeholders;
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < placeholders->n; i++)
		if (placeholders->items[i].value != NULL)
			nearest_consider(&nearest, str_of(placeholders->items[i].name),
			                 placeholders->items[i].name);
	if (filter->file_name != NULL) {
		const char *own = arena_printf(arena, "flyway%sfilename", placeholders->separator);

		nearest_consider(&nearest, str_of(own), own);
	}
	return nearest.name == NULL ? NULL
	                            : arena_printf(arena, "%s%s%s", placeholders->prefix,
	                                           nearest.name, placeholders->suffix);
}

static void note_remedy(const struct placeholder_source *filter, struct str name, bool is_flyways,
                        struct error *err)
{
	const char *meant = nearest_name(filter, name, err->arena);

	if (meant != NULL)
		nearest_note(&(struct nearest){.name = meant}, err);
	else if (is_flyways || !is_like_name(name))
		error_explain(err, NOTE_NEXT,
		              "with placeholderReplacement=false, %s...%s stays as it is",
		              filter->placeholders->prefix, filter->placeholders->suffix);
	else
		error_explain(err, NOTE_NEXT,
		              "-placeholders.%.*s=VALUE gives it a value; with "
		              "placeholderReplacement=false it stays as it is",
		              (int)name.len, name.ptr);
}

static bool explain(const struct placeholder_source *filter, bool is_flyways, struct error *err)
{
	struct str name = buf_str(&filter->name);

	note_place(filter, err);
	if (!is_flyways)
		note_defined(filter->placeholders, err);
	note_remedy(filter, name, is_flyways, err);
	return false;
}

static bool fail_unknown(const struct placeholder_source *filter, struct error *err)
{
	const struct placeholders *placeholders = filter->placeholders;
	struct str name = buf_str(&filter->name);
	/* a name that is too long may be cut inside a character */
	const char *text = arena_strndup(err->arena, name.ptr, utf8_valid_prefix(name, NULL));

	if (is_own(placeholders, name)) {
		error_set(err, ERROR_GENERAL,
		          "Failed to populate value for default placeholder: %s%s%s",
		          placeholders->prefix, text, placeholders->suffix);
		return explain(filter, true, err);
	}
	error_set(err, ERROR_GENERAL,
	          "No value provided for placeholder: %s%s%s.  Check your configuration!",
	          placeholders->prefix, text, placeholders->suffix);
	return explain(filter, false, err);
}

/* ------------------------------------------------------------------------------------------- */

/* Passes on the waiting characters: they turned out to be plain text. */
static void release_prefix(struct placeholder_source *filter)
{
	add_part(filter, input_offset(filter) - filter->prefix.len, false);
	buf_append(&filter->out, filter->prefix.ptr, filter->prefix.len);
	buf_clear(&filter->prefix);
}

/* Reads text outside placeholders, up to the end of a prefix. */
static void read_text(struct placeholder_source *filter)
{
	struct str prefix = str_of(filter->placeholders->prefix);
	struct str *rest = &filter->rest;

	if (filter->prefix.len == 0) {
		size_t plain = str_find_char(*rest, prefix.ptr[0]);
		add_part(filter, input_offset(filter), false);
		buf_append(&filter->out, rest->ptr, plain);
		*rest = str_sub(*rest, plain, rest->len);
		if (rest->len == 0)
			return;
	}
	char c = rest->ptr[0];
	bool matches = c == prefix.ptr[filter->prefix.len];
	buf_putc(&filter->prefix, c);
	*rest = str_sub(*rest, 1, rest->len);
	if (!matches) {
		release_prefix(filter);
	} else if (filter->prefix.len == prefix.len) {
		if (filter->trace != NULL)
			filter->trace->name_at = input_offset(filter) - prefix.len;
		buf_clear(&filter->prefix);
		buf_clear(&filter->name);
		filter->in_name = true;
		filter->name_at = filter->taken - rest->len - prefix.len;
	}
}

static void cut_name(struct placeholder_source *filter, size_t len)
{
	struct buf *name = &filter->name;

	name->len -= len < name->len ? len : name->len;
	if (name->ptr != NULL)
		name->ptr[name->len] = '\0';
}

/* Reads the name, up to the end of the suffix. */
static bool read_name(struct placeholder_source *filter)
{
	struct str suffix = str_of(filter->placeholders->suffix);
	size_t len = str_find_char(filter->rest, suffix.ptr[suffix.len - 1]);

	size_t room = NAME_MAX_BYTES + 1 - filter->name.len;

	len += len < filter->rest.len ? 1 : 0;
	len = len < room ? len : room;
	buf_append(&filter->name, filter->rest.ptr, len);
	filter->rest = str_sub(filter->rest, len, filter->rest.len);
	if (str_ends(buf_str(&filter->name), suffix)) {
		cut_name(filter, suffix.len);
		return replace(filter);
	}
	return filter->name.len <= NAME_MAX_BYTES || replace(filter);
}

/* Reads one piece. False: a name without value. */
static bool read_piece(struct placeholder_source *filter)
{
	while (filter->rest.len > 0) {
		if (!filter->in_name)
			read_text(filter);
		else if (!read_name(filter))
			return false;
	}
	return true;
}

/*
 * Handles a script that ends inside a placeholder: like Flyway, removes as many characters from the
 * name as the suffix has, and looks up the rest.
 */
static bool read_end(struct placeholder_source *filter)
{
	filter->at_end = true;
	if (!filter->in_name) {
		release_prefix(filter);
		return true;
	}
	size_t units = utf8_length_utf16(buf_str(&filter->name));
	size_t cut = utf8_length_utf16(str_of(filter->placeholders->suffix));
	size_t kept = units > cut ? units - cut : 0;
	cut_name(filter, filter->name.len - utf8_truncate_utf16(buf_str(&filter->name), kept).len);
	return replace(filter);
}

static bool is_untouched(const struct placeholder_source *filter, struct str piece)
{
	char first = filter->placeholders->prefix[0];

	return !filter->in_name && filter->prefix.len == 0 &&
	       str_find_char(piece, first) == piece.len;
}

static bool filter_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct placeholder_source *filter = (struct placeholder_source *)source;

	buf_clear(&filter->out);
	if (filter->trace != NULL)
		filter->trace->n = 0;
	while (filter->out.len == 0 && !filter->at_end && !filter->is_unknown) {
		if (!filter->input->next(filter->input, &filter->rest, err))
			return false;
		if (filter->trace != NULL)
			filter->trace->input += filter->rest.len;
		filter->taken += filter->rest.len;
		if (is_untouched(filter, filter->rest) && filter->rest.len > 0) {
			add_part(filter, input_offset(filter), false);
			*piece = filter->rest;
			return true;
		}
		if (!(filter->rest.len > 0 ? read_piece(filter) : read_end(filter)))
			break;
	}
	*piece = buf_str(&filter->out);
	return piece->len > 0 || !filter->is_unknown || fail_unknown(filter, err);
}

static void filter_close(struct text_source *source)
{
	placeholder_source_close((struct placeholder_source *)source);
}

void placeholder_source_open(struct placeholder_source *filter, struct text_source *input,
                             const struct placeholders *placeholders, const char *file_name)
{
	*filter = (struct placeholder_source){
		.source = {.next = filter_next, .close = filter_close},
		.input = input,
		.placeholders = placeholders,
		.file_name = file_name,
		.out = BUF_EMPTY(SIZE_MAX / 4),
		.prefix = BUF_EMPTY(SIZE_MAX / 4),
		.name = BUF_EMPTY(SIZE_MAX / 4),
	};
}

void placeholder_source_close(struct placeholder_source *filter)
{
	buf_release(&filter->out);
	buf_release(&filter->prefix);
	buf_release(&filter->name);
}
