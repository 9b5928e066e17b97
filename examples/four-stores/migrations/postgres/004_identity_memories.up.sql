CREATE TABLE IF NOT EXISTS identity_memories (
    user_id varchar(64) PRIMARY KEY,
    name    text NOT NULL,
    traits  jsonb NOT NULL DEFAULT '{}'
);
