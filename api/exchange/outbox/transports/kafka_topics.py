"""Producers to customers' Kafka: one a subscription, opened when it is needed, closed when it fails or ends.

Brokers name further brokers, which are held to the same rule as addresses of webhooks before they are called.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from api.exchange.calling import Caller, CallError, CallRefusedError
from api.exchange.outbox.transports.kafka import KafkaAddress, address_of, context_of, sasl_of
from api.exchange.outbox.transports.transport import Credentials, KafkaMessage
from connectors.frame.documents import Outcome, Sent

_BYTES_MAX = 8 << 20
_OF_THE_EVENT = (MessageSizeTooLargeError, RecordListTooLargeError, PolicyViolationError)
_WRONG_USER = (SaslAuthenticationFailed, UnsupportedSaslMechanismError)
_CLOSE_SECONDS = 5.0


@dataclass(kw_only=True, slots=True)
class _Opened:
    url: str
    credentials: Credentials
    producer: AIOKafkaProducer
    refused: str = ""
    """Why a broker that was named may not be called."""


class KafkaTopics:
    """All producers of a process."""

    def __init__(self, caller: Caller) -> None:
        """`caller` knows which hosts may be called, and for how long one waits."""
        self._caller = caller
        self._opened: dict[str, _Opened] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def produce(self, name: str, url: str, credentials: Credentials, message: KafkaMessage) -> Sent:
        """Put a record into a topic; returns when all replicas have it.

        Raises:
            CallError: the brokers do not work, whatever they are sent.
            CallRefusedError: they may not be called.
        """
        topic = address_of(url).topic
        try:
            async with asyncio.timeout(self._caller.timeout_seconds):
                opened = await self._open(name, url, credentials)
                put = await opened.producer.send_and_wait(
                    topic, message.value, key=message.key, headers=message.headers
                )
        except _OF_THE_EVENT as error:
            return Sent(outcome=Outcome.REFUSED, note=f"the brokers refuse it: {type(error).__name__}")
        except (TimeoutError, KafkaError) as error:
            # It may have arrived: it goes again under the same id. A new connection is made for that.
            failed = self._discard(name)
            if failed is not None and failed.refused:
                raise CallRefusedError(failed.refused) from None
            # What a broker says may repeat what it was told, so only the name of the error is kept.
            raise CallError(f"the brokers do not take it: {type(error).__name__}") from None
        return Sent(outcome=Outcome.DONE, reference=f"{topic}-{put.partition}@{put.offset}")

    def keep(self, names: Collection[str]) -> None:
        """Close the producers of all others."""
        for name in self._opened.keys() - set(names):
            self._discard(name)

    async def close(self) -> None:
        """Close all."""
        self.keep(())
        await asyncio.gather(*self._closing)

    async def _open(self, name: str, url: str, credentials: Credentials) -> _Opened:
        async with self._opening.setdefault(name, asyncio.Lock()):
            found = self._opened.get(name)
            if found is not None and (found.url, found.credentials) == (url, credentials):
                return found
            self._discard(name)
            address = address_of(url)
            settings = _connection_settings(address, credentials, self._caller.timeout_seconds)
            await self._greet(address, settings)
            brokers = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in address.brokers]
            # Not idempotent: its fence ends with the producer, and a retry is of another. The id tells a repeat.
            producer = AIOKafkaProducer(
                bootstrap_servers=brokers, acks="all", max_request_size=_BYTES_MAX, client_id="headrace", **settings
            )
            made = _Opened(url=url, credentials=credentials, producer=producer)
            self._guard(made)
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._opened[name] = made
            return made

    async def _greet(self, address: KafkaAddress, settings: dict[str, Any]) -> None:
        """Say hello to the first broker that answers: a producer would not say why it cannot."""
        why: CallError | None = None
        for host, port in address.brokers:
            await self._caller.address(host, port)
            try:
                connection = AIOKafkaConnection(host, port, client_id="headrace", **settings)
                await connection.connect()
                self._check_peer(connection)
            except ssl.SSLError as error:
                why = CallError(f"{host} has no good certificate: {error.reason or type(error).__name__}")
            except _WRONG_USER:
                raise CallRefusedError(f"{host} refuses user and password: check the credentials") from None
            except (OSError, KafkaError, TimeoutError) as error:
                why = CallError(f"{host}:{port} does not answer as a broker: {type(error).__name__}")
            else:
                connection.close()
                return
        assert why is not None, "an address has a broker"
        raise why

    def _guard(self, made: _Opened) -> None:
        """Let a producer call only brokers that may be called, whoever named them."""
        client, is_open = made.producer.client, address_of(made.url).is_open
        connect = client._get_conn  # noqa: SLF001 - the one place where aiokafka, pinned, makes connections

        async def guarded(node_id: Any, **more: Any) -> Any:
            broker = client.cluster.broker_metadata(node_id)
            if broker is None or _is_connected(client, broker):
                return await connect(node_id, **more)
            try:
                await self._may_call(broker.host, broker.port, is_open=is_open)
                made_now = await connect(node_id, **more)
                self._check_peer(made_now)
            except (CallError, CallRefusedError) as error:
                made.refused = f"the brokers name one that is not called: {error}"
                return None
            return made_now

        client._get_conn = guarded  # noqa: SLF001

    async def _may_call(self, host: str, port: int, *, is_open: bool) -> None:
        if is_open and host not in self._caller.private_hosts:
            raise CallRefusedError(f"{host} is not called without TLS")
        await self._caller.address(host, port)

    def _check_peer(self, connection: AIOKafkaConnection | None) -> None:
        """Refuse a connection whose host has another address now than when it was looked up."""
        if connection is None:
            return
        peer = connection._writer.get_extra_info("peername")  # noqa: SLF001 - it has no other way to tell
        try:
            self._caller.check_addresses(connection.host, [str(peer[0])])
        except CallRefusedError:
            connection.close()
            raise

    def _discard(self, name: str) -> _Opened | None:
        found = self._opened.pop(name, None)
        if found is not None:
            task = asyncio.create_task(_stop(found.producer))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        return found


def _is_connected(client: Any, broker: Any) -> bool:
    return any(one.connected() and (one.host, one.port) == (broker.host, broker.port) for one in client._conns.values())  # noqa: SLF001 - as above


async def _stop(producer: AIOKafkaProducer) -> None:
    """Close a producer, at once where its brokers do not answer."""
    with contextlib.suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await producer.stop()
            return
    await producer.client.close()


def _connection_settings(address: KafkaAddress, credentials: Credentials, timeout_seconds: float) -> dict[str, Any]:
    sasl = sasl_of(credentials)
    protocol = "PLAINTEXT" if address.is_open else "SSL"
    return {
        "request_timeout_ms": int(timeout_seconds * 1000),
        "security_protocol": f"SASL_{protocol}" if sasl else protocol,
        "ssl_context": None if address.is_open else context_of(credentials),
        **sasl,
    }
