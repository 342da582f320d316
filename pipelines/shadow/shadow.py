"""The whole of it: facts and a configuration folder in, a report out."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from connectors.folder.setup import Setup
from models.records.pool import Policy, RateCard, RoutingModel
from pipelines.shadow.book import keep_book, moments
from pipelines.shadow.breaks import OVERDUE_DAYS, breaks_of
from pipelines.shadow.comparing import compare, learned
from pipelines.shadow.figures import Reckoned, Report, report_of
from pipelines.shadow.goods import GoodsBook
from pipelines.shadow.history import Told
from pipelines.shadow.playing import play
from pipelines.shadow.reading import read_history


class Shadowed(NamedTuple):
    """The report, and the commands that were played, as the core read them."""

    report: Report
    commands: tuple[bytes, ...]


def shadow(
    told: Iterable[Told],
    setup: Setup,
    *,
    model: RoutingModel | None = None,
    overdue_days: int = OVERDUE_DAYS,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Shadowed:
    """Lay a merchant's history beside what Headrace would have done; `progress` hears moments done, and all."""
    history = read_history(told, GoodsBook(setup.catalogue or ()), setup.head.pool)
    book = keep_book(history)
    count = len(moments(history))
    played = play(history, book, setup, model, lambda done: progress(done, count))
    compared = compare(history.orders, played, setup, model or learned(history.orders))
    found = breaks_of(history, book, overdue_days)
    has_rates = (setup.policy or Policy()).rate_card != RateCard()
    reckoned = Reckoned(history, book, played, compared, found, model is None, has_rates)
    report = report_of(setup.head.pool, setup.head.currency, reckoned)
    return Shadowed(report, tuple(played.commands))
