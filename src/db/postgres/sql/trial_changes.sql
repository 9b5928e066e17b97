SELECT pg_catalog.set_config('lock_timeout', $1, true),
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0'),
  l.relation, l.modes, pg_catalog.pg_relation_filenode(l.relation),
  pg_catalog.pg_stat_get_xact_tuples_inserted(l.relation),
  pg_catalog.pg_stat_get_xact_tuples_updated(l.relation),
  pg_catalog.pg_stat_get_xact_tuples_deleted(l.relation),
  pg_catalog.pg_stat_get_xact_tuples_returned(l.relation)
FROM (SELECT 1) one
LEFT JOIN (
  SELECT relation, pg_catalog.string_agg(mode, ',') AS modes
  FROM pg_catalog.pg_locks
  WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted
    AND relation >= 16384
    AND database = (SELECT oid FROM pg_catalog.pg_database
                    WHERE datname = pg_catalog.current_database())
  GROUP BY relation
) l ON true
