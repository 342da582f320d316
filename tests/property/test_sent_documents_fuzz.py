"""Whatever customers, partners and carriers are called: what is sent is still what the vendor takes, or nothing is."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.frame.documents import Available, Occasion, OccasionKind, Outcome
from connectors.frame.facts import Address, Buyer
from connectors.frame.registry import connectors
from models.records.line import UnitsOfLine
from tests.support.rich_occasions import account, rich
from tests.support.vendor_peers import PEERS, play
from tests.support.vendor_schemas import faults_of

SENDERS = sorted(PEERS)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60).map(str.strip)
SKUS = TEXTS.filter(bool)
CARRIERS = st.sampled_from(["", "UPS", "dhl_express", "Blue Dart", "blue-dart", "Bike & Co", "ДХЛ"]) | TEXTS
ADDRESSES = st.builds(
    Address,
    country=st.from_regex(r"[A-Z]{2}", fullmatch=True),
    name=TEXTS,
    company=TEXTS,
    lines=st.lists(TEXTS, max_size=6).map(tuple),
    city=TEXTS,
    region=TEXTS,
    postcode=TEXTS,
)
BUYERS = st.builds(Buyer, name=TEXTS, phone=TEXTS, email=TEXTS)


@st.composite
def occasions(draw: st.DrawFn, name: str) -> Occasion:
    kind = draw(st.sampled_from(sorted(connectors()[name].wants)))
    told = rich(name, kind, whole=draw(st.booleans()), least=draw(st.booleans()))
    changed: dict[str, Any] = {"at_ms": draw(st.integers(0, 4_102_444_800_000))}
    if kind is OccasionKind.FULFILLMENT_REQUESTED:
        changed |= {"address": draw(ADDRESSES), "buyer": draw(BUYERS), "titles": {"MUG": draw(TEXTS)}}
    if told.parcel is not None and told.order is not None:
        units = tuple(UnitsOfLine(line_id=one.line_id, quantity=draw(st.integers(1, 9))) for one in told.parcel.units)
        named = {"carrier": draw(CARRIERS), "tracking_number": draw(TEXTS), "units": units}
        parcel = replace(told.parcel, **named)
        changed |= {"parcel": parcel, "order": replace(told.order, parcels=(parcel,))}
    if kind is OccasionKind.AVAILABILITY:
        changed |= {
            "available": tuple(draw(st.lists(levels(name), min_size=1, max_size=4, unique_by=lambda one: one.sku)))
        }
    return replace(told, **changed)


def levels(name: str) -> st.SearchStrategy[Available]:
    """The shops here know goods by numbers; for all others a SKU is any text."""
    known = st.integers(1, 900).map("SKU-{}".format)
    skus = known if name in ("shopify", "woocommerce") else known | SKUS
    return st.builds(
        Available,
        sku=skus,
        quantity=st.integers(0, 1_000_000),
        last_sent=st.none() | st.integers(0, 1_000_000),
        listing_ref=st.just("") | st.integers(1, 900).map(str),
    )


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_what_is_sent_is_always_what_the_vendor_takes(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SENDERS))
    what = data.draw(occasions(name))
    asked, sent = play(connectors()[name], account(name), what, PEERS[name])

    assert sent.outcome is not Outcome.LATER, sent
    for request in asked:
        assert faults_of(request) == [], (request.method, request.url, request.body[:2000])
