"""The night of a day: audit, reconcile with partners, learn, publish. Frames in, frames out.

`store` and `broker` do the reading and writing, `steps` puts both together; see docs/decisions/0016-night.md.
"""
