import base64
import json
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.frame.documents import Occasion, Outcome, Sent
from connectors.frame.http import HttpRequest, HttpResponse
from connectors.frame.message import Account, Message
from connectors.systems.shipstation_v2 import CONNECTOR
from models.records.line import UnitsOfLine
from tests.support import shipstation_occasions
from tests.support.scripted_peer import answer, deliver, poll
from tests.support.shipstation_occasions import AT_MS, CANCEL, occasion

ACCOUNT = Account(
    name="ss", connector="shipstation_v2", pool="us", location="austin", settings={"warehouse_id": "se-1"}
)
API = "https://api.shipstation.com/v2"
MISSING = answer({"errors": [{"message": "not found"}]}, 404)
BODY = b'{"resource_type": "API_TRACK"}'


@cache
def key(number: int) -> RSAPrivateKey:
    del number
    return generate_private_key(public_exponent=65537, key_size=2048)


def pem(number: int) -> str:
    return key(number).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwks(*numbers: int) -> str:
    def text(number: int) -> str:
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    public = {number: key(number).public_key().public_numbers() for number in numbers}
    return json.dumps(
        {
            "keys": [
                {"kty": "RSA", "kid": f"k{number}", "n": text(one.n), "e": text(one.e)}
                for number, one in public.items()
            ]
        }
    )


def signed(stamp: str, number: int = 1, body: bytes = BODY, signature: str | None = None) -> Message:
    given = key(number).sign(f"{stamp}.".encode() + BODY, PKCS1v15(), SHA256())
    names = {
        "x-shipengine-rsa-sha256-key-id": f"k{number}",
        "x-shipengine-rsa-sha256-signature": base64.b64encode(given).decode() if signature is None else signature,
        "x-shipengine-timestamp": stamp,
    }
    return Message(body=body, headers=names, received_at_ms=AT_MS)


def iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


def is_let_in(message: Message, *secrets: str) -> bool:
    assert CONNECTOR.signature is not None
    return CONNECTOR.signature(message, secrets)


