"""How many units may wait for stock: the cap of backorders, by SKU."""

from models.records.order import Order
from models.rejections import Rejected, RejectionCode
from models.rules.draft import Draft
from models.rules.lines import waiting_units


def beyond_backorder_limit(draft: Draft, before: Order | None, after: Order) -> Rejected | None:
    """Refuse an order that would let more units of a SKU wait than its limit, if it lets more wait than before."""
    for sku, waiting in waiting_units(after).items():
        item = draft.view.item(sku)
        limit = item.backorder_limit if item is not None else None
        had = waiting_units(before).get(sku, 0) if before is not None else 0
        if limit is None or waiting <= had:
            continue
        others = draft.view.waiting_units(sku) - had
        if others + waiting > limit:
            return Rejected(
                RejectionCode.BACKORDER_LIMIT,
                f"{max(0, limit - others)} units of {sku} may wait for stock, not {waiting}",
                "quantity",
            )
    return None
