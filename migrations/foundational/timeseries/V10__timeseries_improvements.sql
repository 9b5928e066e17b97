-- Improvements after the first months of use.

-- 1. Maintenance started by hand beside the cron job made both wait for each other's locks, and
--    a long report made it, and then everybody behind it, wait for minutes. Now a table that is
--    being maintained is skipped, and a lock that does not come in time is an error (the next
--    run tries again).
CREATE OR REPLACE FUNCTION timeseries.maintain_table(target regclass)
RETURNS void
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $body$
DECLARE
	config timeseries.tracked_table;
BEGIN
	-- ends with the transaction, so nothing can forget to release it
	IF NOT pg_try_advisory_xact_lock(
		hashtextextended('timeseries.maintain_table ' || target::oid, 0))
	THEN
		RAISE NOTICE '% is being maintained by another session', target;
		RETURN;
	END IF;
	SELECT t.* INTO STRICT config FROM timeseries.tracked_table AS t WHERE t.relation = target;

	PERFORM timeseries.create_partitions(
		target, config.partition_step, now() - config.accept_late, now() + config.keep_ahead);
	PERFORM timeseries.perform_rollup(s.source)
	FROM timeseries.rollup_source AS s WHERE s.source = target;
	-- does nothing if retention is NULL
	PERFORM timeseries.drop_partitions(target, now() - config.retention);

	UPDATE timeseries.tracked_table AS t SET last_maintained = now(), last_error = NULL
	WHERE t.relation = target;
END
$body$;

-- 2. Dashboards ask for one device or one site: dimensions @> '{"device": 17}'.
CREATE INDEX rollup_dimensions ON timeseries.rollup USING gin (dimensions jsonb_path_ops);

-- 3. What an operator wants to see at a glance.
CREATE VIEW timeseries.table_statistics AS
SELECT
	t.relation,
	p.partitions,
	p.oldest,
	p.newest,
	p.total_bytes,
	p.estimated_rows,
	t.last_maintained,
	t.last_error,
	s.rolled_up_at
FROM timeseries.tracked_table AS t
LEFT JOIN timeseries.rollup_source AS s ON s.source = t.relation
CROSS JOIN LATERAL (
	SELECT
		count(*) AS partitions,
		min(part.range_start) AS oldest,
		max(part.range_end) AS newest,
		coalesce(sum(pg_total_relation_size(part.partition_table)), 0)::bigint AS total_bytes,
		-- -1 stands for "never analyzed"
		coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint AS estimated_rows
	FROM timeseries.partitions(t.relation) AS part
	JOIN pg_class AS c ON c.oid = part.partition_table
) AS p
-- a table that was dropped stays registered until the next maintenance
WHERE EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.relation);

COMMENT ON VIEW timeseries.table_statistics IS 'Size, range and last maintenance of tracked tables';

-- 4. What monitoring asks for: an empty answer is a good one.
CREATE FUNCTION timeseries.attention(patience interval DEFAULT interval '3 hours')
RETURNS TABLE (relation regclass, reason text)
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT
		s.relation,
		CASE
			WHEN s.last_error IS NOT NULL THEN 'maintenance failed: ' || s.last_error
			WHEN s.newest IS NULL OR s.newest < now() THEN 'there is no partition for new rows'
			WHEN coalesce(s.last_maintained, t.tracked_since) < now() - patience
				THEN 'maintenance is late'
			ELSE 'rollup is late'
		END
	FROM timeseries.table_statistics AS s
	JOIN timeseries.tracked_table AS t ON t.relation = s.relation
	LEFT JOIN timeseries.rollup_source AS r ON r.source = s.relation
	WHERE s.last_error IS NOT NULL
		OR s.newest IS NULL
		OR s.newest < now()
		OR coalesce(s.last_maintained, t.tracked_since) < now() - patience
		OR (r.source IS NOT NULL
			AND coalesce(r.rolled_up_at, t.tracked_since) < now() - patience)
	ORDER BY s.relation::text;
END;

COMMENT ON FUNCTION timeseries.attention(interval)
	IS 'Tracked tables that somebody should look at, with the reason';
