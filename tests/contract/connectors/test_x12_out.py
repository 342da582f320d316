"""What is written in X12: requests to ship, cancellations and acknowledgements, checked by another validator."""

from pathlib import Path

import msgspec
import pytest

from connectors.frame.documents import Occasion, OccasionKind
from connectors.frame.facts import Address, Buyer, DocumentAcknowledged, ParcelStated
from connectors.frame.message import Account, Alias
from connectors.frame.reading import UnreadableError
from connectors.systems.x12 import CONNECTOR
from connectors.systems.x12.interchanges import read_segments
from connectors.systems.x12.references import depositor_number
from models.ids import fulfillment_id, order_id
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from models.records.line import Line, UnitsOfLine
from models.records.order import Order, OrderStatus
from models.records.place import Destination
from tests.contract.connectors.x12_files import SHIPMENT, account, file, read
from tests.support.x12_standard import faults

ORDER = order_id("p", "shop", "1001")
PART = fulfillment_id(ORDER, 2)
AT_MS = 1_788_532_200_000


def order() -> Order:
    return Order(
        order_id=ORDER,
        pool="p",
        channel="shop",
        external_id="1001",
        currency="USD",
        status=OrderStatus.ROUTED,
        lines=(Line(line_id="l1", sku="MUG", quantity=3, allocated=3), Line(line_id="l2", sku="CUP", quantity=1)),
        destination=Destination(country="US", region="NY", postcode="10001"),
        placed_at_ms=AT_MS,
        version=1,
        offset=1,
        index=0,
        updated_at_ms=AT_MS,
        promise_by_ms=AT_MS + 5 * 86_400_000,
    )


def part() -> Fulfillment:
    return Fulfillment(
        fulfillment_id=PART,
        location_id="east",
        status=FulfillmentStatus.ALLOCATED,
        lines=(
            FulfillmentLine(line_id="l1", sku="MUG", allocated=3),
            FulfillmentLine(line_id="l2", sku="CUP", allocated=0, shipped=1),
        ),
        routed_at_ms=AT_MS,
    )


ADDRESS = Address(
    country="US",
    name="Ada Miller",
    company="Miller*Sons~Ltd",
    lines=("1 Main St", "Floor 2", "Back door"),
    city="New York",
    region="NY",
    postcode="10001",
)


def occasion(
    kind: OccasionKind = OccasionKind.FULFILLMENT_REQUESTED,
    *,
    number: int = 7,
    address: Address | None = ADDRESS,
    units: tuple[UnitsOfLine, ...] = (),
) -> Occasion:
    return Occasion(
        delivery_id="d-1",
        kind=kind,
        at_ms=AT_MS,
        number=number,
        order=order(),
        fulfillment=part(),
        address=address,
        buyer=Buyer(customer_ref="C-9", name="Ada Miller", phone="+1 555 0100"),
        titles={"MUG": "Clay mug"},
        units=units,
    )


def written(what: Occasion, who: Account | None = None) -> bytes:
    assert CONNECTOR.document is not None
    body: bytes = CONNECTOR.document(what, who or account()).body
    return body


def segments(body: bytes) -> list[str]:
    (interchange,) = read_segments(body)
    return ["*".join((segment.tag, *segment.elements)) for segment in interchange]


def test_a_request_to_ship_is_a_940_that_a_validator_accepts(tmp_path: Path) -> None:
    body = written(occasion())

    assert faults(body, tmp_path) == []
    assert segments(body)[2:-3] == [
        "ST*940*0007",
        f"W05*N*{depositor_number(PART)}*1001",
        "N1*ST*Ada Miller*92*C-9",
        "N2*Miller Sons Ltd",
        "N3*1 Main St*Floor 2",
        "N3*Back door",
        "N4*New York*NY*10001*US",
        "N1*WH*east*92*east",
        "N9*CO*1001",
        "G61*DC*Ada Miller*TE*+1 555 0100",
        "G62*04*20260904",
        "G62*02*20260909",
        "W66*PP*M",
        "LX*1",
        "W01*3*EA**VN*MUG",
        "G69*Clay mug",
        "N9*LI*l1",
        "W76*3",
    ]
    assert segments(body)[-3:] == ["SE*19*0007", "GE*1*7", "IEA*1*000000007"]


