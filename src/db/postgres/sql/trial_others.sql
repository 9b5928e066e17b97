SELECT CASE WHEN l.granted THEN 'holder' ELSE 'queued' END,
  a.pid, coalesce(a.usename, a.backend_type), a.application_name, a.state, l.relation, l.mode,
  (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint,
  pg_catalog.left(a.query, 200)
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.relation >= 16384 AND l.pid <> $1::int
  AND l.pid <> pg_catalog.pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_catalog.pg_database
                    WHERE datname = pg_catalog.current_database())
  AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S')
ORDER BY a.xact_start, a.pid, l.relation, l.mode
LIMIT 1000
