CREATE INDEX %i ON %u ("success")
