"""I1 to I4 from the rows and the movements alone, by nothing that the rules use."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from models import rows
from models.records.fulfillment import FulfillmentLine
from models.records.order import Order
from models.records.stock import StockMovement
from models.rules.lines import RECALLABLE_STATUSES

Shelf = tuple[str, str, str]


def broken(stored: Mapping[bytes, bytes], movements: Iterable[StockMovement]) -> list[str]:
    """Name what is broken in the rows of a partition after the movements that led to them."""
    orders = [rows.decode_order(value) for key, value in stored.items() if key[:1] == rows.ORDER]
    levels = {
        (rows.pool_of(key), level.location_id, level.sku): level
        for key, value in stored.items()
        if key[:1] == rows.LEVEL
        for level in (rows.decode_level(value),)
    }
    allocated, fixed = _claims(orders)
    on_hand: Counter[Shelf] = Counter()
    for movement in movements:
        on_hand[movement.pool, movement.location_id, movement.sku] += movement.on_hand_delta
    found = [text for order in orders for text in _broken_lines(order)]
    for shelf in levels.keys() | allocated.keys() | on_hand.keys():
        level = levels.get(shelf)
        has, claimed = (level.on_hand, level.allocated) if level is not None else (0, 0)
        if claimed > max(0, has) and claimed > fixed[shelf]:
            found.append(f"I1: {shelf} has {has} on hand and {claimed} allocated, {fixed[shelf]} of them picked")
        if has != on_hand[shelf]:
            found.append(f"I2: {shelf} has {has} on hand, and movements sum to {on_hand[shelf]}")
        if claimed != allocated[shelf]:
            found.append(f"I3: {shelf} has {claimed} allocated, and orders hold {allocated[shelf]}")
    return sorted(found)


def _claims(orders: Iterable[Order]) -> tuple[Counter[Shelf], Counter[Shelf]]:
    """Units allocated by orders, and those of them that nobody may take back any more."""
    allocated: Counter[Shelf] = Counter()
    fixed: Counter[Shelf] = Counter()
    for order in orders:
        for part in order.fulfillments:
            for line in part.lines:
                kept = line.picked if part.status in RECALLABLE_STATUSES else line.allocated
                for sku, each in _made_of(order, line):
                    shelf = (order.pool, part.location_id, sku)
                    allocated[shelf] += line.allocated * each
                    fixed[shelf] += kept * each
    return allocated, fixed


def _made_of(order: Order, part: FulfillmentLine) -> Iterator[tuple[str, int]]:
    """What one unit takes from stock: of a kit its components. The line may be gone with a former reservation."""
    kits = [line.components for line in order.lines if line.line_id == part.line_id and line.components]
    if not kits:
        yield part.sku, 1
    for component in kits[0] if kits else ():
        yield component.sku, component.quantity


def _broken_lines(order: Order) -> Iterator[str]:
    for line in order.lines:
        parts = (line.cancelled, line.waiting, line.allocated, line.shipped)
        ended = line.delivered + line.lost + line.returned_to_sender
        if line.quantity != sum(parts) or min(parts) < 0 or not 0 <= ended <= line.shipped:
            yield f"I4: order {order.order_id} line {line.line_id}: {line}"
