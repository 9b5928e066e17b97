SELECT (
    SELECT count(*) + 2 * count(nullif(c.reltoastrelid, 0)) + count(CASE WHEN c.relkind IN ('v', 'm') THEN 1 END)
    FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid
  ) + (
    SELECT count(*) FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid
  ) + (
    SELECT count(*) FROM pg_catalog.pg_constraint c WHERE c.connamespace = n.oid
  ) + (
    SELECT count(*) FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid
  ) + (
    SELECT count(*) FROM pg_catalog.pg_attrdef d
    JOIN pg_catalog.pg_class c ON c.oid = d.adrelid WHERE c.relnamespace = n.oid
  ) + (
    SELECT count(*) FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = n.oid
  ),
  pg_catalog.current_setting('max_locks_per_transaction')::bigint * (
    pg_catalog.current_setting('max_connections')::bigint +
    pg_catalog.current_setting('max_prepared_transactions')::bigint
  )
FROM pg_catalog.pg_namespace n WHERE n.nspname = $1
