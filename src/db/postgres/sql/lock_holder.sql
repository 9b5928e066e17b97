SELECT l.pid, a.usename, a.application_name, a.state,
  pg_catalog.to_char(a.xact_start, CASE WHEN a.xact_start > pg_catalog.now() - interval '12 hours' THEN 'HH24:MI:SS' ELSE 'YYYY-MM-DD HH24:MI:SS' END),
  (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint,
  pg_catalog.left(a.query, 1000)
FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.classid = $1::oid AND l.objid = $2::oid AND l.objsubid = 1
LIMIT 1
