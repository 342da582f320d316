"""What is expected at a location: receipts, which arrivals fulfil."""

from collections.abc import Mapping

from msgspec.structs import replace

from models.events import StockExpected
from models.records.stock import ExpectedReceipt
from models.rules.draft import Draft


def put(draft: Draft, receipt: ExpectedReceipt) -> None:
    """Expect a receipt, or expect it otherwise."""
    draft.expected[receipt.sku, receipt.receipt_id] = receipt if receipt.quantity else None
    draft.emit(
        StockExpected(
            sku=receipt.sku,
            location_id=receipt.location_id,
            receipt_id=receipt.receipt_id,
            quantity=receipt.quantity,
            expected_at_ms=receipt.expected_at_ms,
        )
    )
    draft.pegging(receipt.sku)


def of_document(draft: Draft, document: str) -> list[ExpectedReceipt]:
    """Give what a document lets expect, in the order of receipt ids."""
    known = [draft.view.expected(sku).get(receipt_id) for sku, receipt_id in draft.view.expected_by(document)]
    return [receipt for receipt in known if receipt is not None]


def fulfil(draft: Draft, document: str, arrived: Mapping[str, int]) -> None:
    """Take what arrived off what a document let expect."""
    left = dict(arrived)
    for receipt in of_document(draft, document):
        taken = min(left.get(receipt.sku, 0), receipt.quantity)
        if taken:
            left[receipt.sku] -= taken
            put(draft, replace(receipt, quantity=receipt.quantity - taken))
