SELECT c.relname,
       (SELECT count(*) FROM pg_catalog.pg_attribute a
        WHERE  a.attrelid = c.oid
        AND    a.attnum > 0
        AND    NOT a.attisdropped
        AND    a.attname IN ('installed_rank', 'version', 'description', 'type', 'script', 'checksum',
                             'installed_by', 'installed_on', 'execution_time', 'success')) = 10
FROM   pg_catalog.pg_class c
JOIN   pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE  n.nspname = $1
AND    c.relkind IN ('r', 'p', 'f')
AND    NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                   WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.objid = c.oid AND d.deptype = 'e')
ORDER  BY c.relname
