DROP INDEX events_occurred, events_of_entity, relationships_target, entities_properties,
    entities_type;
