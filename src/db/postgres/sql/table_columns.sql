SELECT a.attname
FROM   pg_catalog.pg_attribute a
JOIN   pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN   pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE  n.nspname = $1
AND    c.relname = $2
AND    c.relkind IN ('r', 'p', 'v', 'm', 'f')
AND    a.attnum > 0
AND    NOT a.attisdropped
ORDER  BY a.attnum
