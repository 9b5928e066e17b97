SELECT name, pg_catalog.current_setting(name)
FROM pg_catalog.pg_settings
WHERE source = 'client' AND name NOT IN ('client_encoding', 'application_name')
ORDER BY name
