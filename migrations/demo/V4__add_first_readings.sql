-- The site is the placeholder "site" of conf/demo.conf.
INSERT INTO device (device_id, name, site) VALUES
	(1, 'battery room', '${site}'),
	(2, 'inverter', '${site}');

INSERT INTO reading (device_id, measured_at, celsius) VALUES
	(1, '2024-05-01 08:00:00', 21.5),
	(1, '2024-05-01 09:00:00', 22.0),
	(2, '2024-05-01 08:00:00', 35.5),
	(2, '2024-05-01 09:00:00', 395.0 / 10);

-- The thermometer of the battery room was 0.5 degrees too low at nine: the trigger notes it.
UPDATE reading SET celsius = 22.5 WHERE device_id = 1 AND measured_at = '2024-05-01 09:00:00';
