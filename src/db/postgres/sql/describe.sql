WITH current AS (
  SELECT coalesce(pg_catalog.current_schema()::text, nullif(nullif(
    pg_catalog.current_setting('search_path'), ''), '""')) AS schema
), history AS (
  SELECT c.relhastriggers OR c.relhasrules AS has_triggers
  FROM current, pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = coalesce($1, current.schema)
    AND c.relname = $2 AND c.relkind = 'r'
)
SELECT current_user, session_user, pg_catalog.current_database(),
  pg_catalog.current_setting('search_path'), current.schema,
  EXISTS (SELECT 1 FROM history),
  EXISTS (
    SELECT 1 FROM pg_catalog.pg_namespace
    WHERE nspname = coalesce($1, current.schema)
  ),
  EXISTS (SELECT 1 FROM history WHERE has_triggers),
  pg_catalog.version(),
  pg_catalog.pg_backend_pid(),
  pg_catalog.pg_is_in_recovery(),
  pg_catalog.inet_server_addr() || ' ' || pg_catalog.inet_server_port()
FROM current
