/* SPDX-License-Identifier: Apache-2.0 */
/*
 * busy.c - says which other process has locked the database
 *
 * The kernel tells who holds the locks that SQLite takes on bytes of the file. It is asked through
 * the descriptor that SQLite has open: closing another one would end our own locks.
 */
#include "sqlite.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/terminal.h"
#include "cflyway/db/answer_shape.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { NO_FD = -1, FD_MAX = 256 };

/* The lock bytes of the file (https://www.sqlite.org/fileformat2.html), and of the index of WAL. */
enum {
	PENDING_BYTE = 0x40000000,
	RESERVED_BYTE,
	SHARED_FIRST,
	SHARED_BYTES = 510,
	WAL_WRITE_BYTE = 120,
};

static int find_fd(const char *path)
{
	struct stat wanted, open;

	if (stat(path, &wanted) != 0)
		return NO_FD;
	for (int fd = 0; fd < FD_MAX; fd++)
		if (fstat(fd, &open) == 0 && open.st_dev == wanted.st_dev &&
		    open.st_ino == wanted.st_ino)
			return fd;
	return NO_FD;
}

/* "process 4711 (sqlite3)"; the name is not known everywhere. */
static const char *name_process(struct arena *arena, int64_t pid)
{
	struct error ignored = ERROR_INIT(arena);
	struct buf name = BUF_EMPTY(256), shown = BUF_EMPTY(2048);
	const char *words = arena_printf(arena, "process %" PRId64, pid);

	if (pid <= 0) /* of another machine, or container */
		words = "a process that cannot be seen from here";
	else if (fs_read_all(arena_printf(arena, "/proc/%" PRId64 "/comm", pid), &name, &ignored)) {
		terminal_escape(&shown, str_trim(buf_str(&name)));
		words = arena_printf(arena, "%s (%.*s)", words, (int)shown.len, shown.ptr);
	}
	buf_release(&name);
	buf_release(&shown);
	return words;
}

struct probe {
	short type; /* of the lock that we would take */
	off_t start, len;
	const char *words; /* what its holder does */
};

/* False: nobody is in the way. */
static bool find_holder(int fd, const struct probe *probe, int64_t *pid)
{
	struct flock lock = {
		.l_type = probe->type,
		.l_whence = SEEK_SET,
		.l_start = probe->start,
		.l_len = probe->len,
	};

	if (fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		return false;
	*pid = lock.l_pid;
	return true;
}

static const char *show_holder(struct arena *arena, const char *path, const struct probe *probes,
                               size_t n)
{
	const int fd = find_fd(path);
	int64_t pid;

	for (size_t i = 0; fd != NO_FD && i < n; i++)
		if (find_holder(fd, &probes[i], &pid))
			return arena_printf(arena, "%s %s", name_process(arena, pid),
			                    probes[i].words);
	return NULL;
}

const char *sqlite_busy_holder(const struct sqlite *sqlite, struct arena *arena)
{
	static const struct probe of_wal[] = {
		{F_WRLCK, WAL_WRITE_BYTE, 1, "has begun a transaction that writes to the database"},
	};
	static const struct probe of_file[] = {
		{F_RDLCK, SHARED_FIRST, SHARED_BYTES, "has the database for itself (EXCLUSIVE)"},
		{F_WRLCK, PENDING_BYTE, 1, "waits for readers, to write to the database (PENDING)"},
		{F_WRLCK, RESERVED_BYTE, 1,
	         "has begun a transaction that writes to the database (RESERVED)"},
		{F_WRLCK, SHARED_FIRST, SHARED_BYTES, "reads the database (SHARED)"},
	};
	const char *path = sqlite3_db_filename(sqlite->conn, "main");
	const char *holder;

	if (path == NULL || *path == '\0')
		return NULL;
	holder = show_holder(arena, arena_concat(arena, path, "-shm", ""), of_wal, COUNT(of_wal));
	return holder != NULL ? holder : show_holder(arena, path, of_file, COUNT(of_file));
}

void sqlite_note_busy(const struct sqlite *sqlite, struct error *err)
{
	const char *holder = sqlite_busy_holder(sqlite, err->arena);

	if (holder != NULL)
		error_explain(err, NOTE_CAUSE, "%s", holder);
}

/* --- flock --------------------------------------------------------------------------------- */

/*
 * The process in "1: FLOCK  ADVISORY  WRITE 4711 fe:01:131077 0 EOF", if it is the line of the file,
 * which is " fe:01:131077 " there; else 0.
 */
static int64_t find_flock(struct arena *arena, struct str line, struct str file)
{
	const size_t end = str_find(line, file);
	size_t begin = end;

	if (end == line.len || str_find(line, STR(" FLOCK ")) == line.len)
		return 0;
	while (begin > 0 && line.ptr[begin - 1] != ' ')
		begin--;
	return answer_number(str_dup(arena, str_sub(line, begin, end)));
}

const char *sqlite_lock_holder(struct db *db, const char *name, int64_t *process)
{
	enum { LOCKS_MAX = 1 << 20 };
	const char *path = sqlite_of(db)->lock_file;
	struct error ignored = ERROR_INIT(db->arena);
	struct buf locks = BUF_EMPTY(LOCKS_MAX);
	struct stat file;
	struct str rest;

	(void)name;
	*process = 0;
	if (path != NULL && stat(path, &file) == 0 &&
	    fs_read_all("/proc/locks", &locks, &ignored)) {
		const char *mark =
			arena_printf(db->arena, " %02x:%02x:%llu ", major(file.st_dev),
		                     minor(file.st_dev), (unsigned long long)file.st_ino);

		rest = buf_str(&locks);
		while (rest.len > 0 && *process == 0)
			*process = find_flock(db->arena, str_cut(&rest, '\n'), str_of(mark));
	}
	buf_release(&locks);
	return *process > 0 ? name_process(db->arena, *process) : NULL;
}
