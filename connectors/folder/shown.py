"""What the API shows of a pool, to the records that a folder is compared with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from connectors.folder.setup import Head, Running, Setup
from connectors.frame.accounts import SetUpAccount
from models.geo import position_of
from models.records.pool import AppliedPart, CatalogueItem, Channel, Location, Policy


def running_of(
    shown: dict[str, Any],
    items: Iterable[dict[str, Any]] | None,
    skus: Iterable[dict[str, Any]] | None,
    accounts: Iterable[dict[str, Any]] | None = None,
) -> Running:
    """Give a pool as it runs; what is None was not read: pages of catalogue and stock, accounts."""
    pool = shown["pool"]
    catalogue = None if items is None else tuple(msgspec.convert(item, CatalogueItem) for item in items)
    booked = ((sku["sku"], level["location_id"]) for sku in skus or () for level in sku["levels"])
    return Running(
        setup=Setup(
            head=Head(pool=pool["pool"], currency=pool["currency"], name=pool["name"], simulated=pool["simulated"]),
            policy=msgspec.convert(pool["policy"], Policy),
            locations=tuple(_location(location) for location in shown["locations"]),
            channels=tuple(msgspec.convert(channel, Channel) for channel in shown["channels"]),
            catalogue=catalogue,
            kits=any(item.components for item in catalogue or ()),
            listings=any(item.listings for item in catalogue or ()),
            accounts=None if accounts is None else tuple(msgspec.convert(one, SetUpAccount) for one in accounts),
            aliases=accounts is not None,
        ),
        applied=stamps_of(shown),
        booked=frozenset(booked),
    )


def stamps_of(shown: dict[str, Any]) -> dict[str, AppliedPart]:
    """Give since when each part stands."""
    return {part: _applied(stamp) for part, stamp in shown["pool"]["applied"].items()}


def _location(shown: dict[str, Any]) -> Location:
    position = shown["position"]
    place = None if position is None else position_of(position["latitude"], position["longitude"])
    return msgspec.convert(shown | {"position": place}, Location)


def _applied(stamp: dict[str, Any]) -> AppliedPart:
    at_ms = round(datetime.fromisoformat(stamp["at"]).timestamp() * 1_000)
    return AppliedPart(at_ms=at_ms, actor=stamp["actor"], reason=stamp["reason"])
