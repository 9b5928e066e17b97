INSERT INTO schemas (name, version, definition) VALUES ('device.esp32', 1, '{
    "required": ["mac", "firmware"],
    "properties": {
        "mac": {"type": "string"},
        "firmware": {"type": "string"},
        "sensors": {"type": "array"}
    }
}');

CREATE VIEW esp32_devices AS
SELECT e.id, e.properties ->> 'mac' AS mac, e.properties ->> 'firmware' AS firmware,
       r.source_id AS owner_id
FROM entities e
LEFT JOIN relationships r ON r.target_id = e.id AND r.relationship_type = 'owns'
WHERE e.entity_type = 'device.esp32' AND e.deleted_at IS NULL;

CREATE UNIQUE INDEX esp32_mac ON entities ((properties ->> 'mac'))
    WHERE entity_type = 'device.esp32' AND deleted_at IS NULL;
