/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout_detect.c - which layout do the files of the locations have?
 *
 * Files such as 001_x.sql without markers fit three layouts, which understand them alike; they
 * belong to the one that other files speak for, and to numbered without such files.
 */
#include "layout_detect.h"

#include "cflyway/base/fs.h"
#include "cflyway/migration/part_watch.h"

static void add(struct layout_evidence *evidence, const struct location_file *file)
{
	if (evidence->n++ == 0)
		evidence->first = file->path;
}

/* Flyway's repeatables and callbacks are in every layout. */
static bool has_flyway_name(struct arena *arena, const struct filename_rules *names,
                            const char *name)
{
	struct filename_rules rules = *names;
	struct filename parts;

	rules.layout = NULL;
	filename_parse(arena, name, &rules, &parts);
	return parts.kind == FILENAME_VERSIONED || parts.kind == FILENAME_BASELINE ||
	       parts.kind == FILENAME_UNDO;
}

/* Does the name say that it belongs to this layout and to no other one? */
static bool has_marker(enum layout_kind kind, struct str stem)
{
	struct layout_name name;

	return layout_read_name(layout_of(kind), stem, &name) && name.is_valid &&
	       (name.is_undo || name.stem.len < stem.len);
}

static bool is_numbered(struct str stem)
{
	struct layout_name name;

	return layout_read_name(layout_of(LAYOUT_NUMBERED), stem, &name) && name.is_valid;
}

/* Returns the tool whose first marker the file has, or NULL. */
static const struct part_syntax *find_tool(struct arena *arena,
                                           const struct resolve_options *options, const char *path)
{
	struct error ignored = ERROR_INIT(arena);
	struct text_file file = TEXT_FILE_CLOSED;
	struct part_watch watch;
	struct str piece;
	const struct part_syntax *found = NULL;

	if (!text_file_open(&file, path, options->encoding, &ignored))
		return NULL;
	struct text_source *source = part_watch_open(&watch, &file.source);
	while (found == NULL && source->next(source, &piece, &ignored)) {
		found = part_watch_found_up(&watch);
		if (piece.len == 0)
			break;
	}
	part_watch_close(&watch);
	text_file_close(&file);
	return found;
}

static void look_into_file(struct arena *arena, const struct resolve_options *options,
                           const struct location_file *file, bool has_plain_name,
                           struct layout_evidences *evidences)
{
	const struct part_syntax *syntax = find_tool(arena, options, file->path);

	for (size_t i = 0; syntax != NULL && i < LAYOUT_KIND_COUNT; i++) {
		const struct layout *layout = layout_of((enum layout_kind)i);

		if (layout != NULL && layout->parts == syntax)
			add(&evidences->of[i], file);
	}
	if (syntax == NULL && has_plain_name)
		add(&evidences->plain, file);
}

/* Scripts that the configuration has a program for tell by their names, as SQL does. */
static bool is_executed(const struct resolve_options *options, const char *name)
{
	const struct program_kind *program = program_kind_of(&options->programs, name);

	return program != NULL && program->executor != NULL;
}

static void add_plain(const struct resolve_options *options, const struct location_file *file,
                      struct str stem, struct arena *arena, struct layout_evidences *evidences)
{
	bool is_sql = filename_is_sql(fs_base_name(file->path), &options->names);

	if (is_sql)
		look_into_file(arena, options, file, is_numbered(stem), evidences);
	else if (is_numbered(stem))
		add(&evidences->plain, file);
}

void layout_evidence_add(struct arena *arena, const struct resolve_options *options,
                         const struct location_file *file, struct layout_evidences *evidences)
{
	const char *name = fs_base_name(file->path), *extension = program_extension(name);
	struct filename_rules rules = options->names;
	struct layout_name parts;

	if (is_executed(options, name))
		rules.suffixes = (struct str_list){&extension, 1};
	struct str stem = filename_stem(name, &rules);
	if (!filename_is_sql(name, &rules) || file->unreadable != 0)
		return;
	if (has_flyway_name(arena, &rules, name))
		add(&evidences->of[LAYOUT_FLYWAY], file);
	else if (has_marker(LAYOUT_UPDOWN, stem))
		add(&evidences->of[LAYOUT_UPDOWN], file);
	else if (has_marker(LAYOUT_NUMBERED, stem))
		add(&evidences->of[LAYOUT_NUMBERED], file);
	else if (layout_read_name(layout_of(LAYOUT_DBMATE), stem, &parts))
		add_plain(options, file, stem, arena, evidences);
}

/* --- the decision -------------------------------------------------------------------------- */

/* What speaks for a layout, with the files that could be in two. */
static struct layout_evidence evidence_for(const struct layout_evidences *evidences,
                                           enum layout_kind kind)
{
	struct layout_evidence evidence = evidences->of[kind];
	bool takes_plain = evidences->of[LAYOUT_UPDOWN].n > 0 ? kind == LAYOUT_UPDOWN
	                   : evidences->of[LAYOUT_TERN].n > 0 ? kind == LAYOUT_TERN
	                                                      : kind == LAYOUT_NUMBERED;

	if (!takes_plain || evidences->plain.n == 0)
		return evidence;
	if (evidence.n == 0)
		evidence.first = evidences->plain.first;
	evidence.n += evidences->plain.n;
	return evidence;
}

static const char *name_of(enum layout_kind kind)
{
	return kind == LAYOUT_FLYWAY ? "flyway" : layout_of(kind)->name;
}

/* The next kind, from *kind on, that has evidence. */
static bool next_kind(const struct layout_evidences *evidences, enum layout_kind *kind,
                      struct layout_evidence *evidence)
{
	for (; *kind < LAYOUT_AUTO; (*kind)++) {
		*evidence = evidence_for(evidences, *kind);
		if (evidence->n > 0)
			return true;
	}
	return false;
}

bool layout_detect(const struct layout_evidences *evidences, const struct log *log,
                   enum layout_kind *kind, struct error *err)
{
	enum layout_kind other;
	struct layout_evidence evidence, second;

	*kind = LAYOUT_FLYWAY;
	if (!next_kind(evidences, kind, &evidence)) {
		*kind = LAYOUT_FLYWAY;
		log_cflyway(log, "cflyway.layout=auto: no migrations found");
		return true;
	}
	other = (enum layout_kind)(*kind + 1);
	if (next_kind(evidences, &other, &second))
		return error_set(err, ERROR_GENERAL,
		                 "cflyway.layout=auto: two layouts fit, %s (%s) and %s (%s). Say "
		                 "which one it is",
		                 name_of(*kind), evidence.first, name_of(other), second.first);
	log_cflyway(log, "cflyway.layout=auto: %s, as %zu file%s such as %s", name_of(*kind),
	            evidence.n, evidence.n == 1 ? "" : "s", evidence.first);
	return true;
}

void layout_hint(const struct layout_evidences *evidences, const struct log *log)
{
	enum layout_kind kind = LAYOUT_FLYWAY + 1, best = LAYOUT_FLYWAY;
	struct layout_evidence evidence, most = {0};

	for (; next_kind(evidences, &kind, &evidence); kind++) {
		if (evidence.n > most.n) {
			best = kind;
			most = evidence;
		}
	}
	if (most.n > 0)
		log_cflyway(log,
		            "no migration has a name of Flyway's; cflyway.layout=%s reads files "
		            "such as %s",
		            name_of(best), most.first);
}
