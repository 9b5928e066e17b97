/* SPDX-License-Identifier: Apache-2.0 */
/* target_frames.c - what the process of a target sends to the process that started it */
#include "target_frames.h"

#include <errno.h>
#include <unistd.h>

/* Lines have their level as kind. */
enum {
	KIND_NOTE = LOG_LEVEL_ANNOTATION + 1,
	KIND_DOCUMENT,
	KIND_END,
};

/* Both processes are the same program: no other form is needed. */
struct header {
	int kind;
	size_t len;
};

/* Which fields of the object a note has. */
struct has_field {
#define HAS_FIELD(name, json) bool name;
	SQL_OBJECT_FIELDS(HAS_FIELD)
#undef HAS_FIELD
};

/* Before the text, the path, and the fields of the object, each with its NUL. */
struct note_head {
	enum note_kind kind;
	size_t line, column;
	bool has_place, has_object;
	struct has_field has;
};

/* Before the version and the error, each with its NUL. */
struct end {
	int status;
	size_t applied, undone;
	bool has_version, has_error;
};

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static void send_frame(int fd, int kind, struct str payload)
{
	struct header header;

	memset(&header, 0, sizeof(header));
	header.kind = kind;
	header.len = payload.len;
	if (write_all(fd, (const char *)&header, sizeof(header)))
		(void)write_all(fd, payload.ptr, payload.len);
}

void target_send_line(int fd, enum log_level level, struct str message)
{
	send_frame(fd, (int)level, message);
}

static void append_text(struct buf *payload, const char *text)
{
	buf_append(payload, text, strlen(text) + 1);
}

static void append_object(struct buf *payload, const struct sql_object *object)
{
#define APPEND_FIELD(name, json)                                                                   \
	if (object->name != NULL)                                                                  \
		append_text(payload, object->name);
	SQL_OBJECT_FIELDS(APPEND_FIELD)
#undef APPEND_FIELD
}

void target_send_note(int fd, const struct note *note)
{
	struct buf payload = BUF_EMPTY(SIZE_MAX / 2);
	struct note_head head;

	memset(&head, 0, sizeof(head));
	head.kind = note->kind;
	head.has_place = note->place != NULL;
	if (head.has_place) {
		head.line = note->place->line;
		head.column = note->place->column;
	}
	head.has_object = note->object != NULL;
	if (head.has_object) {
#define NOTE_FIELD(name, json) head.has.name = note->object->name != NULL;
		SQL_OBJECT_FIELDS(NOTE_FIELD)
#undef NOTE_FIELD
	}
	buf_append(&payload, (const char *)&head, sizeof(head));
	append_text(&payload, note->text);
	if (head.has_place)
		append_text(&payload, note->place->path);
	if (head.has_object)
		append_object(&payload, note->object);
	send_frame(fd, KIND_NOTE, buf_str(&payload));
	buf_release(&payload);
}

void target_send_document(int fd, struct str document)
{
	send_frame(fd, KIND_DOCUMENT, document);
}

void target_send_end(int fd, int status, const struct target_outcome *outcome)
{
	struct buf payload = BUF_EMPTY(SIZE_MAX / 2);
	struct end end;

	memset(&end, 0, sizeof(end));
	end.status = status;
	end.applied = outcome->applied;
	end.undone = outcome->undone;
	end.has_version = outcome->version != NULL;
	end.has_error = outcome->error != NULL;
	buf_append(&payload, (const char *)&end, sizeof(end));
	for (int i = 0; i < 2; i++) {
		const char *text = i == 0 ? outcome->version : outcome->error;

		if (text != NULL)
			buf_append(&payload, text, strlen(text) + 1);
	}
	send_frame(fd, KIND_END, buf_str(&payload));
	buf_release(&payload);
}

/* --- reading ------------------------------------------------------------------------------- */

static void take_end(struct arena *arena, struct str payload, struct target_stream *stream)
{
	struct target_outcome *outcome = stream->outcome;
	struct str rest = str_sub(payload, sizeof(struct end), payload.len);
	struct end end;

	memcpy(&end, payload.ptr, sizeof(end));
	stream->has_end = true;
	stream->status = end.status;
	outcome->applied = end.applied;
	outcome->undone = end.undone;
	outcome->version = end.has_version ? str_dup(arena, str_cut(&rest, '\0')) : NULL;
	outcome->error = end.has_error ? str_dup(arena, str_cut(&rest, '\0')) : NULL;
}

static const char *take_text(const char **rest, bool is_there)
{
	const char *text = *rest;

	if (!is_there)
		return NULL;
	*rest += strlen(text) + 1;
	return text;
}

static void take_note(struct str payload, const struct target_stream *stream)
{
	const char *rest = payload.ptr + sizeof(struct note_head);
	struct note_head head;

	memcpy(&head, payload.ptr, sizeof(head));
	const char *text = take_text(&rest, true);
	const struct note_place place = {
		.path = take_text(&rest, head.has_place),
		.line = head.line,
		.column = head.column,
	};
	struct sql_object object = {.table = NULL};
#define TAKE_FIELD(name, json) object.name = take_text(&rest, head.has.name);
	SQL_OBJECT_FIELDS(TAKE_FIELD)
#undef TAKE_FIELD
	const struct note note = {
		.kind = head.kind,
		.text = text,
		.place = head.has_place ? &place : NULL,
		.object = head.has_object ? &object : NULL,
	};
	stream->note(stream->ctx, &note);
}

static void take_frame(struct arena *arena, int kind, struct str payload,
                       struct target_stream *stream)
{
	if (kind == KIND_DOCUMENT)
		buf_append(stream->document, payload.ptr, payload.len);
	else if (kind == KIND_NOTE)
		take_note(payload, stream);
	else if (kind == KIND_END)
		take_end(arena, payload, stream);
	else
		stream->sink(stream->ctx, (enum log_level)kind, payload);
}

/* Reads the next len bytes in place of what the buffer has. */
static bool read_bytes(struct spool *spool, size_t len, struct buf *buf, struct error *err)
{
	buf_clear(buf);
	buf_reserve(buf, len);
	if (!spool_read(spool, buf->ptr, len, err))
		return false;
	buf->len = len;
	buf->ptr[len] = '\0';
	return true;
}

bool target_stream_read(struct spool *spool, size_t size, struct arena *arena,
                        struct target_stream *stream, struct error *err)
{
	struct buf payload = BUF_EMPTY(SIZE_MAX / 2);
	struct header header;
	bool ok = spool_rewind(spool, err);

	while (ok && size >= sizeof(header)) {
		ok = spool_read(spool, (char *)&header, sizeof(header), err);
		size -= sizeof(header);
		if (!ok || header.len > size)
			break;
		ok = read_bytes(spool, header.len, &payload, err);
		size -= header.len;
		if (ok)
			take_frame(arena, header.kind, buf_str(&payload), stream);
	}
	buf_release(&payload);
	return ok;
}