def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    body = written(occasion())

    assert faults(body.replace(b"W76*3~\n", b"").replace(b"SE*19", b"SE*18"), tmp_path)
    assert faults(body.replace(b"W05*N*", b"W05*NN*"), tmp_path)
    assert faults(body.replace(b"SE*19", b"SE*20"), tmp_path)
    assert faults(body.replace(b"LX*1~\n", b"").replace(b"SE*19", b"SE*18"), tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        None,
        Address(
            country="DE", name="Ömer Groß", lines=("Weg 1",), city="Köln", region="Nordrhein-Westfalen", postcode="5"
        ),
        Address(country="GB"),
        Address(country="FR", name="*~", company="~*>", lines=("*", "~~"), city="*", postcode="*75001"),
        Address(
            country="IE", name="Ann O\u2019Neil", lines=("Flat 1 \u2013 back",), city="Cork", region="", postcode="T12"
        ),
        Address(country="US", name="x" * 300, lines=("y" * 300,) * 9, city="Z", region="NY", postcode="1" * 40),
    ],
)
def test_any_address_makes_a_940_that_the_validator_accepts(address: Address | None, tmp_path: Path) -> None:
    assert faults(written(occasion(address=address)), tmp_path) == []


@pytest.mark.parametrize("number", [1, 9_999, 10_000, 899_999_999, 900_000_000, 1_800_000_001])
def test_control_numbers_come_from_the_number_of_the_delivery_and_wrap(number: int, tmp_path: Path) -> None:
    body = written(occasion(number=number))

    assert faults(body, tmp_path) == []
    control = int(segments(body)[0].split("*")[13])
    assert control == (number - 1) % 899_999_999 + 1


def test_a_cancellation_is_the_940_again_with_the_code_for_it_and_the_units_asked_back(tmp_path: Path) -> None:
    back = occasion(OccasionKind.CANCELLATION_REQUESTED, number=8, units=(UnitsOfLine(line_id="l1", quantity=2),))
    body = written(back)

    assert faults(body, tmp_path) == []
    assert segments(body)[3] == f"W05*F*{depositor_number(PART)}*1001"
    assert "W01*2*EA**VN*MUG" in segments(body)
    assert "NTE*GEN*CANCELLED DO NOT SHIP" in segments(body)
    assert segments(written(back, account(cancel_code="C")))[3].startswith("W05*C*")


def test_a_partner_is_told_its_own_skus_and_the_ids_and_version_that_were_agreed() -> None:
    agreed = account(version="005010", sku_qualifier="SK", our_qualifier="01", scac="UPSN", service="GROUND")
    body = written(occasion(), msgspec.structs.replace(agreed, aliases={"TP-1": Alias(sku="MUG")}))
    header, group, *_ = segments(body)

    assert header.split("*")[5:9] == ["01", "HEADRACE       ", "ZZ", "WAREHOUSE      "]
    assert header.split("*")[11:13] == ["^", "00501"]
    assert group.endswith("*7*X*005010")
    assert "W01*3*EA**SK*TP-1" in segments(body)
    assert "W66*PP*M***GROUND*****UPSN" in segments(body)


