/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import.c - makes scripts of the migrations of another tool: those of Alembic
 *
 * Alembic itself prints the SQL, in its own project and with the environment of this process. No
 * database is needed, and no file is overwritten. All is known before the first file is written.
 */
#include "cflyway/commands/command.h"

#include "new_file_folder.h"

#include "cflyway/adopt/alembic.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/proc.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define ALEMBIC "alembic"
#define NEXT "cflyway adopt -from=alembic"

enum { NEW_FILE_MODE = 0666, OUTPUT_MAX = INT_MAX, ERRORS_SHOWN = 2000, GRACE_MS = 5000 };

/* Standard error apart: Alembic logs there. $1: the folder; $2: the file for standard error. */
static const char script[] = "cd \"$1\" && errors=$2 && shift 2 && exec \"$@\" 2>\"$errors\"";

struct import {
	struct run *run;
	const char *folder; /* of the project */
	const char *config; /* the name of its alembic.ini, if the user has named it; or NULL */
	const char *program;
	const char *errors; /* the file for standard error */
	struct alembic_revisions revisions;
	struct import_result *result;
};

/* --- running Alembic ----------------------------------------------------------------------- */

/* The end of what it has logged. */
static const char *last_errors(const struct import *import)
{
	struct buf text = BUF_EMPTY(OUTPUT_MAX);
	struct error ignored = ERROR_INIT(import->run->arena);
	struct str shown = {"", 0};

	if (fs_read_all(import->errors, &text, &ignored))
		shown = str_trim(buf_str(&text));
	if (shown.len > ERRORS_SHOWN) {
		shown = str_sub(shown, shown.len - ERRORS_SHOWN, shown.len);
		str_cut(&shown, '\n');
	}
	const char *copy = str_dup(import->run->arena, shown);
	buf_release(&text);
	return copy;
}

static bool run_alembic(const struct import *import, const struct str_list *words,
                        struct buf *output, struct error *err)
{
	struct arena *arena = import->run->arena;
	const char *const first[] = {"sh",           "-c",           script,         "sh",
	                             import->folder, import->errors, import->program};
	const struct str_list no_variables = {0};
	struct str_list arguments = {0};
	const struct proc proc = {
		.arguments = &arguments, .variables = &no_variables, .grace_ms = GRACE_MS};
	struct proc_end end;

	for (size_t i = 0; i < COUNT(first); i++)
		str_list_add(arena, &arguments, first[i]);
	if (import->config != NULL) {
		str_list_add(arena, &arguments, "-c");
		str_list_add(arena, &arguments, import->config);
	}
	for (size_t i = 0; i < words->n; i++)
		str_list_add(arena, &arguments, words->items[i]);
	buf_clear(output);
	if (!proc_run(&proc, output, &end, err))
		return false;
	if (end.status == 0 && str_find_char(buf_str(output), '\0') == output->len)
		return true;
	if (end.status == 0)
		return error_set(err, ERROR_GENERAL, "\"%s %s\" has printed a NUL byte",
		                 import->program, str_list_join(arena, words, " "));
	return error_set(err, ERROR_GENERAL, "\"%s %s\" failed with status %d in %s:\n%s",
	                 import->program, str_list_join(arena, words, " "), end.status,
	                 import->folder, last_errors(import));
}

static bool ask(const struct import *import, const char *a, const char *b, const char *c,
                struct buf *output, struct error *err)
{
	const char *words[] = {a, b, c};
	const struct str_list list = {words, c != NULL ? 3 : b != NULL ? 2 : 1};

	return run_alembic(import, &list, output, err);
}

static const char *range(struct arena *arena, const char *from, const char *to)
{
	return arena_printf(arena, "%s:%s", from[0] != '\0' ? from : "base",
	                    to[0] != '\0' ? to : "base");
}

static bool read_upgrades(struct import *import, struct buf *output, struct error *err)
{
	struct alembic_revisions *all = &import->revisions;
	const char *words = range(import->run->arena, "", all->items[all->n - 1].id);

	if (!ask(import, "upgrade", words, "--sql", output, err))
		return false;
	alembic_divide_upgrade(import->run->arena, buf_str(output), all);
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].up.sql == NULL)
			return error_set(err, ERROR_GENERAL,
			                 "Alembic has printed no SQL for the revision %s",
			                 all->items[i].id);
	return true;
}

