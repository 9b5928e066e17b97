/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git_history.c - the versions of a file that git knows
 *
 * git log prints for each commit, with a NUL at the end of each item:
 *
 *   \x01COMMIT\x01DATE\x01SUBJECT
 *   :100644 100644 OLD-BLOB NEW-BLOB STATUS    (one colon, mode and blob more for each parent)
 *   PATH                                       (after R and C: the old one and the new one)
 */
#include "cflyway/core/git_history.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/proc.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "--format=tformat:%x01%H%x01%cd%x01%s"

enum {
	MAX_LOG = 1 << 20,
	GRACE_MS = 100,
	SHORT_DIGITS = 10, /* in messages */
	SHA1_DIGITS = 40,
	SHA256_DIGITS = 64,
	MAX_PARENTS = 64,
};

/* --- what git log prints ------------------------------------------------------------------- */

static bool is_object(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (ascii_hex_value(name.ptr[i]) < 0)
			return false;
	return name.len == SHA1_DIGITS || name.len == SHA256_DIGITS;
}

static bool is_zero(struct str name)
{
	return str_count_char(name, '0') == name.len;
}

/* "\x01COMMIT\x01DATE\x01SUBJECT" */
static bool parse_commit(struct arena *arena, struct str item, struct git_version *version)
{
	(void)str_cut(&item, '\x01');
	struct str commit = str_cut(&item, '\x01');
	struct str date = str_cut(&item, '\x01');

	*version = (struct git_version){
		.commit = str_dup(arena, commit),
		.name = str_dup(arena, str_sub(commit, 0, SHORT_DIGITS)),
		.date = str_dup(arena, date),
		.subject = str_dup(arena, item),
	};
	return item.ptr != NULL && is_object(commit);
}

/* ":100644 100644 OLD NEW R100": the last name, and how many paths follow. */
static bool parse_change(struct arena *arena, struct str item, struct git_version *version,
                         size_t *paths)
{
	struct str blob = {0};
	size_t parents = 0;

	while (parents < item.len && item.ptr[parents] == ':')
		parents++;
	if (parents > MAX_PARENTS)
		return false;
	item = str_sub(item, parents, item.len);
	for (size_t i = 0; i < 2 * (parents + 1); i++)
		blob = str_cut(&item, ' ');
	if (item.len == 0 || !is_object(blob))
		return false;
	version->blob = is_zero(blob) ? NULL : str_dup(arena, blob);
	*paths = parents == 1 && (item.ptr[0] == 'R' || item.ptr[0] == 'C') ? 2 : 1;
	return true;
}

static struct str without_line_ends(struct str item)
{
	while (item.len > 0 && item.ptr[0] == '\n')
		item = str_sub(item, 1, item.len);
	return item;
}

bool git_parse_log(struct arena *arena, struct str output, struct git_versions *versions)
{
	struct git_version version = {0};
	bool has_commit = false;

	while (output.len > 0) {
		struct str item = without_line_ends(str_cut(&output, '\0'));
		size_t paths;

		if (item.len == 0)
			continue;
		if (item.ptr[0] == '\x01') {
			if (!parse_commit(arena, item, &version))
				return false;
			has_commit = true;
			continue;
		}
		if (item.ptr[0] != ':' || !has_commit ||
		    !parse_change(arena, item, &version, &paths))
			return false;
		for (size_t i = 0; i < paths; i++) {
			item = str_cut(&output, '\0');
			if (output.ptr == NULL || item.len == 0)
				return false;
		}
		version.path = str_dup(arena, item);
		versions->items = arena_grow(arena, versions->items, versions->n, sizeof(version));
		versions->items[versions->n++] = version;
	}
	return true;
}

/* --- running git --------------------------------------------------------------------------- */

static int time_left_ms(const struct git *git)
{
	int64_t left = git->until_ms - git->clock->monotonic_ms(git->clock);

	return left > 0 ? (int)left : 0;
}

