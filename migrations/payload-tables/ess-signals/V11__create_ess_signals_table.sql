-- Signals of energy storage systems (ESS): one row is the value of one signal of one device at one
-- moment. What device, site and signal are is described in tables of their own (dimensions).

CREATE TABLE iot.site (
	site_id   integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	name      text NOT NULL UNIQUE,
	time_zone text NOT NULL DEFAULT 'UTC'
);
COMMENT ON TABLE iot.site IS 'Dimension: where devices stand';

CREATE TABLE iot.device (
	device_id     integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	serial_number text NOT NULL UNIQUE,
	model         text
);
COMMENT ON TABLE iot.device IS 'Dimension: what sends';

CREATE TABLE iot.device_site (
	device_id integer NOT NULL REFERENCES iot.device,
	site_id   integer NOT NULL REFERENCES iot.site,
	valid     tstzrange NOT NULL DEFAULT tstzrange('-infinity', 'infinity'),
	-- a device stands at one site at a time
	CONSTRAINT device_site_once EXCLUDE USING gist (device_id WITH =, valid WITH &&)
);
COMMENT ON TABLE iot.device_site IS 'Which device stood where, and when';

CREATE TABLE iot.signal (
	signal_id   smallint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	name        text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_]*$'),
	unit        text NOT NULL,
	description text NOT NULL
);
COMMENT ON TABLE iot.signal IS 'Dimension: what is measured';
CREATE INDEX signal_name_parts ON iot.signal USING gin (name extensions.gin_trgm_ops);


CREATE TABLE iot.ess_signals (
	measured_at timestamptz NOT NULL,
	device_id   integer NOT NULL REFERENCES iot.device,
	signal_id   smallint NOT NULL REFERENCES iot.signal,
	-- where the device stood at that moment, copied here because that does not change any more
	site_id     integer NOT NULL REFERENCES iot.site,
	value       double precision NOT NULL CHECK (value <> 'NaN'),
	-- by which the rollup finds new rows; nobody ever writes it himself
	ingest_xid  xid8 NOT NULL DEFAULT pg_current_xact_id(),
	-- devices repeat what was not acknowledged: the key tells a repetition from a new value
	PRIMARY KEY (device_id, signal_id, measured_at)
) PARTITION BY RANGE (measured_at);
COMMENT ON TABLE iot.ess_signals IS 'Signals of energy storage systems, as measured';

-- for timeseries.perform_rollup()
CREATE INDEX ess_signals_ingest_xid ON iot.ess_signals (ingest_xid);
-- for questions about a span of time over all devices; rows arrive nearly in this order
CREATE INDEX ess_signals_measured_at ON iot.ess_signals USING brin (measured_at);

-- SELECT comes from the default privileges. ingest_xid is left out on purpose, see above.
GRANT INSERT (measured_at, device_id, signal_id, site_id, value)
	ON iot.ess_signals TO "${iam_user}";
