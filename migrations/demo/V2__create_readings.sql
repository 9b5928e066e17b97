-- One row for each measured temperature.
CREATE TABLE reading (
	device_id   INTEGER NOT NULL REFERENCES device (device_id),
	measured_at TEXT NOT NULL,    -- UTC, 'YYYY-MM-DD HH:MM:SS'
	celsius     REAL NOT NULL CHECK (celsius BETWEEN -60 AND 120),
	PRIMARY KEY (device_id, measured_at)
);

CREATE INDEX reading_measured_at ON reading (measured_at);
