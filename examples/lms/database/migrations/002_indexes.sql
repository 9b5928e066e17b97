CREATE INDEX entities_type ON entities (entity_type) WHERE deleted_at IS NULL;
CREATE INDEX entities_properties ON entities USING gin (properties jsonb_path_ops);
CREATE INDEX relationships_target ON relationships (target_id, relationship_type);
CREATE INDEX events_of_entity ON events (entity_id, occurred_at DESC);
CREATE INDEX events_occurred ON events USING brin (occurred_at);
