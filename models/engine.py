"""All pools of one partition of commands, decided in order: the same commands give the same rows, byte for byte."""

from base64 import b64encode
from collections.abc import Iterable

import msgspec

from models import commands, rows
from models.partition import partition_of
from models.records.pool import Work
from models.records.stock import Answered
from models.rejections import Rejected, RejectionCode
from models.rules import memory
from models.rules.decide import continue_work, decide, time_after
from models.rules.draft import Draft
from models.rules.memory import Repeated
from models.set_up import Row
from models.state import PoolState
from models.updates import STEPS, Applied, CommandUpdate, DeadLetter, Refusal, Update

_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
# msgspec lets these two through: bytes that are no UTF-8 in a field it skips, and brackets nested too deep.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_NOT_REMEMBERED = frozenset({RejectionCode.COMMAND_CONFLICT, RejectionCode.ORDER_CLOSED})
"""A command id that was used for something else keeps its answer; once an order is back, the same command is heard."""


class Engine:
    """The rows of one partition and the indexes over them. Pure: no I/O, no clock, no randomness.

    `rows` holds every row as it is stored; it is replaced only by `apply`, `skip`, `drain` and `load`.
    With `strict`, a bug in a rule raises; else the command becomes a dead letter and nothing changes.
    """

    def __init__(self, partition: int, *, strict: bool = False) -> None:
        self.partition = partition
        self.strict = strict
        self.rows: dict[bytes, bytes] = {}
        self._pools: dict[str, PoolState] = {}
        self._position = (0, 0)

    def load(self, stored: Iterable[tuple[bytes, bytes]]) -> None:
        """Take stored rows in, in any order, and build the indexes by one scan."""
        self.rows.update(stored)
        first = sorted(key for key in self.rows if key[:1] == rows.POOL)
        for row_key in first:
            self._pool(rows.pool_of(row_key)).load(rows.POOL, row_key, self.rows[row_key])
        for row_key, value in self.rows.items():
            kind = row_key[:1]
            if kind == rows.ORDER:
                order = rows.decode_order(value)
                state = self._pool(order.pool)
                state.indexes.change(None, order)
            elif kind == rows.POSITION:
                offset, step = value.split(b"/")
                self._position = (int(offset), int(step))
            elif kind not in (rows.POOL, rows.SKIPPED):
                self._pool(rows.pool_of(row_key)).load(kind, row_key, value)

    @staticmethod
    def split(record: bytes) -> list[bytes]:
        """Give the items of a record of `commands`; one that is no list is one item, itself."""
        try:
            return [bytes(item) for item in _split(record)]
        except _UNREADABLE:
            return [record]

    def apply(self, item: bytes, offset: int, index: int) -> Applied:
        """Decide the item at (offset, index) and take the decision in."""
        step = index * STEPS
        try:
            command = commands.decode(item)
        except _UNREADABLE as error:
            return _dead_letter(item, offset, step, "undecodable", str(error))
        if partition_of(command.pool) != self.partition:
            return _dead_letter(item, offset, step, "wrong_partition", f"pool {command.pool} belongs elsewhere")
        state = self._pools.get(command.pool) or PoolState(self.rows, command.pool)
        try:
            decision = decide(state, command, offset, step)
        except Exception as bug:
            if self.strict:
                raise
            return _dead_letter(item, offset, step, "bug", f"{type(bug).__name__}: {bug}")
        # Not before: a dead letter writes no row, so that a restart would not know of a position it had set.
        self._position = (offset, step)
        if isinstance(decision, Draft):
            self._pools[command.pool] = state
            return self._take(state, command, decision)
        return self._refuse(state, command, decision, offset, step)

    def skip(self, item: bytes, offset: int, index: int, reason: str) -> Applied:
        """Leave an item out that kills the process, and record that, so that a replay agrees."""
        self._position = (offset, index * STEPS)
        changed: list[Row] = [(b"%s/%d/%d" % (rows.SKIPPED, offset, index), reason.encode())]
        self._keep(changed)
        letter = _dead_letter(item, offset, index * STEPS, "poison", reason)
        return Applied(changed, letter.updates)

    def drain(self) -> Applied | None:
        """Do the next slice of what a bounded command left over; None when nothing is left to do now."""
        for _, state in sorted(self._pools.items()):
            work = state.work
            if work is not None and (work.index + 1) % STEPS:
                self._position = (work.offset, work.index + 1)
                part = msgspec.structs.replace(work, index=work.index + 1)
                return self._take(state, part, continue_work(state, part))
        return None

    def render(self, topic: str, key: bytes) -> bytes:
        """Give the value of a conflated update from the rows as they stand."""
        if topic == "order-views":
            return self.rows[rows.order_key(key.decode())]
        pool, _, sku = key.decode().partition("/")
        state = self._pools[pool]
        if topic == "stock-updates":
            return rows.encode(state.sku_view(sku, *self._position))
        if topic == "catalogue-updates":
            return rows.encode(state.item_view(sku, *self._position))
        return rows.encode(state.view(*self._position))

    def tick(self, now_ms: int, sequence: int) -> bytes | None:
        """Give a record of `commands` with a tick for each pool that follows the wall clock; None without any."""
        ticks = [
            commands.encode(
                commands.Tick(
                    command_id=f"tick-{self.partition}-{now_ms}-{sequence}-{pool}",
                    pool=pool,
                    issued_at_ms=now_ms,
                    actor="clock",
                )
            )
            for pool, state in sorted(self._pools.items())
            if not state.pool.simulated
        ]
        return commands.encode_list(ticks) if ticks else None

    def _pool(self, pool: str) -> PoolState:
        state = self._pools.get(pool)
        if state is None:
            state = self._pools[pool] = PoolState(self.rows, pool)
        return state

    def _take(self, state: PoolState, command: commands.AnyCommand | Work, draft: Draft) -> Applied:
        changed, skus = state.take(draft)
        changed.extend(state.advance(draft.now_ms))
        if not isinstance(command, Work) and _has_no_row(command):
            answered = Answered(at_ms=draft.now_ms, fingerprint=memory.fingerprint(command))
            changed.append(state.answer(command.command_id, answered))
        self._keep(changed)
        return Applied(changed, _updates(state, command, draft, skus))

    def _refuse(
        self, state: PoolState, command: commands.AnyCommand, decision: Rejected | Repeated, offset: int, step: int
    ) -> Applied:
        """Tell a refusal or a repeat; a first refusal is remembered, so that its repeat is refused alike.

        Time moves by what is done only: whoever comes first in an hour has work to do.
        """
        refused = decision.refused if isinstance(decision, Repeated) else decision
        changed: list[Row] = []
        if state.known and isinstance(decision, Rejected) and decision.code not in _NOT_REMEMBERED:
            answered = Answered(
                at_ms=time_after(state, command),
                fingerprint=memory.fingerprint(command),
                code=decision.code,
                text=decision.text,
                field=decision.field,
            )
            changed.append(state.answer(command.command_id, answered))
        self._keep(changed)
        update = CommandUpdate(
            pool=command.pool,
            offset=offset,
            index=step,
            command_id=command.command_id,
            command=str(command.__struct_config__.tag),
            at_ms=command.issued_at_ms,
            actor=command.actor,
            reason=command.reason,
            correlation_id=command.correlation_id,
            order_id=commands.order_id_of(command),
            repeated=isinstance(decision, Repeated),
            refusal=Refusal(code=refused.code, text=refused.text, field=refused.field) if refused else None,
        )
        return Applied(changed, (_command_update(update),))

    def _keep(self, changed: list[Row]) -> None:
        offset, step = self._position
        changed.append((rows.POSITION, b"%d/%d" % (offset, step)))
        for row_key, value in changed:
            if value is None:
                self.rows.pop(row_key, None)
            else:
                self.rows[row_key] = value


