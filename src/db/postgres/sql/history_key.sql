ALTER TABLE %t ADD CONSTRAINT %k PRIMARY KEY ("installed_rank")%x
