/* SPDX-License-Identifier: Apache-2.0 */
/* scratch.c - a folder of its own for a test, and what the log was told */
#include "scratch.h"

#include "cflyway/base/fs.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void keep_line(void *ctx, enum log_level level, struct str message)
{
	static const char *const names[] = {
		[LOG_LEVEL_DEBUG] = "DEBUG",           [LOG_LEVEL_INFO] = "INFO",
		[LOG_LEVEL_NOTICE] = "NOTICE",         [LOG_LEVEL_WARN] = "WARN",
		[LOG_LEVEL_ERROR] = "ERROR",           [LOG_LEVEL_OWN] = "INFO cflyway:",
		[LOG_LEVEL_ANNOTATION] = "ANNOTATION",
	};
	struct buf *lines = ctx;

	buf_printf(lines, "%s %.*s\n", names[level], (int)message.len, message.ptr);
}

static void keep_progress(void *ctx, struct str line)
{
	buf_printf(ctx, "PROGRESS %.*s\n", (int)line.len, line.ptr);
}

static void keep_step(void *ctx, const struct log_step *step)
{
	buf_printf(ctx, "STEP %s %zu/%zu %s\n", step->operation, step->number, step->total,
	           step->message);
}

void scratch_keep_progress(struct scratch *scratch)
{
	scratch->log.progress = keep_progress;
	scratch->log.step = keep_step;
}

size_t scratch_open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t n = 0;

	ck_assert_ptr_nonnull(directory);
	while (readdir(directory) != NULL)
		n++;
	closedir(directory);
	return n;
}

/*
 * In memory if possible: thousands of tests make folders, which takes long on a disk. Both names
 * have the same length, since the width of some tables depends on it.
 */
static const char *choose_root(void)
{
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm/cflyway-tXXXXXX"
	                                     : "/tmp/cflyway-test-XXXXXX";
}

void scratch_open(struct scratch *scratch)
{
	*scratch = (struct scratch){
		.previous = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.lines = BUF_EMPTY(1 << 20),
	};
	snprintf(scratch->root, sizeof(scratch->root), "%s", choose_root());
	arena_init(&scratch->arena);
	error_init(&scratch->err, &scratch->arena);
	scratch->log = (struct log){
		.sink = keep_line,
		.step = keep_step,
		.ctx = &scratch->lines,
	};
	ck_assert_ptr_nonnull(mkdtemp(scratch->root));
	ck_assert_int_eq(chdir(scratch->root), 0);
	scratch->open_files = scratch_open_files();
}

static void remove_all(struct arena *arena, const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory))) {
		const char *below = fs_join(arena, path, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlink(below) != 0)
			remove_all(arena, below);
	}
	closedir(directory);
	rmdir(path);
}

void scratch_close(struct scratch *scratch)
{
	ck_assert_msg(scratch_open_files() == scratch->open_files, "files are left open");
	ck_assert_int_eq(fchdir(scratch->previous), 0);
	close(scratch->previous);
	remove_all(&scratch->arena, scratch->root);
	buf_release(&scratch->lines);
	arena_release(&scratch->arena);
}

void scratch_write(const char *path, const char *text)
{
	scratch_write_bytes(path, text, strlen(text));
}

void scratch_write_bytes(const char *path, const char *bytes, size_t len)
{
	char parent[256];

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
		mkdir(parent, 0755);
	}
	FILE *file = fopen(path, "wb");
	ck_assert_msg(file != NULL, "%s cannot be written", path);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

enum { NOBODY = 65534 };

bool scratch_drop_root(struct scratch *scratch)
{
	ck_assert_int_eq(chmod(scratch->root, 0755), 0);
	return geteuid() != 0 || (setreuid(NOBODY, 0) == 0 && seteuid(NOBODY) == 0);
}

void scratch_regain_root(void)
{
	if (seteuid(0) == 0)
		ck_assert_int_eq(setreuid(0, 0), 0);
}

const char *scratch_shorten(struct scratch *scratch, const char *text)
{
	return str_replace(&scratch->arena, str_of(text), str_of(scratch->root), STR("@"));
}

const struct str_list *scratch_texts(struct arena *arena, const struct note_list *notes)
{
	struct str_list *texts = arena_alloc(arena, sizeof(*texts));
	for (size_t i = 0; i < notes->n; i++)
		str_list_add(arena, texts, notes->items[i].text);
	return texts;
}

const char *scratch_lines(struct scratch *scratch)
{
	const char *lines = str_dup(&scratch->arena, buf_str(&scratch->lines));

	buf_clear(&scratch->lines);
	return scratch_shorten(scratch, lines);
}

const char *scratch_error(struct scratch *scratch)
{
	const struct error *err = &scratch->err;
	const char *message =
		scratch_shorten(scratch, err->message != NULL ? err->message : "(none)");

	if (err->cause == NULL)
		return message;
	return arena_printf(&scratch->arena, "%s\n+ %s", message, err->cause);
}