def test_only_what_the_vendors_key_signed_within_five_minutes_is_let_in() -> None:
    assert is_let_in(signed(iso(AT_MS)), pem(1))
    assert is_let_in(signed(iso(AT_MS - 300_000)), pem(1))
    assert is_let_in(signed(str(AT_MS // 1000)), pem(1))
    assert is_let_in(signed(str(AT_MS)), pem(1))
    assert not is_let_in(signed(iso(AT_MS - 300_001)), pem(1))
    assert not is_let_in(signed(iso(AT_MS + 301_000)), pem(1))
    assert not is_let_in(signed(iso(AT_MS), body=BODY + b" "), pem(1))
    assert not is_let_in(signed(iso(AT_MS)), pem(2))
    assert not is_let_in(signed(iso(AT_MS)))
    assert not is_let_in(Message(body=BODY, received_at_ms=AT_MS), pem(1))


def test_keys_may_be_replaced_by_the_next_and_come_as_the_set_that_is_published() -> None:
    assert is_let_in(signed(iso(AT_MS)), pem(2), pem(1))
    assert is_let_in(signed(iso(AT_MS), 1), jwks(1, 2))
    assert is_let_in(signed(iso(AT_MS), 2), jwks(1, 2))
    assert not is_let_in(signed(iso(AT_MS), 2), jwks(1))


@pytest.mark.parametrize("header", ["", "%%%", "AAAA"])
def test_a_signature_that_is_none_is_refused(header: str) -> None:
    assert not is_let_in(signed(iso(AT_MS), signature=header), pem(1))


@pytest.mark.parametrize("stamp", ["", "yesterday", "9" * 40, "-5"])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    assert not is_let_in(signed(stamp), pem(1))


@pytest.mark.parametrize("secret", ["", "not a key", "{}", '{"keys": []}', '{"keys": [{"n": "%", "e": "AQAB"}]}'])
def test_a_secret_that_is_no_key_lets_nothing_in(secret: str) -> None:
    assert not is_let_in(signed(iso(AT_MS)), secret)


def send(what: Occasion, *script: HttpResponse) -> tuple[list[HttpRequest], Sent]:
    return shipstation_occasions.send(CONNECTOR, ACCOUNT, what, *script)


def test_a_fulfillment_becomes_a_shipment_that_carries_its_id() -> None:
    asked, sent = send(occasion(cups=0), MISSING, answer({"shipments": [{"shipment_id": "se-3", "errors": []}]}))

    assert [(one.method, one.url) for one in asked] == [
        ("GET", f"{API}/shipments/external_shipment_id/o1-1"),
        ("POST", f"{API}/shipments"),
    ]
    (shipment,) = json.loads(asked[1].body)["shipments"]
    assert shipment["external_shipment_id"] == "o1-1"
    assert shipment["warehouse_id"] == "se-1"
    assert shipment["packages"][0]["external_package_id"] == "o1-1"
    assert shipment["items"] == [{"name": "Clay mug", "sku": "MUG", "quantity": 2, "external_order_item_id": "l1"}]
    assert shipment["ship_to"] == {
        "name": "A. Person",
        "phone": "5",
        "email": "a@example.com",
        "address_line1": "1 Way",
        "address_line2": "Back",
        "city_locality": "Austin",
        "state_province": "TX",
        "postal_code": "78701",
        "country_code": "US",
        "address_residential_indicator": "unknown",
    }
    assert (sent.outcome, sent.reference) == (Outcome.DONE, "se-3")


def test_a_repeat_whose_answer_was_lost_makes_no_second_shipment() -> None:
    asked, sent = send(occasion(), answer({"shipment_id": "se-3", "shipment_status": "pending"}))

    assert [one.method for one in asked] == ["GET"]
    assert (sent.outcome, sent.reference) == (Outcome.DONE, "se-3")


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ([answer(None, 429, retry_after="30")], Outcome.LATER),
        ([MISSING, answer(None, 502)], Outcome.LATER),
        ([MISSING, answer({"errors": [{"message": "bad"}]}, 400)], Outcome.REFUSED),
        ([MISSING, answer({"has_errors": True, "shipments": [{"errors": ["no such warehouse"]}]})], Outcome.REFUSED),
        ([MISSING, answer({"shipments": []})], Outcome.REFUSED),
    ],
)
def test_what_was_not_made_is_tried_later_or_shown_to_a_person(script: list[HttpResponse], outcome: Outcome) -> None:
    _, sent = send(occasion(), *script)

    assert sent.outcome is outcome


def test_an_order_without_an_address_is_refused_before_anything_is_made() -> None:
    asked, sent = send(occasion(address=None), MISSING)

    assert [one.method for one in asked] == ["GET"]
    assert sent.outcome is Outcome.REFUSED
    assert "address" in sent.note


def there(status: str) -> HttpResponse:
    return answer({"shipment_id": "se-3", "shipment_status": status})


def test_a_shipment_that_is_still_open_is_cancelled() -> None:
    asked, sent = send(occasion(CANCEL), there("pending"), answer(None, 204))

    assert [(one.method, one.url) for one in asked][1:] == [("PUT", f"{API}/shipments/se-3/cancel")]
    assert sent.outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("found", "outcome", "note"),
    [
        (MISSING, Outcome.DONE, "not there"),
        (there("cancelled"), Outcome.DONE, "already"),
        (there("label_purchased"), Outcome.REFUSED, "too late"),
        (answer(None, 500), Outcome.LATER, "500"),
    ],
)
def test_a_cancellation_that_changes_nothing_says_why(found: HttpResponse, outcome: Outcome, note: str) -> None:
    asked, sent = send(occasion(CANCEL), found)

    assert [one.method for one in asked] == ["GET"]
    assert sent.outcome is outcome
    assert note in sent.note


def test_a_part_of_a_shipment_is_left_to_a_person() -> None:
    one = UnitsOfLine(line_id="l1", quantity=1)
    asked, sent = send(occasion(CANCEL, units=(one,)), there("pending"))

    assert len(asked) == 1
    assert sent.outcome is Outcome.REFUSED


def test_labels_since_the_last_time_are_read_page_by_page() -> None:
    run = CONNECTOR.polls[0].run
    pages = [answer({"labels": [], "page": 1, "pages": 2}), answer({"labels": [], "page": 2, "pages": 2})]
    asked, given = poll(run(ACCOUNT, str(AT_MS - 900_000), AT_MS), pages)

    since = "created_at_start=2026-09-01T06:51:40Z&sort_by=created_at&sort_dir=asc&page_size=100"
    assert asked == [f"{API}/labels?{since}&page=1", f"{API}/labels?{since}&page=2"]
    assert [page.cursor for page in given] == [str(AT_MS - 900_000), str(AT_MS)]


def test_the_key_goes_in_and_the_other_api_is_chosen_by_the_account() -> None:
    assert CONNECTOR.authorise is not None
    asked = HttpRequest(method="GET", url=API)
    assert CONNECTOR.authorise(asked, ACCOUNT, {"api_key": "k"}).headers == {"api-key": "k"}
    assert CONNECTOR.send is not None
    old = Account(name="se", connector="shipstation_v2", pool="us", settings={"api": "shipengine"})
    requests, _ = deliver(CONNECTOR.send(occasion(), old), there("pending"))
    assert requests[0].url == "https://api.shipengine.com/v1/shipments/external_shipment_id/o1-1"
