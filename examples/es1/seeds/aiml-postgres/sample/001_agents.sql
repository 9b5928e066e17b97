INSERT INTO agents (id, name, prompt) VALUES (1, 'librarian', 'You find documents.')
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, prompt = EXCLUDED.prompt;
