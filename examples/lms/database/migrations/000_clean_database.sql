-- Removes what earlier versions of the project left behind. On a new database there is nothing.
DO $$
DECLARE
    leftover text;
BEGIN
    FOR leftover IN
        SELECT format('%I.%I', schemaname, viewname) FROM pg_views
        WHERE schemaname = current_schema() AND viewname LIKE 'legacy\_%'
    LOOP
        EXECUTE 'DROP VIEW ' || leftover || ' CASCADE';
        RAISE NOTICE 'dropped %', leftover;
    END LOOP;
END
$$;
