"""Files of the tables that are downloaded: fetched, verified, read."""