/* What a repository that somebody else has written could make git do. */
static void add_guards(struct arena *arena, struct str_list *arguments)
{
	static const char *const guards[] = {
		"--no-pager",
		"--literal-pathspecs",
		"--no-replace-objects",
		"-c",
		"core.fsmonitor=",
		"-c",
		"core.hooksPath=/dev/null",
		"-c",
		"log.showSignature=false",
		"-c",
		"log.showRoot=true",
		"-c",
		"protocol.allow=never",
	};

	for (size_t i = 0; i < COUNT(guards); i++)
		str_list_add(arena, arguments, guards[i]);
}

static bool run_git(const struct git *git, const char *top, const char *const *words, size_t n,
                    struct buf *output)
{
	static const char *const variables[] = {
		"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=",  "GIT_PAGER=cat",         "LC_ALL=C",
	};
	struct str_list arguments = {0}, environment = {0};
	struct arena arena = ARENA_EMPTY;
	struct error ignored = ERROR_INIT(&arena);
	struct proc_end end;

	str_list_add(&arena, &arguments, "git");
	str_list_add(&arena, &arguments, "-C");
	str_list_add(&arena, &arguments, top);
	add_guards(&arena, &arguments);
	for (size_t i = 0; i < n; i++)
		str_list_add(&arena, &arguments, words[i]);
	for (size_t i = 0; i < COUNT(variables); i++)
		str_list_add(&arena, &environment, variables[i]);

	const struct proc proc = {
		.arguments = &arguments,
		.variables = &environment,
		.stop = git->stop,
		.group = git->group,
		.grace_ms = GRACE_MS,
		.limit_ms = time_left_ms(git),
		.drops_errors = true,
	};
	bool ok = proc.limit_ms > 0 && proc_run(&proc, output, &end, &ignored) && end.status == 0 &&
	          !end.is_late && end.told == 0 && output->len < output->max;

	arena_release(&arena);
	return ok;
}

/* --- work tree ----------------------------------------------------------------------------- */

/* The folder above the path that has a ".git", which is a file in further work trees. */
static const char *find_top(struct arena *arena, const char *path)
{
	char *folder = arena_strdup(arena, path), *slash;

	while ((slash = strrchr(folder, '/')) != NULL) {
		*slash = '\0';
		const char *root = slash == folder ? "/" : folder;
		enum fs_kind kind = fs_kind(fs_join(arena, root, ".git"));

		if (kind == FS_DIRECTORY || kind == FS_FILE)
			return arena_strdup(arena, root);
	}
	return NULL;
}

bool git_read_versions(const struct git *git, const char *path, struct git_versions *versions)
{
	const char *file = fs_canonical(git->arena, path), *top = find_top(git->arena, file);
	struct buf output = BUF_EMPTY(MAX_LOG);

	*versions = (struct git_versions){.top = top};
	if (top == NULL)
		return false;
	versions->path = file + strlen(top) + (strcmp(top, "/") == 0 ? 0 : 1);

	const char *count = arena_printf(git->arena, "--max-count=%d", GIT_MAX_COMMITS);
	const char *const words[] = {
		"log",
		"--topo-order",
		"--follow",
		"-c",
		"--raw",
		"--no-abbrev",
		"-z",
		"--no-color",
		"--no-notes",
		"--no-ext-diff",
		"--no-textconv",
		"--encoding=UTF-8",
		"--date=short",
		count,
		FORMAT,
		"HEAD",
		"--",
		versions->path,
	};
	bool ok = run_git(git, top, words, COUNT(words), &output) &&
	          git_parse_log(git->arena, buf_str(&output), versions);
	buf_release(&output);
	return ok;
}

bool git_read_version(const struct git *git, const struct git_versions *versions,
                      const struct git_version *version, struct buf *text)
{
	const char *const words[] = {"cat-file", "blob", version->blob};

	return version->blob != NULL && run_git(git, versions->top, words, COUNT(words), text);
}
