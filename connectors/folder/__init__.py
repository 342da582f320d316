"""The configuration folder: its texts to what is wanted of a pool, that against what runs, and back to texts. Pure."""
