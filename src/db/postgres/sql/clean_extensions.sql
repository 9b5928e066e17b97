SELECT e.extname FROM pg_catalog.pg_extension e
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_catalog.pg_roles r ON r.oid = e.extowner
WHERE n.nspname = $1 AND r.rolname = current_user
