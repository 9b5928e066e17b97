SELECT typname, typcategory FROM pg_catalog.pg_type t
LEFT JOIN pg_catalog.pg_depend dep ON dep.objid = t.oid AND dep.deptype = 'e'
WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid))
  AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid
  )
  AND t.typnamespace IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)
  AND dep.objid IS NULL AND t.typtype != 'd'
ORDER BY t.typtype = 'm', t.oid
