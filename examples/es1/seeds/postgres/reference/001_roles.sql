INSERT INTO roles (name, description) VALUES
    ('admin', 'may do everything'),
    ('operator', 'may run jobs'),
    ('viewer', 'may look')
ON CONFLICT (name) DO UPDATE SET description = EXCLUDED.description;
