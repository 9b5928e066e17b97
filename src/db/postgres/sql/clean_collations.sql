SELECT c.collname FROM pg_catalog.pg_collation c
JOIN pg_catalog.pg_namespace n ON c.collnamespace = n.oid
LEFT JOIN pg_catalog.pg_depend dep ON dep.objid = c.oid AND dep.deptype = 'e'
WHERE n.nspname = $1 AND dep.objid IS NULL
