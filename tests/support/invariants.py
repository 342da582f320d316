"""Checks of the invariants I1 to I6 over stored rows and published movements, read as plain JSON.

Nothing here knows the rules or the records: a wrong rule and a wrong record show alike.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]
Place = tuple[str, str, str]
"""Pool, SKU, location."""

_COUNTERS = ("on_hand", "allocated", "unsellable", "safety_stock", "fenced")
_ENDS = {"delivered": "delivered", "lost": "lost", "returned_to_sender": "returned_to_sender"}
_BLOCKS_STOCK = {"unmapped_sku", "unexpected_currency", "unroutable", "parked", "imported"}
_BLOCKS_NOTHING = {"clash"}
_NOTHING_LEFT = {"cancelled", "rejected", "shipped", "delivered"}


def sound(shop: Any) -> bool:
    """Tell whether every invariant holds in a shop (see `builders`), by its rows and all that it published."""
    movements = [json.loads(value) for topic, value in shop.published if topic == "stock-movements"]
    return violations(shop.engine.rows, movements) == []


def violations(rows: Mapping[bytes, bytes], movements: Iterable[Row]) -> list[str]:
    """Every broken invariant, as a sentence; none is the aim."""
    orders = list(rows_of(rows, b"o"))
    levels = levels_of(rows)
    found = [*_oversold(rows, orders, levels), *_unbalanced(levels, movements), *_misallocated(orders, levels)]
    for order in orders:
        found.extend(f"{order['order_id']}: {wrong}" for wrong in _wrong_in_order(order))
    return found


def rows_of(rows: Mapping[bytes, bytes], kind: bytes) -> Iterable[Row]:
    for key, value in rows.items():
        if key[:1] == kind:
            yield json.loads(value)


def levels_of(rows: Mapping[bytes, bytes]) -> dict[Place, Counter[str]]:
    levels: dict[Place, Counter[str]] = {}
    for key, value in rows.items():
        if key[:1] == b"l":
            row = json.loads(value)
            pool = key.split(b"/")[1].decode()
            counters = {name: row.get(name, 0) for name in _COUNTERS if name != "fenced"}
            counters["fenced"] = sum(row.get("fenced", {}).values())
            levels[pool, row["sku"], row["location_id"]] = Counter(counters)
    return levels


def pools_with_work(rows: Mapping[bytes, bytes]) -> set[str]:
    """Pools in which a bounded command has left something over."""
    return {key.split(b"/")[1].decode() for key in rows if key[:1] == b"w"}


def _parts(order: Row) -> Iterable[tuple[Row, Row]]:
    for fulfillment in order.get("fulfillments", []):
        for line in fulfillment["lines"]:
            yield fulfillment, line


def _stock_of(order: Row, part: Row) -> Iterable[tuple[str, int]]:
    """The SKUs that a fulfillment's line has allocated: its own, or what its kit is made of."""
    # A reservation placed anew keeps the fulfillments of its first life, whose lines may be gone.
    line: Row = next((line for line in order["lines"] if line["line_id"] == part["line_id"]), {})
    made_of = line.get("components") or [[part["sku"], 1]]
    return [(sku, each * part.get("allocated", 0)) for sku, each in made_of]


def _oversold(rows: Mapping[bytes, bytes], orders: list[Row], levels: dict[Place, Counter[str]]) -> Iterable[str]:
    """I1: allocated beyond on hand only while work is pending, or for units that are picked."""
    pending = pools_with_work(rows)
    untracked = {place for place in levels if _is_untracked(rows, place)}
    recallable: Counter[Place] = Counter()
    for order in orders:
        for fulfillment, line in _parts(order):
            if fulfillment["status"] in ("allocated", "accepted"):
                for sku, count in _stock_of(order, line):
                    recallable[order["pool"], sku, fulfillment["location_id"]] += count
    for place, level in levels.items():
        short = level["allocated"] > level["on_hand"] and place not in untracked
        if short and recallable[place] and place[0] not in pending:
            yield f"I1 {place}: {level['allocated']} allocated of {level['on_hand']}, {recallable[place]} not picked"


