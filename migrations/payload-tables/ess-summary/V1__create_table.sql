-- Summaries that energy storage systems compute themselves, four per hour.
--
-- The versions of this folder begin at 1 again, as those of foundational/initial-setup do. One
-- history cannot hold both, and asking for both ends with "Found more than one migration with
-- version 1". It needs the dimensions of ess-signals, so run it after them, with a history table
-- of its own:
--
--   cflyway -configFiles=conf/flyway.conf -table=ess_summary_history \
--     -locations=filesystem:migrations/payload-tables/ess-summary \
--     -baselineOnMigrate=true -baselineVersion=0 migrate

CREATE TABLE iot.ess_summary (
	period_start     timestamptz NOT NULL,
	device_id        integer NOT NULL REFERENCES iot.device,
	site_id          integer NOT NULL REFERENCES iot.site,
	charged_kwh      double precision NOT NULL CHECK (charged_kwh >= 0),
	discharged_kwh   double precision NOT NULL CHECK (discharged_kwh >= 0),
	-- what the rollup adds up: positive if more went out than in
	net_kwh          double precision NOT NULL
		GENERATED ALWAYS AS (discharged_kwh - charged_kwh) STORED,
	state_of_health  real CHECK (state_of_health BETWEEN 0 AND 100),
	ingest_xid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
	PRIMARY KEY (device_id, period_start)
) PARTITION BY RANGE (period_start);
COMMENT ON TABLE iot.ess_summary IS 'Summaries computed by energy storage systems';

CREATE INDEX ess_summary_ingest_xid ON iot.ess_summary (ingest_xid);
CREATE INDEX ess_summary_period_start ON iot.ess_summary USING brin (period_start);

GRANT INSERT (period_start, device_id, site_id, charged_kwh, discharged_kwh, state_of_health)
	ON iot.ess_summary TO "${iam_user}";
