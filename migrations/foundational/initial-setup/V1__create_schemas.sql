-- Schemas of the IoT metrics database. They are kept apart because rights are given by schema:
-- the ingest service writes into iot, reads timeseries, and owns nothing.
-- The whole example needs PostgreSQL 14 or later.

CREATE SCHEMA IF NOT EXISTS iot;
COMMENT ON SCHEMA iot IS 'Payload tables: what devices send, and the dimensions that describe it';

CREATE SCHEMA IF NOT EXISTS timeseries;
COMMENT ON SCHEMA timeseries IS 'Machinery for payload tables: partitions, rollups, maintenance';

CREATE SCHEMA IF NOT EXISTS extensions;
COMMENT ON SCHEMA extensions IS 'Objects of extensions, out of the way of our own';
