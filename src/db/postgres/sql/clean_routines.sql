SELECT proname, oidvectortypes(proargtypes),
  CASE pg_proc.prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END
FROM pg_catalog.pg_proc
JOIN pg_catalog.pg_namespace ns ON pg_proc.pronamespace = ns.oid
WHERE ns.nspname = $1 AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_depend dep
    WHERE dep.classid = 'pg_catalog.pg_proc'::regclass AND dep.objid = pg_proc.oid AND dep.deptype = 'e'
  )
