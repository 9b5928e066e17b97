-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION shout(text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN upper($1);
END
$$;
-- +goose StatementEnd
INSERT INTO users VALUES (1, shout('ada'));

-- +goose Down
DELETE FROM users WHERE id = 1;
DROP FUNCTION shout(text);
