CREATE TABLE IF NOT EXISTS roles (
    name        text PRIMARY KEY,
    description text NOT NULL
);

CREATE TABLE IF NOT EXISTS users (
    id    int PRIMARY KEY,
    login text NOT NULL UNIQUE,
    role  text NOT NULL REFERENCES roles
);

DROP TRIGGER IF EXISTS users_audit ON users;
CREATE TRIGGER users_audit AFTER INSERT OR UPDATE OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION audit.record();
