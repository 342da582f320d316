"""The page of states is what the core's tables say, every word has a meaning, and every status can be reached."""

import json
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from cli.states import page
from models.commands import StockPolicy
from models.records.fulfillment import CancellationStatus, CarrierStatus, FulfillmentStatus, ParcelStatus
from models.records.hold import HoldType
from models.records.order import CollectFrom, Content, OrderStatus
from models.records.pool import StockBasis
from models.records.risk import Recommendation, RiskFactSays, RiskLevel
from models.records.stock import MovementKind, Unsellable
from models.rejections import RejectionCode
from models.rules.holds import HOLD_RULES, QUEUES, Clock, Step, Stock
from models.rules.orders.cancel import CANCEL_CAUSES
from models.rules.orders.merge import MASTERS
from models.rules.orders.parcel_ends import MAY_BECOME
from models.rules.orders.reject import REJECT_CAUSES, StockEffect
from models.rules.orders.scans import ENDS, TROUBLE
from models.rules.orders.steps import BEGINS, STEP_RULES, WAYS
from models.types import Word
from tests.support.documents import ROOT
from tests.support.everything import everything_happens

WORDS: tuple[type[Word], ...] = (
    OrderStatus,
    StockPolicy,
    CollectFrom,
    FulfillmentStatus,
    CancellationStatus,
    ParcelStatus,
    CarrierStatus,
    Step,
    Stock,
    Clock,
    StockEffect,
    StockBasis,
    Unsellable,
    MovementKind,
    RiskLevel,
    Recommendation,
    RiskFactSays,
    RejectionCode,
)
Ways = dict[str, set[str]]


def fulfillment_ways() -> Ways:
    ways: Ways = defaultdict(set)
    rules = [(rule.begins, rule.ends) for rule in STEP_RULES.values()]
    for begins, ends in (*rules, *((way.begins, way.ends) for way in WAYS)):
        for status in begins if ends is not None else ():
            ways[status].add(str(ends))
    return ways


def parcel_ways() -> Ways:
    return {str(before): set(map(str, after)) for before, after in MAY_BECOME.items()}


def reached_from(ways: Ways, begins: set[str]) -> set[str]:
    found, left = set(begins), list(begins)
    while left:
        new = ways.get(left.pop(), set()) - found
        found |= new
        left.extend(new)
    return found


def test_the_page_in_the_documents_is_what_the_command_prints() -> None:
    written = (ROOT / "docs" / "states.md").read_text()

    assert written == page(), "write it anew: headrace states > docs/states.md"


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_every_word_has_a_meaning_of_its_own_and_is_on_the_page(words: type[Word]) -> None:
    meanings = [word.meaning for word in words]

    assert [word for word in words if not word.meaning.strip()] == []
    assert len(set(meanings)) == len(meanings)
    assert [word for word in words if f"| `{word}` |" not in page()] == []


def test_no_word_is_left_out_of_this_test() -> None:
    assert set(WORDS) == set(Word.__subclasses__())


def test_every_hold_cause_and_queue_has_a_meaning() -> None:
    assert set(HOLD_RULES) == set(HoldType)
    assert {rule.queue for rule in HOLD_RULES.values()} == set(QUEUES)
    assert all(rule.meaning and rule.resolvers for rule in HOLD_RULES.values())
    assert all(cause.meaning for cause in REJECT_CAUSES.values())
    assert all(QUEUES.values())
    assert all(CANCEL_CAUSES.values())
    assert all(f"| `{name}` |" in page() for name in (*QUEUES, *CANCEL_CAUSES, *REJECT_CAUSES, *HoldType, *MASTERS))


def test_every_field_that_a_channel_states_has_a_master() -> None:
    assert set(MASTERS) == {*Content.__struct_fields__, "prices"}


def test_every_status_of_a_fulfillment_and_parcel_can_be_reached_by_the_tables() -> None:
    assert reached_from(fulfillment_ways(), set(map(str, BEGINS))) == set(map(str, FulfillmentStatus))
    assert reached_from(parcel_ways(), {ParcelStatus.IN_TRANSIT}) == set(map(str, ParcelStatus))
    assert set(MAY_BECOME) == set(ParcelStatus)


def test_what_a_carrier_says_brings_a_parcel_where_the_tables_let_it() -> None:
    assert set(ENDS.values()) <= MAY_BECOME[ParcelStatus.IN_TRANSIT]
    assert not TROUBLE & set(ENDS)


def test_in_the_shop_where_everything_happens_each_status_follows_from_the_one_before() -> None:
    views = [json.loads(value) for topic, value in everything_happens().published if topic == "order-views"]
    begins = set(map(str, BEGINS))

    fulfillments = _paths(views, "fulfillments", "fulfillment_id")
    parcels = _paths(views, "parcels", "parcel_id")

    assert _strange(fulfillments, fulfillment_ways(), begins) == []
    assert _strange(parcels, parcel_ways(), {ParcelStatus.IN_TRANSIT}) == []
    assert {status for path in fulfillments for status in path} == set(map(str, FulfillmentStatus))
    assert {status for path in parcels for status in path} == set(map(str, ParcelStatus))


def _paths(views: list[dict[str, Any]], kind: str, key: str) -> list[list[str]]:
    paths: dict[tuple[str, str], list[str]] = defaultdict(list)
    for order in views:
        for one in order.get(kind, []):
            paths[order["order_id"], one[key]].append(one["status"])
    return list(paths.values())


def _strange(paths: list[list[str]], ways: Ways, begins: set[str]) -> list[tuple[str, str]]:
    """Give the steps that no table knows; one command may take several."""
    first = [("", path[0]) for path in paths if path[0] not in reached_from(ways, begins)]
    return first + [
        (before, after)
        for path in paths
        for before, after in pairwise(path)
        if after not in reached_from(ways, {before})
    ]
