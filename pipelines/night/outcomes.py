"""What became of the parts of orders: from being given to a location to leaving it, and to arriving. Pure.

A part that is not there yet is kept as what it is, open, with the time since it was routed: leaving it out would make
every lane look faster than it is.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from pipelines.night.orders import NightOrder, Part, Sent
from pipelines.night.tables import OUTCOMES

DAY_MS = 86_400_000
# It never was the location's to deliver, so that it says nothing of its lanes.
VOID = frozenset({"cancelled", "rejected"})
DELIVERED, LOST, RETURNED, UNDERWAY, WAITING = "delivered", "lost", "returned_to_sender", "underway", "waiting"


def outcomes_of(day: dt.date, pool: str, orders: Iterable[NightOrder]) -> pl.DataFrame:
    """One row a fulfillment of the orders."""
    rows = [_row(day, pool, order, part) for order in orders for part in order.fulfillments]
    return pl.DataFrame(rows, schema=OUTCOMES).sort("order_id", "fulfillment_id")


def newest(history: pl.DataFrame) -> pl.DataFrame:
    """Of each fulfillment what the newest night knew of it."""
    return history.sort("day").unique("fulfillment_id", keep="last", maintain_order=True).sort("fulfillment_id")


def handling(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Hours from routed to shipped by location, in plain hours: nights and closed days count, as they do for buyers."""
    hours = (pl.col("shipped_at_ms") - pl.col("routed_at_ms")) / 3_600_000
    return (
        outcomes.filter(~pl.col("state").is_in(sorted(VOID)))
        .with_columns(hours.alias("hours"))
        .group_by("location_id")
        .agg(
            pl.col("hours").count().alias("shipped"),
            (pl.col("state") == WAITING).sum().alias("waiting"),
            pl.col("hours").median().round(1).alias("median_hours"),
            pl.col("hours").quantile(0.9).round(1).alias("p90_hours"),
        )
        .sort("location_id")
    )


def transit(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Days from shipped to delivered by lane, and how many are still under way and for how long at most."""
    days = (pl.col("delivered_at_ms") - pl.col("shipped_at_ms")) / DAY_MS
    return (
        outcomes.filter(pl.col("shipped_at_ms").is_not_null())
        .with_columns(days.alias("days"))
        .group_by("location_id", "country", "region")
        .agg(
            pl.col("days").count().alias("delivered"),
            (pl.col("state") == UNDERWAY).sum().alias("underway"),
            pl.col("state").is_in([LOST, RETURNED]).sum().alias("never"),
            pl.col("days").median().round(2).alias("median_days"),
            pl.col("days").quantile(0.9).round(2).alias("p90_days"),
        )
        .sort("location_id", "country", "region")
    )


def _row(day: dt.date, pool: str, order: NightOrder, part: Part) -> dict[str, Any]:
    parcels = [parcel for parcel in order.parcels if parcel.fulfillment_id == part.fulfillment_id]
    # When a parcel of which only the delivery was told left, nobody knows.
    left = [parcel.shipped_at_ms for parcel in parcels if not parcel.implied]
    state = part.status if part.status in VOID else _state(part, parcels)
    ended = [parcel.ended_at_ms or 0 for parcel in parcels]
    return {
        "day": day,
        "pool": pool,
        "order_id": order.order_id,
        "fulfillment_id": part.fulfillment_id,
        "location_id": part.location_id,
        "country": order.destination.country,
        "region": order.destination.region,
        "state": state,
        "units": sum(unit.quantity for parcel in parcels for unit in parcel.units),
        "routed_at_ms": part.routed_at_ms,
        "shipped_at_ms": min(left) if left else None,
        "delivered_at_ms": max(ended) if state == DELIVERED else None,
        "promise_by_ms": order.promise_by_ms,
    }


def _state(part: Part, parcels: list[Sent]) -> str:
    """That of the parcel that matters most: one lost parcel and the part never arrived whole."""
    states = {parcel.status for parcel in parcels}
    if LOST in states:
        return LOST
    if RETURNED in states:
        return RETURNED
    if part.status == DELIVERED and states == {DELIVERED}:
        return DELIVERED
    return UNDERWAY if parcels else WAITING
