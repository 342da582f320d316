"""Plain CSV with a partner over a folder: orders out; shipments, receipts, stock, adjustments and answers in.

The columns are documented in docs/partner-csv.md. Files of any length are read row by row.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from connectors.frame.declaration import MEGABYTE, Connector, Direction, Limits, Party, Setting, Transport, Tried
from connectors.frame.documents import OccasionKind
from connectors.frame.facts import AnyFact
from connectors.frame.message import Account, Message, Refusal, Translation
from connectors.frame.reading import UnreadableError
from connectors.systems.partner_csv.kinds import KINDS, Kind, grouped
from connectors.systems.partner_csv.orders import orders_file
from connectors.systems.partner_csv.rows import Key
from connectors.systems.partner_csv.sheet import Row, Sheet, read_sheet

_FACTS_OF_A_PART = 20
_REFUSALS_MAX = 1_000


def stream(message: Message, chunks: Iterable[bytes], account: Account) -> Iterator[Translation]:
    """Give what a file says, some facts at a time; of its faulty rows the first thousand.

    Raises:
        UnreadableError: its header is none of a known document.
    """
    sheet = read_sheet(chunks, account)
    kind = _kind(sheet.header, sheet.header_line, account)
    refusals = _Refusals()
    facts: list[AnyFact] = []
    for fact in grouped(kind, _read(sheet, kind, message, account, refusals), refusals.refuse):
        facts.append(fact)
        if len(facts) >= _FACTS_OF_A_PART:
            yield Translation(facts=tuple(facts), refused=refusals.taken())
            facts.clear()
    if facts or refusals.rows:
        yield Translation(facts=tuple(facts), refused=refusals.taken())


class _Refusals:
    """Faulty rows that were not told yet, and how many there were in all."""

    def __init__(self) -> None:
        self.rows: list[Refusal] = []
        self._count = 0

    def add(self, refusal: Refusal) -> bool:
        """Take one, and tell whether to go on."""
        self.rows.append(refusal)
        self._count += 1
        if self._count <= _REFUSALS_MAX:
            return True
        reason = f"more than {_REFUSALS_MAX} rows are wrong: what follows is not read"
        self.rows.append(Refusal(field=refusal.field.partition(".")[0], reason=reason))
        return False

    def refuse(self, field: str, reason: str) -> bool:
        """As `add`."""
        return self.add(Refusal(field=field, reason=reason))

    def taken(self) -> tuple[Refusal, ...]:
        """Give those that were not told yet."""
        rows, self.rows = tuple(self.rows), []
        return rows


def _read(
    sheet: Sheet, kind: Kind, message: Message, account: Account, refusals: _Refusals
) -> Iterator[tuple[Key, Any, str]]:
    """Give what each row says, and where it stands; rows that are wrong are put among the refused."""
    for row in sheet.rows:
        if isinstance(row, Refusal):
            goes_on = refusals.add(row)
        else:
            try:
                yield kind.key(row, message, account), kind.part(row, message, account), f"lines[{row.line}]"
                goes_on = True
            except UnreadableError as error:
                goes_on = refusals.add(Refusal(field=error.field, reason=error.reason, entry=_entry(row)))
        if not goes_on:
            return


def translate(message: Message, account: Account) -> Translation:
    """Give what a whole file says."""
    facts: list[AnyFact] = []
    refused: list[Refusal] = []
    for part in stream(message, [message.body], account):
        facts += part.facts
        refused += part.refused
    why = "" if facts or refused else "this has a header and no rows"
    return Translation(facts=tuple(facts), refused=tuple(refused), ignored=why)


def recognise(message: Message) -> bool:
    """Tell a document by its header, which has the columns that one of them needs."""
    try:
        header = read_sheet([message.body[:10_000]], Account(name="", connector="partner_csv", pool="")).header
    except UnreadableError:
        return False
    return any(_is(kind, header) for kind in KINDS)


def _is(kind: Kind, header: tuple[str, ...]) -> bool:
    needed = {column.name for column in kind.columns if column.required}
    return needed <= set(header) and any(name in header for name in kind.tells)


def _kind(header: tuple[str, ...], line: int, account: Account) -> Kind:
    for kind in KINDS:
        if any(name in header for name in kind.tells):
            break
    else:
        tells = ", ".join("/".join(kind.tells) for kind in KINDS)
        raise UnreadableError(f"lines[{line}]", f"this header is of no document: one has a column of {tells}")
    names = tuple(column.name for column in kind.columns)
    for name in header:
        if name not in names and account.settings.get("extra_columns") != "ignore":
            known = ", ".join(names)
            raise UnreadableError(f"lines[{line}].{name}", f"this column is not known in {kind.name}: {known}")
    for column in kind.columns:
        if column.required and column.name not in header:
            raise UnreadableError(f"lines[{line}].{column.name}", f"this column is missing in {kind.name}")
    return kind


def _entry(row: Row) -> str:
    return row.get("fulfillment_id") or row.get("document") or row.get("sku") or str(row.line)


CONNECTOR = Connector(
    name="partner_csv",
    title="CSV with a partner",
    party=Party.PARTNER,
    direction=Direction.BOTH,
    transports=(Transport.FILE,),
    tried=Tried.DOCUMENTATION,
    dedup="the file's content; a parcel by its number, a document of stock by its own number",
    versions="none: every row tells of something that happened once",
    moves_stock="shipments, receipts and adjustments move it; stock is compared with it: the partner is its authority",
    translate=translate,
    stream=stream,
    recognise=recognise,
    settings=(
        Setting(name="columns", what="your column names for the documented ones: qty=shipped;item=sku", required=False),
        Setting(name="extra_columns", what="ignore leaves out columns that are not known; refuse", required=False),
        Setting(name="dates", what="of 4/9/2026: day_first or month_first; such a date is refused", required=False),
        Setting(name="encoding", what="of the files that come: utf-8, cp1252; utf-8", required=False),
        Setting(name="separator", what="of the files that go: comma or semicolon; comma", required=False),
    ),
    limits=Limits(body_bytes=16 * MEGABYTE),
    wants=frozenset({OccasionKind.FULFILLMENT_REQUESTED, OccasionKind.CANCELLATION_REQUESTED}),
    document=orders_file,
)
