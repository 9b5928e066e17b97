/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mismatch_reason.c - explains why files are not what was applied
 *
 * No line of a script is quoted: it may hold a secret.
 */
#include "cflyway/core/mismatch_reason.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/utf8.h"
#include "cflyway/config/secret.h"
#include "cflyway/core/git_history.h"
#include "cflyway/core/session.h"
#include "cflyway/migration/checksum_variants.h"

#include <inttypes.h>
#include <string.h>

enum {
	MAX_EXPLAINED = 10,
	MAX_MS = 2000,
	MAX_SCRIPT = 1 << 20, /* larger ones are not looked into */
	MAX_TEXT = 3 * MAX_SCRIPT,
	MAX_SUBJECT = 72, /* in UTF-16 units */
};

struct explainer {
	const struct run *run;
	struct git git;
	struct error *err;
};

/* One mismatch. */
struct mismatch {
	const struct migration *file;
	const struct history_row *row;
	struct buf bytes; /* of the file */
	struct checksum_variant variant;
};

/* --- what is different --------------------------------------------------------------------- */

static struct script_bytes script_of(const struct mismatch *mismatch, struct str bytes)
{
	return (struct script_bytes){
		.bytes = bytes,
		.encoding = mismatch->file->encoding,
		.part = mismatch->file->part,
	};
}

/* NULL: it is not SQL. */
static const struct dialect *dialect_of(const struct explainer *explainer,
                                        const struct migration *file)
{
	return file->program == NULL ? db_dialect(explainer->run->db) : NULL;
}

static const char *lines_of(struct arena *arena, const struct checksum_variant *variant)
{
	if (variant->first == variant->last)
		return arena_printf(arena, "line %zu", variant->first);
	return arena_printf(arena, "lines %zu to %zu", variant->first, variant->last);
}

/* "without the blanks at the ends of its lines": how the file has the stored checksum. */
static const char *describe(struct arena *arena, const struct checksum_variant *variant)
{
	static const char *const fixed[] = {
		[VARIANT_WHOLE_FILE] = "as a whole, not only the part that is run",
		[VARIANT_MARK] = "with a byte order mark that counts",
		[VARIANT_WITHOUT_MARKS] = "without any byte order mark",
		[VARIANT_LF] = "with its line ends (LF), which count no longer",
		[VARIANT_CRLF] = "with its line ends (CR LF), which count no longer",
		[VARIANT_PLACEHOLDERS] = "with its placeholders replaced",
		[VARIANT_TRAILING_BLANKS] = "without the blanks at the ends of its lines",
		[VARIANT_END_BLANKS] = "without the blanks at its end",
		[VARIANT_LEADING_BLANKS] = "without the blanks at the beginnings of its lines",
		[VARIANT_COMMENT_LINES] = "without the lines that are comments",
		[VARIANT_COMMENTS] = "without its comments",
		[VARIANT_LINES] = NULL,
	};

	switch (variant->kind) {
	case VARIANT_ENCODING:
		return arena_printf(arena, "read as %s", variant->encoding);
	case VARIANT_SPACES:
		return arena_printf(arena, "with %u blanks for each tab", variant->size);
	case VARIANT_TABS:
		return arena_printf(arena, "with a tab for each %u blanks that begin a line",
		                    variant->size);
	case VARIANT_LINES:
		return arena_printf(arena, "without %s%s", lines_of(arena, variant),
		                    variant->are_comments ? ", which are comments" : "");
	default:
		return fixed[variant->kind];
	}
}

static bool is_raw(const struct mismatch *mismatch)
{
	return mismatch->row->checksum == mismatch->file->raw_checksum;
}

static void note_variant(const struct explainer *explainer, const struct mismatch *mismatch)
{
	struct arena *arena = explainer->run->arena;
	const char *path = mismatch->file->path;

	if (is_raw(mismatch))
		error_explain(
			explainer->err, NOTE_CAUSE,
			"%s: before its placeholders are replaced, it has the checksum that was "
			"applied; most likely another program has stored that one",
			path);
	else
		error_explain(
			explainer->err, NOTE_CAUSE,
			"%s: %s, it has the checksum that was applied; most likely nothing else "
			"has changed",
			path, describe(arena, &mismatch->variant));
}

