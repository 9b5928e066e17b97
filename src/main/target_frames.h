/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target_frames.h - what the process of a target sends to the process that started it
 *
 * A stream of frames: log lines and notes as they come, at the end the JSON document, if there is
 * one, and how the target ended. A process that is killed leaves a stream without that last frame,
 * which may end within a frame.
 */
#ifndef CFLYWAY_MAIN_TARGET_FRAMES_H
#define CFLYWAY_MAIN_TARGET_FRAMES_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/base/spool.h"
#include "cflyway/base/str.h"
#include "cflyway/output/output_targets.h"

#include <stdbool.h>
#include <stddef.h>

/* Sends a log line. A write that fails is ignored: nobody is there to read it any more. */
void target_send_line(int fd, enum log_level level, struct str message);

void target_send_note(int fd, const struct note *note);

void target_send_document(int fd, struct str document);

/* Of the outcome: version, applied, undone and error. status is the exit status. */
void target_send_end(int fd, int status, const struct target_outcome *outcome);

/* What a stream tells. */
struct target_stream {
	log_sink_fn *sink; /* takes the lines */
	log_note_fn *note; /* takes the notes */
	void *ctx;
	struct buf *document;           /* takes the document */
	struct target_outcome *outcome; /* takes the outcome; strings live in the arena */
	bool has_end;                   /* result: the last frame is there */
	int status;                     /* result, with has_end: the exit status */
};

/*
 * Reads a stream of size bytes from a spool. One that ends within a frame is read up to there.
 * Errors: those of spool_rewind and spool_read.
 */
MUST_USE bool target_stream_read(struct spool *spool, size_t size, struct arena *arena,
                                 struct target_stream *stream, struct error *err);

#endif
