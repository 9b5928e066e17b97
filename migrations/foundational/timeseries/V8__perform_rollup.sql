-- Filling the rollup table.
--
-- How new data is found: each payload row carries the number of the transaction that stored it.
-- A run looks for rows from transactions at or after the watermark, computes the buckets of these
-- rows again, whole, from the raw data, and then moves the watermark to the oldest transaction
-- that was still running when the run began. So
--   - late data is no special case: its bucket is simply computed again;
--   - rows of a transaction that was open during a run cannot be missed, which would happen with
--     a watermark made of times (a row is visible at commit, but has a time from before);
--   - running twice, or again after a failure, changes nothing.
-- What was deleted or changed by hand is not seen: call timeseries.rebuild_rollup() then.
-- After restoring a dump call timeseries.restart_rollup(): another server counts its transactions
-- from another number.


-- Computes the given buckets of one source; returns how many rows of the rollup have changed.
CREATE FUNCTION timeseries.fill_rollup(target regclass, buckets timestamptz[])
RETURNS bigint
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
	config timeseries.rollup_source;
	pairs text;
	columns text;
	written bigint;
BEGIN
	SELECT s.* INTO STRICT config FROM timeseries.rollup_source AS s WHERE s.source = target;
	SELECT
		coalesce(string_agg(format('%L, s.%I', d.label, d.column_name), ', '), ''),
		coalesce(string_agg(format(', s.%I', d.column_name), ''), '')
	INTO pairs, columns
	FROM timeseries.rollup_dimension AS d WHERE d.source = target;

	-- the rollup reaches further back than the partitions that are kept ready for it
	PERFORM timeseries.create_partitions(t.relation, t.partition_step, span.first, span.last)
	FROM timeseries.tracked_table AS t,
		(SELECT min(b) AS first, max(b) AS last FROM unnest(buckets) AS b) AS span
	WHERE t.relation = 'timeseries.rollup'::regclass;

	-- One range per bucket, so that only the partitions and index ranges of these are read, even
	-- if late data lies months before the rest.
	EXECUTE format(
		'INSERT INTO timeseries.rollup AS r
			(source, bucket, dimensions, samples, value_sum, value_min, value_max)
		SELECT $1, b.bucket, jsonb_build_object(%1$s),
			count(*), sum(s.%2$I), min(s.%2$I), max(s.%2$I)
		FROM unnest($2) AS b (bucket)
		JOIN %3$s AS s
			ON s.%4$I >= b.bucket AND s.%4$I < timeseries.bucket_end($3, b.bucket)
		WHERE s.%2$I IS NOT NULL
		GROUP BY b.bucket%5$s
		ON CONFLICT (source, bucket, dimensions) DO UPDATE SET
			samples = EXCLUDED.samples,
			value_sum = EXCLUDED.value_sum,
			value_min = EXCLUDED.value_min,
			value_max = EXCLUDED.value_max,
			refreshed_at = EXCLUDED.refreshed_at
		WHERE (r.samples, r.value_sum, r.value_min, r.value_max) IS DISTINCT FROM
			(EXCLUDED.samples, EXCLUDED.value_sum, EXCLUDED.value_min, EXCLUDED.value_max)',
		pairs, config.value_column, target, timeseries.time_column(target), columns)
	USING target, buckets, config.bucket_step;
	GET DIAGNOSTICS written = ROW_COUNT;
	RETURN written;
END
$body$;

COMMENT ON FUNCTION timeseries.fill_rollup(regclass, timestamptz[])
	IS 'Computes buckets of the rollup from raw data; use perform_rollup() or rebuild_rollup()';


-- Brings the rollup of one source up to date; returns how many of its rows have changed.
-- SECURITY DEFINER: the ingest service may ask for it after a large delivery, though it has no
-- right to write into the rollup. The fixed search_path keeps objects of the caller out.
CREATE FUNCTION timeseries.perform_rollup(target regclass)
RETURNS bigint
LANGUAGE plpgsql STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
	config timeseries.rollup_source;
	horizon xid8;
	buckets timestamptz[];
	written bigint := 0;
