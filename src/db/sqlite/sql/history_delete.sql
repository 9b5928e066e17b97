DELETE FROM %t WHERE "installed_rank" = $1
