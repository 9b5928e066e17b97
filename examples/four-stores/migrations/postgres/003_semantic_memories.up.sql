CREATE TABLE IF NOT EXISTS semantic_memories (
    user_id varchar(64) NOT NULL,
    fact    text NOT NULL,
    search  tsvector GENERATED ALWAYS AS (to_tsvector('simple', fact)) STORED,
    PRIMARY KEY (user_id, fact)
);

CREATE INDEX IF NOT EXISTS idx_semantic_search ON semantic_memories USING gin (search);
