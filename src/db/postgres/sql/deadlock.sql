SELECT pg_catalog.pg_backend_pid(),
  pg_catalog.inet_server_addr() || ' ' || pg_catalog.inet_server_port(),
  own.pid, pg_catalog.left(own.query, 1000),
  a.pid, a.usename, a.application_name, a.state,
  pg_catalog.to_char(a.xact_start, CASE WHEN a.xact_start > pg_catalog.now() - interval '12 hours' THEN 'HH24:MI:SS' ELSE 'YYYY-MM-DD HH24:MI:SS' END),
  (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint,
  pg_catalog.left(a.query, 1000)
FROM pg_catalog.pg_stat_activity own
JOIN pg_catalog.pg_stat_activity a ON a.pid = ANY ('{$2}'::int[]) AND a.pid <> own.pid
WHERE own.pid = $1 AND own.datname = pg_catalog.current_database() AND own.usename = session_user
ORDER BY a.pid
