DELETE FROM %t WHERE "success" = FALSE AND "description" = $1
