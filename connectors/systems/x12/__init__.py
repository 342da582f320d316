"""X12: a warehouse or business partner that speaks EDI, in files.

In: 945 shipments, 944 receipts, 943 transfers, 947 adjustments, 846 stock, 856 ship notices, 214 scans, 850 orders
and their 860 cancellations, 997, 999 and 824.
Out: 940, a request to ship or its cancellation, and a 997 for what came in.
"""

from collections.abc import Callable

from connectors.frame.declaration import MEGABYTE, Connector, Direction, Limits, Party, Setting, Transport, Tried
from connectors.frame.documents import OccasionKind
from connectors.frame.facts import AnyFact
from connectors.frame.message import Account, Message, Refusal, Translation
from connectors.frame.reading import UnreadableError
from connectors.systems.x12 import counts, notices, purchase_orders, shipments, stock, tracking, transfers
from connectors.systems.x12.acknowledgements import Verdict, acknowledged, advised, reply, turned_away
from connectors.systems.x12.envelopes import faults_of, read_interchange
from connectors.systems.x12.interchanges import is_edifact, is_x12, read_segments
from connectors.systems.x12.segments import BrokenError, ElementError, Transaction
from connectors.systems.x12.shipping_orders import shipping_order

Translate = Callable[[Transaction, Account], "tuple[AnyFact, ...] | str"]
"""Gives the facts of a transaction set, or why it says nothing to us."""

_TRANSLATE: dict[str, Translate] = {
    "945": shipments.shipment,
    "944": stock.receipt,
    "943": transfers.transfer,
    "947": stock.adjustment,
    "846": counts.stock,
    "856": notices.notice,
    "214": tracking.scans,
    "850": purchase_orders.purchase_order,
    "860": purchase_orders.purchase_order_change,
    "997": acknowledged,
    "999": acknowledged,
    "824": advised,
}
_EVEN_AS_TEST = frozenset({"850", "860", "997", "999", "824"})
"""An order says itself that it is a test, and an acknowledgement moves nothing."""
_OURS = frozenset({"940"})
_CHANGES = frozenset({"865", "876"})


def translate(message: Message, account: Account) -> Translation:
    """Give what a file says: facts by transaction set, the faulty ones refused alone, and 997s to send back."""
    if is_edifact(message.body):
        reason = "this is EDIFACT, of which nothing is read: ask the partner for X12 or CSV"
        return Translation(refused=(Refusal(field="UNB", reason=reason),))
    facts: list[AnyFact] = []
    refused: list[Refusal] = []
    skipped: list[str] = []
    replies: list[bytes] = []
    for segments in read_segments(message.body):
        strict = account.settings.get("segment_counts") == "strict"
        interchange = read_interchange(segments, message.received_at_ms, strict=strict)
        facts += turned_away(interchange.answers, message.received_at_ms)
        verdicts: dict[int, list[Verdict]] = {}
        for place, group in enumerate(interchange.groups):
            for transaction in group.transactions:
                verdict, found = _judged(transaction, account)
                verdicts.setdefault(place, []).append(verdict)
                if verdict.fault is not None:
                    fault = verdict.fault
                    refused.append(Refusal(field=fault.field, reason=fault.reason, entry=transaction.control))
                elif isinstance(found, str):
                    skipped.append(found)
                else:
                    facts += found
        refused += [Refusal(field=f.field, reason=f.reason, entry=entry) for entry, f in faults_of(interchange)]
        answer = reply(interchange, verdicts, account, message.received_at_ms)
        replies += [answer] if answer is not None else []
    why = "" if facts or refused else "; ".join(dict.fromkeys(skipped)) or "this has no transaction set"
    return Translation(facts=tuple(facts), refused=tuple(refused), ignored=why, replies=tuple(replies))