/* --- git ----------------------------------------------------------------------------------- */

/* A subject is foreign text: without secrets, and not too long. */
static const char *subject_of(const struct explainer *explainer, const struct git_version *version)
{
	struct arena *arena = explainer->run->arena;
	const char *password = explainer->run->settings->password;
	struct str text = utf8_replaced(arena, str_of(version->subject));

	if (password != NULL && password[0] != '\0')
		text = str_of(str_replace(arena, text, str_of(password), STR(SECRET_MASK)));
	text = str_of(secret_mask(arena, "", str_dup(arena, text)));

	const struct str cut = utf8_truncate_utf16(text, MAX_SUBJECT);

	return arena_printf(arena, "%.*s%s", (int)cut.len, cut.ptr, cut.len < text.len ? "…" : "");
}

/* "1a2b3c4 (2026-01-02, 'subject')" */
static const char *commit_of(const struct explainer *explainer, const struct git_version *version)
{
	return arena_printf(explainer->run->arena, "%s (%s, '%s')", version->name, version->date,
	                    subject_of(explainer, version));
}

/* Git may store a text in UTF-8 whose file has another encoding. */
static bool has_sum(const struct mismatch *mismatch, struct str bytes, int32_t wanted,
                    struct buf *text)
{
	struct script_bytes script = script_of(mismatch, bytes);

	for (int i = 0; i < 2; i++) {
		buf_clear(text);
		if (script_bytes_decode(&script, text) && checksum_of_text(buf_str(text)) == wanted)
			return true;
		script.encoding = "UTF-8";
	}
	return false;
}

enum reading {
	READING_FAILED, /* nothing is known */
	READING_SAME,   /* it has the wanted sum */
	READING_OTHER,
};

/* Reads a version of the file. If it has the wanted sum, text is what it is. */
static enum reading read_version(const struct explainer *explainer, const struct mismatch *mismatch,
                                 const struct git_versions *versions, size_t i, int32_t wanted,
                                 struct buf *text)
{
	struct buf bytes = BUF_EMPTY(MAX_SCRIPT);
	enum reading reading = READING_FAILED;

	if (versions->items[i].blob == NULL)
		return READING_OTHER;
	if (git_read_version(&explainer->git, versions, &versions->items[i], &bytes))
		reading = has_sum(mismatch, buf_str(&bytes), wanted, text) ? READING_SAME
		                                                           : READING_OTHER;
	buf_release(&bytes);
	return reading;
}

/* How the file differs from the text that was applied, unless a variant has told it already. */
static const char *difference(const struct explainer *explainer, const struct mismatch *mismatch,
                              struct str applied)
{
	static const char *const words[] = {
		[DIFFERENCE_TRAILING_BLANKS] = ": only blanks at the ends of lines differ",
		[DIFFERENCE_BLANKS] = ": only blanks differ",
		[DIFFERENCE_COMMENTS] = ": only comments and blanks differ",
	};
	const struct script_bytes script = script_of(mismatch, buf_str(&mismatch->bytes));
	const struct dialect *dialect = dialect_of(explainer, mismatch->file);
	struct buf now = BUF_EMPTY(MAX_TEXT);
	const char *found = NULL;

	if (mismatch->variant.kind == VARIANT_NONE && script_bytes_decode(&script, &now)) {
		const enum text_difference kind = text_compare(applied, buf_str(&now), dialect);

		found = kind < DIFFERENCE_OTHER ? words[kind] : NULL;
	}
	buf_release(&now);
	return found != NULL ? found : "";
}

/* As a shell reads it. */
static const char *quote(struct arena *arena, const char *word)
{
	bool is_plain = word[0] != '\0' && word[0] != '-';

	for (size_t i = 0; word[i] != '\0'; i++)
		is_plain &= ascii_is_letter(word[i]) || ascii_is_digit(word[i]) ||
		            strchr("_./-+,:@", word[i]) != NULL;
	if (is_plain)
		return word;
	return arena_printf(arena, "'%s'",
	                    str_replace(arena, str_of(word), STR("'"), STR("'\\''")));
}

