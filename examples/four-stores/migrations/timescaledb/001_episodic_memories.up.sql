CREATE TABLE IF NOT EXISTS episodic_memories (
    user_id     varchar(64) NOT NULL,
    happened_at timestamptz NOT NULL,
    kind        varchar(32) NOT NULL,
    content     text NOT NULL,
    importance  real NOT NULL DEFAULT 0.5 CHECK (importance BETWEEN 0 AND 1)
);

CREATE INDEX IF NOT EXISTS idx_episodic_user_time
    ON episodic_memories (user_id, happened_at DESC);

-- A hypertable where the server has TimescaleDB, a plain table elsewhere.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN
        CREATE EXTENSION IF NOT EXISTS timescaledb;
        PERFORM create_hypertable('episodic_memories', 'happened_at', if_not_exists => true);
    END IF;
END
$$;
