/* SPDX-License-Identifier: Apache-2.0 */
/* location.c - parse and scan the places of scripts: "filesystem:sql", with wildcards */
#include "cflyway/migration/location.h"

#include "cflyway/base/name_index.h"
#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/nearest.h"
#include "cflyway/base/utf8.h"
#include "cflyway/config/secret.h"
#include "cflyway/migration/script_limits.h"
#include "cflyway/migration/glob.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FILESYSTEM "filesystem:"
#define CLASSPATH "classpath:"

/* --- parsing ------------------------------------------------------------------------------- */

/* Does the text start with a path that has a colon? "C:\sql", "C:/sql", "file:///sql". */
static bool starts_with_path(struct str text)
{
	bool is_drive = text.len >= 3 && ascii_is_letter(text.ptr[0]) && text.ptr[1] == ':' &&
	                (text.ptr[2] == '\\' || text.ptr[2] == '/');

	return is_drive || str_starts(text, STR("file:///"));
}

/* Turns "sql//a/" into "sql/a", as Java does with a file's path. */
static const char *tidy_path(struct arena *arena, struct str path)
{
	char *tidy = arena_alloc(arena, path.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] != '/' || len == 0 || tidy[len - 1] != '/')
			tidy[len++] = path.ptr[i];
	if (len > 1 && tidy[len - 1] == '/')
		len--;
	tidy[len] = '\0';
	return tidy;
}

static const char *tidy_classpath(struct arena *arena, struct str path)
{
	if (str_starts(path, STR("/")))
		path = str_sub(path, 1, path.len);
	if (str_ends(path, STR("/")))
		path = str_sub(path, 0, path.len - 1);
	return str_dup(arena, path);
}

/* Returns the start of the first part with a wildcard; path.len without one. */
static size_t find_pattern(struct str path)
{
	size_t start = 0;

	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == '/')
			start = i + 1;
		else if (path.ptr[i] == '*' || path.ptr[i] == '?')
			return start;
	}
	return path.len;
}

static struct location at_path(struct arena *arena, const char *path)
{
	struct str text = str_of(path);
	size_t pattern = find_pattern(text);
	struct location location = {
		.text = arena_printf(arena, FILESYSTEM "%s", path),
		.path = path,
		.root = path,
	};

	if (pattern < text.len) {
		location.root = str_dup(arena, str_sub(text, 0, pattern > 0 ? pattern - 1 : 0));
		location.pattern = path + pattern;
	}
	return location;
}

static struct location on_classpath(struct arena *arena, struct str path)
{
	const char *tidy = tidy_classpath(arena, path);

	return (struct location){
		.text = arena_printf(arena, CLASSPATH "%s", tidy),
		.path = tidy,
		.root = tidy,
		.is_classpath = true,
	};
}

/* "filesytem:sql" */
static void note_prefix(struct str text, struct error *err)
{
	static const char *const prefixes[] = {FILESYSTEM};

	nearest_note_of(prefixes, COUNT(prefixes), str_sub(text, 0, str_find_char(text, ':') + 1),
	                err);
}

static bool location_parse(struct arena *arena, const char *item, struct location *location,
                           struct error *err)
{
	struct str text = str_trim(str_of(item));
	bool has_prefix = str_find_char(text, ':') < text.len && !starts_with_path(text);

	if (str_starts_nocase(text, STR(FILESYSTEM))) {
		struct str path = str_sub(text, strlen(FILESYSTEM), text.len);

		*location = at_path(arena, tidy_path(arena, path));
	} else if (!has_prefix) {
		*location = on_classpath(arena, text);
	} else if (str_starts_nocase(text, STR(CLASSPATH))) {
		*location = on_classpath(arena, str_sub(text, strlen(CLASSPATH), text.len));
	} else {
		error_set(err, ERROR_GENERAL,
		          "Unknown prefix for location (should be one of classpath:, "
		          "filesystem:): %s",
		          secret_mask(err->arena, "", str_dup(err->arena, text)));
		error_note(err, "only filesystem: locations hold scripts; write filesystem: and a "
		                "directory");
		note_prefix(text, err);
		return false;
	}
	location->written = str_dup(arena, text);
	return true;
}

