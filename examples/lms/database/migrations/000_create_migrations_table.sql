-- The table in which the project's own scripts noted what they had done. cflyway keeps its history
-- in flyway_schema_history; this one stays for databases that are older, and for their rollbacks.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version         text PRIMARY KEY,
    status          text NOT NULL DEFAULT 'applied' CHECK (status IN ('applied', 'rolled_back')),
    applied_at      timestamptz NOT NULL DEFAULT now(),
    rolled_back_at  timestamptz,
    rollback_reason text,
    CHECK ((status = 'rolled_back') = (rolled_back_at IS NOT NULL))
);
