WITH own AS (
  SELECT a.pid, a.query, w.locktype, w.mode, l.relation
  FROM pg_catalog.pg_stat_activity a
  LEFT JOIN LATERAL (SELECT * FROM pg_catalog.pg_locks WHERE pid = a.pid AND NOT granted LIMIT 1) w ON true
  LEFT JOIN LATERAL (
    SELECT relation FROM pg_catalog.pg_locks
    WHERE pid = a.pid AND relation IS NOT NULL
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND (NOT granted AND locktype = 'relation' OR locktype = 'tuple')
    LIMIT 1) l ON true
  WHERE a.pid = $1 AND a.datname = pg_catalog.current_database() AND a.usename = session_user
)
SELECT pg_catalog.pg_backend_pid(),
  pg_catalog.inet_server_addr() || ' ' || pg_catalog.inet_server_port(),
  CASE pg_catalog.getdatabaseencoding() WHEN 'UTF8' THEN pg_catalog.octet_length(own.query) ELSE 0 END,
  pg_catalog.current_setting('track_activity_query_size'),
  own.locktype,
  pg_catalog.upper(pg_catalog.btrim(pg_catalog.regexp_replace(pg_catalog.left(own.mode, -4), '([A-Z])', E' \\1', 'g'))),
  own.relation::pg_catalog.regclass, pg_catalog.count(*) OVER () - 1,
  b.pid, a.usename, a.application_name, a.state,
  pg_catalog.to_char(a.xact_start, CASE WHEN a.xact_start > pg_catalog.now() - interval '12 hours' THEN 'HH24:MI:SS' ELSE 'YYYY-MM-DD HH24:MI:SS' END),
  (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint,
  pg_catalog.left(a.query, 1000)
FROM own
CROSS JOIN LATERAL (SELECT DISTINCT p.pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(own.pid)) p (pid)) b
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
ORDER BY a.xact_start, b.pid
LIMIT 1
