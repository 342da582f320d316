"""Last step: a model that passed becomes a command, the same command however often the night is run."""

import time
from uuid import uuid4

import msgspec
import polars as pl
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from models.commands import PutRoutingModel, encode, encode_list
from models.partition import partition_of
from models.records.pool import RoutingModel
from models.topics import MESSAGE_BYTES_MAX, catalogue
from models.updates import CommandUpdate
from pipelines.night.notes import write_note
from pipelines.night.steps.night import Done, Night, NightError, Verdict

ACTOR = "night"
_SEND_SECONDS = 30
_ANSWER_SECONDS_MAX = 30.0
_POLL_SECONDS = 0.2
_APPLIED, _APPLIED_BEFORE = "applied", "applied before"
_decode_update = msgspec.json.Decoder(CommandUpdate).decode


def publish_step(night: Night, pool: str) -> Done:
    """Send the model of the night if it passed and has not been sent, and note that the pool's night is done.

    Raises:
        NightError: the broker does not take the command.
    """
    done = _publish(night, pool)
    write_note(night, pool)
    return done


def _publish(night: Night, pool: str) -> Done:
    """Ask once, and wait for what becomes of it."""
    mine = (pl.col("day") == night.day) & (pl.col("pool") == pool)
    judged = night.store.read("routing_models", mine)
    sent = night.store.read("publications", mine)
    if judged.is_empty() or not judged["passed"][0]:
        return _done("", "nothing to publish: no model passed", published=True)
    model = msgspec.json.decode(judged["model"][0], type=RoutingModel)
    command_id = f"night/{pool}/{night.day}/{judged['model_hash'][0]}"
    if sent.height and sent["command_id"][0] == command_id:
        return _done(command_id, sent["answer"][0], published=sent["answer"][0] == _APPLIED)
    if night.broker is None:
        return _done(command_id, "not sent: no broker was given", published=False)
    command = PutRoutingModel(
        command_id=command_id,
        pool=pool,
        issued_at_ms=night.now_ms,
        actor=ACTOR,
        reason=f"learned in the night of {night.day}",
        model=model,
    )
    answer = _ask(night, pool, command)
    if answer is None:
        # The next try asks again, under the same id.
        return _done(command_id, "sent, and not answered in time: is a worker running?", published=False)
    # An earlier try may have been killed after its answer: what is kept says the same in either case.
    kept = _APPLIED if answer == _APPLIED_BEFORE else answer
    row = {"day": night.day, "pool": pool, "command_id": command_id, "version": model.version, "answer": kept}
    night.store.replace("publications", pl.DataFrame([row]), night.day, pool=pool)
    return _done(command_id, answer, published=kept == _APPLIED)


def _ask(night: Night, pool: str, command: PutRoutingModel) -> str | None:
    """Append the command and read its answer."""
    assert night.broker is not None
    topics = catalogue(night.prefix)
    partition = partition_of(pool)
    reader = Consumer({"bootstrap.servers": night.broker, "group.id": f"headrace-night-{uuid4().hex}", "log_level": 0})
    try:
        reader.assign([TopicPartition(topics.order_updates.name, partition, OFFSET_END)])
        # The place to read from is fixed by the first poll, and must be before the answer.
        reader.poll(1.0)
        producer = Producer(
            {"bootstrap.servers": night.broker, "acks": "all", "message.max.bytes": MESSAGE_BYTES_MAX, "log_level": 0}
        )
        value = encode_list([encode(command)])
        producer.produce(topics.commands.name, key=pool.encode(), value=value, partition=partition)
        if producer.flush(_SEND_SECONDS):
            raise NightError(f"the broker at {night.broker} did not take the routing model: is it running?")
        return _answer(reader, command.command_id, min(night.wait_seconds, _ANSWER_SECONDS_MAX))
    finally:
        reader.close()


def _answer(reader: Consumer, command_id: str, seconds: float) -> str | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message = reader.poll(_POLL_SECONDS)
        if message is None or message.error() is not None:
            continue
        value = message.value() or b""
        if command_id.encode() not in value:
            continue
        update = _decode_update(value)
        if update.command_id == command_id:
            return _words(update)
    return None


def _words(update: CommandUpdate) -> str:
    if update.refusal is not None:
        return f"refused ({update.refusal.code}): {update.refusal.text}"
    return _APPLIED_BEFORE if update.repeated else _APPLIED


def _done(command_id: str, answer: str, *, published: bool) -> Done:
    return Done(
        step="publish",
        counts={"command_id": command_id, "answer": answer},
        verdicts=(Verdict("published", passed=published, text=answer, blocking=False),),
    )
