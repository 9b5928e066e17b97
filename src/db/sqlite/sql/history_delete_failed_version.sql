DELETE FROM %t WHERE "success" = 0 AND "version" = $1
