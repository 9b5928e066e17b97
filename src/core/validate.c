#include "cflyway/core/validate.h"

#include "cflyway/base/about.h"
#include "cflyway/base/buf.h"
#include "cflyway/core/callbacks.h"

enum { MAX_REPORT = 64 << 20 };

#define FLEXIBILITY                                                                                \
	"Need more flexibility with validation rules? Learn more: " FLYWAY_LINK                    \
	"flyway-blog/older-posts/customize-validation-rules-with-ignoremigrationpatterns"

static bool fail(const struct run *run, const struct validate_errors *errors, struct error *err)
{
	struct buf list = BUF_EMPTY(MAX_REPORT);

	for (size_t i = 0; i < errors->n; i++)
		buf_printf(&list, "%s\n", errors->items[i].message);
	const char *text = arena_strdup(run->arena, buf_str(&list).ptr);
	buf_release(&list);
	return error_set(err, ERROR_VALIDATE_ERROR,
	                 "Validate failed: Migrations have failed validation\n%s" FLEXIBILITY,
	                 text);
}

static bool check_schema(const struct run *run, const struct migration_list *migrations,
                         const struct pattern_list *patterns, struct error *err)
{
	if (migrations->n == 0 || pattern_list_ignores(patterns, PATTERN_PENDING))
		return true;
	return error_set(err, ERROR_SCHEMA_DOES_NOT_EXIST,
	                 "Validate failed: Schema %s doesn't exist yet\n\n" FLEXIBILITY,
	                 db_quote_identifier(run->arena, run->session->default_schema));
}

static void log_success(const struct run *run, size_t n, int64_t started_ms)
{
	int64_t elapsed_ms = run->clock->monotonic_ms(run->clock) - started_ms;

	log_info(run->log, "Successfully validated %zu migration%s (execution time %s)", n,
	         n == 1 ? "" : "s", clock_format_duration(run->arena, elapsed_ms));
	if (n == 0)
		log_warn(run->log, "No migrations found. Are your locations set up correctly?");
}

bool validate_begin(struct run *run, struct error *err)
{
	struct pattern_list patterns;

	return pattern_list_parse(run->arena, &run->settings->ignore_migration_patterns, &patterns,
	                          err) &&
	       (!run->session->about.default_schema_exists ||
	        callbacks_run(run, EVENT_BEFORE_VALIDATE, err));
}

bool validate_run(struct run *run, const struct migration_list *migrations, bool ignore_pending,
                  struct applied *applied, bool *read, struct error *err)
{
	struct info_options options = {run->settings->target, run->settings->out_of_order};
	int64_t started_ms = run->clock->monotonic_ms(run->clock);
	struct pattern_list patterns;
	struct validate_errors errors;
	struct info info;

	*read = false;
	if (!pattern_list_parse(run->arena, &run->settings->ignore_migration_patterns, &patterns,
	                        err))
		return false;
	if (ignore_pending)
		patterns =
			pattern_list_with(run->arena, &patterns, PATTERN_ANY_TYPE, PATTERN_PENDING);
	if (!run->session->about.default_schema_exists)
		return check_schema(run, migrations, &patterns, err);
	*read = true;
	if (!info_check_target(run->arena, options.target, err) ||
	    !applied_read(run, run->session->about.history_exists, applied, err) ||
	    !info_make(run->arena, migrations, &applied->rows, &options, &info, err))
		return false;
	check_info(run->arena, &info, &patterns, &errors);
	if (errors.n > 0) {
		fail(run, &errors, err);
		return callbacks_after_failure(run, EVENT_AFTER_VALIDATE_ERROR, err);
	}
	log_success(run, info.n, started_ms);
	return callbacks_run(run, EVENT_AFTER_VALIDATE, err);
}
