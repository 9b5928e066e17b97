-- A corrected reading keeps its first value, so that nobody wonders later.
CREATE TABLE correction (
	device_id    INTEGER NOT NULL,
	measured_at  TEXT NOT NULL,
	old_celsius  REAL NOT NULL,
	new_celsius  REAL NOT NULL,
	direction    TEXT NOT NULL,
	corrected_at TEXT NOT NULL
);

-- The semicolon before END belongs to the trigger and does not end the statement.
CREATE TRIGGER reading_corrected
AFTER UPDATE OF celsius ON reading
WHEN NEW.celsius <> OLD.celsius
BEGIN
	INSERT INTO correction
	SELECT
		OLD.device_id, OLD.measured_at, OLD.celsius, NEW.celsius,
		CASE WHEN NEW.celsius > OLD.celsius THEN 'up' ELSE 'down' END,
		strftime('%Y-%m-%d %H:%M:%S', 'now');
END;