def _judged(transaction: Transaction, account: Account) -> tuple[Verdict, "tuple[AnyFact, ...] | str"]:
    translator = _TRANSLATE.get(transaction.code)
    if transaction.broken is not None and (translator is not None or transaction.code in _CHANGES):
        return Verdict(transaction, transaction.broken), ()
    if transaction.code in _CHANGES:
        reason = f"an {transaction.code} changes an order line by line: change the order by hand"
        return Verdict(transaction, BrokenError("ST-01", reason, "1")), ()
    if translator is None:
        return Verdict(transaction, supported=False), _why_not(transaction)
    if transaction.test and transaction.code not in _EVEN_AS_TEST and account.settings.get("test_data") != "yes":
        return Verdict(transaction), f"this {transaction.code} is test data (ISA-15 is T): the account takes none"
    try:
        return Verdict(transaction), translator(transaction, account)
    except (ElementError, BrokenError) as error:
        return Verdict(transaction, error), ()
    except UnreadableError as error:
        return Verdict(transaction, BrokenError(error.field, error.reason, "5")), ()


def _why_not(transaction: Transaction) -> str:
    if transaction.code in _OURS:
        return f"a {transaction.code} asks a warehouse, and is sent by us"
    code = transaction.code[:3]
    return f"{'an' if code.startswith('8') else 'a'} {code} moves no order, stock or parcel here"


def recognise(message: Message) -> bool:
    """Tell X12 and EDIFACT by how they begin, and files of their folder by their endings."""
    return is_x12(message.body) or is_edifact(message.body)


CONNECTOR = Connector(
    name="x12",
    title="X12 EDI",
    party=Party.PARTNER,
    direction=Direction.BOTH,
    transports=(Transport.FILE,),
    tried=Tried.SAMPLES,
    dedup="the file's content; a parcel by its tracking number, a document of stock by its own number",
    versions="none: every document tells of something that happened once",
    moves_stock="945, 944 and 947 move it; an 846 is compared with it: the warehouse is its authority",
    translate=translate,
    recognise=recognise,
    folders=("edi", "edifact"),
    settings=(
        Setting(name="our_id", what="our id in the interchange (ISA-06, ISA-08), up to 15 characters"),
        Setting(name="their_id", what="the partner's id in the interchange"),
        Setting(name="our_qualifier", what="what our id is: ZZ, 01 (DUNS), 12 (phone) ...; ZZ", required=False),
        Setting(name="their_qualifier", what="what the partner's id is; ZZ", required=False),
        Setting(name="our_code", what="our code in the group (GS-02); our id", required=False),
        Setting(name="their_code", what="the partner's code in the group (GS-03); the partner's id", required=False),
        Setting(name="version", what="of what is written: 004010 or 005010; 004010", required=False),
        Setting(
            name="warehouse", what="the partner's number of the warehouse (N1 WH); our location's id", required=False
        ),
        Setting(name="sku_qualifier", what="which product qualifier has the SKU: VN, SK, UP ...; VN", required=False),
        Setting(name="unit", what="the unit that orders are written in, of which one is one; EA", required=False),
        Setting(name="scac", what="the carrier's code to ask for (W66-10)", required=False),
        Setting(name="service", what="the routing to ask for (W66-05)", required=False),
        Setting(name="cancel_code", what="the partner's W05-01 for a cancellation; F", required=False),
        Setting(
            name="ship_notice", what="what an 856 is: parcels of our orders, or goods expected; parcels", required=False
        ),
        Setting(name="quantity_qualifiers", what="what an 846's codes mean: 34=on_hand QB=damaged", required=False),
        Setting(name="segment_counts", what="strict refuses every wrong count of segments; lenient", required=False),
        Setting(name="test_data", what="yes takes and writes test data (ISA-15 T); no", required=False),
    ),
    limits=Limits(body_bytes=16 * MEGABYTE),
    wants=frozenset({OccasionKind.FULFILLMENT_REQUESTED, OccasionKind.CANCELLATION_REQUESTED}),
    document=shipping_order,
)
