"""The control store: keys of clients and customers, idempotency keys, replays; every write is audited."""
