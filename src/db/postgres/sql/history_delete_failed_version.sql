DELETE FROM %t WHERE "success" = FALSE AND "version" = $1