/* --- the list ------------------------------------------------------------------------------ */

static int compare_texts(const void *a, const void *b)
{
	const struct location *left = a, *right = b;

	return utf8_compare_utf16(str_of(left->text), str_of(right->text));
}

/* The texts of the locations that are kept, and where they are in the list. */
struct kept {
	const struct location_list *list;
	struct name_index index;
};

/* The location above this one, as its text ends at a slash or before one; NULL if none is kept. */
static const struct location *find_parent(const struct kept *kept, const struct location *location)
{
	struct str text = str_of(location->text);

	for (size_t at = 0; location->pattern == NULL && at < text.len; at++) {
		if (text.ptr[at] != '/')
			continue;
		for (size_t end = at; end <= at + 1; end++) {
			size_t found = name_index_find(&kept->index, str_sub(text, 0, end));

			if (found != SIZE_MAX && kept->list->items[found].pattern == NULL)
				return &kept->list->items[found];
		}
	}
	return NULL;
}

/* Says why a location is dropped (equal to another or below it), or returns NULL to keep it. */
static const char *find_discard_reason(struct arena *arena, const struct kept *kept,
                                       const struct location *location)
{
	bool is_duplicate = name_index_find(&kept->index, str_of(location->text)) != SIZE_MAX;
	const struct location *parent = is_duplicate ? NULL : find_parent(kept, location);

	if (is_duplicate)
		return arena_printf(arena, "Discarding duplicate location '%s'", location->text);
	if (parent != NULL)
		return arena_printf(arena,
		                    "Discarding location '%s' as it is a sub-location of '%s'",
		                    location->text, parent->text);
	return NULL;
}

bool location_list_parse(struct arena *arena, const struct str_list *texts,
                         struct location_list *list, struct error *err)
{
	struct location *items = arena_array(arena, texts->n, sizeof(items[0]));

	struct kept kept = {.list = list};
	*list = (struct location_list){.items = items};
	for (size_t i = 0; i < texts->n; i++)
		if (!location_parse(arena, texts->items[i], &items[i], err))
			return false;
	qsort(items, texts->n, sizeof(items[0]), compare_texts);
	for (size_t i = 0; i < texts->n; i++) {
		const char *reason = find_discard_reason(arena, &kept, &items[i]);

		if (reason != NULL) {
			str_list_add(arena, &list->warnings, reason);
			continue;
		}
		name_index_put(arena, &kept.index, str_of(items[i].text), list->n);
		items[list->n++] = items[i];
	}
	return true;
}

void location_list_warn(const struct location_list *list, const struct log *log)
{
	for (size_t i = 0; i < list->warnings.n; i++)
		log_warn(log, "%s", list->warnings.items[i]);
}

struct location location_below(struct arena *arena, const struct location *location,
                               const char *directory)
{
	if (location->is_classpath || location->path[0] == '/')
		return *location;
	struct str path = str_of(fs_join(arena, fs_absolute(arena, directory), location->path));
	struct location below = at_path(arena, tidy_path(arena, path));
	below.written = location->written;
	return below;
}

/* --- scanning ------------------------------------------------------------------------------ */

/* Guesses the path that a location on the class path probably means. */
static struct str meant_path(const struct location *location)
{
	struct str path = str_of(location->written);
	const struct str prefixes[] = {STR(CLASSPATH), STR("file://")};

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (str_starts_nocase(path, prefixes[i]))
			path = str_sub(path, prefixes[i].len, path.len);
	return path;
}

static bool scan_classpath(const struct location *location, bool fail_on_missing,
                           const struct log *log, struct error *err)
{
	struct str written = str_of(location->written), meant = meant_path(location);
	bool has_prefix = str_starts_nocase(written, STR(CLASSPATH));

	/* Measured: the root of the class path is always there. */
	if (fail_on_missing && strcmp(location->text, CLASSPATH) != 0) {
		error_set(err, ERROR_GENERAL, "Unable to resolve location %s.", location->text);
		error_note(err, "there is no Java class path; write filesystem:%.*s",
		           (int)meant.len, meant.ptr);
		return false;
	}
	if (meant.len == 0)
		return true; /* an empty item in a list */
	log_cflyway(log, "location '%s' %s; write filesystem:%.*s", location->written,
	            has_prefix ? "holds nothing without a Java class path"
	                       : "has no prefix and means the Java class path",
	            (int)meant.len, meant.ptr);
	return true;
}

