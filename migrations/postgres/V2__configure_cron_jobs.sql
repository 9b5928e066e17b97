-- Jobs that every installation needs. Scheduling a name again changes the job instead of adding
-- one, so this can be copied into a later migration to change a time.
--
-- These run before database iotmetrics is migrated, as its own setup comes second. Until then
-- the jobs fail, are noted in cron.job_run_details, and try again at their next time.

-- Partitions and rollups of all tracked tables. Partitions are made days ahead: a few missed
-- runs do no harm. Not at the full hour, when everybody else's jobs start.
SELECT cron.schedule_in_database(
	'iot-maintenance', '7 * * * *',
	'CALL timeseries.run_maintenance()',
	'${iot_database}') AS iot_maintenance_job;

-- pg_cron keeps a row for each run for ever. This job works here, in its own database.
SELECT cron.schedule(
	'cron-history', '30 3 * * *',
	$job$DELETE FROM cron.job_run_details WHERE end_time < now() - interval '14 days'$job$
) AS cron_history_job;