def _is_untracked(rows: Mapping[bytes, bytes], place: Place) -> bool:
    pool, sku, location = place
    item, where = rows.get(f"s/{pool}/{sku}".encode(), b"{}"), rows.get(f"n/{pool}/{location}".encode(), b"{}")
    return bool(json.loads(item).get("untracked")) or json.loads(where).get("stock") == "untracked"


def _unbalanced(levels: dict[Place, Counter[str]], movements: Iterable[Row]) -> Iterable[str]:
    """I2: the movements are the only writers of levels."""
    sums: dict[Place, Counter[str]] = {}
    for movement in movements:
        place = (movement["pool"], movement["sku"], movement["location_id"])
        total = sums.setdefault(place, Counter())
        for name in _COUNTERS:
            total[name] += movement.get(f"{name}_delta", 0)
    for place in sorted(levels.keys() | sums.keys()):
        level, total = levels.get(place, Counter()), sums.get(place, Counter())
        for name in _COUNTERS:
            if level[name] != total[name]:
                yield f"I2 {place}: {name} is {level[name]}, its movements sum to {total[name]}"


def _misallocated(orders: list[Row], levels: dict[Place, Counter[str]]) -> Iterable[str]:
    """I3: allocated at a location is the sum over the orders."""
    sums: Counter[Place] = Counter()
    for order in orders:
        for fulfillment, line in _parts(order):
            for sku, count in _stock_of(order, line):
                sums[order["pool"], sku, fulfillment["location_id"]] += count
    for place in sorted(levels.keys() | sums.keys()):
        level = levels.get(place, Counter[str]())
        if level["allocated"] != sums[place]:
            yield f"I3 {place}: allocated is {level['allocated']}, orders have {sums[place]}"


def _wrong_in_order(order: Row) -> Iterable[str]:
    for line in order["lines"]:
        yield from _wrong_in_line(order, line)
    yield from _wrong_money(order)
    yield from _wrong_status(order)
    for fulfillment in order.get("fulfillments", []):
        left = sum(line.get("allocated", 0) for line in fulfillment["lines"])
        if (left == 0) is not (fulfillment["status"] in _NOTHING_LEFT):
            yield f"I6 fulfillment {fulfillment['fulfillment_id']} is {fulfillment['status']} with {left} units"
        for part in fulfillment["lines"]:
            if not 0 <= part.get("picked", 0) <= part.get("allocated", 0):
                yield f"I4 {part['line_id']}: picked {part.get('picked', 0)} of {part.get('allocated', 0)}"


def _wrong_in_line(order: Row, line: Row) -> Iterable[str]:
    """I4: units of a line are somewhere, once, and agree with fulfillments and parcels."""
    name = line["line_id"]
    held = [part for _, part in _parts(order) if part["line_id"] == name]
    parcels = [
        (parcel["status"], unit["quantity"])
        for parcel in order.get("parcels", [])
        for unit in parcel["units"]
        if unit["line_id"] == name
    ]
    by_end: Counter[str] = Counter()
    for status, count in parcels:
        by_end[status] += count
    counted = {key: line.get(key, 0) for key in ("cancelled", "waiting", "allocated", "shipped", *_ENDS)}
    if min(counted.values()) < 0:
        yield f"I4 {name}: a counter is negative: {counted}"
    whole = sum(counted[key] for key in ("cancelled", "waiting", "allocated", "shipped"))
    pairs = [
        ("ordered", line["quantity"], whole),
        ("allocated", counted["allocated"], sum(part.get("allocated", 0) for part in held)),
    ]
    traced = not order.get("historic") or bool(order.get("parcels"))
    if traced:
        pairs.append(("shipped", counted["shipped"], sum(count for _, count in parcels)))
        pairs.extend((key, counted[key], by_end[status]) for status, key in _ENDS.items())
    # A reservation placed anew keeps the fulfillments of its first life, which shipped nothing.
    if traced:
        pairs.append(("shipped by fulfillments", counted["shipped"], sum(part.get("shipped", 0) for part in held)))
    yield from (f"I4 {name}: {what} is {one}, found {other}" for what, one, other in pairs if one != other)


