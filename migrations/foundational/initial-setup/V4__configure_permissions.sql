-- Who may do what. Rule: the owner (who runs the migrations) changes structure, the ingest
-- service reads everything here and writes only where a payload migration says so.

-- GRANT knows no expressions, so the name of the database goes through format().
DO $body$
BEGIN
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), '${iam_user}');
END
$body$;

-- Default since PostgreSQL 15, but not in databases that were upgraded from an older version.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Nothing else is granted on timeseries: without USAGE the other users of the server cannot even
-- call its functions, which PostgreSQL otherwise allows to everybody.
GRANT USAGE ON SCHEMA iot, timeseries, extensions TO "${iam_user}";

-- For the tables that later migrations and the maintenance (new partitions) create.
ALTER DEFAULT PRIVILEGES IN SCHEMA iot GRANT SELECT ON TABLES TO "${iam_user}";
ALTER DEFAULT PRIVILEGES IN SCHEMA timeseries GRANT SELECT ON TABLES TO "${iam_user}";

-- For tables that exist already, when this project is adopted by an older database.
GRANT SELECT ON ALL TABLES IN SCHEMA iot, timeseries TO "${iam_user}";
