"""Receivers of other transports: moto's SQS over HTTP, a strict fake of Pub/Sub's REST publish, a Kafka of its own."""

import base64
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.support.partner import Answer, Got

TOPIC_PATH = "projects/my-project/topics/orders"


@dataclass
class Account:
    """A service account, and the key file that Google gives out for it."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    email: str = "headrace@my-project.iam.gserviceaccount.com"

    @property
    def file(self) -> dict[str, str]:
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "my-project",
            "private_key_id": "k1",
            "private_key": pem.decode(),
            "client_email": self.email,
            "token_uri": "https://oauth2.googleapis.com/token",
        }

    @property
    def public(self) -> RSAKey:
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return RSAKey.import_key(pem)


@dataclass
class PubSub:
    """Answers publish as Google documents it, and refuses whatever is not as documented."""

    account: Account
    now_seconds: Any
    messages: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, got: Got) -> Answer:
        wrong = self._wrong_token(got.headers.get("authorization", ""))
        if wrong:
            return _error(401, "UNAUTHENTICATED")
        if (got.method, got.path) != ("POST", f"/v1/{TOPIC_PATH}:publish"):
            return _error(404, "NOT_FOUND")
        content = msgspec.json.decode(got.body)
        [message] = content["messages"]
        is_good = (
            set(content) == {"messages"}
            and set(message) == {"data", "attributes", "orderingKey"}
            and all(isinstance(value, str) and len(value) <= 1024 for value in message["attributes"].values())
            and 0 < len(message["orderingKey"].encode()) <= 1024
            and got.headers["content-type"] == "application/json"
        )
        if not is_good:
            return _error(400, "INVALID_ARGUMENT")
        base64.b64decode(message["data"], validate=True)
        self.messages.append(message)
        return Answer(200, msgspec.json.encode({"messageIds": [str(len(self.messages))]}))

    def _wrong_token(self, header: str) -> bool:
        if not header.startswith("Bearer "):
            return True
        try:
            token = jwt.decode(header.removeprefix("Bearer "), self.account.public, algorithms=["RS256"])
        except JoseError:
            return True
        claims, now = token.claims, self.now_seconds()
        return (
            (token.header["kid"], claims["iss"], claims["sub"], claims["aud"])
            != ("k1", self.account.email, self.account.email, "https://pubsub.googleapis.com/")
            or not claims["iat"] - 60 <= now < claims["exp"]
            or claims["exp"] - claims["iat"] > 3600
        )


def _error(status: int, code: str) -> Answer:
    return Answer(status, msgspec.json.encode({"error": {"code": status, "message": "no", "status": code}}))


@dataclass
class Record:
    """A record of a topic."""

    partition: int
    key: str
    headers: dict[str, str]
    event: Any
    body: bytes


async def read_topic(bootstrap: str, topic: str, count: int, seconds: float = 20.0) -> list[Record]:
    """Give so many records of a topic, in the order of its partitions."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=50)
    await consumer.start()
    found: list[Record] = []
    try:
        for _ in range(int(seconds * 10)):
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                found += [_record(one) for one in batch]
            if len(found) >= count:
                return found
    finally:
        await consumer.stop()
    raise AssertionError(f"only {len(found)} of {count} records within {seconds:g} s")


def _record(one: Any) -> Record:
    headers = {name: value.decode() for name, value in one.headers}
    return Record(one.partition, one.key.decode(), headers, msgspec.json.decode(one.value), one.value)
