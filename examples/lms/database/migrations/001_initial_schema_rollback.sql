DROP TABLE processes, events, relationships, entities, schemas;
DROP FUNCTION refuse_change();
