"""Bodies that say how stock stands: states, ring-fenced units, what is expected, what a supplier has.

They are said anew each time, so the newest counts; only a move between states is done once for its document.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.base import Body, Count, Envelope, Instant, Quantity, Reference, Sku, ms_of
from api.schemas.stock import OneSkuIn, StockIn, StockLineIn
from models import commands
from models.records.stock import Unsellable

_HEAD: dict[str, Any] = {"source": "wms-1", "location_id": "berlin"}


class StatedIn(StockIn):
    """How things stand, said anew each time."""

    def identity(self) -> None:
        """Give nothing that makes a second statement the repeat of the first."""


class RestateIn(OneSkuIn):
    """Move units on hand from one state to another; without a state they are for sale."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _HEAD | {"document": "QC-3", "sku": "TSHIRT-BLUE-M", "quantity": 1, "after": "quality_control"}
            ]
        }
    )

    quantity: Quantity
    before: Annotated[Unsellable | None, Field(description="Left out: they were for sale")] = None
    after: Annotated[Unsellable | None, Field(description="Left out: they are for sale again")] = None

    def command(self, envelope: Envelope) -> commands.RestateStock:
        """Give the command that this body asks for."""
        return commands.RestateStock(
            **self.facts(envelope), sku=self.sku, quantity=self.quantity, before=self.before, after=self.after
        )


class FenceIn(StatedIn):
    """Set so many units apart for a segment; 0 gives them back to all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_HEAD | {"document": "FENCE-1", "sku": "TSHIRT-BLUE-M", "segment": "vip", "quantity": 5}]
        }
    )

    sku: Sku
    segment: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    quantity: Count

    def skus(self) -> set[str]:
        """Give the SKUs that it is about."""
        return {self.sku}

    def command(self, envelope: Envelope) -> commands.FenceStock:
        """Give the command that this body asks for."""
        return commands.FenceStock(**self.facts(envelope), sku=self.sku, segment=self.segment, quantity=self.quantity)


class ExpectIn(StatedIn):
    """Units are expected; sent again with another time or lines it replaces what was expected of the document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _HEAD
                | {
                    "document": "PO-771",
                    "expected_at": "2027-03-01T08:00:00Z",
                    "confidence_per_mille": 900,
                    "lines": [{"line": "1", "sku": "TSHIRT-BLUE-M", "quantity": 40}],
                }
            ]
        }
    )

    lines: Annotated[
        tuple[StockLineIn, ...], Field(max_length=100, description="None: nothing of the document is expected any more")
    ]
    expected_at: Instant
    version: Annotated[Count, Field(description="A lower one than is there is out of date, and ignored")] = 0
    confidence_per_mille: Annotated[int, Field(ge=0, le=1000, description="How much of it is counted on")] = 1000

    def skus(self) -> set[str]:
        """Give the SKUs that it is about."""
        return {line.sku for line in self.lines}

    def command(self, envelope: Envelope) -> commands.ExpectStock:
        """Give the command that this body asks for."""
        return commands.ExpectStock(
            **self.facts(envelope),
            lines=tuple(
                commands.StockLine(line=line.line, sku=line.sku, quantity=line.quantity) for line in self.lines
            ),
            expected_at_ms=ms_of(self.expected_at),
            version=self.version,
            confidence_per_mille=self.confidence_per_mille,
        )


class BalancesIn(Body):
    """The balances of a level."""

    on_hand: int
    allocated: Annotated[int, Field(ge=0)]
    unsellable: Annotated[int, Field(ge=0)]
    safety_stock: Annotated[int, Field(ge=0)]

    def balances(self) -> commands.Balances:
        """Give the record."""
        return commands.Balances(
            on_hand=self.on_hand,
            allocated=self.allocated,
            unsellable=self.unsellable,
            safety_stock=self.safety_stock,
        )


_SEEN: dict[str, Any] = {"on_hand": 41, "allocated": 2, "unsellable": 0, "safety_stock": 0}


class RepairIn(StatedIn):
    """Put a level right that is not what its movements come to, if it is still as it was `seen`; needs a `reason`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _HEAD
                | {
                    "document": "REPAIR-1",
                    "sku": "TSHIRT-BLUE-M",
                    "seen": _SEEN,
                    "ledger": _SEEN | {"on_hand": 40},
                    "reason": "after the fault of 2027-01-14",
                }
            ]
        }
    )

    sku: Sku
    seen: BalancesIn
    ledger: BalancesIn

    def skus(self) -> set[str]:
        """Give the SKUs that it is about."""
        return {self.sku}

    def command(self, envelope: Envelope) -> commands.RepairLevel:
        """Give the command that this body asks for."""
        return commands.RepairLevel(
            **self.facts(envelope), sku=self.sku, seen=self.seen.balances(), ledger=self.ledger.balances()
        )


class DeclaredLineIn(Body):
    """Units of a SKU that a supplier has; it may be none."""

    line: Reference
    sku: Sku
    quantity: Count


class DeclareIn(StatedIn):
    """What a supplier says it can promise of each SKU as of `occurred_at`; its location's `stock` is `declared`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "supplier-1",
                    "document": "FEED-9",
                    "location_id": "supplier",
                    "lines": [{"line": "1", "sku": "TSHIRT-BLUE-M", "quantity": 0}],
                }
            ]
        }
    )

    lines: Annotated[tuple[DeclaredLineIn, ...], Field(min_length=1, max_length=100)]

    def skus(self) -> set[str]:
        """Give the SKUs that it is about."""
        return {line.sku for line in self.lines}

    def command(self, envelope: Envelope) -> commands.DeclareStock:
        """Give the command that this body asks for."""
        lines = tuple(
            commands.DeclaredLine(line=line.line, sku=line.sku, quantity=line.quantity) for line in self.lines
        )
        return commands.DeclareStock(**self.facts(envelope), lines=lines)
