-- Tracked tables: for which tables partitions are created and dropped, and how far.

CREATE TABLE timeseries.tracked_table (
	relation        regclass PRIMARY KEY,
	partition_step  interval NOT NULL CHECK (timeseries.is_step(partition_step)),
	keep_ahead      interval NOT NULL CHECK (keep_ahead > interval '0'),
	accept_late     interval NOT NULL CHECK (accept_late >= interval '0'),
	retention       interval CHECK (retention > accept_late),
	tracked_since   timestamptz NOT NULL DEFAULT now(),
	last_maintained timestamptz,
	last_error      text
);

COMMENT ON TABLE timeseries.tracked_table IS
	'Partitioned tables that timeseries.run_maintenance() looks after';
COMMENT ON COLUMN timeseries.tracked_table.keep_ahead IS
	'There are always partitions for at least this long after now';
COMMENT ON COLUMN timeseries.tracked_table.accept_late IS
	'... and for this long before now, for data that devices send late';
COMMENT ON COLUMN timeseries.tracked_table.retention IS
	'Partitions that are wholly older are dropped; NULL: data is kept for ever';

-- A default partition is not used on purpose: rows that fall into it would later stand in the
-- way of the partition they belong to. A row outside of all ranges is refused instead.


-- Registers a table, or changes the settings of one that is registered, and creates its first
-- partitions at once. Returns how many.
CREATE FUNCTION timeseries.track_table(
	target regclass,
	step interval,
	ahead interval,
	late interval DEFAULT interval '0',
	retain interval DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
	INSERT INTO timeseries.tracked_table AS t
		(relation, partition_step, keep_ahead, accept_late, retention)
	VALUES (target, step, ahead, late, retain)
	ON CONFLICT (relation) DO UPDATE SET
		partition_step = EXCLUDED.partition_step,
		keep_ahead = EXCLUDED.keep_ahead,
		accept_late = EXCLUDED.accept_late,
		retention = EXCLUDED.retention;
	RETURN timeseries.create_partitions(target, step, now() - late, now() + ahead);
END
$body$;

COMMENT ON FUNCTION timeseries.track_table(regclass, interval, interval, interval, interval)
	IS 'Registers a partitioned table for maintenance and creates its first partitions';


-- The table and its partitions stay as they are; nothing looks after them any more.
CREATE FUNCTION timeseries.untrack_table(target regclass)
RETURNS boolean
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
	DELETE FROM timeseries.tracked_table WHERE relation = target;
	RETURN FOUND;
END
$body$;

COMMENT ON FUNCTION timeseries.untrack_table(regclass)
	IS 'Ends the maintenance of a table; false if it was not registered';
