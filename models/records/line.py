"""One line of an order, with the counters of invariant I4, and units of a line."""

from models.types import AmountMinor, Count, Quantity, Record, Reference, Sku


class Component(Record, array_like=True, omit_defaults=False, kw_only=True):
    """So many units of a SKU in one unit of a kit."""

    sku: Sku
    quantity: Quantity


class Line(Record, kw_only=True):
    """One SKU of an order with the counters of invariant I4.

    quantity = cancelled + waiting + allocated + shipped, and
    shipped = in transit + delivered + lost + returned_to_sender.
    `amount_minor` is the line's share of the whole order, cents and all (see `money.share`).
    """

    line_id: Reference
    sku: Sku
    quantity: Quantity
    unit_price_minor: AmountMinor = 0
    discount_minor: AmountMinor = 0
    tax_minor: AmountMinor = 0
    amount_minor: AmountMinor = 0
    cancelled: Count = 0
    cancelled_minor: AmountMinor = 0
    waiting: Count = 0
    allocated: Count = 0
    shipped: Count = 0
    delivered: Count = 0
    lost: Count = 0
    returned_to_sender: Count = 0
    components: tuple[Component, ...] = ()
    """What a unit of a kit is made of, as it was when the line was taken; nothing: the SKU itself."""
    ship_to: str = ""
    """The name of the destination among the order's `destinations`; empty is the order's own."""
    pegs: tuple["Peg", ...] = ()
    """Expected receipts that its waiting units count on, earliest first."""
    listing: str = ""
    """What the channel calls it, where that is not our SKU; `quantity` counts what the channel sells."""


class Peg(Record, array_like=True, omit_defaults=False, kw_only=True):
    """Waiting units of a line that count on an expected receipt."""

    receipt_id: str
    quantity: Quantity
    expected_at_ms: int


class UnitsOfLine(Record, kw_only=True):
    """So many units of one line of the order."""

    line_id: Reference
    quantity: Quantity