/* Is the current directory in the work tree? */
static bool is_here(struct arena *arena, const char *top)
{
	const struct str here = str_of(fs_canonical(arena, "."));
	const struct str rest = str_sub(here, strlen(top), here.len);

	return str_starts(here, str_of(top)) &&
	       (rest.len == 0 || rest.ptr[0] == '/' || strcmp(top, "/") == 0);
}

static void note_checkout(const struct explainer *explainer, const struct mismatch *mismatch,
                          const struct git_versions *versions, const struct git_version *version,
                          bool discards)
{
	struct arena *arena = explainer->run->arena;
	const char *loss = discards ? " (discards what is not committed)" : "";

	/* Under another name, git show has it; but that would overwrite without a question. */
	if (strcmp(version->path, versions->path) != 0)
		return;
	if (is_here(arena, versions->top))
		error_explain(explainer->err, NOTE_NEXT,
		              "to get back the text that was applied%s: git checkout %s -- %s",
		              loss, version->name, quote(arena, mismatch->file->path));
	else
		error_explain(
			explainer->err, NOTE_NEXT,
			"to get back the text that was applied%s: git -C %s checkout %s -- %s",
			loss, quote(arena, versions->top), version->name,
			quote(arena, versions->path));
}

/* What has changed the text since: the commits before the one of number i, and the file itself. */
static const char *changed_since(const struct explainer *explainer, const struct mismatch *mismatch,
                                 const struct git_versions *versions, size_t i,
                                 bool *is_uncommitted)
{
	struct arena *arena = explainer->run->arena;
	struct buf ignored = BUF_EMPTY(MAX_TEXT);

	*is_uncommitted = true;
	if (i == 0)
		return "the change is not committed";

	const enum reading newest =
		read_version(explainer, mismatch, versions, 0, mismatch->file->checksum, &ignored);

	buf_release(&ignored);
	*is_uncommitted = newest != READING_SAME;

	const char *more = i > 1 ? arena_printf(arena, " and %zu more", i - 1) : "";

	return arena_printf(
		arena, "commit %s%s changed it since%s",
		commit_of(explainer, &versions->items[i - 1]), more,
		newest == READING_OTHER ? ", and there are changes that are not committed" : "");
}

static void note_version(const struct explainer *explainer, const struct mismatch *mismatch,
                         const struct git_versions *versions, size_t i, struct str applied)
{
	const struct git_version *version = &versions->items[i];
	const char *name = strcmp(version->path, versions->path) == 0
	                           ? ""
	                           : arena_printf(explainer->run->arena, " as %s", version->path);
	bool is_uncommitted;
	const char *since = changed_since(explainer, mismatch, versions, i, &is_uncommitted);

	error_explain(explainer->err, NOTE_CAUSE,
	              "the text of %s that was applied is, by its checksum, in commit %s%s; %s%s",
	              mismatch->file->path, commit_of(explainer, version), name, since,
	              difference(explainer, mismatch, applied));
	note_checkout(explainer, mismatch, versions, version, is_uncommitted);
}

/* Looks for the text that was applied. False: it was not found; *seen is what git says then. */
static bool note_git(const struct explainer *explainer, const struct mismatch *mismatch,
                     const char **seen)
{
	struct git_versions versions;
	struct buf text = BUF_EMPTY(MAX_TEXT);
	enum reading reading = READING_OTHER;
	bool has_failed = false;

	*seen = "";
	if (!git_read_versions(&explainer->git, mismatch->file->path, &versions))
		return false;
	for (size_t i = 0; reading != READING_SAME && i < versions.n; i++) {
		reading = read_version(explainer, mismatch, &versions, i, mismatch->row->checksum,
		                       &text);
		has_failed |= reading == READING_FAILED;
		if (reading == READING_SAME)
			note_version(explainer, mismatch, &versions, i, buf_str(&text));
	}
	buf_release(&text);
	if (versions.n == 1 && !has_failed)
		*seen = "; its only version in git has another one";
	else if (versions.n > 1 && !has_failed)
		*seen = arena_printf(explainer->run->arena,
		                     "; none of its %s%zu versions in git has it",
		                     versions.n == GIT_MAX_COMMITS ? "last " : "", versions.n);
	return reading == READING_SAME;
}

