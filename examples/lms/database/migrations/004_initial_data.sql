-- Demo data: a user who owns a device.
WITH owner AS (
    INSERT INTO entities (entity_type, properties)
    VALUES ('user', '{"name": "Ada", "demo": true}') RETURNING id
), device AS (
    INSERT INTO entities (entity_type, properties)
    VALUES ('device.esp32', '{"mac": "24:6f:28:00:00:01", "firmware": "1.4.2", "demo": true}')
    RETURNING id
), owned AS (
    INSERT INTO relationships (source_id, target_id, relationship_type)
    SELECT owner.id, device.id, 'owns' FROM owner, device RETURNING target_id
)
INSERT INTO events (entity_id, event_type, data)
SELECT target_id, 'device.registered', '{"demo": true}' FROM owned;

INSERT INTO processes (name) VALUES ('telemetry'), ('firmware-update');
