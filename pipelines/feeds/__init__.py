"""Files that partners send, written: for the demo and for replays of the past. Pure: texts, no files."""
