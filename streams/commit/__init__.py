"""The commit protocol of the pool agent: how state, position and updates stay one through any crash.

No Faust, no Kafka, no clock and no randomness: everything outside comes through `ports`. The rules and the evidence
for them are in docs/decisions/0003-commit-protocol.md.
"""
