SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind,
  pg_catalog.pg_relation_filenode(c.oid),
  CASE WHEN c.relkind IN ('r', 'm', 'i') THEN pg_catalog.pg_total_relation_size(c.oid) ELSE 0 END,
  c.reltuples::bigint, i.indrelid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname !~ '^pg_(toast|temp)'
  AND c.relkind IN ('r', 'p', 'm', 'i', 'I', 'v', 'f', 'S')
ORDER BY c.oid
