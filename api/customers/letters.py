"""What a mail says: subject, text and HTML, from a template of its language and what the customer may see of the order.

The words are plain text; only the layout is HTML, in which everything that is put in is escaped.
"""

from typing import NamedTuple

from api.customers.languages import Language, day_of
from api.customers.picture import Item, Picture, ShownParcel
from api.customers.plain import greeted, one_line
from api.customers.wording.wording import BUILT_IN, HTML_LAYOUT, TEXT_LAYOUT, Wording
from models.records.mail import CustomerMail

_SUBJECT_MAX = 180
_ITEMS_MAX = 50
_WITH_PROMISE = frozenset({CustomerMail.TAKEN, CustomerMail.PARTLY_SHIPPED, CustomerMail.SHIPPED})


class News(NamedTuple):
    """What a mail is about, beside the order as a whole."""

    items: tuple[Item, ...] = ()
    parcel: ShownParcel | None = None
    at_ms: int = 0
    promise_ms: int | None = None
    old_promise_ms: int | None = None
    refunded_minor: int = 0
    currency: str = ""
    is_all: bool = True


class Written(NamedTuple):
    """A mail's words."""

    subject: str
    text: str
    html: str
    by: str
    """The template that it was written by."""


def write(
    mail: CustomerMail,
    picture: Picture,
    news: News,
    language: Language,
    *,
    name: str,
    link: str,
    wording: Wording = BUILT_IN,
) -> Written:
    """Write a mail. `name` is the customer's, `link` leads to the page of the order; both may be empty."""
    template, by = wording.template(mail, language)
    words = template.render(values_of(mail, picture, news, language))
    subject, *paragraphs = [" ".join(part.split()) for part in words.split("\n\n") if part.strip()]
    parcel = news.parcel
    shown = parcel is not None and (parcel.carrier or parcel.tracking_number)
    greeting = greeted(name)
    given = {
        "tag": language.tag,
        "subject": one_line(subject, _SUBJECT_MAX),
        "greeting": wording.word(language, "hello", name=greeting)
        if greeting
        else wording.word(language, "hello_nobody"),
        "paragraphs": paragraphs,
        "items": news.items[:_ITEMS_MAX],
        "total": "",
        "parcel": "",
        "page": "" if parcel is None else parcel.page,
        "link": link,
        "follow": wording.word(language, "follow"),
        "regards": wording.word(language, "regards"),
        "shop": picture.shop,
        "automatic": wording.word(language, "automatic", number=picture.number),
    }
    if mail is CustomerMail.TAKEN:
        given["total"] = wording.word(language, "total", amount=language.money(picture.total_minor, picture.currency))
    if parcel is not None and shown:
        given["parcel"] = " ".join(
            wording.word(language, "parcel", carrier=parcel.carrier, number=parcel.tracking_number).split()
        )
    text, html = wording.layout(TEXT_LAYOUT), wording.layout(HTML_LAYOUT)
    return Written(subject=str(given["subject"]), text=text.render(given), html=html.render(given), by=by)


def values_of(mail: CustomerMail, picture: Picture, news: News, language: Language) -> dict[str, object]:
    """Give what the template of a mail may show."""
    promise_ms = news.promise_ms or (picture.promise_ms if mail in _WITH_PROMISE else None)
    # What is past already is nothing to look forward to.
    is_ahead = promise_ms is not None and day_of(promise_ms, picture.zone) >= day_of(news.at_ms, picture.zone)
    old_ms = news.old_promise_ms
    return {
        "number": picture.number,
        "shop": picture.shop,
        "store": picture.store,
        "day": language.day(promise_ms, picture.zone) if promise_ms is not None and is_ahead else "",
        "old_day": "" if old_ms is None else language.day(old_ms, picture.zone),
        "is_later": old_ms is not None and promise_ms is not None and promise_ms > old_ms,
        "when": language.day(news.at_ms, picture.zone),
        "amount": language.money(news.refunded_minor, news.currency or picture.currency),
        "is_all": news.is_all,
    }