/* Says why a location cannot be listed. */
static const char *name_obstacle(enum fs_kind kind)
{
	switch (kind) {
	case FS_MISSING:
		return "not found";
	case FS_UNREADABLE:
		return "not readable";
	case FS_DIRECTORY:
		return "unable to access folder";
	case FS_FILE:
	case FS_OTHER:
		break;
	}
	return "not a directory";
}

bool location_fail_unreadable(const char *path, bool is_directory, int reason, struct error *err)
{
	fs_fail_unreadable(path, is_directory, reason, err);
	error_note(err, "Flyway skips what it cannot read; cflyway.skipUnreadable=true does the "
	                "same.");
	return false;
}

/* Names a folder sql in the current directory, which may be meant. */
static const char *name_other_folder(struct arena *arena, const char *root, enum fs_kind kind)
{
	const char *here = fs_absolute(arena, "sql");

	if (kind != FS_MISSING || fs_kind(here) != FS_DIRECTORY ||
	    strcmp(here, fs_absolute(arena, root)) == 0)
		return "";
	return arena_printf(arena, "; there is a folder %s", here);
}

static bool list_root(struct arena *arena, const struct location *location, unsigned flags,
                      const struct log *log, struct fs_listing *listing, struct error *err)
{
	const char *root = location->root;
	enum fs_kind kind = fs_kind(root);
	bool is_there = kind == FS_DIRECTORY || kind == FS_UNREADABLE;
	int reason = is_there ? fs_list(arena, root, listing) : 0;

	if (is_there && reason == 0)
		return true;
	*listing = (struct fs_listing){0};
	if (flags & LOCATION_MUST_EXIST) {
		error_set(err, ERROR_GENERAL, "Failed to find filesystem location: %s (%s)", root,
		          name_obstacle(kind));
		error_explain(err, NOTE_CAUSE, "looked at %s%s", fs_absolute(arena, root),
		              name_other_folder(arena, root, kind));
		return false;
	}
	/* DIFFERS: Flyway continues without an unreadable location. */
	if (is_there && (flags & LOCATION_SKIP_UNREADABLE) == 0)
		return location_fail_unreadable(root, true, reason, err);
	log_error(log, "Skipping filesystem location: %s (%s)", root, name_obstacle(kind));
	log_cflyway(log, "looked at %s%s", fs_absolute(arena, root),
	            name_other_folder(arena, root, kind));
	return true;
}

static int compare_to_name(const void *key, const void *item)
{
	const struct str *wanted = key;
	const struct location_file *file = item;

	return utf8_compare_utf16(*wanted, str_of(file->relative));
}

/* The file that a configuration belongs to: its name without the suffix. NULL: none. */
static struct location_file *find_owner(const struct location_files *files, struct str name,
                                        struct str suffix)
{
	if (!str_ends(name, suffix))
		return NULL;
	name.len -= suffix.len;
	return bsearch(&name, files->items, files->n, sizeof(files->items[0]), compare_to_name);
}

/* A misspelt name must not cost a script its time limits in silence. */
static void find_limits(const struct log *log, const char *root, struct str name,
                        const struct location_files *files)
{
	const struct str suffix = STR(SCRIPT_LIMITS_SUFFIX);
	struct location_file *file = find_owner(files, name, suffix);

	if (file != NULL)
		file->has_limits = true;
	else if (str_ends(name, suffix))
		log_cflyway(log, "%s/%.*s has no effect: there is no %.*s beside it", root,
		            (int)name.len, name.ptr, (int)(name.len - suffix.len), name.ptr);
}

