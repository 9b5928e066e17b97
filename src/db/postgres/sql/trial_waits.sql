SELECT CASE WHEN a.pid = $1::int THEN 'self' WHEN b.pid IS NOT NULL THEN 'blocker' ELSE 'waiter' END,
  a.pid, coalesce(a.usename, a.backend_type), a.application_name, a.state, l.relation, l.mode,
  (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint,
  pg_catalog.left(a.query, 200)
FROM pg_catalog.pg_stat_activity a
LEFT JOIN pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::int)) b (pid) ON b.pid = a.pid
LEFT JOIN pg_catalog.pg_locks l
  ON l.pid = a.pid AND NOT l.granted AND l.locktype = 'relation'
WHERE b.pid IS NOT NULL
  OR (a.pid = $1::int AND l.relation IS NOT NULL)
  OR (a.wait_event_type = 'Lock' AND a.pid <> $1::int
      AND a.backend_type IS DISTINCT FROM 'TimescaleDB Background Worker Scheduler'
      AND $1::int = ANY (pg_catalog.pg_blocking_pids(a.pid)))
