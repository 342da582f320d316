"""Dead letters: messages that nothing could be done with, whole, and sent again once their cause is mended."""

import base64
from typing import Any

import msgspec
from starlette.responses import Response

from api.answers import answer
from api.context import Use, Who
from api.exchange.intake import Intake
from api.exchange.kept import Kept
from api.exchange.letters import SOURCE, kept_of, told
from api.pages import Cursor, Limit, cursor_of, decode_cursor
from api.ports import SendError
from api.present import iso
from api.problems import Problem
from api.route import router
from api.schemas import out, out_exchange, responses
from api.security import ALL_POOLS, Principal, Scope, needs
from api.services import Services
from api.views.queries import DeadLetterRow
from models.updates import DeadLetter

_Again = out.ReplayOut | out_exchange.RetakenOut
routes = router(tag="dead letters", prefix="/v1/dead-letters")


class _Payload(msgspec.Struct):
    pool: str
    command_id: str


@routes.get("", response_model=out.DeadLettersOut, responses=responses.READS)
@needs(Scope.DEAD_LETTERS)
async def list_dead_letters(services: Use, who: Who, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """The newest first, with the original bytes; those of a connector only for keys that may see customers."""
    _every_pool(who)
    rows = await services.views.dead_letters(before=decode_cursor(cursor, int), limit=limit + 1)
    replayed = services.replays.replayed()
    shown = [_shown(services, who, row, replayed=row.dead_letter_id in replayed) for row in rows[:limit]]
    more = cursor_of(rows[limit - 1].entry) if len(rows) > limit else None
    return answer({"dead_letters": shown, "next_cursor": more})


@routes.post("/{dead_letter_id}/replay", status_code=202, response_model=_Again, responses=responses.READS)
@needs(Scope.DEAD_LETTERS)
async def replay_dead_letter(dead_letter_id: str, services: Use, who: Who) -> Response:
    """Send the original message as a command again, or let its connector read it again, once its cause is mended."""
    _every_pool(who)
    row = services.views.dead_letter(dead_letter_id)
    if row is None:
        raise Problem(404, "dead_letter_unknown", "There is no such dead letter: list them with GET /v1/dead-letters.")
    letter = msgspec.json.decode(row.body, type=DeadLetter)
    kept = kept_of(services, letter)
    if kept is not None:
        return await _take_again(services, who, dead_letter_id, kept)
    raw = base64.b64decode(letter.payload_base64)
    payload = _payload(raw)
    await _claim(services, who, dead_letter_id, payload.command_id)
    try:
        position = await services.sender.submit(payload.pool, raw)
    except SendError as error:
        await _give_back(services, who, dead_letter_id)
        raise _not_sent(error) from None
    url = f"/v1/pools/{payload.pool}/commands/{payload.command_id}"
    content = {
        "status": "accepted",
        "command_id": payload.command_id,
        "status_url": url,
        "offset": position.offset,
        "index": position.index,
    }
    return answer(content, 202, {"Location": url})


async def _take_again(services: Services, who: Principal, dead_letter_id: str, kept: Kept) -> Response:
    """Let the translator read a message of a connector again; what it asked before is known by its ids."""
    stored = services.exchange.accounts.find(kept.account)
    if stored is None:
        raise Problem(409, "account_unknown", f"The account {kept.account} is not there any more: set it up again.")
    if kept.is_elsewhere:
        raise Problem(
            409,
            "kept_as_file",
            f"{kept.message.name or 'It'} is too long to be kept here: move the file from `failed` back into the"
            f" folder of {kept.account}, or have its sender send it again.",
        )
    await _claim(services, who, dead_letter_id, kept.seed)
    try:
        taken = await Intake(services).take(stored, kept.message, put_aside=False)
    except SendError as error:
        await _give_back(services, who, dead_letter_id)
        raise _not_sent(error) from None
    if taken.refused:
        await _give_back(services, who, dead_letter_id)
        raise Problem(422, "untranslatable", f"It still does not translate: {told(taken.refused)}.")
    return answer({"status": "taken", "account": kept.account, "commands": taken.commands}, 202)


async def _claim(services: Services, who: Principal, dead_letter_id: str, command_id: str) -> None:
    actor, now_ms = who.actor, services.now_ms()

    def claim() -> bool:
        return services.replays.claim(dead_letter_id, command_id, actor=actor, now_ms=now_ms)

    if not await services.in_control(claim):
        raise Problem(
            409, "already_replayed", "This dead letter was sent again before; if it failed, it has a new entry."
        )


async def _give_back(services: Services, who: Principal, dead_letter_id: str) -> None:
    actor = who.actor
    await services.in_control(lambda: services.replays.give_back(dead_letter_id, actor=actor, now_ms=services.now_ms()))


def _not_sent(error: SendError) -> Problem:
    return Problem(
        503, "broker_unavailable", f"It was not sent, because {error}: try again.", headers={"Retry-After": "1"}
    )


def _payload(raw: bytes) -> _Payload:
    try:
        return msgspec.json.decode(raw, type=_Payload)
    except msgspec.DecodeError as error:
        raise Problem(
            422,
            "dead_letter_unreadable",
            f"The message is not a JSON command with a pool and a command_id ({error}): mend it at its source.",
        ) from None


def _shown(services: Services, who: Principal, row: DeadLetterRow, *, replayed: bool) -> dict[str, Any]:
    letter = msgspec.json.decode(row.body, type=DeadLetter)
    if letter.source.startswith(SOURCE):
        kept = kept_of(services, letter) if who.may(Scope.CUSTOMERS_READ) else None
        payload = "" if kept is None else base64.b64encode(kept.message.body).decode()
        letter = msgspec.structs.replace(letter, payload_base64=payload)
    head = {
        "dead_letter_id": row.dead_letter_id,
        "recorded_at": iso(row.recorded_at_ms),
        "replayed": replayed,
    }
    return head | {name: getattr(letter, name) for name in letter.__struct_fields__}


def _every_pool(who: Principal) -> None:
    """What could not be read cannot be told apart by pool, so only keys for all pools see it."""
    if ALL_POOLS not in who.pools:
        raise Problem(403, "scope_missing", "This needs a key for all pools, since these messages may be anybody's.")
