"""What is expected of each SKU, in memory: receipts by SKU and by the document that names them."""

from collections.abc import Mapping, Sequence

from models.records.stock import ExpectedReceipt, IncomingView

_NOTHING: Mapping[str, ExpectedReceipt] = {}


class Expected:
    """The expected receipts of one pool."""

    def __init__(self) -> None:
        self._of_sku: dict[str, dict[str, ExpectedReceipt]] = {}
        self._of_document: dict[str, set[tuple[str, str]]] = {}

    def of_sku(self, sku: str) -> Mapping[str, ExpectedReceipt]:
        """Give what is expected of a SKU, by receipt id."""
        return self._of_sku.get(sku, _NOTHING)

    def of_document(self, document: str) -> Sequence[tuple[str, str]]:
        """Give (SKU, receipt id) of what a document lets expect, sorted."""
        return sorted(self._of_document.get(document, ()))

    def put(self, sku: str, receipt_id: str, receipt: ExpectedReceipt | None) -> None:
        """Expect a receipt, or nothing of it any more."""
        of_sku = self._of_sku.setdefault(sku, {})
        before = of_sku.pop(receipt_id, None)
        if before is not None:
            self._of_document[before.document].discard((sku, receipt_id))
        if receipt is not None:
            of_sku[receipt_id] = receipt
            self._of_document.setdefault(receipt.document, set()).add((sku, receipt_id))

    def views(self, sku: str) -> tuple[IncomingView, ...]:
        """Give what is published of it, the earliest first."""
        in_time = sorted(self.of_sku(sku).values(), key=lambda receipt: (receipt.expected_at_ms, receipt.receipt_id))
        return tuple(
            IncomingView(
                location_id=receipt.location_id,
                quantity=receipt.quantity,
                expected_at_ms=receipt.expected_at_ms,
                confidence_per_mille=receipt.confidence_per_mille,
            )
            for receipt in in_time
        )
