INSERT INTO users (id, login, role) VALUES
    (1, 'ada', 'admin'),
    (2, 'grace', 'operator')
ON CONFLICT (id) DO UPDATE SET login = EXCLUDED.login, role = EXCLUDED.role;
