/* SPDX-License-Identifier: Apache-2.0 */
/* to_primary.c - keeps a pooler that reads SQL from sending ours to a standby */
#include "to_primary.h"

const char *pg_to_primary(const struct postgres *pg, const char *sql, struct buf *out)
{
	const struct str text = str_of(sql);

	if (!pg->pooler.is_there ||
	    (!str_starts(text, STR("SELECT")) && !str_starts(text, STR("WITH"))))
		return sql;
	buf_add(out, "/*NO LOAD BALANCE*/ ");
	buf_add(out, sql);
	return buf_str(out).ptr;
}
