"""Expecting stock: a document says what comes where and when, and may say it anew."""

from collections.abc import Iterator

from msgspec.structs import replace

from models.commands import ExpectStock
from models.events import LineRepeated
from models.records.stock import BookedLine, Document, ExpectedReceipt
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.stock import receipts
from models.rules.stock.documents import check_places


def expect(draft: Draft, command: ExpectStock) -> Rejected | None:
    """Take a document's expectation in: what it no longer names is not expected any more."""
    wrong = check_places(draft, command, tuple(line.sku for line in command.lines))
    if wrong is not None:
        return wrong
    if len({line.line for line in command.lines}) < len(command.lines):
        return Rejected(RejectionCode.LINE_REPEATED, "each line of a document needs an id of its own", "line")
    document = f"{command.source}/{command.document}"
    known = receipts.of_document(draft, document)
    if _is_nothing_new(draft, command, known):
        draft.emit(LineRepeated(source=command.source, document=command.document, line=""))
        return None
    stated = {f"{document}/{line.line}": line for line in command.lines}
    for receipt in known:
        line = stated.get(receipt.receipt_id)
        if line is None or line.sku != receipt.sku:
            receipts.put(draft, replace(receipt, quantity=0))
    for receipt_id, line in stated.items():
        fresh = ExpectedReceipt(
            receipt_id=receipt_id,
            document=document,
            version=command.version,
            sku=line.sku,
            location_id=command.location_id,
            quantity=line.quantity,
            expected_at_ms=command.expected_at_ms,
            confidence_per_mille=command.confidence_per_mille,
        )
        if draft.view.expected(line.sku).get(receipt_id) != fresh:
            receipts.put(draft, fresh)
    return None


def _is_nothing_new(draft: Draft, command: ExpectStock, known: list[ExpectedReceipt]) -> bool:
    """Tell whether a newer version was said before, or this very one; remember it otherwise.

    The document itself is remembered, since nothing of it may be expected any more, and some of it may have come.
    """
    key = (command.source, f"expected/{command.document}")
    before = draft.view.document(*key)
    said = Document(at_ms=draft.now_ms, lines=tuple(_as_said(command)), version=command.version)
    if any(receipt.version > command.version for receipt in known):
        return True
    if before is not None and (before.version > said.version or before == replace(said, at_ms=before.at_ms)):
        return True
    draft.documents[key] = said
    return False


def _as_said(command: ExpectStock) -> Iterator[BookedLine]:
    for line in command.lines:
        yield BookedLine(
            line=line.line,
            sku=line.sku,
            location_id=command.location_id,
            quantity=line.quantity * command.confidence_per_mille // 1000,
            occurred_at_ms=command.expected_at_ms,
        )
