-- Partitions, rollup and dimensions of iot.ess_signals.

-- A week ahead, so that maintenance may fail for days; devices may be offline for three days.
SELECT timeseries.track_table(
	'iot.ess_signals',
	step => interval '1 day',
	ahead => interval '7 days',
	late => interval '3 days',
	retain => interval '90 days') AS ess_signals_partitions;

DO $body$
BEGIN
	PERFORM timeseries.configure_rollup(
		'iot.ess_signals',
		bucket => interval '1 hour',
		value_column => 'value',
		dimensions => '{"site": "site_id", "device": "device_id", "signal": "signal_id"}');
END
$body$;

INSERT INTO iot.signal (name, unit, description) VALUES
	('state_of_charge', '%', 'Energy in the battery, of what it can hold'),
	('state_of_health', '%', 'Capacity, of what it was when new'),
	('active_power', 'kW', 'Power at the grid connection; positive while discharging'),
	('dc_voltage', 'V', 'Voltage of the battery'),
	('dc_current', 'A', 'Current of the battery; positive while discharging'),
	('cell_temperature_max', '°C', 'Temperature of the warmest cell'),
	('cell_voltage_min', 'V', 'Voltage of the weakest cell')
ON CONFLICT (name) DO UPDATE SET unit = EXCLUDED.unit, description = EXCLUDED.description;


-- What the ingest service calls: a delivery is an array of
--   {"device": "ESS-0001", "signal": "active_power", "at": "2024-05-01T08:00:00Z", "value": 12.5}
-- Returns how many rows are new; a repeated delivery is accepted and counts 0.
-- Runs with the rights of the caller, which suffice.
CREATE FUNCTION iot.store_ess_signals(delivery jsonb)
RETURNS bigint
LANGUAGE plpgsql STRICT
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'    -- for times without an offset
AS $body$
DECLARE
	unknown text;
	stored bigint;
BEGIN
	-- All or nothing: an inner join alone would lose what it does not know, silently.
	SELECT string_agg(DISTINCT format('%s %s', e.device, e.signal), ', ') INTO unknown
	FROM jsonb_to_recordset(delivery) AS e (device text, signal text, at timestamptz)
	WHERE NOT EXISTS (SELECT FROM iot.signal AS s WHERE s.name = e.signal)
		OR NOT EXISTS (
			SELECT FROM iot.device AS d
			JOIN iot.device_site AS ds ON ds.device_id = d.device_id AND ds.valid @> e.at
			WHERE d.serial_number = e.device);
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'unknown signal, unknown device, or device without a site: %', unknown
			USING ERRCODE = 'foreign_key_violation';
	END IF;

	INSERT INTO iot.ess_signals (measured_at, device_id, signal_id, site_id, value)
	SELECT e.at, d.device_id, s.signal_id, ds.site_id, e.value
	FROM jsonb_to_recordset(delivery)
		AS e (device text, signal text, at timestamptz, value double precision)
	JOIN iot.device AS d ON d.serial_number = e.device
	JOIN iot.signal AS s ON s.name = e.signal
	JOIN iot.device_site AS ds ON ds.device_id = d.device_id AND ds.valid @> e.at
	ON CONFLICT (device_id, signal_id, measured_at) DO NOTHING;
	GET DIAGNOSTICS stored = ROW_COUNT;
	RETURN stored;
END
$body$;

COMMENT ON FUNCTION iot.store_ess_signals(jsonb)
	IS 'Stores a delivery of signals, returns the number of rows that were not known yet';


-- The rollup in words, for dashboards.
CREATE VIEW iot.ess_signals_hourly AS
SELECT
	r.bucket,
	si.name AS site,
	d.serial_number AS device,
	s.name AS signal,
	s.unit,
	r.samples,
	r.value_avg,
	r.value_min,
	r.value_max
FROM timeseries.rollup AS r
JOIN iot.site AS si ON si.site_id = (r.dimensions ->> 'site')::integer
JOIN iot.device AS d ON d.device_id = (r.dimensions ->> 'device')::integer
JOIN iot.signal AS s ON s.signal_id = (r.dimensions ->> 'signal')::smallint
WHERE r.source = 'iot.ess_signals'::regclass;

COMMENT ON VIEW iot.ess_signals_hourly IS 'Signals by hour, with the names of the dimensions';
