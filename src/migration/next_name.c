/* SPDX-License-Identifier: Apache-2.0 */
/* next_name.c - the name of a new migration, in the habit of the existing ones */
#include "cflyway/migration/next_name.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/fs.h"
#include "cflyway/migration/next_version.h"

/* How the words of a description are joined. */
enum join {
	JOIN_UNDERSCORE,
	JOIN_HYPHEN,
	JOIN_BLANK,
	JOIN_CAMEL, /* AddPrice, addPrice */
	JOIN_COUNT,
};

/* A file that is a migration. */
struct model {
	struct filename filename;
	struct str raw_description; /* as in the name */
	const char *suffix;
	const char *separator; /* as in the name; of the rules without one */
};

/* What the existing files tell. */
struct habit {
	bool has_version, has_versioned;
	struct model highest;   /* versioned or baseline; if has_version */
	struct model versioned; /* the highest to undo; if has_versioned */
	size_t joins[JOIN_COUNT];
	bool begins_upper; /* the last camel-case description */
};

static bool is_camel(struct str text)
{
	for (size_t i = 1; i < text.len; i++)
		if (text.ptr[i - 1] >= 'a' && text.ptr[i - 1] <= 'z' && text.ptr[i] >= 'A' &&
		    text.ptr[i] <= 'Z')
			return true;
	return false;
}

/* Counts how the words of a description are joined, if it has several. */
static void count_join(struct habit *habit, struct str text)
{
	if (str_find_char(text, '_') < text.len) {
		habit->joins[JOIN_UNDERSCORE]++;
	} else if (str_find_char(text, ' ') < text.len) {
		habit->joins[JOIN_BLANK]++;
	} else if (str_find_char(text, '-') < text.len) {
		habit->joins[JOIN_HYPHEN]++;
	} else if (is_camel(text)) {
		habit->joins[JOIN_CAMEL]++;
		habit->begins_upper = text.ptr[0] >= 'A' && text.ptr[0] <= 'Z';
	}
}

/* The rest of a model whose name is in the layout of the rules. */
static void read_layout_model(struct arena *arena, const char *name,
                              const struct filename_rules *rules, struct model *model)
{
	struct str stem = filename_stem(name, rules);
	struct layout_name parts;

	layout_read_name(rules->layout, stem, &parts);
	const char *end = parts.number.ptr + parts.number.len;
	model->raw_description = parts.description;
	model->separator = str_dup(arena, (struct str){end, (size_t)(parts.description.ptr - end)});
	model->suffix = name + stem.len;
}

/* False if the file is no migration. */
static bool read_model(struct arena *arena, const char *path, const struct filename_rules *rules,
                       struct model *model)
{
	const char *name = fs_base_name(path);

	if (!filename_is_sql(name, rules))
		return false;
	filename_parse(arena, name, rules, &model->filename);
	const struct filename *filename = &model->filename;
	model->separator = rules->separator;
	if (filename->kind == FILENAME_INVALID || filename->kind == FILENAME_CALLBACK)
		return false;
	if (filename->stem.len > 0) {
		read_layout_model(arena, name, rules, model);
		return true;
	}
	const char *rest = name + strlen(filename->prefix) + strlen(filename->version.raw);
	if (str_starts(str_of(rest), str_of(rules->separator)))
		rest += strlen(rules->separator);
	model->raw_description = (struct str){rest, strlen(filename->description)};
	model->suffix = rest + model->raw_description.len;
	return true;
}

static bool is_higher(const struct model *model, bool has_best, const struct model *best)
{
	return !has_best || version_compare(&model->filename.version, &best->filename.version) > 0;
}

/* Is it the versioned migration that an undo migration is wanted for? */
static bool is_to_undo(const struct model *model, const struct version *wanted)
{
	return model->filename.kind == FILENAME_VERSIONED &&
	       (wanted == NULL || version_compare(&model->filename.version, wanted) == 0);
}

static struct habit read_habit(struct arena *arena, const struct next_name_request *request,
                               const struct version *wanted)
{
	struct habit habit = {0};

	for (size_t i = 0; i < request->paths.n; i++) {
		struct model model;

		if (!read_model(arena, request->paths.items[i], request->rules, &model))
			continue;
		count_join(&habit, model.raw_description);
		if (is_to_undo(&model, wanted) &&
		    is_higher(&model, habit.has_versioned, &habit.versioned)) {
			habit.versioned = model;
			habit.has_versioned = true;
		}
		if (model.filename.kind != FILENAME_VERSIONED &&
		    model.filename.kind != FILENAME_BASELINE)
			continue;
		if (is_higher(&model, habit.has_version, &habit.highest)) {
			habit.highest = model;
			habit.has_version = true;
		}
	}
	return habit;
}

/* --- descriptions -------------------------------------------------------------------------- */

