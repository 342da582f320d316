"""What becomes of a shop's orders on the day on which it goes live: pure, from what was said in shadow.

Nothing that somebody else has asked of a partner already is asked of it again.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from msgspec.structs import replace

from connectors.frame import facts as f
from connectors.frame.asked import Asked, Envelope, Known
from connectors.frame.asking import ask
from connectors.frame.message import Account
from connectors.frame.naming import plain_name
from connectors.frame.reading import UnreadableError
from models.commands import PlaceOrder, StockPolicy
from models.ids import order_id

HOLD, ROUTE = "hold", "route"
"""What becomes of open orders of which nothing says where they are; else it is the location that has them all."""


class Become(StrEnum):
    """What becomes of an order."""

    KNOWN = "known"
    PAST = "past"
    CANCELLED = "cancelled"
    BEGUN = "begun"
    HELD = "held"
    ROUTED = "routed"
    REFUSED = "refused"


class Cut(NamedTuple):
    """An order, what becomes of it, where it is where that is known, and what is asked for."""

    external_id: str
    number: str
    become: Become
    location: str = ""
    note: str = ""
    asked: tuple[Asked, ...] = ()


def orders_of(facts: Iterable[f.AnyFact]) -> dict[str, f.OrderStated]:
    """Give the newest word of each order, by the shop's id."""
    newest: dict[str, f.OrderStated] = {}
    cancelled: dict[str, int] = {}
    for fact in facts:
        if isinstance(fact, f.OrderStated):
            known = newest.get(fact.external_id)
            if known is None or fact.source_version >= known.source_version:
                newest[fact.external_id] = fact
        elif isinstance(fact, f.OrderCancelled):
            cancelled.setdefault(fact.external_id, fact.at_ms)
    for name, at_ms in cancelled.items():
        if name in newest and newest[name].cancelled_at_ms is None:
            newest[name] = replace(newest[name], cancelled_at_ms=at_ms)
    return newest


def held_by(location: str, facts: Iterable[f.AnyFact]) -> dict[str, str]:
    """Give the location by each name of an order that a partner has said anything about, except that it refuses it."""
    found: dict[str, str] = {}
    for fact in facts:
        if isinstance(fact, f.ParcelStated):
            found |= dict.fromkeys(map(plain_name, (fact.fulfillment_id, fact.external_id)), location)
        elif isinstance(fact, f.FulfillmentStepped):
            found[plain_name(fact.fulfillment_id)] = location
        elif isinstance(fact, f.FulfillmentAnswered):
            if fact.accepted:
                found[plain_name(fact.fulfillment_id)] = location
            else:
                found.pop(plain_name(fact.fulfillment_id), None)
    found.pop("", None)
    return found


def cut_over(
    orders: Iterable[f.OrderStated],
    account: Account,
    envelope: Envelope,
    known: Known,
    partners: dict[str, str],
    rest: str = HOLD,
) -> Iterator[Cut]:
    """Say of each order what becomes of it; asked again, what is there is left as it is."""
    for fact in orders:
        number = fact.number or fact.external_id
        if known.order(order_id(account.pool, account.channel, fact.external_id)) is not None:
            yield Cut(fact.external_id, number, Become.KNOWN)
            continue
        lines = [line for line in fact.lines if line.quantity and line.ships]
        if fact.cancelled_at_ms is not None or not lines:
            yield Cut(fact.external_id, number, Become.CANCELLED)
            continue
        become, location, note = _become(fact, lines, partners, rest)
        of_order = replace(envelope, seed=f"{envelope.seed}/{fact.external_id}/{fact.source_version}")
        try:
            asked = ask(fact, account, of_order, known)
        except UnreadableError as error:
            yield Cut(fact.external_id, number, Become.REFUSED, note=f"{error.field}: {error.reason}")
            continue
        yield Cut(fact.external_id, number, become, location, note, tuple(_told(asked, become, location)))


def _become(
    fact: f.OrderStated, lines: list[f.LineStated], partners: dict[str, str], rest: str
) -> tuple[Become, str, str]:
    if all(line.fulfilled >= line.quantity for line in lines):
        return Become.PAST, "", ""
    if any(line.fulfilled for line in lines):
        return Become.HELD, "", "some of it has left: look what is still to be sent"
    names = (fact.external_id, fact.number)
    location = next((partners[plain_name(name)] for name in names if plain_name(name) in partners), "")
    if location:
        return Become.BEGUN, location, ""
    if rest in {HOLD, ROUTE}:
        return (Become.HELD, "", "nothing says whether a partner has it") if rest == HOLD else (Become.ROUTED, "", "")
    return Become.BEGUN, rest, ""


def _told(asked: Iterable[Asked], become: Become, location: str) -> Iterator[Asked]:
    for one in asked:
        command = one.command
        if isinstance(command, PlaceOrder) and become is Become.BEGUN:
            yield replace(one, command=replace(command, begun_by=location))
        elif isinstance(command, PlaceOrder) and become is Become.HELD:
            yield replace(one, command=replace(command, stock=StockPolicy.SKIP))
        else:
            yield one
