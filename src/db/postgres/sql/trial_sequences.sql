SELECT pg_catalog.format('%I.%I', schemaname, sequencename), last_value
FROM pg_catalog.pg_sequences
ORDER BY 1
