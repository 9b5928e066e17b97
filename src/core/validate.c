/* SPDX-License-Identifier: Apache-2.0 */
/* validate.c - the validation that validate and migrate share */
#include "cflyway/core/validate.h"

#include "cflyway/base/about.h"
#include "cflyway/base/buf.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/info_picks.h"
#include "cflyway/core/mismatch_reason.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/validate_pairs.h"

enum { MAX_REPORT = 64 << 20 };

#define FLEXIBILITY                                                                                \
	"Need more flexibility with validation rules? Learn more: " FLYWAY_LINK                    \
	"flyway-blog/older-posts/customize-validation-rules-with-ignoremigrationpatterns"

static bool fail(const struct run *run, struct validate_result *result, enum error_code code,
                 const char *message, struct error *err)
{
	struct buf list = BUF_EMPTY(MAX_REPORT);

	result->count = 0;
	result->code = code;
	result->message = message;
	for (size_t i = 0; i < result->errors.n; i++)
		buf_printf(&list, "%s\n", result->errors.items[i].message);
	if (result->errors.n == 0)
		buf_putc(&list, '\n');
	const char *text = arena_strdup(run->arena, buf_str(&list).ptr);
	buf_release(&list);
	error_set(err, code, "Validate failed: %s\n%s" FLEXIBILITY, message, text);
	for (size_t i = 0; i < result->errors.n; i++) {
		const struct info_entry *entry = result->errors.items[i].entry;
		bool has_file = entry != NULL && entry->file != NULL;

		error_add_item(err, has_file ? entry->file->absolute_path : NULL,
		               result->errors.items[i].message);
	}
	return false;
}

static bool check_schema(const struct run *run, const struct migration_list *migrations,
                         const struct pattern_list *patterns, struct validate_result *result,
                         struct error *err)
{
	result->is_valid =
		migrations->n == 0 || (pattern_list_matches(patterns, true, PATTERN_PENDING) &&
	                               pattern_list_matches(patterns, false, PATTERN_PENDING));
	if (result->is_valid)
		return true;
	return fail(run, result, ERROR_SCHEMA_DOES_NOT_EXIST,
	            arena_printf(run->arena, "Schema %s doesn't exist yet",
	                         run->session->quoted_schema),
	            err);
}

static void succeed(const struct run *run, struct validate_result *result, int64_t started_ms)
{
	int64_t elapsed_ms = run->clock->monotonic_ms(run->clock) - started_ms;
	size_t n = result->count;

	result->is_valid = true;
	log_info(run->log, "Successfully validated %zu migration%s (execution time %s)", n,
	         n == 1 ? "" : "s", clock_format_duration(run->arena, elapsed_ms));
	if (n == 0)
		result_warn(run, &result->warnings,
		            "No migrations found. Are your locations set up correctly?");
}

static bool decide_without_schema(struct run *run, struct migration_list *migrations,
                                  const struct pattern_list *patterns,
                                  struct validation *validation, struct error *err)
{
	const struct info_options options = info_options_from(run->arena, run->settings);

	if (!resolve_session(run, migrations, err) ||
	    !info_check_picks(&options, migrations, &validation->applied.rows, err))
		return false;
	validation->is_decided = true;
	return check_schema(run, migrations, patterns, &validation->result, err);
}

/* Files that have changed since they were applied are no errors if the user wants it so. */
static void check(const struct run *run, const struct info *info,
                  const struct pattern_list *patterns, struct validation *validation)
{
	bool warns = run->settings->on_changed_file == ON_CHANGED_FILE_WARN;
	struct validate_errors changes = {0};

	validate_info(run->arena, info, patterns, &validation->result.errors,
	              warns ? &changes : NULL);
	for (size_t i = 0; i < changes.n; i++)
		result_warn(run, &validation->changes, "%s", changes.items[i].message);
	validation->result.warnings = validation->changes;
	validation->result.count = info->n;
}

/* Only validate wants both files of a pair: migrate needs one. */
static void check_pairs(const struct run *run, const struct migration_list *migrations,
                        struct validate_errors *errors)
{
	const struct resolve_options *options = &run->session->resolve;
	const struct layout *layout =
		options->detects_layout ? layout_of(LAYOUT_UPDOWN) : options->names.layout;

	if (layout != NULL && layout_wants_pairs(layout) && options->names.undo_prefix[0] != '\0')
		validate_pairs(run->arena, layout, &options->names, migrations, errors);
}

/* Reads the files and the history and compares them, in the order in which Flyway finds faults. */
static bool compare(struct run *run, struct migration_list *migrations,
                    const struct pattern_list *patterns, struct validation *validation,
                    struct error *err)
{
	struct info_options options = info_options_from(run->arena, run->settings);
	struct info info;

	if (!info_check_target(run->arena, options.target, err) ||
	    !resolve_session(run, migrations, err) ||
	    !applied_read(run, run->session->about.history_exists, &validation->applied, err) ||
	    !info_check_picks(&options, migrations, &validation->applied.rows, err) ||
	    !info_make(run->arena, migrations, &validation->applied.rows, &options, &info, err))
		return session_operation_failed(run);
	validation->has_read = true;
	check(run, &info, patterns, validation);
	if (!run->is_migrate && options.picks.n == 0)
		check_pairs(run, migrations, &validation->result.errors);
	return true;
}

/* Says what outOfOrder=true would do about files below a version that has been applied. */
static void note_ignored(const struct validate_errors *errors, struct error *err)
{
	const struct migration *first = NULL;
	size_t more = 0;

	for (size_t i = 0; i < errors->n; i++) {
		const struct info_entry *entry = errors->items[i].entry;

		if (entry == NULL || entry->state != STATE_IGNORED || entry->file == NULL)
			continue;
		if (first == NULL)
			first = entry->file;
		else
			more++;
	}
	if (first == NULL)
		return;
	error_explain(err, NOTE_CAUSE,
	              "version %s%s is new and below a version that has been applied",
	              first->version.text,
	              more > 0 ? arena_printf(err->arena, " (and %zu more)", more) : "");
	error_explain(err, NOTE_NEXT,
	              "with -outOfOrder=true, migrate runs %s now, after the higher versions; or "
	              "rename %s to a version above them",
	              more > 0 ? "them" : "it", first->path);
}

bool validate_run(struct run *run, struct migration_list *migrations, bool ignore_pending,
                  struct validation *validation, struct error *err)
{
	struct validate_result *result = &validation->result;
	struct pattern_list patterns;

	*validation = (struct validation){.result.database = run->session->about.database};
	if (!pattern_list_parse(run->arena, &run->settings->ignore_migration_patterns, &patterns,
	                        err))
		return false;
	if (ignore_pending)
		patterns =
			pattern_list_with(run->arena, &patterns, PATTERN_ANY_TYPE, PATTERN_PENDING);
	if (!run->session->about.default_schema_exists)
		return decide_without_schema(run, migrations, &patterns, validation, err);
	if (!callbacks_run(run, EVENT_BEFORE_VALIDATE, err))
		return false;
	int64_t started_ms = run->clock->monotonic_ms(run->clock);
	if (!compare(run, migrations, &patterns, validation, err))
		return false;
	validation->is_decided = true;
	if (result->errors.n > 0) {
		(void)fail(run, result, ERROR_VALIDATE_ERROR, "Migrations have failed validation",
		           err);
		mismatch_reason_note(run, &result->errors, err);
		note_ignored(&result->errors, err);
		return callbacks_after_failure(run, EVENT_AFTER_VALIDATE_ERROR, err);
	}
	succeed(run, result, started_ms);
	return callbacks_run(run, EVENT_AFTER_VALIDATE, err);
}