BEGIN
	-- the row lock makes two runs for the same source wait for each other
	SELECT s.* INTO config FROM timeseries.rollup_source AS s WHERE s.source = target FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION '% is not rolled up', target
			USING HINT = 'Call timeseries.configure_rollup() first.', ERRCODE = 'undefined_object';
	END IF;

	-- Taken before the rows are looked for: what ends in between is found now or next time.
	horizon := pg_snapshot_xmin(pg_current_snapshot());
	IF config.watermark > horizon THEN
		RAISE EXCEPTION 'the watermark of % is in the future, it comes from another server', target
			USING HINT = 'Call timeseries.restart_rollup() once after restoring a dump.',
				ERRCODE = 'object_not_in_prerequisite_state';
	END IF;

	EXECUTE format(
		'SELECT array_agg(DISTINCT timeseries.bucket_start($1, s.%I)) FROM %s AS s
		WHERE s.ingest_xid >= $2',
		timeseries.time_column(target), target)
	INTO buckets USING config.bucket_step, config.watermark;

	IF buckets IS NOT NULL THEN
		written := timeseries.fill_rollup(target, buckets);
	END IF;
	UPDATE timeseries.rollup_source AS s
	SET watermark = horizon, rolled_up_at = clock_timestamp()
	WHERE s.source = target;
	RETURN written;
END
$body$;

COMMENT ON FUNCTION timeseries.perform_rollup(regclass)
	IS 'Rolls up what has arrived since the last run, returns the number of changed rows';

REVOKE ALL ON FUNCTION timeseries.perform_rollup(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION timeseries.perform_rollup(regclass) TO "${iam_user}";


-- Computes all buckets of a span again, after raw data was deleted or changed by hand. Buckets
-- whose raw data is no longer there, because its partition was dropped, are left as they are.
CREATE FUNCTION timeseries.rebuild_rollup(
	target regclass, range_from timestamptz, range_to timestamptz)
RETURNS bigint
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'    -- days in generate_series() are 24 hours
AS $body$
DECLARE
	config timeseries.rollup_source;
	buckets timestamptz[];
BEGIN
	SELECT s.* INTO STRICT config
	FROM timeseries.rollup_source AS s WHERE s.source = target FOR UPDATE;

	SELECT array_agg(DISTINCT b.bucket) INTO buckets
	FROM timeseries.partitions(target) AS p
	CROSS JOIN LATERAL generate_series(
		timeseries.bucket_start(config.bucket_step, greatest(p.range_start, range_from)),
		least(p.range_end, range_to) - interval '1 microsecond',
		config.bucket_step) AS b (bucket)
	WHERE p.range_end > range_from AND p.range_start < range_to;
	IF buckets IS NULL THEN
		RETURN 0;
	END IF;

	DELETE FROM timeseries.rollup AS r WHERE r.source = target AND r.bucket = ANY (buckets);
	RETURN timeseries.fill_rollup(target, buckets);
END
$body$;

COMMENT ON FUNCTION timeseries.rebuild_rollup(regclass, timestamptz, timestamptz)
	IS 'Computes the rollup of a span of time from scratch, returns the number of its rows';


-- After restoring a dump: rows with transaction numbers of the other server get one that is over
-- on every server, and the next run computes everything that raw data is there for.
CREATE FUNCTION timeseries.restart_rollup(target regclass)
RETURNS void
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
	UPDATE timeseries.rollup_source AS s SET watermark = '0' WHERE s.source = target;
	EXECUTE format('UPDATE %s SET ingest_xid = ''1'' WHERE ingest_xid > $1', target)
	USING pg_snapshot_xmin(pg_current_snapshot());
END
$body$;

COMMENT ON FUNCTION timeseries.restart_rollup(regclass)
	IS 'Makes rollups work again after a dump was restored on another server';
