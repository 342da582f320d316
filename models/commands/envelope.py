"""What every command carries."""

from models.types import SCHEMA_VERSION, InstantMs, PoolId, Record, Reference, Text


class Command(Record, tag_field="type", kw_only=True):
    """The envelope: who asks what of which pool, when, why and in which conversation."""

    command_id: Reference
    pool: PoolId
    issued_at_ms: InstantMs
    actor: Reference
    reason: Text = ""
    correlation_id: Text = ""
    schema_version: int = SCHEMA_VERSION