static enum join usual_join(const struct habit *habit)
{
	enum join best = JOIN_UNDERSCORE;

	for (enum join join = JOIN_UNDERSCORE; join < JOIN_COUNT; join++)
		if (habit->joins[join] > habit->joins[best])
			best = join;
	return best;
}

/* Joins the words; a single word stays as it is. */
static const char *join_words(struct arena *arena, struct str text, const struct habit *habit)
{
	static const char *const between[] = {
		[JOIN_UNDERSCORE] = "_",
		[JOIN_HYPHEN] = "-",
		[JOIN_BLANK] = " ",
		[JOIN_CAMEL] = "",
	};
	enum join join = usual_join(habit);
	const char *joined = "";
	size_t n = 0;

	if (str_find_char(text, ' ') == text.len)
		return str_dup(arena, text);
	for (struct str rest = text; rest.ptr != NULL;) {
		struct str word = str_trim(str_cut(&rest, ' '));

		if (word.len == 0)
			continue;
		char *copy = str_dup(arena, word);
		if (join == JOIN_CAMEL && (n > 0 || habit->begins_upper))
			copy[0] = ascii_upper(copy[0]);
		joined = n++ == 0 ? copy : arena_concat(arena, joined, between[join], copy);
	}
	return joined;
}

static bool check_description(struct str text, struct error *err)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '/' || (unsigned char)text.ptr[i] < ' ')
			return error_set(err, ERROR_CONFIGURATION,
			                 "The description becomes part of a file name and cannot "
			                 "have a slash or a control character: %.*s",
			                 (int)text.len, text.ptr);
	return true;
}

/* Is the new name one of the layout, rather than one of Flyway's? */
static bool has_layout_name(const struct next_name_request *request)
{
	return request->rules->layout != NULL &&
	       (request->kind == FILENAME_VERSIONED || request->kind == FILENAME_UNDO);
}

/* Does an undo file belong to the migration that has its description? */
static bool pairs_by_name(const struct next_name_request *request)
{
	return request->kind == FILENAME_UNDO && has_layout_name(request) &&
	       request->rules->layout->equal_numbers == LAYOUT_EQUAL_COUNTED;
}

/* Sets *description to what stands in the name; "" if there is none. */
static bool choose_description(struct arena *arena, const struct next_name_request *request,
                               const struct habit *habit, const char **description,
                               struct error *err)
{
	struct str text = str_trim(str_of(request->description));

	*description = "";
	if (!check_description(text, err))
		return false;
	if (text.len > 0 && !pairs_by_name(request))
		*description = join_words(arena, text, habit);
	else if (request->kind == FILENAME_UNDO)
		*description = str_dup(arena, habit->versioned.raw_description);
	else if (request->kind == FILENAME_REPEATABLE)
		return error_set(err, ERROR_CONFIGURATION,
		                 "A repeatable migration needs a description: "
		                 "-description=\"my view\"");
	return true;
}

/* --- versions ------------------------------------------------------------------------------ */

static bool parse_wanted(struct arena *arena, const char *text, struct version *version,
                         struct error *err)
{
	if (!version_parse(arena, text, version, err))
		return false;
	return version->kind == VERSION_NUMBER ||
	       error_set(err, ERROR_GENERAL,
	                 "Version may only contain 0..9 and . (dot). Invalid version: %s", text);
}

static bool fail_no_partner(const struct next_name_request *request, struct error *err)
{
	if (request->version != NULL)
		return error_set(err, ERROR_GENERAL,
		                 "There is no versioned migration %s that could be undone",
		                 request->version);
	return error_set(err, ERROR_GENERAL,
	                 "There is no versioned migration that could be undone");
}

static bool choose_version(struct arena *arena, const struct next_name_request *request,
                           const struct habit *habit, const char **version, struct error *err)
{
	const char *highest = habit->has_version ? habit->highest.filename.version.raw : NULL;
	enum add_timestamp timestamp = request->timestamp;

	*version = "";
	if (request->kind == FILENAME_REPEATABLE)
		return request->version == NULL ||
		       error_set(err, ERROR_CONFIGURATION, "A repeatable migration has no version");
	if (request->kind == FILENAME_UNDO) {
		if (!habit->has_versioned)
			return fail_no_partner(request, err);
		*version = habit->versioned.filename.version.raw;
		return true;
	}
	if (request->version != NULL) {
		*version = timestamp == ADD_TIMESTAMP_ALWAYS
		                   ? next_version_stamped(arena, request->version, request->now)
		                   : request->version;
		return true;
	}
	/* A baseline stands for the state up to the highest version. */
	if (request->kind == FILENAME_BASELINE && highest != NULL) {
		*version = highest;
		return true;
	}
	return next_version(arena, highest, timestamp, request->now, version, err);
}

/* --- names --------------------------------------------------------------------------------- */

