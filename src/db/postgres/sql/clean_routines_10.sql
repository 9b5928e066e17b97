SELECT proname, oidvectortypes(proargtypes),
  CASE WHEN pg_proc.proisagg THEN 'AGGREGATE' ELSE 'FUNCTION' END
FROM pg_catalog.pg_proc
JOIN pg_catalog.pg_namespace ns ON pg_proc.pronamespace = ns.oid
LEFT JOIN pg_catalog.pg_depend dep ON dep.objid = pg_proc.oid AND dep.deptype = 'e'
WHERE ns.nspname = $1 AND dep.objid IS NULL
