-- pg_cron runs jobs inside the server. Its extension lives in one database only, the one named by
-- cron.database_name, and that is why this folder has a configuration file of its own.

-- Without the library CREATE EXTENSION fails with a text that does not say what to do.
DO $body$
BEGIN
	IF current_setting('cron.database_name', true) IS NULL THEN
		RAISE EXCEPTION 'the server has not loaded pg_cron'
			USING HINT = 'Install postgresql-15-cron, set shared_preload_libraries = ''pg_cron'' '
				'in postgresql.conf and restart the server.';
	END IF;
	IF current_setting('cron.database_name') <> current_database() THEN
		RAISE EXCEPTION 'pg_cron works in database %, not in %',
			current_setting('cron.database_name'), current_database()
			USING HINT = 'Set cron.database_name, or flyway.url in conf/flyway.postgres.conf.';
	END IF;
END
$body$;

CREATE EXTENSION IF NOT EXISTS pg_cron;
