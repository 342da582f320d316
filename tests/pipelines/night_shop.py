"""A shop whose commands go into a lake day by day, and the nights that follow."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.nightly import LakeWriter
from models import commands as c
from models.records.order import Order
from models.records.place import Destination
from pipelines.audit.replay import digest_of
from pipelines.night.run import run_night
from pipelines.night.steps.night import Done, Night
from pipelines.night.store import Store
from pipelines.night.tables import TABLES
from tests.support.builders import DAY_MS, HOUR_MS, Line, Shop

FIRST_DAY = dt.date(2026, 3, 2)
POOL = "shop"
_HEADER = "fulfillment_id,order_id,location_id,sku,quantity,shipped_at,carrier,tracking_number\n"


def day_number(number: int) -> dt.date:
    """The shop's days, from 0."""
    return FIRST_DAY + dt.timedelta(days=number)


def starts_ms(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000)


class NightShop(Shop):
    """Everything that is sent is archived with the shop's own time as the broker's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(POOL)
        self.folder = folder
        self.store = Store(str(folder / "lake"))
        self.now_ms = starts_ms(FIRST_DAY)
        self._writer = LakeWriter(folder / "lake", POOL)

    def send_bytes(self, item: bytes) -> None:
        seen = len(self.published)
        self._writer.add("commands", c.encode_list([item]), self.now_ms)
        super().send_bytes(item)
        for topic, value in self.published[seen:]:
            self._writer.add(topic, value, self.now_ms)

    def day(self, number: int) -> None:
        """Noon of a day."""
        self.now_ms = starts_ms(day_number(number)) + 12 * HOUR_MS

    def shipped(self, external_id: str, quantity: int = 2, region: str = "BB") -> Order:
        """An order placed now, accepted, and shipped an hour later."""
        order = self.place(external_id, Line("A", quantity), destination=Destination(country="DE", region=region))
        self.do(c.AcceptFulfillment, **self.on(external_id, 1))
        self.later(HOUR_MS)
        self.do(c.ShipParcel, parcel_id=f"P-{external_id}", **self.on(external_id, 1))
        return order

    def delivered(self, external_id: str) -> None:
        self.do(c.DeliverParcel, parcel_id=f"P-{external_id}", **self.on(external_id, 1))

    def note_checkpoint(self, number: int, digest: str = "") -> None:
        """What the worker would have recorded when the shop stood where it stands."""
        row = {
            "day": day_number(number),
            "partition": self.engine.partition,
            "offset": self.offset,
            "item": 0,
            "digest": digest or digest_of(self.engine.rows),
        }
        self.store.replace("checkpoints", pl.DataFrame([row]), day_number(number))

    def feed(self, number: int, source: str, *rows: str) -> None:
        """A partner's file of a day."""
        path = self.folder / "feeds" / POOL / "shipments" / day_number(number).isoformat() / f"{source}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_HEADER + "".join(f"{row}\n" for row in rows))

    def row(self, external_id: str, quantity: int = 2, location: str = "berlin") -> str:
        """What a truthful partner writes of an order shipped an hour ago or less."""
        key = self.order_id(external_id)
        shipped_ms = self.order(external_id).parcels[0].shipped_at_ms
        at = dt.datetime.fromtimestamp(shipped_ms / 1000, dt.UTC).isoformat().replace("+00:00", "Z")
        return f"{key}-1,{key},{location},A,{quantity},{at},dhl,"

    def night(self, number: int, **more: Any) -> Night:
        self._writer.commit()
        known = {
            "day": day_number(number),
            "store": self.store,
            "data": self.folder,
            "now_ms": starts_ms(day_number(number)) + DAY_MS + HOUR_MS,
            "wait_seconds": 0.0,
            "told": lambda *_: None,
        }
        return Night(**{**known, **more})

    def run(self, number: int, **more: Any) -> dict[str, Done]:
        return {done.step: done for _, done in run_night(self.night(number, **more))}

    def kept(self) -> dict[str, list[Any]]:
        """All rows of all tables of the nights, and the bytes of all reports and notes."""
        found: dict[str, list[Any]] = {table: sorted(map(repr, self.store.read(table).rows())) for table in TABLES}
        for folder in ("reports", "nights"):
            for path in sorted((self.folder / folder).rglob("*.*")):
                found[str(path.relative_to(self.folder))] = [path.read_bytes()]
        return found


def opened(folder: Path) -> NightShop:
    """A shop with stock in one city only, so that everything leaves from there."""
    shop = NightShop(folder)
    shop.open()
    shop.stock("A", "berlin", 10_000)
    return shop
