"""`headrace states`: every status, transition, hold, cause, queue and code, as Markdown from the core's tables."""

import sys
from collections.abc import Iterable, Iterator, Sequence

import typer

from models.commands import FulfillmentCommand, StockPolicy
from models.records.fulfillment import CancellationStatus, CarrierStatus, FulfillmentStatus, ParcelStatus
from models.records.order import CollectFrom, OrderStatus
from models.records.pool import StockBasis
from models.records.risk import Recommendation, RiskFactSays, RiskLevel
from models.records.stock import MovementKind, Unsellable
from models.rejections import RejectionCode
from models.rules.holds import HOLD_RULES, QUEUES, Clock, Step, Stock
from models.rules.lines import OPEN_STATUSES
from models.rules.orders.cancel import CANCEL_CAUSES
from models.rules.orders.close import ENDED
from models.rules.orders.merge import MASTERS
from models.rules.orders.parcel_ends import MAY_BECOME
from models.rules.orders.reject import REJECT_CAUSES, RejectCause, StockEffect
from models.rules.orders.scans import ENDS, TROUBLE
from models.rules.orders.steps import BEGINS, STEP_RULES, WAYS
from models.types import Word

app = typer.Typer()
_HEAD = """# States

Printed by `headrace states` from the tables that the core decides by; a test compares them. Write nothing here by hand.
"""
_OPEN = "open"


@app.command()
def states() -> None:
    """Print every status, transition, hold type, cause, queue and code as Markdown, from the core's own tables.

    \b
    headrace states > docs/states.md
    """
    sys.stdout.write(page())


def page() -> str:
    """Give the whole page."""
    return "\n".join(
        [_HEAD, *_orders(), *_fulfillments(), *_parcels(), *_holds(), *_causes(), *_stock(), *_risk(), *_codes()]
    )


def _orders() -> Iterator[str]:
    yield from _section(
        "Orders",
        "A status is never set: it follows from the units of the lines and from the holds. An order in a status that"
        " ends leaves the table after the policy's `close_after`, and comes back by its archived row.",
    )
    rows = ((status, status.meaning, "yes" if status in ENDED else "") for status in OrderStatus)
    yield from _table(("order", "means", "ends"), rows)
    yield from _words("how an order is taken (`stock`)", StockPolicy)
    yield from _words("collected from", CollectFrom)
    yield from _section(
        "Newer content of a channel", "What both the channel and we have changed counts by its master.", 3
    )
    yield from _table(("field", "master"), MASTERS.items())


def _fulfillments() -> Iterator[str]:
    yield from _section(
        "Fulfillments",
        "The steps of a location can be blocked by a hold; facts and units that are taken out cannot.",
    )
    yield from _words("fulfillment", FulfillmentStatus)
    yield from _table(
        ("command", "from", "to", "blocked by holds on"),
        (
            (_tag(command), _names(rule.begins), rule.ends or "stays", rule.step or "nothing")
            for command, rule in STEP_RULES.items()
        ),
    )
    yield from _table(("what happens", "from", "to"), ((way.by, _names(way.begins), way.ends) for way in WAYS))
    ways = list(_fulfillment_ways())
    inner = [way for way in ways if way[1] in OPEN_STATUSES]
    yield from _diagram([("[*]", _OPEN, ""), *(way for way in ways if way not in inner)], inner)
    yield from _words("request to a partner to give units back", CancellationStatus)


def _parcels() -> Iterator[str]:
    yield from _section("Parcels", "How a parcel counts in its order, and what its carrier last said, are two axes.")
    yield from _words("parcel", ParcelStatus)
    ways = [(before, after, str(after)) for before, ends in MAY_BECOME.items() for after in sorted(ends)]
    yield from _diagram([("[*]", ParcelStatus.IN_TRANSIT, "shipped"), *ways])
    rows = (
        (status, status.meaning, ENDS.get(status, "looked at" if status in TROUBLE else "")) for status in CarrierStatus
    )
    yield from _table(("carrier", "means", "so the parcel is"), rows)


