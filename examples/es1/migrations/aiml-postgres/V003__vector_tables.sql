DO $$
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS documents (
             id        int PRIMARY KEY,
             agent_id  int NOT NULL REFERENCES agents ON DELETE CASCADE,
             content   text NOT NULL,
             embedding %s
         )',
        CASE WHEN to_regtype('vector') IS NULL THEN 'real[]' ELSE 'vector(3)' END);
END
$$;
