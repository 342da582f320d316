"""From the row of a mail to the mail, made when it is sent: the customer's address and name are opened only here.

Or why none is sent: it is not so any more, it has been said already, or there is nobody to say it to.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import structlog

from api.control.blind import PersonalData
from api.customers.languages import Language
from api.customers.letters import Written, write
from api.customers.links import TrackingLinks
from api.customers.picture import Picture, picture_of
from api.customers.plain import mailable
from api.customers.wording.wording import BUILT_IN, Wording
from api.exchange.outbox.building import BEHIND_WAIT_MS, Open, Skip, Wait
from api.exchange.outbox.mail_news import Case, Told, told_of
from api.exchange.outbox.mailing import AboutMail
from api.exchange.outbox.rows import Delivery, State
from api.exchange.outbox.target import Target
from connectors.frame.documents import Letter, Occasion, OccasionKind
from connectors.frame.facts import Buyer
from models.records.mail import CustomerMail
from models.records.order import Order
from models.records.pool import PoolView

log = structlog.get_logger(__name__)

_about = msgspec.json.Decoder(AboutMail).decode
# Addresses that marketplaces give out for messages of their own kinds.
_FORBIDDEN_DOMAINS = (".amazon.", "@marketplace.amazon", "@members.ebay.")


class Desk(NamedTuple):
    """What mails are written with."""

    view: PoolView | None
    titles: dict[str, str]
    links: TrackingLinks
    language: str
    """Of customers whose language nobody told."""
    wording: Wording
    """The templates that were in force when the row was made."""
    open_personal: Open
    earlier: Callable[[], Sequence[Delivery]]
    """Gives the rows of mails about the order that are older, oldest first."""


def mail_of(row: Delivery, target: Target, order: Order | None, desk: Desk) -> Occasion | Wait | Skip:
    """Give the mail of a row."""
    if order is None or order.version < row.order_version:
        return Wait("the views have not reached it", BEHIND_WAIT_MS)
    about, picture = _about(row.about), picture_of(order, desk.view, desk.titles)
    case = Case(about, order, picture, desk.titles, row.occurred_at_ms, lambda: _told(desk.earlier()))
    found = Skip("an order of the past") if order.historic else told_of(case)
    if isinstance(found, Skip):
        return found
    channel = target.mails.get(order.channel)
    if channel is None or found.mail not in channel.kinds:
        return Skip(f"mails of this kind ({found.mail}) are off for {order.channel}")
    if row.occurred_at_ms < channel.since_ms:
        return Skip("it happened before mails were on")
    if found.mail is CustomerMail.TAKEN and order.placed_at_ms < channel.placed_since_ms:
        return Skip("it was placed before its channel was connected")
    personal = desk.open_personal(order)
    if personal is None:
        is_sealed = order.customer is not None and order.customer.sealed != ""
        return Skip("the customer's data has been erased" if is_sealed else "no address of the customer is known")
    return _letter(row, order, picture, found, personal, desk)


def _letter(  # Each of them is part of a letter.
    row: Delivery, order: Order, picture: Picture, found: Told, personal: PersonalData, desk: Desk
) -> Occasion | Skip:
    to = mailable(personal.email)
    if not to:
        return Skip("the customer has no e-mail address that can be written to")
    if any(domain in to.lower() for domain in _FORBIDDEN_DOMAINS):
        return Skip("the marketplace forbids it")
    language = desk.wording.language_of(found.mail, personal.locale, desk.language)
    link = desk.links.url(order.pool, order.order_id, language.locale, row.created_at_ms)
    # Where nobody has set the address of the pages, a mail does without.
    link = "" if link.startswith("/") else link
    written = _written(found, picture, language, desk, name=personal.name, link=link)
    letter = Letter(
        to=to,
        shop=picture.shop,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=language.tag,
        date_ms=row.created_at_ms,
        written_by=written.by,
    )
    return Occasion(
        delivery_id=row.delivery_id,
        kind=OccasionKind.MAIL,
        at_ms=row.occurred_at_ms,
        number=row.number or 0,
        buyer=Buyer(name=personal.name, email=personal.email, phone=personal.phone, locale=personal.locale),
        letter=letter,
    )


def _written(found: Told, picture: Picture, language: Language, desk: Desk, *, name: str, link: str) -> Written:
    try:
        return write(found.mail, picture, found.news, language, name=name, link=link, wording=desk.wording)
    except Exception as fault:
        # What was checked before it was in force, and fails all the same, must not keep customers from being told.
        if desk.wording is BUILT_IN:
            raise
        log.exception("a merchant's template failed", version=desk.wording.version, mail=found.mail)
        spoken = BUILT_IN.language_of(found.mail, language.locale, desk.language)
        written = write(found.mail, picture, found.news, spoken, name=name, link=link)
        return written._replace(by=f"{written.by}, since version {desk.wording.version} failed: {type(fault).__name__}")


def _told(earlier: Sequence[Delivery]) -> int | None:
    """Give the promise that the customer was last written to of."""
    done = (_about(row.about) for row in earlier if row.state == State.DONE)
    return next(iter([one.promise_by_ms for one in done if one.mail is CustomerMail.DELAYED][::-1]), None)
