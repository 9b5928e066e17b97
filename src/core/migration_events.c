/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of a single migration. Their callbacks share its connection and its transaction, and
 * are rolled back with it.
 */
#include "callback_script.h"
#include "execution.h"

void migration_events_open(struct execution *execution)
{
	const struct run *run = execution->run;

	for (size_t i = 0; i < execution->n; i++)
		callbacks_add_traits(run, &execution->steps[i].traits);
	execution->has_callbacks_before = execution->executor->before != NULL ||
	                                  callbacks_has(run, EVENT_BEFORE_EACH_MIGRATE);
	execution->has_statement_events =
		callbacks_has(run, EVENT_BEFORE_EACH_MIGRATE_STATEMENT) ||
		callbacks_has(run, EVENT_AFTER_EACH_MIGRATE_STATEMENT) ||
		callbacks_has(run, EVENT_AFTER_EACH_MIGRATE_STATEMENT_ERROR);
}

bool migration_event(struct execution *execution, enum event event, struct error *err)
{
	const struct run *run = execution->run;
	const struct callback_list list = callbacks_of(run, event);
	enum callback_transaction transaction = CALLBACK_NONE;

	if (list.n == 0)
		return true;
	if (!continue_transaction(execution, err))
		return false;
	if (db_tx_status(run->db) != TX_IDLE)
		transaction = CALLBACK_OPEN;
	for (size_t i = 0; i < list.n; i++)
		if (!callback_execute(run, &list.items[i], transaction, err))
			return false;
	return true;
}

bool migration_event_after_failure(struct execution *execution, enum event event, struct error *err)
{
	const struct run *run = execution->run;
	struct error second = ERROR_INIT(err->arena);

	if (run->db->is_cancelled || db_tx_status(run->db) == TX_LOST ||
	    migration_event(execution, event, &second))
		return true;
	callback_note_first(&second, err);
	*err = second;
	return false;
}
