"""Maps of an event hour by hour: files that are added to as time goes on."""
