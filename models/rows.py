"""The rows of the pool table: their keys and their encoding. A key's first letter names the kind."""

import msgspec

from models.records.order import Order
from models.records.pool import Capacity, CatalogueItem, Channel, Clock, Location, Pool, RoutingModel, Work
from models.records.stock import Answered, Document, ExpectedReceipt, StockHistory, StockLevel, Stub, Transfer

encode = msgspec.json.Encoder().encode

ORDER = b"o"
POOL = b"p"
LOCATION = b"n"
CHANNEL = b"a"
MODEL = b"m"
ITEM = b"s"
LEVEL = b"l"
HISTORY = b"h"
DOCUMENT = b"d"
ANSWERED = b"r"
TRANSFER = b"t"
CAPACITY = b"c"
CLOCK = b"k"
WORK = b"w"
EXPECTED = b"e"
STUB = b"z"
SKIPPED = b"x"
POSITION = b"y"
"""The newest position in the rows, which published levels carry: one row a partition."""

decode_order = msgspec.json.Decoder(Order).decode
decode_pool = msgspec.json.Decoder(Pool).decode
decode_location = msgspec.json.Decoder(Location).decode
decode_channel = msgspec.json.Decoder(Channel).decode
decode_model = msgspec.json.Decoder(RoutingModel).decode
decode_item = msgspec.json.Decoder(CatalogueItem).decode
decode_level = msgspec.json.Decoder(StockLevel).decode
decode_history = msgspec.json.Decoder(StockHistory).decode
decode_document = msgspec.json.Decoder(Document).decode
decode_answered = msgspec.json.Decoder(Answered).decode
decode_transfer = msgspec.json.Decoder(Transfer).decode
decode_capacity = msgspec.json.Decoder(Capacity).decode
decode_clock = msgspec.json.Decoder(Clock).decode
decode_expected = msgspec.json.Decoder(ExpectedReceipt).decode
decode_stub = msgspec.json.Decoder(Stub).decode
decode_work = msgspec.json.Decoder(Work).decode


def order_key(order_id: str) -> bytes:
    """Give the key of an order; its id is unique over all pools."""
    return b"o/" + order_id.encode()


def pool_key(kind: bytes, pool: str) -> bytes:
    """Give the key of a row that a pool has once."""
    return kind + b"/" + pool.encode()


def key(kind: bytes, pool: str, *parts: str) -> bytes:
    """Give the key of a row of a pool; only the last part may hold a slash."""
    return kind + f"/{pool}/{'/'.join(parts)}".encode()


def pool_of(row_key: bytes) -> str:
    """Give the pool that a row other than an order belongs to."""
    return row_key.split(b"/", 2)[1].decode()
