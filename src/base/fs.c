/* SPDX-License-Identifier: Apache-2.0 */
/* fs.c - reads files in pieces, lists directories, and builds paths */
#include "cflyway/base/fs.h"

#include "cflyway/base/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The field d_type always exists, but libc hides these names from plain POSIX programs. */
#ifndef DT_UNKNOWN
enum { DT_UNKNOWN = 0, DT_DIR = 4, DT_REG = 8, DT_LNK = 10 };
#endif

static bool unreadable(const char *path, int reason, struct error *err)
{
	return fs_fail_unreadable(path, false, reason, err);
}

bool file_open(struct file *file, const char *path, struct error *err)
{
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return file->fd >= 0 || unreadable(path, errno, err);
}

void file_close(struct file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

bool file_read(struct file *file, const char *path, char *bytes, size_t cap, size_t *len,
               struct error *err)
{
	ssize_t got;

	do
		got = read(file->fd, bytes, cap);
	while (got < 0 && errno == EINTR);
	*len = got < 0 ? 0 : (size_t)got;
	return got >= 0 || unreadable(path, errno, err);
}

static bool read_rest(struct file *file, const char *path, struct buf *out, struct error *err)
{
	char piece[16 * 1024];
	size_t len;

	do {
		if (!file_read(file, path, piece, sizeof(piece), &len, err))
			return false;
		if (!buf_append(out, piece, len))
			return unreadable(path, EFBIG, err);
	} while (len > 0);
	return true;
}

bool file_open_temporary(struct file *file, struct error *err)
{
	const char *directory = getenv("TMPDIR");
	char *path = arena_printf(err->arena, "%s/cflyway.XXXXXX",
	                          directory != NULL && directory[0] != '\0' ? directory : "/tmp");

	file->fd = mkstemp(path);
	if (file->fd < 0)
		return error_set(err, ERROR_GENERAL, "Unable to create a temporary file: %s",
		                 strerror(errno));
	unlink(path);
	fcntl(file->fd, F_SETFD, FD_CLOEXEC);
	return true;
}

/* Writes all bytes. On failure, returns false with errno set. */
static bool write_bytes(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t written = write(fd, bytes, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		len -= (size_t)written;
	}
	return true;
}

bool file_write(struct file *file, const char *bytes, size_t len, struct error *err)
{
	return write_bytes(file->fd, bytes, len) ||
	       error_set(err, ERROR_GENERAL, "Unable to write to a temporary file: %s",
	                 strerror(errno));
}

void file_rewind(struct file *file)
{
	lseek(file->fd, 0, SEEK_SET);
}

bool file_read_at(const struct file *file, size_t at, char *bytes, size_t len, struct error *err)
{
	while (len > 0) {
		ssize_t n = pread(file->fd, bytes, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(err, ERROR_GENERAL, "Unable to read a temporary file: %s",
			                 n < 0 ? strerror(errno) : "it has been cut");
		bytes += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return true;
}

enum { SETTLED_S = 2 }; /* coarser than the times of any file system */

static bool is_settled(struct timespec time, struct timespec now)
{
	return time.tv_sec < now.tv_sec - SETTLED_S;
}

bool file_stamp(const struct file *file, struct file_stamp *stamp)
{
	struct timespec now;
	struct stat about;

	if (fstat(file->fd, &about) != 0 || !S_ISREG(about.st_mode) ||
	    clock_gettime(CLOCK_REALTIME, &now) != 0)
		return false;
	*stamp = (struct file_stamp){
		.device = about.st_dev,
		.inode = about.st_ino,
		.size = about.st_size,
		.modified = about.st_mtim,
		.changed = about.st_ctim,
		.is_settled = is_settled(about.st_mtim, now) && is_settled(about.st_ctim, now),
	};
	return true;
}

bool file_is_private(const struct file *file)
{
	struct stat about;

	return fstat(file->fd, &about) != 0 || !S_ISREG(about.st_mode) ||
	       (about.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_has_stamp(const struct file *file, const struct file_stamp *stamp)
{
	struct file_stamp now;

	return file_stamp(file, &now) && now.device == stamp->device && now.inode == stamp->inode &&
	       now.size == stamp->size && is_same_time(now.modified, stamp->modified) &&
	       is_same_time(now.changed, stamp->changed);
}

bool fs_read_all(const char *path, struct buf *out, struct error *err)
{
	struct file file;

	if (!file_open(&file, path, err))
		return false;
	bool ok = read_rest(&file, path, out, err);
	file_close(&file);
	return ok;
}

bool fs_write_all(const char *path, struct str text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	bool ok = fd >= 0 && write_bytes(fd, text.ptr, text.len);

	if (!ok)
		error_set(err, ERROR_GENERAL, "Unable to write file %s: %s", path, strerror(errno));
	if (fd >= 0 && close(fd) != 0 && ok)
		ok = error_set(err, ERROR_GENERAL, "Unable to write file %s: %s", path,
		               strerror(errno));
	return ok;
}

bool fs_create(const char *path, struct str text, unsigned mode, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, (mode_t)mode);

	if (fd < 0 && errno == EEXIST)
		return error_set(err, ERROR_GENERAL, "File %s exists already", path);
	if (fd < 0)
		return error_set(err, ERROR_GENERAL, "Unable to write file %s: %s", path,
		                 strerror(errno));
	bool ok =
		write_bytes(fd, text.ptr, text.len) ||
		error_set(err, ERROR_GENERAL, "Unable to write file %s: %s", path, strerror(errno));
	if (close(fd) != 0 && ok)
		ok = error_set(err, ERROR_GENERAL, "Unable to write file %s: %s", path,
		               strerror(errno));
	if (!ok)
		unlink(path); /* it is ours: half a file is worse than none */
	return ok;
}

bool fs_make_parents(const char *path, struct error *err)
{
	char *copy = arena_strdup(err->arena, path);

	for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			return error_set(err, ERROR_GENERAL, "Unable to create directory %s: %s",
			                 copy, strerror(errno));
		*slash = '/';
	}
	return true;
}

enum fs_kind fs_kind(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? FS_MISSING : FS_UNREADABLE;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return FS_OTHER;
	if (access(path, R_OK) != 0)
		return FS_UNREADABLE;
	return S_ISREG(st.st_mode) ? FS_FILE : FS_DIRECTORY;
}

/* A directory that is being listed, with a link to its parent. */
struct walk {
	const struct walk *parent; /* NULL for the root */
	int fd;
	const char *prefix; /* "" for the root, otherwise "a/b/" */
	struct arena *arena;
	struct fs_listing *listing;
};

static bool is_ancestor(const struct walk *walk, const struct stat *directory)
{
	struct stat st;

	for (; walk != NULL; walk = walk->parent)
		if (fstat(walk->fd, &st) == 0 && st.st_dev == directory->st_dev &&
		    st.st_ino == directory->st_ino)
			return true;
	return false;
}

/*
 * Returns DT_REG, DT_DIR, or DT_UNKNOWN for entries that are not listed. Only links cost a system
 * call. An entry of unknown type counts as a file, with the reason in *unreadable.
 *
 * DIFFERS: Flyway 12.4.0 follows a link to an ancestor until the system refuses (dozens of levels,
 * each with the same files), and hangs when it reads a named pipe.
 */
static int entry_type(const struct walk *walk, const struct dirent *entry, int *unreadable)
{
	struct stat st;

	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	if (fstatat(walk->fd, entry->d_name, &st, 0) != 0) {
		*unreadable = errno;
		return DT_REG;
	}
	if (S_ISREG(st.st_mode))
		return DT_REG;
	return S_ISDIR(st.st_mode) && !is_ancestor(walk, &st) ? DT_DIR : DT_UNKNOWN;
}

static void add_entry(const struct walk *walk, struct fs_entry entry)
{
	struct fs_listing *listing = walk->listing;

	listing->items =
		arena_grow(walk->arena, listing->items, listing->n, sizeof(listing->items[0]));
	listing->items[listing->n++] = entry;
}

static int list_directory(const struct walk *walk);

static void enter_directory(const struct walk *walk, const char *name)
{
	const char *path = arena_concat(walk->arena, walk->prefix, name, "");
	struct walk below = {
		.parent = walk,
		.prefix = arena_concat(walk->arena, path, "/", ""),
		.arena = walk->arena,
		.listing = walk->listing,
	};
	int reason;

	below.fd = openat(walk->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	reason = list_directory(&below);

	/* mkfs makes lost+found for root alone, if the location is the root of a volume */
	if (reason == 0 || strcmp(name, "lost+found") != 0)
		add_entry(walk, (struct fs_entry){path, reason, true});
}

static void list_entry(const struct walk *walk, const struct dirent *entry)
{
	int reason = 0, type = entry_type(walk, entry, &reason);

	if (type == DT_DIR && entry->d_name[0] != '.')
		enter_directory(walk, entry->d_name);
	if (type != DT_REG)
		return;
	if (reason == 0 && faccessat(walk->fd, entry->d_name, R_OK, 0) != 0)
		reason = errno;
	add_entry(walk, (struct fs_entry){
				arena_concat(walk->arena, walk->prefix, entry->d_name, ""),
				reason,
				false,
			});
}

/*
 * Lists and closes walk->fd; if that is negative, errno says why. Each level keeps one descriptor
 * open, so the system limits the depth. Returns 0 or an errno.
 */
static int list_directory(const struct walk *walk)
{
	DIR *directory = walk->fd >= 0 ? fdopendir(walk->fd) : NULL;
	const struct dirent *entry;
	int reason;

	if (directory == NULL) {
		reason = errno;
		if (walk->fd >= 0)
			close(walk->fd);
		return reason;
	}
	while ((errno = 0, entry = readdir(directory)))
		list_entry(walk, entry);
	reason = errno;
	closedir(directory);
	return reason;
}

static int compare_entries(const void *a, const void *b)
{
	const struct fs_entry *left = a, *right = b;

	return utf8_compare_utf16(str_of(left->path), str_of(right->path));
}

int fs_list(struct arena *arena, const char *root, struct fs_listing *listing)
{
	struct walk top = {.prefix = "", .arena = arena, .listing = listing};
	int reason;

	*listing = (struct fs_listing){0};
	top.fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	reason = list_directory(&top);
	if (reason == 0 && listing->n > 1)
		qsort(listing->items, listing->n, sizeof(listing->items[0]), compare_entries);
	return reason;
}

bool fs_list_files(struct arena *arena, const char *root, struct str_list *files)
{
	struct fs_listing listing;
	int reason = fs_list(arena, root, &listing);

	*files = (struct str_list){0};
	for (size_t i = 0; reason == 0 && i < listing.n; i++)
		if (listing.items[i].unreadable == 0 && !listing.items[i].is_directory)
			str_list_add(arena, files, listing.items[i].path);
	return reason == 0;
}

bool fs_fail_unreadable(const char *path, bool is_directory, int reason, struct error *err)
{
	return error_set(err, ERROR_GENERAL, "Unable to read %s %s: %s",
	                 is_directory ? "folder" : "file", path, strerror(reason));
}

const char *fs_current_directory(struct arena *arena)
{
	for (size_t size = 256;; size *= 2) {
		char *path = arena_alloc(arena, size);

		if (getcwd(path, size) != NULL)
			return path;
		if (errno != ERANGE)
			return "/"; /* it was removed, or part of its path cannot be read */
	}
}

const char *fs_absolute(struct arena *arena, const char *path)
{
	return path[0] == '/' ? path : fs_join(arena, fs_current_directory(arena), path);
}

const char *fs_canonical(struct arena *arena, const char *path)
{
	char *resolved = realpath(path, NULL);

	if (resolved == NULL)
		return fs_absolute(arena, path);
	const char *copy = arena_strdup(arena, resolved);
	free(resolved);
	return copy;
}

const char *fs_join(struct arena *arena, const char *directory, const char *name)
{
	bool has_slash = str_ends(str_of(directory), STR("/"));

	return arena_concat(arena, directory, has_slash ? "" : "/", name);
}

const char *fs_within(struct arena *arena, const char *directory, const char *path)
{
	return directory == NULL || path[0] == '/' ? path : fs_join(arena, directory, path);
}

const char *fs_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}
