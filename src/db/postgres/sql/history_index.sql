CREATE INDEX %i ON %t ("success")%s
