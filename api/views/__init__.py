"""What the API shows: the rows of the core as the topics carry them, in SQLite with the offsets read so far."""