def test_the_same_delivery_is_written_to_the_same_bytes() -> None:
    assert written(occasion()) == written(occasion())


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (Occasion(delivery_id="d", kind=OccasionKind.FULFILLMENT_REQUESTED, at_ms=AT_MS, number=1), "fulfillment"),
        (occasion(address=Address(country="JP", name="Yamada", lines=("千代田1-1",), city="Tokyo")), "address"),
        (
            occasion(OccasionKind.CANCELLATION_REQUESTED, units=(UnitsOfLine(line_id="x", quantity=1),)),
            "fulfillment.lines",
        ),
    ],
)
def test_what_cannot_be_written_in_x12_is_refused(what: Occasion, field: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        written(what)
    assert refused.value.field == field


def test_what_we_ask_comes_back_to_the_same_fulfillment_and_line() -> None:
    said = segments(written(occasion()))
    number, line = said[3].split("*")[2], said[-5].split("*")[2]
    (parcel,) = read(file("945", f"W06*F*{number}*20260904*S\nLX*1\nW12*CC*3*3**EA**VN*MUG\nN9*LI*{line}")).facts

    assert isinstance(parcel, ParcelStated)
    assert parcel.fulfillment_id == PART
    assert [(units.line_id, units.quantity) for units in parcel.units] == [("l1", 3)]


def test_what_came_in_is_acknowledged_by_a_997_that_the_validator_accepts(tmp_path: Path) -> None:
    (accepted,) = read(file("945", SHIPMENT)).replies
    (noted,) = read(file("945", SHIPMENT).replace(b"SE*11", b"SE*9")).replies
    (rejected,) = read(file("945", SHIPMENT.replace("*CUP", ""))).replies
    (unsupported,) = read(file("810", "BIG*1*2", kind="IN")).replies

    for reply in (accepted, noted, rejected, unsupported):
        assert faults(reply, tmp_path) == []
    assert segments(accepted)[2:-3] == ["ST*997*0001", "AK1*SW*77", "AK2*945*0001", "AK5*A", "AK9*A*1*1*1"]
    assert segments(noted)[4:7] == ["AK2*945*0001", "AK5*E*4", "AK9*E*1*1*1"]
    assert segments(rejected)[4:9] == ["AK2*945*0001", "AK3*W12*10**8", "AK4*8**1", "AK5*R*5", "AK9*R*1*1*0"]
    assert segments(unsupported)[4:7] == ["AK2*810*0001", "AK5*R*1", "AK9*R*1*1*0"]
    assert segments(accepted)[0].split("*")[5:9] == ["ZZ", "HEADRACE       ", "ZZ", "WAREHOUSE      "]


def test_a_group_of_good_and_bad_is_partially_accepted(tmp_path: Path) -> None:
    good = file("945", SHIPMENT).decode()
    start, end = good.index("ST*945"), good.index("GE*1")
    bad = good[start:end].replace("0001", "0002").replace("*CUP", "")
    translation = read((good[:end] + bad + good[end:].replace("GE*1", "GE*2")).encode())

    assert len(translation.facts) == 1
    assert faults(translation.replies[0], tmp_path) == []
    assert segments(translation.replies[0])[-4] == "AK9*P*2*2*1"


def test_acknowledgements_are_not_acknowledged_and_say_what_became_of_ours() -> None:
    body = "AK1*OW*7\nAK2*940*0007\nAK3*W01*14**8\nAK4*5**1\nAK5*R*5\nAK9*R*1*1*0"
    translation = read(file("997", body, kind="FA"))

    assert translation.replies == ()
    assert translation.facts == (
        DocumentAcknowledged(
            reference="7",
            accepted=False,
            at_ms=AT_MS,
            note="940 rejected (R): W01 at 14 code 8, W01 at 14 element 5 code 1, code 5",
        ),
    )
    assert [fact.accepted for fact in read(file("997", "AK1*OW*7\nAK9*A*1*1*1", kind="FA")).facts] == [True]  # type: ignore[union-attr]


def test_what_a_partners_application_made_of_ours_is_told_as_well() -> None:
    body = "BGN*11*A1*20260904\nOTI*TR*TN*7***20260904*1430*7*0007*940\nTED*024*UNKNOWN ITEM"
    (fact,) = read(file("824", body, kind="AG")).facts

    assert fact == DocumentAcknowledged(
        reference="7", accepted=False, at_ms=AT_MS, note="940 rejected (R): 024 UNKNOWN ITEM"
    )