/* ------------------------------------------------------------------------------------------- */

static void explain_text(const struct explainer *explainer, const struct mismatch *mismatch)
{
	const bool has_variant = mismatch->variant.kind != VARIANT_NONE;
	const char *seen;

	if (has_variant)
		note_variant(explainer, mismatch);
	if (note_git(explainer, mismatch, &seen) || has_variant)
		return;
	error_explain(explainer->err, NOTE_CAUSE,
	              "%s: leaving out comments, blanks or lines, or reading it in another "
	              "encoding, does not give the checksum that was applied%s",
	              mismatch->file->path, seen);
}

static const struct placeholders *placeholders_of(const struct explainer *explainer,
                                                  const struct migration *file)
{
	const struct session *session = explainer->run->session;

	return file->program == NULL ? &session->placeholders : &session->program_placeholders;
}

/* False: the file is too large, or cannot be read any more. */
static bool explain(const struct explainer *explainer, const struct validate_error *error)
{
	const struct migration *file = error->entry->file;
	struct error ignored = ERROR_INIT(explainer->run->arena);
	struct mismatch mismatch = {
		.file = file,
		.row = error->entry->row,
		.bytes = BUF_EMPTY(MAX_SCRIPT),
	};

	if (is_raw(&mismatch)) {
		note_variant(explainer, &mismatch);
		return true;
	}
	bool ok = fs_read_all(file->path, &mismatch.bytes, &ignored);
	if (ok) {
		const struct script_bytes script = script_of(&mismatch, buf_str(&mismatch.bytes));

		mismatch.variant = checksum_find_variant(
			&script, mismatch.row->checksum, placeholders_of(explainer, file),
			file->placeholder_name, dialect_of(explainer, file));
		explain_text(explainer, &mismatch);
	}
	buf_release(&mismatch.bytes);
	return ok;
}

static void note_repair(const struct run *run, const struct validate_error *last, size_t n,
                        struct error *err)
{
	const char *const table = run->session->history.quoted;

	if (n == 1)
		error_explain(
			err, NOTE_NEXT,
			"to accept the file as it is: cflyway repair would put the checksum "
			"%" PRId32
			" into row %d of %s; cflyway repair -dryRun shows all that it would change",
			last->entry->file->checksum, last->entry->row->installed_rank, table);
	else
		error_explain(
			err, NOTE_NEXT,
			"to accept the files as they are: cflyway repair would put the "
			"checksums of these %zu files into %s; cflyway repair -dryRun shows all "
			"that it would change",
			n, table);
}

void mismatch_reason_note(const struct run *run, const struct validate_errors *errors,
                          struct error *err)
{
	const int64_t until_ms = run->clock->monotonic_ms(run->clock) + MAX_MS;
	const struct explainer explainer = {
		.run = run,
		.git = {.arena = run->arena,
	                .clock = run->clock,
	                .until_ms = until_ms,
	                .stop = &run->db->is_cancelled,
	                .group = &run->db->program_group},
		.err = err,
	};
	const struct validate_error *last = NULL;
	size_t n = 0, explained = 0;

	for (size_t i = 0; i < errors->n; i++) {
		if (errors->items[i].code != ERROR_CHECKSUM_MISMATCH)
			continue;
		last = &errors->items[i];
		n++;
		if (explained == MAX_EXPLAINED || run->clock->monotonic_ms(run->clock) >= until_ms)
			continue;
		explained += explain(&explainer, last);
	}
	if (n > explained)
		error_explain(err, NOTE_CAUSE, "%zu more file%s changed since %s applied",
		              n - explained, n - explained == 1 ? " has" : "s have",
		              n - explained == 1 ? "it was" : "they were");
	if (n > 0)
		note_repair(run, last, n, err);
}
