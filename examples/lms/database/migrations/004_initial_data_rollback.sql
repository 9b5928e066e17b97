-- Events are immutable, except for the one who takes the demo data back.
ALTER TABLE events DISABLE TRIGGER events_are_immutable;
DELETE FROM events WHERE data @> '{"demo": true}';
ALTER TABLE events ENABLE TRIGGER events_are_immutable;

DELETE FROM relationships r USING entities e
WHERE e.id IN (r.source_id, r.target_id) AND e.properties @> '{"demo": true}';
DELETE FROM entities WHERE properties @> '{"demo": true}';
DELETE FROM processes WHERE name IN ('telemetry', 'firmware-update');
