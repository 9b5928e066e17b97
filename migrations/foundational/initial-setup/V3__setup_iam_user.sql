-- The login of the ingest service, named by the placeholder iam_user of conf/flyway.conf.
--
-- It has no password: whoever connects proves who he is to something else. On Amazon RDS that is
-- IAM, and membership in rds_iam switches it on; elsewhere pg_hba.conf decides (cert, ldap, gss).
--
-- Roles belong to the whole server, not to this database. Another database may have made this
-- one before, or may make it at this very moment, so nothing here minds if it exists; then it is
-- left as it is.

DO $body$
BEGIN
	CREATE ROLE "${iam_user}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
	COMMENT ON ROLE "${iam_user}" IS 'IoT ingest service, authenticated by IAM';
EXCEPTION
	-- unique_violation: another session has committed it after we looked
	WHEN duplicate_object OR unique_violation THEN NULL;
END
$body$;

DO $body$
BEGIN
	IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_iam') THEN
		GRANT rds_iam TO "${iam_user}";
	END IF;
END
$body$;

-- Settings of the role in this database only.
DO $body$
DECLARE
	setting text;
BEGIN
	FOREACH setting IN ARRAY ARRAY [
		-- times are sent and read in UTC, whatever the host of the service is set to
		'timezone = ''UTC''',
		-- a forgotten query must not run for ever
		'statement_timeout = ''60s''',
		-- an open transaction that does nothing would hold back vacuum and the rollup watermark
		'idle_in_transaction_session_timeout = ''60s'''
	] LOOP
		EXECUTE format(
			'ALTER ROLE %I IN DATABASE %I SET %s', '${iam_user}', current_database(), setting);
	END LOOP;
END
$body$;
