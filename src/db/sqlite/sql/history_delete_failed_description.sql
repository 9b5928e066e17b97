DELETE FROM %t WHERE "success" = 0 AND "description" = $1
