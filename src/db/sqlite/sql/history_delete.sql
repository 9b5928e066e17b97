DELETE FROM %t WHERE "installed_rank" = $1 AND "version" = $2 AND "script" = $3
RETURNING "installed_rank"
