"""The tables that nights write: their columns, declared once. Every table has the night's day as its first column."""

from typing import TypeAlias

import polars as pl

Schema: TypeAlias = dict[str, pl.DataType | type[pl.DataType]]

# Where each partition of the log stood when the night looked, by the record that its worker wrote last.
CHECKPOINTS: Schema = {
    "day": pl.Date,
    "partition": pl.Int32,
    "offset": pl.Int64,
    "item": pl.Int32,
    "digest": pl.String,
}
# Which commands of a partition belong to the night, and what the replay of them came to.
WINDOWS: Schema = {
    "day": pl.Date,
    "partition": pl.Int32,
    "begin_offset": pl.Int64,
    "end_offset": pl.Int64,
    "opening_day": pl.Date,
}
# All rows of a partition as they stood at the end of the day, with the version of the core that made them.
SNAPSHOTS: Schema = {
    "day": pl.Date,
    "partition": pl.Int32,
    "end_offset": pl.Int64,
    "core": pl.String,
    "key": pl.Binary,
    "value": pl.Binary,
}
AUDITS: Schema = {
    "day": pl.Date,
    "invariant": pl.String,
    "statement": pl.String,
    "checked": pl.Int64,
    "violations": pl.Int64,
    "examples": pl.List(pl.String),
}
_OF_A_POOL: Schema = {"day": pl.Date, "pool": pl.String}
FEED_FILES: Schema = _OF_A_POOL | {
    "file_day": pl.Date,
    "source": pl.String,
    "sha256": pl.String,
    "rows": pl.Int64,
    "taken": pl.Int64,
    "refused": pl.String,
}
QUARANTINE: Schema = _OF_A_POOL | {
    "source": pl.String,
    "sha256": pl.String,
    "row": pl.Int64,
    "reason": pl.String,
    "content": pl.String,
}
# What was shipped, by either side's book: a row a parcel and SKU.
SHIPMENT: Schema = {
    "row_id": pl.String,
    "side": pl.String,
    "source": pl.String,
    "fulfillment_id": pl.String,
    "order_id": pl.String,
    "location_id": pl.String,
    "sku": pl.String,
    "quantity": pl.Int64,
    "shipped_at_ms": pl.Int64,
    "tracking_number": pl.String,
}
# `first_seen` is the night that saw the row first; it stays when the row is carried on.
SEEN: Schema = SHIPMENT | {"first_seen": pl.Date}
CLASSIFIED: Schema = SEEN | {
    "class": pl.String,
    "method": pl.String,
    "group": pl.String,
}
SHIPMENT_ROWS: Schema = _OF_A_POOL | CLASSIFIED
BREAKS: Schema = _OF_A_POOL | {
    "break_id": pl.String,
    "class": pl.String,
    "state": pl.String,
    "first_seen": pl.Date,
    "closed_on": pl.Date,
    "age_days": pl.Int64,
    "order_id": pl.String,
    "fulfillment_id": pl.String,
    "location_id": pl.String,
    "sku": pl.String,
    "units_here": pl.Int64,
    "units_there": pl.Int64,
    "sources": pl.String,
    "text": pl.String,
    "closed_by": pl.String,
    "reason": pl.String,
}
# What a person has said of a break, as it stood in the night of that day; the newest holds for every later night.
RULINGS: Schema = _OF_A_POOL | {
    "break_id": pl.String,
    "state": pl.String,
    "class": pl.String,
    "location_id": pl.String,
    "units_here": pl.Int64,
    "units_there": pl.Int64,
    "actor": pl.String,
    "reason": pl.String,
    "at_ms": pl.Int64,
}
OUTCOMES: Schema = _OF_A_POOL | {
    "order_id": pl.String,
    "fulfillment_id": pl.String,
    "location_id": pl.String,
    "country": pl.String,
    "region": pl.String,
    "state": pl.String,
    "units": pl.Int64,
    "routed_at_ms": pl.Int64,
    "shipped_at_ms": pl.Int64,
    "delivered_at_ms": pl.Int64,
    "promise_by_ms": pl.Int64,
}
MODELS: Schema = _OF_A_POOL | {
    "model_hash": pl.String,
    "version": pl.Int64,
    "in_force": pl.Int64,
    "passed": pl.Boolean,
    "reason": pl.String,
    "outcomes": pl.Int64,
    "held_out": pl.Int64,
    "loss": pl.Float64,
    "loss_in_force": pl.Float64,
    "worse_by_at_most": pl.Float64,
    "explanation": pl.String,
    "model": pl.String,
}
PUBLICATIONS: Schema = _OF_A_POOL | {
    "command_id": pl.String,
    "version": pl.Int64,
    "answer": pl.String,
}

TABLES: dict[str, Schema] = {
    "checkpoints": CHECKPOINTS,
    "windows": WINDOWS,
    "snapshots": SNAPSHOTS,
    "audits": AUDITS,
    "feed_files": FEED_FILES,
    "quarantine": QUARANTINE,
    "shipment_rows": SHIPMENT_ROWS,
    "breaks": BREAKS,
    "rulings": RULINGS,
    "outcomes": OUTCOMES,
    "routing_models": MODELS,
    "publications": PUBLICATIONS,
}


def framed(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with exactly the table's columns; what is missing is null."""
    schema = TABLES[table]
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in rows.columns]
    return rows.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in schema.items())
