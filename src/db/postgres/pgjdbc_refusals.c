/* SPDX-License-Identifier: Apache-2.0 */
/* pgjdbc_refusals.c - failures that pgjdbc sees where the server sees none, in its words */
#include "pgjdbc_refusals.h"

#include "errors.h"
#include "listener.h"

#include <string.h>

const char pg_rolled_back[] =
	"The database returned ROLLBACK, so the transaction cannot be committed.";

const char pg_copy_refused[] = "COPY commands are only supported using the CopyManager API.";

static bool refuse_parameter(struct postgres *pg, const char *name, const char *value,
                             const char *wanted, struct error *err)
{
	/* pgjdbc closes the connection; here it goes on, so that it can be rolled back */
	if (pg->pq.transaction_status(pg->conn) == PQTRANS_IDLE)
		pg->pq.clear(pg_exec(pg, "SET client_encoding TO 'UTF8'; SET DateStyle TO 'ISO'"));
	return pg_fail_text(err, "08006",
	                    arena_printf(err->arena,
	                                 "The server's %s parameter was changed to %s. The JDBC "
	                                 "driver requires %s to %s for correct operation.",
	                                 name, value, name, wanted));
}

bool pg_check_parameters(struct postgres *pg, struct error *err)
{
	static const char encoding_name[] = "client_encoding", style_name[] = "DateStyle";
	const char *encoding = pg->pq.parameter_status(pg->conn, encoding_name);
	const char *style = pg->pq.parameter_status(pg->conn, style_name);

	if (encoding != NULL && strcmp(encoding, "UTF8") != 0)
		return refuse_parameter(pg, encoding_name, encoding, "be UTF8", err);
	if (style != NULL && !str_starts(str_of(style), STR("ISO")))
		return refuse_parameter(pg, style_name, style, "begin with ISO", err);
	return true;
}
