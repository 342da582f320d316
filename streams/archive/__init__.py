"""The archive: every command, update, movement and dead letter in Delta tables, exactly once.

See docs/decisions/0005-archive.md.
"""
