/* hear.c - tells the listener what comes back from the server */
#include "postgres.h"

static void tell(const struct postgres *pg, const char *sqlstate, const char *text)
{
	const struct db_listener *listener = pg->db->listener;

	if (listener && listener->notice)
		listener->notice(listener->ctx, sqlstate, text);
}

void pg_hear_notice(void *ctx, const PGresult *result)
{
	struct postgres *pg = ctx;
	const char *sqlstate = pg->pq.result_error_field(result, PG_DIAG_SQLSTATE);
	const char *primary = pg->pq.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
	struct arena *arena = pg->db->arena;

	if (!pg->is_script || pg->pipeline.is_closing || !primary)
		return;
	if (!sqlstate)
		sqlstate = "00000";
	if (!pg->pipeline.is_waiting_for_start) {
		tell(pg, sqlstate, primary);
		return;
	}
	str_list_add(arena, &pg->pipeline.early, arena_strdup(arena, sqlstate));
	str_list_add(arena, &pg->pipeline.early, arena_strdup(arena, primary));
}

void pg_hear_started(struct postgres *pg)
{
	const struct db_listener *listener = pg->db->listener;
	const struct str_list early = pg->pipeline.early;

	pg->pipeline.is_waiting_for_start = false;
	pg->pipeline.early = (struct str_list){0};
	if (listener && listener->started)
		listener->started(listener->ctx);
	for (size_t i = 0; i < early.n; i += 2)
		tell(pg, early.items[i], early.items[i + 1]);
}

void pg_hear_committed(struct postgres *pg)
{
	const struct db_listener *listener = pg->db->listener;

	if (listener && listener->committed)
		listener->committed(listener->ctx);
}

/* A result with the functions that read it. */
struct view {
	const struct libpq *pq;
	const PGresult *result;
};

static const char *view_title(const struct db_result *result, size_t column)
{
	const struct view *view = result->handle;

	return view->pq->fname(view->result, (int)column);
}

static const char *view_value(const struct db_result *result, size_t row, size_t column)
{
	const struct view *view = result->handle;

	if (view->pq->getisnull(view->result, (int)row, (int)column))
		return NULL;
	return view->pq->getvalue(view->result, (int)row, (int)column);
}

void pg_hear_result(struct postgres *pg, size_t index, const PGresult *result)
{
	const struct db_listener *listener = pg->db->listener;
	const struct view view = {&pg->pq, result};
	const struct db_result heard = {
		.columns = (size_t)pg->pq.nfields(result),
		.rows = (size_t)pg->pq.ntuples(result),
		.title = view_title,
		.value = view_value,
		.handle = &view,
	};

	if (listener && listener->result)
		listener->result(listener->ctx, index, &heard);
}

void pg_hear_complete(struct postgres *pg, size_t index, int64_t affected)
{
	const struct db_listener *listener = pg->db->listener;

	if (listener && listener->complete)
		listener->complete(listener->ctx, index, affected);
}

int64_t pg_affected_rows(const struct postgres *pg, PGresult *result)
{
	const char *text = pg->pq.cmd_tuples(result);

	return *text == '\0' ? -1 : (int64_t)strtoll(text, NULL, 10);
}