/* What cannot be taken back, or cannot be printed, gets no undo script. */
static void read_downgrades(struct import *import, struct buf *output)
{
	struct alembic_revisions *all = &import->revisions;
	struct arena *arena = import->run->arena;
	struct error ignored = ERROR_INIT(arena);

	if (ask(import, "downgrade", range(arena, all->items[all->n - 1].id, ""), "--sql", output,
	        &ignored)) {
		alembic_divide_downgrade(arena, buf_str(output), all);
		return;
	}
	for (size_t i = 0; i < all->n; i++) {
		struct alembic_revision *revision = &all->items[i];
		struct alembic_revisions one = {revision, 1};

		error_clear(&ignored);
		if (ask(import, "downgrade", range(arena, revision->id, revision->parent), "--sql",
		        output, &ignored))
			alembic_divide_downgrade(arena, buf_str(output), &one);
	}
}

static bool read_revisions(struct import *import, struct error *err)
{
	struct buf output = BUF_EMPTY(OUTPUT_MAX);
	bool ok = ask(import, "history", NULL, NULL, &output, err) &&
	          alembic_read_history(import->run->arena, buf_str(&output), &import->revisions,
	                               err) &&
	          read_upgrades(import, &output, err);

	if (ok)
		read_downgrades(import, &output);
	buf_release(&output);
	return ok;
}

/* --- files --------------------------------------------------------------------------------- */

struct new_file {
	const char *path, *text;
};

struct new_files {
	struct new_file *items;
	size_t n;
};

static void add_file(const struct import *import, const char *path, const char *text,
                     struct new_files *files)
{
	files->items =
		arena_grow(import->run->arena, files->items, files->n, sizeof(*files->items));
	files->items[files->n++] = (struct new_file){path, text};
}

static void add_script(const struct import *import, const struct location *folder,
                       const struct alembic_revision *revision, bool is_down,
                       struct new_files *files)
{
	struct arena *arena = import->run->arena;
	const struct alembic_script *sql = is_down ? &revision->down : &revision->up;
	const size_t place = (size_t)(revision - import->revisions.items);
	const char *name =
		alembic_file_name(arena, is_down ? "U" : "V", revision, place, import->revisions.n);
	const char *path = fs_join(arena, folder->path, name);

	add_file(import, path,
	         arena_printf(arena, "-- Alembic revision %s (%s)%s\n\n%s\n", revision->id,
	                      revision->message, is_down ? ", taken back" : "", sql->sql),
	         files);
	if (sql->no_transaction || sql->has_placeholder)
		add_file(import, arena_concat(arena, path, ".conf", ""),
		         arena_printf(arena, "%s%s",
		                      sql->no_transaction ? "executeInTransaction=false\n" : "",
		                      sql->has_placeholder ? "placeholderReplacement=false\n" : ""),
		         files);
}

static void note(const struct import *import, const char *format, const char *id)
{
	str_list_add(import->run->arena, &import->result->remarks,
	             arena_concat(import->run->arena, id, ": ", format));
}

static struct new_files make_files(const struct import *import, const struct location *folder)
{
	struct new_files files = {0};

	for (size_t i = 0; i < import->revisions.n; i++) {
		const struct alembic_revision *revision = &import->revisions.items[i];

		add_script(import, folder, revision, false, &files);
		if (revision->down.sql == NULL)
			note(import, "no undo script, because Alembic cannot print its downgrade",
			     revision->id);
		else if (revision->down.is_empty)
			note(import, "no undo script, because its downgrade does nothing",
			     revision->id);
		else
			add_script(import, folder, revision, true, &files);
	}
	return files;
}

/* Is the file there already? Fails if it is, with another text. */
static bool check_file(const struct new_file *file, bool *is_there, struct error *err)
{
	struct buf text = BUF_EMPTY(OUTPUT_MAX);
	bool is_same = true;

	*is_there = fs_kind(file->path) != FS_MISSING;
	if (*is_there && !fs_read_all(file->path, &text, err))
		return false;
	if (*is_there)
		is_same = str_eq(buf_str(&text), str_of(file->text));
	buf_release(&text);
	return is_same || error_set(err, ERROR_GENERAL,
	                            "%s is there already, and what Alembic prints is another text. "
	                            "Nothing was written.",
	                            file->path);
}

