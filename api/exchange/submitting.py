"""Sends what messages ask for: personal data sealed, each command in the form the core reads, on record when told."""

import asyncio
import re
from collections.abc import Sequence

import msgspec

from api.control.blind import PersonalData
from api.ports import Position, SendError
from api.reopening import reopening
from api.services import Services
from connectors.frame.asked import Asked, Person
from connectors.frame.message import Refusal
from models.commands import Command, OrderContent, decode, encode
from models.records.order import Customer

AT_ONCE = 100
AHEAD = 25
"""So many commands of a long file or count stand before a live order at most."""
_LOOK_SECONDS = 1.0
_WHERE = re.compile(r" - at `\$?\.?(.*)`\Z")


class Submitting:
    """Sends commands of accounts."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ahead: dict[str, tuple[int, Command]] = {}
        """By pool: how many commands were told slowly that may not be decided yet, and the last of them."""

    async def tell(self, asked: Sequence[Asked], refused: list[Refusal]) -> int:
        """Send in order, and return how many when all are on record; what the core could not read is noted.

        Raises:
            SendError: not all are known to be on record.
        """
        sent = 0
        for start in range(0, len(asked), AT_ONCE):
            sent += len(await self._put(asked[start : start + AT_ONCE], refused))
        return sent

    async def tell_slowly(self, asked: Sequence[Asked], refused: list[Refusal]) -> int:
        """Send many: no more at a time than a live order can wait for, the next once the views show what those did.

        Raises:
            SendError: not all are known to be on record.
        """
        sent = 0
        for start in range(0, len(asked), AHEAD):
            some = asked[start : start + AHEAD]
            pool = some[0].command.pool
            ahead, last = self._ahead.get(pool, (0, None))
            if last is not None and ahead + len(some) > AHEAD:
                await self._decided(last)
                ahead = 0
            commands = await self._put(some, refused)
            sent += len(commands)
            if commands:
                self._ahead[pool] = (ahead + len(commands), commands[-1])
        return sent

    async def _put(self, asked: Sequence[Asked], refused: list[Refusal]) -> list[Command]:
        services = self._services
        commands: list[Command] = []
        waiting: list[asyncio.Future[Position]] = []
        for one in asked:
            command = await self._whole(one)
            raw = encode(command)
            try:
                # What the core could not read must not be taken for told: it would end among its dead letters.
                decode(raw)
            except msgspec.ValidationError as error:
                refused.append(_refusal(command, str(error)))
                continue
            before = reopening(services.views, command)
            after = None if before is None else encode(before)
            commands.append(command)
            waiting.append(services.sender.submit(command.pool, raw, after=after))
        if waiting:
            try:
                await asyncio.wait_for(asyncio.gather(*waiting), services.settings.acknowledge_timeout_seconds)
            except TimeoutError:
                raise SendError("the broker did not acknowledge in time") from None
        return commands

    async def _decided(self, command: Command) -> None:
        services = self._services
        while services.views.command(command.pool, command.command_id) is None:
            with services.waiters.command(command.command_id) as told:
                await asyncio.wait([told], timeout=_LOOK_SECONDS)

    async def _whole(self, asked: Asked) -> Command:
        command, person = asked.command, asked.person
        if person is None or not isinstance(command, OrderContent):
            return command
        return msgspec.structs.replace(command, customer=await self._sealed(command.pool, person))

    async def _sealed(self, pool: str, person: Person) -> Customer:
        services, customer_id = self._services, person.customer_id
        data = PersonalData(
            name=person.name,
            email=person.email,
            phone=person.phone,
            address_lines=person.address_lines,
            locale=person.locale,
        )
        if data == PersonalData():
            return Customer(customer_id=customer_id)
        known = services.vault.seal_known(pool, customer_id, data)
        if known is None:
            known = await services.in_control(
                lambda: services.vault.seal(pool, customer_id, data, now_ms=services.now_ms())
            )
        return Customer(customer_id=customer_id, sealed=known)


def _refusal(command: Command, text: str) -> Refusal:
    found = _WHERE.search(text)
    entry = str(getattr(command, "external_id", "") or getattr(command, "document", ""))
    return Refusal(field=found[1] if found else "", reason=_WHERE.sub("", text), entry=entry)
