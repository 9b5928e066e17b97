-- +goose Up
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);

-- +goose Down
DROP TABLE users;
