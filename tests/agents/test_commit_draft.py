"""A batch in which an order changes and then leaves the table tells its last picture."""

from models import commands as c
from models.engine import Engine
from models.records.order import Order
from models.rows import decode_order
from streams.commit.digest import Digest
from streams.commit.draft import Draft
from streams.commit.ports import Position
from tests.support.builders import DAY_MS, Line, Shop


def pictures_of(shop: Shop) -> list[Order]:
    """Decide all that the shop was sent in one batch, and give what is published of its orders."""
    core, draft = Engine(shop.engine.partition, strict=True), Draft()
    for offset, command in enumerate(shop.sent):
        draft.take(core.apply(c.encode(command), offset, 0))
        for more in iter(core.drain, None):
            draft.take(more)
    sealed = draft.seal(core, Digest(), Position(len(shop.sent), 0))
    return [decode_order(update.value or b"") for update in sealed.updates if update.topic == "order-views"]


def cancelled_and_closed() -> Shop:
    shop = Shop().open()
    shop.place("1", Line("A"))
    shop.do(c.CancelUnits, **shop.on("1"))
    shop.tick(31 * DAY_MS)
    return shop


def test_an_order_that_changes_and_closes_in_one_batch_tells_its_last_picture() -> None:
    [picture] = pictures_of(cancelled_and_closed())

    assert picture.closed_at_ms is not None


def test_an_order_that_closes_and_comes_back_in_one_batch_is_told_as_it_stands_last() -> None:
    shop = cancelled_and_closed()
    shop.do(c.ReopenOrder, **shop.on("1", order=shop.closed("1")))

    told = pictures_of(shop)

    assert [picture.closed_at_ms is None for picture in told] == [False, True]
    assert told[-1].version > told[0].version
