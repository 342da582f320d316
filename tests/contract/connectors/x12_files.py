"""Files of X12 written for the tests, with the separators that are asked for."""

from connectors.frame.message import Account, Message, Translation
from connectors.frame.translating import translate
from connectors.systems.x12 import CONNECTOR
from connectors.systems.x12.references import depositor_number
from models.ids import fulfillment_id, order_id

RECEIVED_AT_MS = 1_790_000_000_000
ISA = "ISA*00*          *00*          *ZZ*WAREHOUSE      *ZZ*HEADRACE       *260904*1430*U*00401*000000077*0*P*>"

OURS = fulfillment_id(order_id("p", "shop", "1001"), 3)
SHIPMENT = f"""
    W06*F*{depositor_number(OURS)}*20260904*SHIP-9
    N1*WH*East*92*E1
    N9*2I*1Z999
    G62*11*20260904*W*1015
    W27*M*UPSN*UPS GROUND
    LX*1
    W12*CC*3*3*0*EA**VN*MUG-CLAY*LOT-7
    N9*LI*line-1
    W12*CP*5*2*3*EA**VN*CUP
"""


def account(**settings: str) -> Account:
    return Account(
        name="three-pl",
        connector="x12",
        pool="p",
        channel="b2b",
        location="east",
        settings={"our_id": "HEADRACE", "their_id": "WAREHOUSE"} | settings,
    )


def segments(code: str, body: str, *, kind: str = "SW", control: str = "0001") -> str:
    """Give a group with one transaction set, counted right, a segment a line."""
    inside = [line.strip() for line in body.strip().splitlines() if line.strip()]
    return "\n".join(
        (
            f"GS*{kind}*WAREHOUSE*HEADRACE*20260904*1430*77*X*004010",
            f"ST*{code}*{control}",
            *inside,
            f"SE*{len(inside) + 2}*{control}",
            "GE*1*77",
        )
    )


def file(code: str, body: str, *, kind: str = "SW", element: str = "*", component: str = ">", end: str = "~") -> bytes:
    """Give an interchange with one transaction set."""
    text = "\n".join((ISA, segments(code, body, kind=kind), "IEA*1*000000077"))
    written = "".join(
        line.replace(">", component).replace("*", element) + end + ("" if end == "\n" else "\n")
        for line in text.split("\n")
    )
    return written.encode()


def read(body: bytes, **settings: str) -> Translation:
    message = Message(body=body, name="file.x12", received_at_ms=RECEIVED_AT_MS)
    assert CONNECTOR.recognise(message)
    return translate(CONNECTOR, message, account(**settings))
