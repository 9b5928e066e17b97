SELECT pg_catalog.current_setting('synchronous_commit'),
  pg_catalog.current_setting('synchronous_commit') <> 'off'
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_foreign_server)
  AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_language
    WHERE NOT lanpltrusted AND lanname NOT IN ('internal', 'c', 'sql')
  )
  AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND p.prosrc ~* '(notify|dblink|program)'
  )
  AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_rewrite WHERE ev_type <> '1' AND ev_action::text ~* 'notify'
  )
