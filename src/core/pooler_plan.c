/* SPDX-License-Identifier: Apache-2.0 */
/* pooler_plan.c - refuses what a command will run and a pooler has no session for */
#include "cflyway/core/pooler_plan.h"

#include "cflyway/core/callbacks.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/pooler_check.h"
#include "cflyway/core/script_check.h"

/* What is wrong with the script in itself is reported when it runs. */
static bool read_script(const struct run *run, const struct migration *migration,
                        struct script_traits *traits)
{
	const struct log silence = {0};
	struct run quiet = *run;
	struct error ignored = ERROR_INIT(run->arena);

	quiet.log = &silence;
	return script_check(&quiet, migration, traits, NULL, &ignored);
}

/* --- callbacks ----------------------------------------------------------------------------- */

/* The events of each command, from the first to the last. */
static const struct {
	const char *command;
	enum event first, last;
} events[] = {
	{"migrate", EVENT_CREATE_SCHEMA, EVENT_AFTER_MIGRATE_OPERATION_FINISH},
	{"undo", EVENT_BEFORE_UNDO, EVENT_AFTER_UNDO_ERROR},
	{"clean", EVENT_BEFORE_CLEAN, EVENT_AFTER_CLEAN_ERROR},
	{"info", EVENT_BEFORE_INFO, EVENT_AFTER_INFO_OPERATION_FINISH},
	{"validate", EVENT_BEFORE_VALIDATE, EVENT_AFTER_VALIDATE_ERROR},
	{"baseline", EVENT_BEFORE_BASELINE, EVENT_AFTER_BASELINE_ERROR},
	{"repair", EVENT_BEFORE_REPAIR, EVENT_AFTER_REPAIR_ERROR},
};

static bool fires(const char *command, enum event event)
{
	for (size_t i = 0; i < COUNT(events); i++)
		if (strcmp(events[i].command, command) == 0)
			return event >= events[i].first && event <= events[i].last;
	return false;
}

static bool may_fire(const struct run *run, const char *command, enum event event)
{
	const bool is_migrate = strcmp(command, "migrate") == 0;

	return event == EVENT_AFTER_CONNECT || fires(command, event) ||
	       (is_migrate && run->settings->validate_on_migrate && fires("validate", event)) ||
	       (is_migrate && run->settings->baseline_on_migrate && fires("baseline", event));
}

static bool check_event(const struct run *run, enum event event, struct error *err)
{
	const struct callback_list list = callbacks_of(run, event);

	for (size_t i = 0; i < list.n; i++) {
		struct script_traits traits;

		if (read_script(run, &list.items[i].script, &traits) &&
		    !pooler_check_callback(run, &list.items[i], &traits, err))
			return false;
	}
	return true;
}

bool pooler_plan_check_callbacks(const struct run *run, const char *command, struct error *err)
{
	if (!run->db->pools_transactions)
		return true;
	for (enum event event = 0; event < EVENT_COUNT; event++)
		if (may_fire(run, command, event) && !check_event(run, event, err))
			return false;
	return true;
}

/* --- migrations ---------------------------------------------------------------------------- */

static size_t count_pending(const struct info *info)
{
	size_t n = 0;

	for (size_t i = 0; i < info->n; i++)
		n += info->entries[i].state == STATE_PENDING;
	return n;
}

bool pooler_plan_check_migration(const struct run *run, const struct migration *migration,
                                 bool is_group, struct error *err)
{
	struct script_traits traits;

	return !run->db->pools_transactions || !read_script(run, migration, &traits) ||
	       pooler_check_script(run, migration, &traits, is_group, err);
}

static bool check_pending(const struct run *run, const struct info *info, struct error *err)
{
	const bool is_group = run->settings->group && count_pending(info) > 1;

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (entry->state == STATE_PENDING &&
		    !pooler_plan_check_migration(run, entry->file, is_group, err))
			return false;
	}
	return true;
}

bool pooler_plan_check(const struct run *run, const struct migration_list *migrations,
                       const struct history_rows *rows, struct error *err)
{
	const struct info_options options = info_options_from(run->arena, run->settings);
	struct info info;

	return !run->db->pools_transactions || run->settings->skip_executing_migrations ||
	       (info_make(run->arena, migrations, rows, &options, &info, err) &&
	        check_pending(run, &info, err));
}
