"""Messages that are kept whole: compressed and sealed, since they hold what people are called and where they live."""

import base64
import zlib

import msgspec

from api.control.secret_box import SecretBox
from connectors.frame.facts import AnyFact
from connectors.frame.message import Message
from models.types import Record

UNPACKED_BYTES_MAX = 64 << 20
_NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


class Kept(Record, kw_only=True):
    """A message as it came, and the one fact of it that is left to be told; without one, all of it is."""

    account: str
    message: Message
    fact: AnyFact | None = None
    seed: str = ""
    """What the fact's commands are known by."""
    is_elsewhere: bool = False
    """True of a long file: its body lies in the folder for files that failed, and not here."""


def sealed(box: SecretBox, kept: Kept) -> bytes:
    """Seal a message, without what its sender showed to be let in."""
    headers = {name: value for name, value in kept.message.headers.items() if name not in _NOT_KEPT}
    message = msgspec.structs.replace(kept.message, headers=headers)
    packed = zlib.compress(msgspec.json.encode(msgspec.structs.replace(kept, message=message)))
    return box.seal(base64.b64encode(packed).decode(), _bound(kept.account))


def opened(box: SecretBox, account: str, text: bytes) -> Kept:
    """Give the message back.

    Raises:
        MasterKeyError: it was sealed under another master key.
    """
    packed = base64.b64decode(box.open(text, _bound(account)))
    return msgspec.json.decode(zlib.decompressobj().decompress(packed, UNPACKED_BYTES_MAX), type=Kept)


def _bound(account: str) -> str:
    return f"message\x00{account}"