/*
 * Sets has_config and has_limits of the scripts, also for a directory: reading it fails, as in
 * Flyway. Listing and files are sorted by name.
 */
static void find_configs(const struct log *log, const char *root, const struct fs_listing *listing,
                         const struct location_files *files)
{
	for (size_t i = 0; i < listing->n; i++) {
		struct str name = str_of(listing->items[i].path);

		if (!str_ends(name, STR(".conf")) || listing->items[i].unreadable == ENOENT)
			continue;
		struct location_file *file = find_owner(files, name, STR(".conf"));
		if (file != NULL)
			file->has_config = true;
		find_limits(log, root, name, files);
	}
}

/* Leaves out folders. */
static void add_paths(struct arena *arena, const char *root, const struct fs_listing *listing,
                      struct location_files *files)
{
	const char *root_absolute = fs_absolute(arena, root);
	size_t added = strlen(root_absolute) - strlen(root);

	files->items = arena_array(arena, listing->n, sizeof(files->items[0]));
	for (size_t i = 0; i < listing->n; i++) {
		const struct fs_entry *entry = &listing->items[i];
		const char *absolute = fs_join(arena, root_absolute, entry->path);

		if (entry->is_directory)
			continue;
		files->items[files->n++] = (struct location_file){
			.relative = absolute + strlen(absolute) - strlen(entry->path),
			.path = absolute + added,
			.absolute = absolute,
			.unreadable = entry->unreadable,
		};
	}
}

/* DIFFERS: Flyway leaves out unreadable folders and everything below them. */
static bool check_folders(const struct location *location, const struct fs_listing *listing,
                          struct error *err)
{
	for (size_t i = 0; i < listing->n; i++) {
		const struct fs_entry *entry = &listing->items[i];

		if (entry->is_directory && entry->unreadable != 0 &&
		    (location->pattern == NULL ||
		     glob_may_match_below(str_of(location->pattern), str_of(entry->path))))
			return location_fail_unreadable(
				fs_join(err->arena, location->root, entry->path), true,
				entry->unreadable, err);
	}
	return true;
}

static void drop_unreadable(struct location_files *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->n; i++)
		if (files->items[i].unreadable == 0)
			files->items[kept++] = files->items[i];
	files->n = kept;
}

static int compare_scripts(const void *a, const void *b)
{
	const struct location_file *left = a, *right = b;
	int order = utf8_compare_utf16(str_of(left->relative), str_of(right->relative));

	return order != 0 ? order : strcmp(left->absolute, right->absolute);
}

static void keep_matching(const char *pattern, struct location_files *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->n; i++) {
		struct location_file file = files->items[i];
		struct str relative;

		if (!glob_match(str_of(pattern), str_of(file.relative), &relative))
			continue;
		file.relative = relative.ptr; /* ends where the file name ends */
		files->items[kept++] = file;
	}
	files->n = kept;
	if (kept > 1)
		qsort(files->items, kept, sizeof(files->items[0]), compare_scripts);
}

static bool scan_root(struct arena *arena, const struct location *location, unsigned flags,
                      const struct log *log, struct location_files *files, struct error *err)
{
	struct arena scratch = ARENA_EMPTY;
	struct fs_listing listing = {0};
	bool ok =
		list_root(&scratch, location, flags, log, &listing, err) &&
		((flags & LOCATION_SKIP_UNREADABLE) != 0 || check_folders(location, &listing, err));

	if (ok) {
		add_paths(arena, location->root, &listing, files);
		find_configs(log, location->root, &listing, files);
	}
	arena_release(&scratch);
	return ok;
}

bool location_scan(struct arena *arena, const struct location *location, unsigned flags,
                   const struct log *log, struct location_files *files, struct error *err)
{
	*files = (struct location_files){0};
	if (location->is_classpath)
		return scan_classpath(location, (flags & LOCATION_MUST_EXIST) != 0, log, err);
	if (!scan_root(arena, location, flags, log, files, err))
		return false;
	if (flags & LOCATION_SKIP_UNREADABLE)
		drop_unreadable(files);
	if (location->pattern != NULL)
		keep_matching(location->pattern, files);
	return true;
}
