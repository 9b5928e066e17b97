CREATE TABLE IF NOT EXISTS emotional_memories (
    user_id  varchar(64) NOT NULL,
    felt_at  timestamptz NOT NULL,
    emotion  varchar(32) NOT NULL,
    strength real NOT NULL CHECK (strength BETWEEN -1 AND 1)
);

CREATE INDEX IF NOT EXISTS idx_emotional_user_time ON emotional_memories (user_id, felt_at DESC);
