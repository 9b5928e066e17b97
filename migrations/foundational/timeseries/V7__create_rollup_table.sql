-- One rollup table for all payload tables: sums by bucket of time and by dimensions. It is itself
-- partitioned and tracked, with a longer retention than the raw data it is made from.

CREATE TABLE timeseries.rollup (
	source       regclass NOT NULL,
	bucket       timestamptz NOT NULL,
	dimensions   jsonb NOT NULL,
	samples      bigint NOT NULL CHECK (samples > 0),
	value_sum    double precision NOT NULL,
	value_min    double precision NOT NULL,
	value_max    double precision NOT NULL,
	value_avg    double precision NOT NULL GENERATED ALWAYS AS (value_sum / samples) STORED,
	refreshed_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (source, bucket, dimensions)
) PARTITION BY RANGE (bucket);

COMMENT ON TABLE timeseries.rollup IS
	'Aggregates of payload tables, filled by timeseries.perform_rollup()';
COMMENT ON COLUMN timeseries.rollup.bucket IS 'Begin of the bucket, UTC';
COMMENT ON COLUMN timeseries.rollup.dimensions IS 'Label to value, see timeseries.rollup_dimension';

SELECT timeseries.track_table(
	'timeseries.rollup',
	step => interval '1 month',
	ahead => interval '2 months',
	late => interval '1 month',
	retain => interval '3 years') AS rollup_partitions;


-- What is rolled up: one row for each payload table.
CREATE TABLE timeseries.rollup_source (
	source       regclass PRIMARY KEY
		REFERENCES timeseries.tracked_table ON DELETE CASCADE,
	bucket_step  interval NOT NULL CHECK (timeseries.is_step(bucket_step)),
	value_column name NOT NULL,
	watermark    xid8 NOT NULL DEFAULT '0',
	rolled_up_at timestamptz
);

COMMENT ON TABLE timeseries.rollup_source IS 'Payload tables that are rolled up, and how';
COMMENT ON COLUMN timeseries.rollup_source.watermark IS
	'Everything that transactions before this one have stored is in the rollup';


-- By what it is grouped. Labels are the keys of timeseries.rollup.dimensions.
CREATE TABLE timeseries.rollup_dimension (
	source      regclass REFERENCES timeseries.rollup_source ON DELETE CASCADE,
	label       text,
	column_name name NOT NULL,
	PRIMARY KEY (source, label)
);

COMMENT ON TABLE timeseries.rollup_dimension IS 'Columns by which a payload table is rolled up';


-- Says how a tracked table is rolled up: length of the buckets, the column with the value, and
-- the dimensions as {"label": "column"}. Calling it again replaces the settings; what has been
-- rolled up by the old ones is removed and comes back with the next run.
CREATE FUNCTION timeseries.configure_rollup(
	target regclass, bucket interval, value_column name, dimensions jsonb)
RETURNS void
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
	step interval;
	missing text;
BEGIN
	SELECT t.partition_step INTO step FROM timeseries.tracked_table AS t WHERE t.relation = target;
	IF NOT FOUND THEN
		RAISE EXCEPTION '% is not tracked', target
			USING HINT = 'Call timeseries.track_table() first.', ERRCODE = 'undefined_object';
	END IF;

	-- A bucket in two partitions would lose its first half when the older one is dropped.
	-- A month begins at midnight, so there one day has to be a multiple.
	step := CASE WHEN date_trunc('month', step) = interval '0' THEN step ELSE interval '1 day' END;
	IF date_trunc('month', bucket) <> interval '0'
		OR extract(epoch FROM step) % extract(epoch FROM bucket) <> 0
	THEN
		RAISE EXCEPTION 'partitions of % are not a multiple of buckets of %', target, bucket
			USING ERRCODE = 'invalid_parameter_value';
	END IF;

	SELECT string_agg(format('%I', wanted.name), ', ') INTO missing
	FROM (
		SELECT value AS name FROM jsonb_each_text(dimensions)
		UNION SELECT value_column
	) AS wanted
	WHERE NOT EXISTS (
		SELECT FROM pg_attribute
		WHERE attrelid = target AND attname = wanted.name AND attnum > 0 AND NOT attisdropped);
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION '% has no column %', target, missing USING ERRCODE = 'undefined_column';
	END IF;

	IF NOT EXISTS (
		SELECT FROM pg_attribute
		WHERE attrelid = target AND attname = 'ingest_xid' AND atttypid = 'xid8'::regtype
			AND attnotnull AND atthasdef)
	THEN
		RAISE EXCEPTION '% cannot be rolled up, it does not record who stored a row', target
			USING HINT = 'Add: ingest_xid xid8 NOT NULL DEFAULT pg_current_xact_id()',
				ERRCODE = 'undefined_column';
	END IF;

	-- the dimensions go with their source
	DELETE FROM timeseries.rollup_source AS s WHERE s.source = target;
	DELETE FROM timeseries.rollup AS r WHERE r.source = target;
	INSERT INTO timeseries.rollup_source (source, bucket_step, value_column)
	VALUES (target, bucket, value_column);
	INSERT INTO timeseries.rollup_dimension (source, label, column_name)
	SELECT target, key, value FROM jsonb_each_text(dimensions);
END
$body$;

COMMENT ON FUNCTION timeseries.configure_rollup(regclass, interval, name, jsonb)
	IS 'Says how a tracked table is rolled up';
