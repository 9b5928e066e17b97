-- Tables partitioned by time: which ranges exist, creating missing ones, dropping old ones.
-- Nothing here knows about configuration; V6 adds it.
--
-- All boundaries are computed in UTC, so that no partition is 23 or 25 hours long. A step is
-- either a number of months ('1 month', '1 year') or a fixed length ('6 hours', '1 day').
--
-- Partitions are found in the system catalog, never in a list of our own, so there is nothing
-- that could differ from the truth.

CREATE FUNCTION timeseries.is_step(step interval)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN step > interval '0'
	-- date_trunc keeps the months, the rest is the fixed part
	AND (date_trunc('month', step) = interval '0'
		OR step - date_trunc('month', step) = interval '0');

COMMENT ON FUNCTION timeseries.is_step(interval)
	IS 'Whether an interval is positive and either whole months or a fixed length';


CREATE FUNCTION timeseries.bucket_start(step interval, moment timestamptz)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
	WHEN date_trunc('month', step) = interval '0'
		-- the origin is a Monday: weeks begin on Mondays
		THEN date_bin(step, moment, timestamptz '2000-01-03 00:00:00+00')
	ELSE (
		date_trunc('month', moment AT TIME ZONE 'UTC')
		- make_interval(months => (
			(extract(year FROM moment AT TIME ZONE 'UTC') * 12
				+ extract(month FROM moment AT TIME ZONE 'UTC') - 1)::integer
			% (extract(year FROM step) * 12 + extract(month FROM step))::integer))
		) AT TIME ZONE 'UTC'
	END;

COMMENT ON FUNCTION timeseries.bucket_start(interval, timestamptz)
	IS 'Begin of the bucket of length step that holds the moment';


CREATE FUNCTION timeseries.bucket_end(step interval, moment timestamptz)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (timeseries.bucket_start(step, moment) AT TIME ZONE 'UTC' + step) AT TIME ZONE 'UTC';

COMMENT ON FUNCTION timeseries.bucket_end(interval, timestamptz)
	IS 'End (exclusive) of the bucket of length step that holds the moment';


CREATE FUNCTION timeseries.time_column(target regclass)
RETURNS name
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
	wanted name;
BEGIN
	SELECT a.attname INTO wanted
	FROM pg_partitioned_table AS p
	JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
	WHERE p.partrelid = target
		AND p.partstrat = 'r'
		AND p.partnatts = 1
		AND a.atttypid = 'timestamptz'::regtype;
	IF NOT FOUND THEN
		RAISE EXCEPTION '% is not partitioned by range of one timestamptz column', target
			USING ERRCODE = 'wrong_object_type';
	END IF;
	RETURN wanted;
END
$body$;

COMMENT ON FUNCTION timeseries.time_column(regclass)
	IS 'The column by which a table is partitioned; fails for tables that are not';


-- The bounds are kept by PostgreSQL as an expression and shown in the time zone of the session,
-- so this function fixes the zone in which it prints and reads them.
CREATE FUNCTION timeseries.partitions(target regclass)
RETURNS TABLE (partition_table regclass, range_start timestamptz, range_end timestamptz)
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $body$
	SELECT p.oid::regclass, bounds[1]::timestamptz, bounds[2]::timestamptz
	FROM pg_inherits AS i
	JOIN pg_class AS p ON p.oid = i.inhrelid
	CROSS JOIN LATERAL regexp_match(
		pg_get_expr(p.relpartbound, p.oid), $re$^FOR VALUES FROM \('(.+)'\) TO \('(.+)'\)$re$
	) AS bounds
	WHERE i.inhparent = target
	ORDER BY 2
$body$;

COMMENT ON FUNCTION timeseries.partitions(regclass)
	IS 'Partitions with an upper and a lower bound, oldest first (a default partition has none)';


-- Creates partitions until every moment from range_from to range_to has one; returns how many.
--
-- A new range is cut where it would overlap an existing one. That is how a table changes from
-- daily to monthly partitions without moving a row: only new partitions have the new length.
--
-- A partition is created as a table of its own and then attached, because CREATE TABLE ...
-- PARTITION OF locks out all readers and writers of the parent, and ATTACH lets them go on.
CREATE FUNCTION timeseries.create_partitions(
	target regclass, step interval, range_from timestamptz, range_to timestamptz)
RETURNS integer
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $body$
DECLARE
	parent_schema name;
	parent_name name;
	moment timestamptz := range_from;
	lower_bound timestamptz;
	upper_bound timestamptz;
	suffix text;
	partition_name text;
	created integer := 0;
BEGIN
	IF NOT timeseries.is_step(step) THEN
		RAISE EXCEPTION 'a step is either months or a fixed length, not %', step
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM timeseries.time_column(target);    -- fails for tables of another kind
	SELECT n.nspname, c.relname INTO STRICT parent_schema, parent_name
	FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
	WHERE c.oid = target;

	WHILE moment <= range_to LOOP
		SELECT p.range_end INTO upper_bound
		FROM timeseries.partitions(target) AS p
		WHERE p.range_start <= moment AND moment < p.range_end;

		IF NOT FOUND THEN
			SELECT
				greatest(timeseries.bucket_start(step, moment),
					max(p.range_end) FILTER (WHERE p.range_end <= moment)),
				least(timeseries.bucket_end(step, moment),
					min(p.range_start) FILTER (WHERE p.range_start > moment))
			INTO lower_bound, upper_bound
			FROM timeseries.partitions(target) AS p;

			suffix := to_char(lower_bound, CASE
				WHEN lower_bound <> date_trunc('day', lower_bound) OR step < interval '1 day'
					THEN '"_p"YYYYMMDD"_"HH24MI'
				WHEN step < interval '1 month' OR lower_bound <> date_trunc('month', lower_bound)
					THEN '"_p"YYYYMMDD'
				ELSE '"_p"YYYYMM'
				END);
			-- names are limited to 63 bytes; the end is what tells partitions apart
			partition_name := left(parent_name, 63 - length(suffix)) || suffix;

			EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING ALL EXCLUDING IDENTITY)',
				parent_schema, partition_name, parent_schema, parent_name);
			EXECUTE format('ALTER TABLE %I.%I ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
				parent_schema, parent_name, parent_schema, partition_name,
				lower_bound, upper_bound);
			created := created + 1;
		END IF;
		moment := upper_bound;
	END LOOP;
	RETURN created;
END
$body$;

COMMENT ON FUNCTION timeseries.create_partitions(regclass, interval, timestamptz, timestamptz)
	IS 'Creates the partitions that are missing between two moments, returns their number';


-- Drops the partitions that lie wholly before the given moment; returns how many.
CREATE FUNCTION timeseries.drop_partitions(target regclass, older_than timestamptz)
RETURNS integer
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
	old record;
	dropped integer := 0;
BEGIN
	FOR old IN
		SELECT n.nspname, c.relname
		FROM timeseries.partitions(target) AS p
		JOIN pg_class AS c ON c.oid = p.partition_table
		JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE p.range_end <= older_than
		ORDER BY p.range_start
	LOOP
		EXECUTE format('DROP TABLE %I.%I', old.nspname, old.relname);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END
$body$;

COMMENT ON FUNCTION timeseries.drop_partitions(regclass, timestamptz)
	IS 'Drops the partitions that end at or before a moment, returns their number';