def _has_no_row(command: commands.AnyCommand) -> bool:
    """Tell whether no order and no document remembers a command."""
    if isinstance(command, commands.OrderContent):
        return False
    is_look = isinstance(command, commands.EditOrder) and command.preview
    return is_look or isinstance(command, (commands.SetUpCommand, commands.StatedStock))


def _updates(state: PoolState, command: commands.AnyCommand | Work, draft: Draft, skus: set[str]) -> list[Update]:
    """Give what the topics are told of a decision."""
    cause = draft.cause
    own = "" if isinstance(command, Work) else commands.order_id_of(command)
    versions = {order_id: order.version for order_id, order in draft.orders.items()}
    update = CommandUpdate(
        pool=state.pool.pool,
        offset=cause.offset,
        index=cause.index,
        command_id=cause.command_id,
        command=cause.command,
        at_ms=cause.at_ms,
        actor=cause.actor,
        reason=cause.reason,
        correlation_id=cause.correlation_id,
        order_id=own,
        order_version=versions.pop(own, 0),
        others=versions,
        movements=len(draft.movements),
        events=tuple(draft.events),
    )
    updates = [_command_update(update)]
    pool = state.pool.pool
    for movement in draft.movements:
        key = f"{pool}/{movement.sku}".encode()
        updates.append(Update("stock-movements", key, rows.encode(movement)))
    for order_id, order in draft.orders.items():
        picture = rows.encode(order) if order_id in draft.closed else None
        updates.append(Update("order-views", order_id.encode(), picture))
    updates.extend(Update("stock-updates", f"{pool}/{sku}".encode(), None) for sku in sorted(skus))
    if draft.pool is not None:
        updates.append(Update("pool-updates", pool.encode(), None))
        updates.extend(Update("catalogue-updates", f"{pool}/{sku}".encode(), None) for sku in draft.items)
    return updates


def _command_update(update: CommandUpdate) -> Update:
    return Update("order-updates", (update.order_id or update.command_id).encode(), rows.encode(update))


def _dead_letter(item: bytes, offset: int, step: int, code: str, text: str) -> Applied:
    letter = DeadLetter(
        source="commands",
        offset=offset,
        index=step,
        code=code,
        text=text,
        payload_base64=b64encode(item).decode(),
        key=f"{offset}/{step}",
    )
    return Applied((), (Update("dead-letters", letter.key.encode(), rows.encode(letter)),))
