-- The devices that send readings.
CREATE TABLE device (
	device_id INTEGER PRIMARY KEY,
	name      TEXT NOT NULL UNIQUE,
	site      TEXT NOT NULL
);
