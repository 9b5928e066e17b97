WITH RECURSIVE tree AS (
  SELECT c.oid, 0 AS depth FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname = $1 AND c.relpersistence <> 't'
    AND c.relname <> coalesce($2, '')
    AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
      OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
      OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
    AND NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_depend dep
      WHERE dep.classid = 'pg_catalog.pg_class'::regclass AND dep.objid = c.oid AND dep.deptype = 'e'
    )
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
UNION
  SELECT i.inhrelid, tree.depth + 1 FROM tree
  JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
)
SELECT c.relname, pg_catalog.quote_ident(n.nspname),
  CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END
FROM (SELECT oid, max(depth) AS depth FROM tree GROUP BY oid) deepest
JOIN pg_catalog.pg_class c ON c.oid = deepest.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY deepest.depth DESC, c.oid DESC