def _wrong_money(order: Row) -> Iterable[str]:
    """I5: amounts of units sum to lines, lines to the order; cancelled units carry their own cents."""
    total = order.get("total_minor", 0)
    if sum(line.get("amount_minor", 0) for line in order["lines"]) != total:
        yield f"I5 lines do not sum to {total}"
    for line in order["lines"]:
        each, odd = divmod(line.get("amount_minor", 0), line["quantity"])
        cents = [each + (unit < odd) for unit in range(line["quantity"])]
        expected = sum(cents[: line.get("cancelled", 0)])
        if line.get("cancelled_minor", 0) != expected:
            yield f"I5 {line['line_id']}: {line.get('cancelled_minor', 0)} cancelled, its units carry {expected}"


def _wrong_status(order: Row) -> Iterable[str]:
    """I6: the status says where the units are, and an order that does not move says why."""
    sums: Counter[str] = Counter()
    for line in order["lines"]:
        for key in ("quantity", "cancelled", "waiting", "allocated", "shipped", *_ENDS):
            sums[key] += line.get(key, 0)
    wanted, status = sums["quantity"] - sums["cancelled"], order["status"]
    ended = sum(sums[key] for key in _ENDS)
    truth = {
        "cancelled": wanted == 0 and not order.get("expired"),
        "expired": wanted == 0 and bool(order.get("expired")),
        "delivered": wanted > 0 and ended == wanted,
        "shipped": wanted > 0 and sums["shipped"] == wanted and ended < wanted,
    }
    open_order = wanted > 0 and sums["shipped"] < wanted
    held = any(_holds_all(hold) for hold in order.get("holds", []))
    reserved = bool(order.get("reserved"))
    moving = open_order and not held and not reserved
    truth |= {
        "held": open_order and held,
        "reserved": open_order and not held and reserved,
        "partially_shipped": moving and sums["shipped"] > 0,
        "routed": moving and not sums["shipped"] and sums["waiting"] == 0,
        "partially_routed": moving and not sums["shipped"] and sums["waiting"] > 0 and sums["allocated"] > 0,
        "backordered": moving and not sums["shipped"] and sums["allocated"] == 0,
    }
    if [name for name, is_true in truth.items() if is_true] != [status]:
        yield f"I6 status is {status}, its units say {[name for name, is_true in truth.items() if is_true]}"


def _holds_all(hold: Row) -> bool:
    whole = not hold.get("line_id") and not hold.get("fulfillment_id")
    return whole and hold["type"] not in _BLOCKS_NOTHING


def _ships_always(location: Row) -> bool:
    """What a supplier declared may be too old to count on."""
    return location.get("enabled", True) and "capacity_per_day" not in location and location.get("stock") != "declared"


def waiting_beside_stock(rows: Mapping[bytes, bytes]) -> list[str]:
    """Orders that wait for units that an enabled location without a daily limit could give them.

    Holds where the policy values a filled unit above any package; ship-complete orders are left out.
    """
    levels, pending = levels_of(rows), pools_with_work(rows)
    open_places = {
        (key.split(b"/")[1].decode(), row["location_id"])
        for key, value in rows.items()
        if key[:1] == b"n" and _ships_always(row := json.loads(value))
    }
    # Where locations are known not to find what their book says, fewer units are promised than there are.
    unsure = {key.split(b"/")[1].decode() for key, row in rows.items() if key[:1] == b"m" and b"pick_success" in row}
    found = []
    for order in rows_of(rows, b"o"):
        blocked = any(hold["type"] in _BLOCKS_STOCK for hold in order.get("holds", []))
        chosen = order.get("ship_complete") or "collect_at" in order.get("terms", {})
        if blocked or chosen or order["pool"] in pending | unsure:
            continue
        skus = {line["sku"] for line in order["lines"] if line.get("waiting", 0)}
        for (pool, sku, place), level in levels.items():
            free = level["on_hand"] - level["allocated"] - level["unsellable"] - level["safety_stock"] - level["fenced"]
            may = (pool, place) in open_places and place not in order.get("refused_by", [])
            if pool == order["pool"] and sku in skus and free > 0 and may:
                found.append(f"{order['order_id']} waits for {sku}, {free} free at {place}")
    return found
