UPDATE %t SET "description" = $1, "type" = $2, "checksum" = $3 WHERE "installed_rank" = $4
