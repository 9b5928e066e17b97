CREATE TABLE IF NOT EXISTS entity_types (
    name text PRIMARY KEY
);

CREATE TABLE IF NOT EXISTS relationship_types (
    name      text PRIMARY KEY,
    from_type text NOT NULL REFERENCES entity_types,
    to_type   text NOT NULL REFERENCES entity_types
);

CREATE TABLE IF NOT EXISTS agents (
    id     int PRIMARY KEY,
    name   text NOT NULL,
    prompt text NOT NULL
);