static bool write_files(const struct import *import, const struct new_files *files,
                        struct error *err)
{
	bool *is_there = arena_array(import->run->arena, files->n, sizeof(*is_there));

	for (size_t i = 0; i < files->n; i++)
		if (!check_file(&files->items[i], &is_there[i], err))
			return false;
	for (size_t i = 0; i < files->n; i++) {
		const struct new_file *file = &files->items[i];

		import->result->unchanged += is_there[i];
		if (is_there[i])
			continue;
		if (!fs_make_parents(file->path, err) ||
		    !fs_create(file->path, str_of(file->text), NEW_FILE_MODE, err))
			return false;
		str_list_add(import->run->arena, &import->result->files, file->path);
	}
	return true;
}

/* --- the command --------------------------------------------------------------------------- */

/* "alembic FOLDER", or the path of its alembic.ini. */
static bool read_project(struct import *import, struct error *err)
{
	struct arena *arena = import->run->arena;
	const struct settings *settings = import->run->settings;
	struct str rest = str_of(settings->import_project);
	struct str tool = str_cut(&rest, ' ');

	if (!str_eq(tool, STR(ALEMBIC)) || str_trim(rest).len == 0)
		return error_set(err, ERROR_CONFIGURATION,
		                 "import needs a tool and the folder of its project: import "
		                 "alembic FOLDER");
	const char *path =
		fs_within(arena, settings->working_directory, str_dup(arena, str_trim(rest)));
	enum fs_kind kind = fs_kind(path);

	if (kind != FS_DIRECTORY && kind != FS_FILE)
		return error_set(err, ERROR_GENERAL, "There is no folder %s", path);
	import->folder = fs_absolute(arena, path);
	if (kind == FS_FILE) {
		import->config = fs_base_name(import->folder);
		import->folder = arena_strndup(arena, import->folder,
		                               (size_t)(import->config - import->folder));
	}
	import->program = settings->import_alembic;
	if (strchr(import->program, '/') != NULL)
		import->program = fs_absolute(arena, import->program);
	return true;
}

/* A file, as a pipe beside that for the output would have to be read at the same time. */
static bool open_errors(struct import *import, struct error *err)
{
	const char *folder = getenv("TMPDIR");
	char *path = arena_printf(import->run->arena, "%s/cflyway-import.XXXXXX",
	                          folder != NULL && folder[0] != '\0' ? folder : "/tmp");
	int file = mkstemp(path);

	if (file < 0)
		return error_set(err, ERROR_GENERAL, "Unable to create a temporary file: %s",
		                 strerror(errno));
	close(file);
	import->errors = fs_absolute(import->run->arena, path);
	return true;
}

static bool import_all(struct import *import, const struct location *folder, struct error *err)
{
	bool ok = read_revisions(import, err);

	unlink(import->errors);
	if (!ok)
		return false;
	const struct new_files files = make_files(import, folder);
	return write_files(import, &files, err);
}

static bool run_import(struct run *run, struct result *out, struct error *err)
{
	struct import import = {.run = run, .result = &out->import, .errors = ""};
	struct location folder;

	if (!read_project(&import, err) ||
	    !new_file_folder_choose(run, run->settings->import_location, &folder, err) ||
	    !open_errors(&import, err) || !import_all(&import, &folder, err))
		return false;
	out->kind = RESULT_IMPORT;
	out->import.revisions = import.revisions.n;
	out->import.next = NEXT;
	return true;
}

const struct command command_import = {
	.name = "import",
	.summary = "Makes scripts of the migrations of another tool",
	.description =
		"import alembic FOLDER runs Alembic in the folder of its project and writes a V "
		"script for each revision, and a U script for each downgrade, into the first "
		"location. No database is needed, and no file is overwritten. adopt "
		"-from=alembic takes over what is applied.",
	.options = GROUP_IMPORT | GROUP_LOCATIONS,
	.flags = COMMAND_WRITES,
	.run = run_import,
};