def _holds() -> Iterator[str]:
    yield from _section(
        "Holds",
        "Several may stand at once, on an order, a line or a fulfillment. Each may have a date at which it ends.",
    )
    rows = (
        (
            hold,
            rule.meaning,
            ", ".join(step for step in Step if step in rule.blocks) or "nothing",
            rule.stock,
            rule.clock,
            ", ".join(rule.resolvers),
            rule.ends_when,
            rule.queue,
        )
        for hold, rule in HOLD_RULES.items()
    )
    heads = ("hold", "means", "blocks", "its stock is", "the promise's clock", "ended by", "by itself when", "queue")
    yield from _table(heads, rows)
    yield from _words("step", Step)
    yield from _words("stock under a hold", Stock)
    yield from _words("clock under a hold", Clock)
    yield from _table(("queue", "what to do"), QUEUES.items())


def _causes() -> Iterator[str]:
    yield from _section("Causes", "")
    rows = (
        (
            name,
            cause.meaning,
            cause.effect,
            _becomes(cause),
            "yes" if cause.refuses else "",
        )
        for name, cause in REJECT_CAUSES.items()
    )
    yield from _table(
        ("reject cause", "means", "effect on stock", "its units are", "location not asked again for the order"), rows
    )
    yield from _words("effect on stock", StockEffect)
    yield from _table(("cancel cause", "means"), CANCEL_CAUSES.items())


def _becomes(cause: RejectCause) -> str:
    if cause.hold is not None:
        return f"held for {cause.hold}"
    return "located again" if cause.route_again else "cancelled"


def _stock() -> Iterator[str]:
    yield from _section("Stock", "")
    yield from _words("stock of a location", StockBasis)
    yield from _words("unsellable", Unsellable)
    yield from _words("movement", MovementKind)


def _risk() -> Iterator[str]:
    yield from _section("Risk", "What providers say of an order: advice to review or to cancel holds it for a person.")
    yield from _words("level", RiskLevel)
    yield from _words("recommendation", Recommendation)
    yield from _words("fact", RiskFactSays)


def _codes() -> Iterator[str]:
    yield from _section("Why a command is refused", "Checked in this order: the first that applies is told.")
    yield from _words("code", RejectionCode)


def _section(title: str, text: str, level: int = 2) -> Iterator[str]:
    yield f"{'#' * level} {title}\n"
    if text:
        yield f"{text}\n"


def _words(what: str, words: type[Word]) -> Iterator[str]:
    return _table((what, "means"), ((word, word.meaning) for word in words))


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for name, *cells in rows:
        yield f"| `{name}` | {' | '.join(cells)} |"
    yield ""


def _diagram(ways: Iterable[tuple[str, str, str]], inner: Sequence[tuple[str, str, str]] = ()) -> Iterator[str]:
    """Draw ways as arrows, with the inner ones in a state around them, since what they all may do is drawn once."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    if inner:
        yield f"    state {_OPEN} {{"
        yield from (f"    {_arrow(*way)}" for way in inner)
        yield "    }"
    yield from (_arrow(*way) for way in ways)
    yield "```\n"


def _arrow(before: str, after: str, by: str) -> str:
    return f"    {before} --> {after}" + (f": {by}" if by else "")


def _fulfillment_ways() -> Iterator[tuple[str, str, str]]:
    for status, by in BEGINS.items():
        yield "[*]", status, by
    for command, rule in STEP_RULES.items():
        if rule.ends is not None:
            yield from ((before, rule.ends, _tag(command)) for before in _around(rule.begins))
    for way in WAYS:
        yield from ((before, way.ends, way.by) for before in _around(way.begins))


def _around(statuses: frozenset[FulfillmentStatus]) -> list[str]:
    return [_OPEN] if statuses == OPEN_STATUSES else [status for status in FulfillmentStatus if status in statuses]


def _names(statuses: frozenset[FulfillmentStatus]) -> str:
    return ", ".join(_around(statuses))


def _tag(command: type[FulfillmentCommand]) -> str:
    return str(command.__struct_config__.tag)
