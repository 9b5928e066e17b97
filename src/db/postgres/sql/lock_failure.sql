WITH own AS (
  SELECT a.pid, a.query
  FROM pg_catalog.pg_stat_activity a
  WHERE a.pid = $1 AND a.datname = pg_catalog.current_database() AND a.usename = session_user
), modes AS (
  SELECT ARRAY['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock',
    'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'] AS names
), held AS (
  SELECT l.pid, l.relation, pg_catalog.max(pg_catalog.array_position(modes.names, l.mode)) AS level
  FROM own CROSS JOIN modes
  JOIN pg_catalog.pg_locks l ON l.locktype = 'relation' AND l.granted AND l.pid <> own.pid
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  JOIN pg_catalog.pg_class c ON c.oid = l.relation
  WHERE own.query ~* (E'\\m' || pg_catalog.regexp_replace(c.relname, '([^[:alnum:]_])', E'\\\\\\1', 'g') || E'\\M')
  GROUP BY l.pid, l.relation
)
SELECT pg_catalog.pg_backend_pid(),
  pg_catalog.inet_server_addr() || ' ' || pg_catalog.inet_server_port(),
  pg_catalog.upper(pg_catalog.btrim(pg_catalog.regexp_replace(pg_catalog.left(modes.names[held.level], -4), '([A-Z])', E' \\1', 'g'))),
  held.relation::pg_catalog.regclass, pg_catalog.count(*) OVER () - 1,
  held.pid, a.usename, a.application_name, a.state,
  pg_catalog.to_char(a.xact_start, CASE WHEN a.xact_start > pg_catalog.now() - interval '12 hours' THEN 'HH24:MI:SS' ELSE 'YYYY-MM-DD HH24:MI:SS' END),
  (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint,
  pg_catalog.left(a.query, 1000)
FROM held CROSS JOIN own CROSS JOIN modes
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = held.pid
WHERE held.level > 1 OR own.query !~* E'^\\W*(insert|update|delete|merge|copy|select|with|comment|create)\\M'
ORDER BY held.level DESC, a.xact_start, held.pid
LIMIT 1
