DROP INDEX esp32_mac;
DROP VIEW esp32_devices;
DELETE FROM schemas WHERE name = 'device.esp32';
