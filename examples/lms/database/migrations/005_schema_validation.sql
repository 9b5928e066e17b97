-- Fails, and with it the migration, if a device lacks what its schema requires.
DO $$
DECLARE
    broken text;
BEGIN
    SELECT string_agg(format('entity %s lacks %s', e.id, needed.key), '; ') INTO broken
    FROM entities e
    JOIN schemas s ON s.name = e.entity_type
    CROSS JOIN LATERAL jsonb_array_elements_text(s.definition -> 'required') AS needed(key)
    WHERE e.deleted_at IS NULL AND NOT e.properties ? needed.key;

    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'the data do not fit the schemas: %', broken;
    END IF;
END
$$;
