CREATE TABLE IF NOT EXISTS procedural_memories (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     varchar(64) NOT NULL,
    procedure   text NOT NULL,
    steps       jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(steps) = 'array'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, procedure)
);
