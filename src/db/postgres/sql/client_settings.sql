SELECT name, pg_catalog.current_setting(name)
FROM pg_catalog.pg_settings
WHERE source = 'client' AND name <> 'client_encoding'
ORDER BY name
