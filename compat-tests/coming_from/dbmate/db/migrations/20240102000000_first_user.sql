-- migrate:up
INSERT INTO users VALUES (1, 'ada');

-- migrate:down
DELETE FROM users WHERE id = 1;
