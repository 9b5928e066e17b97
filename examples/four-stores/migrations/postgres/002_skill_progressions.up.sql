CREATE TABLE IF NOT EXISTS skill_progressions (
    memory_id bigint NOT NULL REFERENCES procedural_memories ON DELETE CASCADE,
    reached   timestamptz NOT NULL DEFAULT now(),
    level     int NOT NULL CHECK (level BETWEEN 1 AND 10),
    PRIMARY KEY (memory_id, level)
);
