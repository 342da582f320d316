"""Bodies that state facts about stock. (source, document, line) is booked once, so a repeat changes nothing."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Body,
    Count,
    Delta,
    Envelope,
    Instant,
    LocationId,
    Quantity,
    Reasoned,
    Reference,
    Sku,
    SourceId,
)
from models import commands
from models.records.stock import Unsellable

_HEAD: dict[str, Any] = {"source": "wms-1", "location_id": "berlin"}
_LINES: dict[str, Any] = {"lines": [{"line": "1", "sku": "TSHIRT-BLUE-M", "quantity": 40}]}
_ONE: dict[str, Any] = {"lines": [{"line": "1", "sku": "TSHIRT-BLUE-M", "quantity": 1}]}


class StockIn(Reasoned):
    """A fact from a document of a source, with the time it happened; without one, now."""

    source: SourceId
    document: Reference
    location_id: LocationId
    occurred_at: Instant | None = None

    def facts(self, envelope: Envelope) -> dict[str, Any]:
        """Give the fields of `models.commands.StockCommand`."""
        return envelope.fields(self.reason) | {
            "source": self.source,
            "document": self.document,
            "location_id": self.location_id,
            "occurred_at_ms": envelope.ms(self.occurred_at),
        }


class OneSkuIn(StockIn):
    """A stock fact about one SKU."""

    sku: Sku

    def skus(self) -> set[str]:
        """Give the SKUs that it is about."""
        return {self.sku}

    def identity(self) -> tuple[str, ...]:
        """Give what a repeat has in common with the first one, besides the kind of fact."""
        return self.source, self.document, self.location_id, self.sku


class StockLineIn(Body):
    """Units of a SKU on one line of the document."""

    line: Reference
    sku: Sku
    quantity: Quantity


class DocumentIn(StockIn):
    """A stock fact with lines."""

    lines: Annotated[tuple[StockLineIn, ...], Field(min_length=1, max_length=100)]

    def skus(self) -> set[str]:
        """Give the SKUs that it is about."""
        return {line.sku for line in self.lines}

    def identity(self) -> tuple[str, ...]:
        """Give what a repeat has in common with the first one, besides the kind of fact."""
        return self.source, self.document, self.location_id, *(line.line for line in self.lines)

    def facts(self, envelope: Envelope) -> dict[str, Any]:
        """Give the fields of `models.commands.DocumentCommand`."""
        lines = tuple(commands.StockLine(line=line.line, sku=line.sku, quantity=line.quantity) for line in self.lines)
        return super().facts(envelope) | {"lines": lines}


class ReceiveIn(DocumentIn):
    """Units came in; `expected` is the document by which they were expected, and which they fulfil."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HEAD | {"document": "ASN-20031"} | _LINES]})

    expected: Annotated[str, Field(max_length=200)] = ""

    def command(self, envelope: Envelope) -> commands.ReceiveStock:
        """Give the command that this body asks for."""
        return commands.ReceiveStock(**self.facts(envelope), expected=self.expected)


class SellIn(DocumentIn):
    """Units left over the counter, late or out of order as it may come."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HEAD | {"document": "TILL-7/8812"} | _ONE]})

    def command(self, envelope: Envelope) -> commands.SellAtTill:
        """Give the command that this body asks for."""
        return commands.SellAtTill(**self.facts(envelope))


class DispatchTransferIn(DocumentIn):
    """Units leave `location_id` for another location; the document is the transfer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_HEAD | {"document": "TR-18", "to_location_id": "hamburg"} | _ONE]}
    )

    to_location_id: LocationId

    def command(self, envelope: Envelope) -> commands.DispatchTransfer:
        """Give the command that this body asks for."""
        return commands.DispatchTransfer(**self.facts(envelope), to_location_id=self.to_location_id)


class ReceiveTransferIn(DocumentIn):
    """Units of a transfer arrive at `location_id`; `final` closes it, and what is missing is lost."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "wms-2",
                    "document": "TR-18-IN",
                    "location_id": "hamburg",
                    "transfer": "TR-18",
                    "dispatched_by": "wms-1",
                }
                | _ONE
            ]
        }
    )

    transfer: Reference
    dispatched_by: SourceId
    final: bool = True

    def command(self, envelope: Envelope) -> commands.ReceiveTransfer:
        """Give the command that this body asks for."""
        return commands.ReceiveTransfer(
            **self.facts(envelope), transfer=self.transfer, dispatched_by=self.dispatched_by, final=self.final
        )


class AdjustIn(OneSkuIn):
    """Correct on hand by a difference; say why in `reason`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_HEAD | {"document": "ADJ-5", "sku": "TSHIRT-BLUE-M", "delta": -1, "reason": "damaged"}]
        }
    )

    delta: Delta
    unsellable_delta: Delta = 0
    state: Annotated[Unsellable, Field(description="Of the unsellable units")] = Unsellable.DAMAGED

    def command(self, envelope: Envelope) -> commands.AdjustStock:
        """Give the command that this body asks for."""
        return commands.AdjustStock(
            **self.facts(envelope),
            sku=self.sku,
            delta=self.delta,
            unsellable_delta=self.unsellable_delta,
            state=self.state,
        )


class CountIn(OneSkuIn):
    """What was counted as of `occurred_at`; with `expected_on_hand` only if that is what we have."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_HEAD | {"document": "CNT-2", "sku": "TSHIRT-BLUE-M", "counted": 38}]}
    )

    counted: Count
    expected_on_hand: Delta | None = None

    def command(self, envelope: Envelope) -> commands.CountStock:
        """Give the command that this body asks for."""
        return commands.CountStock(
            **self.facts(envelope), sku=self.sku, counted=self.counted, expected_on_hand=self.expected_on_hand
        )


class SafetyStockIn(OneSkuIn):
    """Keep units of a SKU back at a location; 0 keeps none."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_HEAD | {"document": "SAFE-1", "sku": "TSHIRT-BLUE-M", "quantity": 2}]}
    )

    quantity: Count

    def command(self, envelope: Envelope) -> commands.SetSafetyStock:
        """Give the command that this body asks for."""
        return commands.SetSafetyStock(**self.facts(envelope), sku=self.sku, quantity=self.quantity)
