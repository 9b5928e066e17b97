UPDATE %t SET "installed_on" = $1 WHERE "installed_rank" = $2
