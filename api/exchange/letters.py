"""Dead letters of connectors: the whole message, sealed, with the field and the reason, to be taken again by hand."""

import base64
from collections.abc import Sequence

import msgspec

from api.exchange.accounts import StoredAccount
from api.exchange.kept import Kept, opened, sealed
from api.services import Services
from connectors.frame.message import Message, Refusal
from models.topics import catalogue
from models.updates import DeadLetter

SOURCE = "connector:"
UNTRANSLATABLE, NEVER_KNOWN = "untranslatable", "never_known"
_SHOWN = 20
# Below what a record may hold; it is written as base64, which makes it a third longer.
_SEALED_BYTES_MAX = 5 << 20


class Letters:
    """Writes and opens dead letters."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._topic = catalogue(services.settings.topic_prefix).dead_letters.name

    async def put(
        self,
        stored: StoredAccount,
        message: Message,
        seed: str,
        refused: Sequence[Refusal],
        *,
        code: str = UNTRANSLATABLE,
        is_elsewhere: bool = False,
    ) -> None:
        """Put a message aside; the same one again is the same letter. Only what no record can hold is left out.

        Raises:
            SendError: the broker has not taken it.
        """
        box = self._services.secret_box
        kept = Kept(account=stored.name, message=message, seed=seed, is_elsewhere=is_elsewhere)
        text = sealed(box, kept)
        if len(text) > _SEALED_BYTES_MAX:
            left_out = msgspec.structs.replace(message, body=b"")
            text = sealed(box, msgspec.structs.replace(kept, message=left_out, is_elsewhere=True))
        letter = DeadLetter(
            source=SOURCE + stored.name,
            offset=0,
            index=0,
            code=code,
            text=told(refused),
            payload_base64=base64.b64encode(text).decode(),
            key=seed,
        )
        await self._services.sender.append(self._topic, stored.name.encode(), msgspec.json.encode(letter))


def kept_of(services: Services, letter: DeadLetter) -> Kept | None:
    """Give the message of a letter; None of what is no connector's."""
    if not letter.source.startswith(SOURCE):
        return None
    account = letter.source.removeprefix(SOURCE)
    return opened(services.secret_box, account, base64.b64decode(letter.payload_base64))


def told(refused: Sequence[Refusal]) -> str:
    """Write refusals in one line."""
    parts = [
        f"{f'{one.entry}: ' if one.entry else ''}{f'{one.field}: ' if one.field else ''}{one.reason}"
        for one in refused[:_SHOWN]
    ]
    more = f"; and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
    return "; ".join(parts) + more
