"""What ShipStation is asked for in tests of both of its APIs, and the asking."""

from connectors.frame.declaration import Connector
from connectors.frame.documents import Occasion, OccasionKind, Sent
from connectors.frame.facts import Address, Buyer
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account
from models.records.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from models.records.line import UnitsOfLine
from tests.support.scripted_peer import deliver

AT_MS = 1_788_250_000_000
ADDRESS = Address(country="US", name="A. Person", lines=("1 Way", "Back"), city="Austin", region="TX", postcode="78701")
CANCEL = OccasionKind.CANCELLATION_REQUESTED


def occasion(
    kind: OccasionKind = OccasionKind.FULFILLMENT_REQUESTED,
    address: Address | None = ADDRESS,
    units: tuple[UnitsOfLine, ...] = (),
    cups: int = 1,
) -> Occasion:
    """Two mugs, and as many cups as there are for it."""
    part = Fulfillment(
        fulfillment_id="o1-1",
        location_id="austin",
        status=FulfillmentStatus.ALLOCATED,
        lines=(
            FulfillmentLine(line_id="l1", sku="MUG", allocated=2),
            FulfillmentLine(line_id="l2", sku="CUP", allocated=cups),
        ),
        routed_at_ms=AT_MS,
    )
    return Occasion(
        delivery_id="d1",
        kind=kind,
        at_ms=AT_MS,
        number=1,
        fulfillment=part,
        units=units,
        address=address,
        buyer=Buyer(phone="5", email="a@example.com"),
        titles={"MUG": "Clay mug"},
    )


def send(
    connector: Connector, account: Account, what: Occasion, *script: HttpResponse
) -> tuple[list[HttpRequest], Sent]:
    """Send it to ShipStation, which answers as the script says."""
    assert connector.send is not None
    return deliver(connector.send(what, account), *script)
