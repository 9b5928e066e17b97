INSERT INTO documents (id, agent_id, content) VALUES (1, 1, 'How to look after a device')
ON CONFLICT (id) DO UPDATE SET content = EXCLUDED.content;