static const char *prefix_of(const struct next_name_request *request)
{
	const struct filename_rules *rules = request->rules;

	switch (request->kind) {
	case FILENAME_REPEATABLE:
		return rules->repeatable_prefix;
	case FILENAME_BASELINE:
		return rules->baseline_prefix;
	case FILENAME_UNDO:
		return rules->undo_prefix;
	default:
		return rules->versioned_prefix;
	}
}

/* Prefixes and separators of the project may make a name that means something else. */
static bool check_name(struct arena *arena, const struct next_name_request *request,
                       const struct next_name *next, struct error *err)
{
	struct version version = version_empty();
	struct filename read;

	if (next->version[0] != '\0' && !version_parse(arena, next->version, &version, err))
		return false;
	filename_parse(arena, next->name, request->rules, &read);
	if ((has_layout_name(request) || prefix_of(request)[0] != '\0') &&
	    filename_is_sql(next->name, request->rules) && read.kind == request->kind &&
	    version_compare(&read.version, &version) == 0)
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "%s would not be the name of such a migration: look at the prefixes, the "
	                 "separator and the suffixes of the configuration",
	                 next->name);
}

static const char *make_layout_name(struct arena *arena, const struct next_name_request *request,
                                    const struct habit *habit, const char *version,
                                    const char *description, const char *suffix)
{
	const struct layout *layout = request->rules->layout;
	bool is_undo = request->kind == FILENAME_UNDO;
	const struct model *model = is_undo ? &habit->versioned : &habit->highest;
	bool has_model = is_undo ? habit->has_versioned : habit->has_version;
	const char *separator =
		has_model && model->filename.stem.len > 0 && model->separator[0] != '\0'
			? model->separator
			: str_dup(arena, (struct str){layout->separators, 1});

	return arena_printf(arena, "%s%s%s%s%s%s", layout->prefix, version, separator, description,
	                    is_undo ? layout->undo_marker : layout->up_marker, suffix);
}

static const char *make_name(struct arena *arena, const struct next_name_request *request,
                             const struct habit *habit, const char *version,
                             const char *description)
{
	const struct filename_rules *rules = request->rules;
	const char *suffix = habit->has_version      ? habit->highest.suffix
	                     : rules->suffixes.n > 0 ? rules->suffixes.items[0]
	                                             : "";

	if (has_layout_name(request))
		return make_layout_name(arena, request, habit, version, description, suffix);
	return arena_printf(arena, "%s%s%s%s%s", prefix_of(request), version,
	                    description[0] != '\0' ? rules->separator : "", description, suffix);
}

/* Of a layout in which a migration and its undo migration are one file. */
static bool check_layout(const struct next_name_request *request, struct error *err)
{
	const struct layout *layout = request->rules->layout;

	if (request->kind != FILENAME_UNDO || layout == NULL || layout->parts == NULL)
		return true;
	return error_set(
		err, ERROR_CONFIGURATION,
		"In the layout %s an undo migration has no file of its own: write it after "
		"the line '%s'",
		layout->name, layout->parts->down);
}

static const char *make_content(struct arena *arena, const struct next_name_request *request)
{
	const struct layout *layout = request->rules->layout;

	if (!has_layout_name(request) || layout->parts == NULL)
		return "";
	return arena_printf(arena, "%s\n\n%s\n", layout->parts->up != NULL ? layout->parts->up : "",
	                    layout->parts->down);
}

bool next_name(struct arena *arena, const struct next_name_request *request, struct next_name *next,
               struct error *err)
{
	struct version wanted;
	const char *description;

	*next = (struct next_name){0};
	if (!check_layout(request, err) ||
	    (request->version != NULL && !parse_wanted(arena, request->version, &wanted, err)))
		return false;
	struct habit habit = read_habit(arena, request, request->version != NULL ? &wanted : NULL);
	if (!choose_version(arena, request, &habit, &next->version, err) ||
	    !choose_description(arena, request, &habit, &description, err))
		return false;
	next->name = make_name(arena, request, &habit, next->version, description);
	next->content = make_content(arena, request);
	return check_name(arena, request, next, err);
}

const char *next_name_taken(struct arena *arena, const struct next_name_request *request,
                            const char *path)
{
	struct model wanted, other;

	if (!read_model(arena, path, request->rules, &wanted))
		return NULL;
	for (size_t i = 0; i < request->paths.n; i++) {
		const char *candidate = request->paths.items[i];

		if (strcmp(candidate, path) == 0 ||
		    !read_model(arena, candidate, request->rules, &other) ||
		    other.filename.kind != wanted.filename.kind)
			continue;
		if (wanted.filename.kind == FILENAME_REPEATABLE
		            ? strcmp(other.filename.description, wanted.filename.description) == 0
		            : version_compare(&other.filename.version, &wanted.filename.version) ==
		                      0)
			return candidate;
	}
	return NULL;
}
