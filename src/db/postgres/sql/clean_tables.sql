SELECT t.table_name FROM information_schema.tables t
LEFT JOIN pg_catalog.pg_depend dep
  ON dep.objid = (quote_ident(t.table_schema) || '.' || quote_ident(t.table_name))::regclass::oid
  AND dep.deptype = 'e'
WHERE table_schema = $1 AND table_type = 'BASE TABLE' AND dep.objid IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_inherits
    WHERE inhrelid = (quote_ident(t.table_schema) || '.' || quote_ident(t.table_name))::regclass::oid
  )
