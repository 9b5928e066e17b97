/* SPDX-License-Identifier: Apache-2.0 */
/* pooler_plan.c - refuses what migrate may run and a pooler has no session for, before it begins */
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

static bool is_of_migrate(const struct run *run, enum event event)
{
	return (event >= EVENT_CREATE_SCHEMA && event <= EVENT_AFTER_MIGRATE_OPERATION_FINISH) ||
	       (run->settings->validate_on_migrate && event >= EVENT_BEFORE_VALIDATE &&
	        event <= EVENT_AFTER_VALIDATE_ERROR) ||
	       (run->settings->baseline_on_migrate && event >= EVENT_BEFORE_BASELINE &&
	        event <= EVENT_AFTER_BASELINE_ERROR);
}

static bool check_callbacks(const struct run *run, struct error *err)
{
	for (enum event event = 0; event < EVENT_COUNT; event++) {
		const struct callback_list list = callbacks_of(run, event);

		for (size_t i = 0; is_of_migrate(run, event) && i < list.n; i++) {
			struct script_traits traits;

			if (read_script(run, &list.items[i].script, &traits) &&
			    !pooler_check_callback(run, &list.items[i], &traits, err))
				return false;
		}
	}
	return true;
}

static size_t count_pending(const struct info *info)
{
	size_t n = 0;

	for (size_t i = 0; i < info->n; i++)
		n += info->entries[i].state == STATE_PENDING;
	return n;
}

static bool check_pending(const struct run *run, const struct info *info, struct error *err)
{
	const bool is_group = run->settings->group && count_pending(info) > 1;

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];
		struct script_traits traits;

		if (entry->state != STATE_PENDING)
			continue;
		if (read_script(run, entry->file, &traits) &&
		    !pooler_check_script(run, entry->file, &traits, is_group, err))
			return false;
	}
	return true;
}

bool pooler_plan_check(const struct run *run, const struct migration_list *migrations,
                       const struct history_rows *rows, struct error *err)
{
	const struct info_options options = info_options_from(run->arena, run->settings);
	struct info info;

	if (!run->db->pools_transactions)
		return true;
	if (!check_callbacks(run, err))
		return false;
	return run->settings->skip_executing_migrations ||
	       (info_make(run->arena, migrations, rows, &options, &info, err) &&
	        check_pending(run, &info, err));
}
