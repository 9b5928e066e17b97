-- Maintenance: what a cron job does every hour for all tracked tables.

-- One table. The rollup comes before the drop, so that nothing leaves without being counted.
CREATE FUNCTION timeseries.maintain_table(target regclass)
RETURNS void
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
	config timeseries.tracked_table;
BEGIN
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

COMMENT ON FUNCTION timeseries.maintain_table(regclass)
	IS 'Creates partitions, rolls up and drops expired partitions of one tracked table';


-- All tables, each in a transaction of its own: locks are short, and a table that fails does not
-- take the others with it. It cannot be called inside a transaction therefore, and it has neither
-- SECURITY DEFINER nor SET, with which PostgreSQL forbids COMMIT.
CREATE PROCEDURE timeseries.run_maintenance()
LANGUAGE plpgsql
AS $body$
DECLARE
	target pg_catalog.regclass;
	failed pg_catalog.int4 := 0;
	reason pg_catalog.text;
BEGIN
	-- tables that were dropped without timeseries.untrack_table()
	DELETE FROM timeseries.tracked_table AS t
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = t.relation);
	COMMIT;

	-- the rollup last: the others write into it
	FOR target IN
		SELECT t.relation FROM timeseries.tracked_table AS t
		ORDER BY t.relation = 'timeseries.rollup'::pg_catalog.regclass, t.relation::pg_catalog.text
	LOOP
		BEGIN
			PERFORM timeseries.maintain_table(target);
		EXCEPTION WHEN OTHERS THEN
			failed := failed + 1;
			GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT;
			UPDATE timeseries.tracked_table AS t SET last_error = reason WHERE t.relation = target;
			RAISE WARNING 'maintenance of % failed: %', target, reason;
		END;
		COMMIT;
	END LOOP;

	-- so that the run counts as failed in cron.job_run_details; what worked is committed
	IF failed > 0 THEN
		RAISE EXCEPTION 'maintenance of % table(s) failed', failed
			USING HINT = 'See last_error in timeseries.tracked_table.';
	END IF;
END
$body$;

COMMENT ON PROCEDURE timeseries.run_maintenance()
	IS 'Looks after all tracked tables; for a cron job';
