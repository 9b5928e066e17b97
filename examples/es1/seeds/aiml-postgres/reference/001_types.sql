INSERT INTO entity_types (name) VALUES ('person'), ('device'), ('document')
ON CONFLICT DO NOTHING;

INSERT INTO relationship_types (name, from_type, to_type) VALUES
    ('owns', 'person', 'device'),
    ('wrote', 'person', 'document')
ON CONFLICT (name) DO UPDATE SET from_type = EXCLUDED.from_type, to_type = EXCLUDED.to_type;
