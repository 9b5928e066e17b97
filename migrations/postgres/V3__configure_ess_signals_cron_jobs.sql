-- Jobs for the signals of energy storage systems (migrations/payload-tables/ess-signals).

-- Dashboards show the rollup and should not be an hour behind, as maintenance alone would be.
SELECT cron.schedule_in_database(
	'ess-signals-rollup', '*/5 * * * *',
	$job$SELECT timeseries.perform_rollup('iot.ess_signals')$job$,
	'${iot_database}') AS ess_signals_rollup_job;

-- Autovacuum analyzes partitions but never the partitioned table itself, whose statistics the
-- planner needs for queries over several partitions.
SELECT cron.schedule_in_database(
	'ess-signals-analyze', '40 2 * * *',
	'ANALYZE iot.ess_signals, timeseries.rollup',
	'${iot_database}') AS ess_signals_analyze_job;
