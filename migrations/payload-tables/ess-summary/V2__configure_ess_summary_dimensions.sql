-- Partitions, rollup and dimensions of iot.ess_summary. Far fewer rows than ess_signals: months
-- are enough, and they are kept for two years.
SELECT timeseries.track_table(
	'iot.ess_summary',
	step => interval '1 month',
	ahead => interval '2 months',
	late => interval '1 month',
	retain => interval '2 years') AS ess_summary_partitions;

-- Energy by day, device and site.
DO $body$
BEGIN
	PERFORM timeseries.configure_rollup(
		'iot.ess_summary',
		bucket => interval '1 day',
		value_column => 'net_kwh',
		dimensions => '{"site": "site_id", "device": "device_id"}');
END
$body$;
