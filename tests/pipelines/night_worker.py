"""What runs beside a night that publishes: a worker that decides in a shop's own engine, and the commands on record."""

import threading

import msgspec
from confluent_kafka import Consumer, Producer, TopicPartition

from models import commands as c
from models.engine import Engine
from models.topics import Catalogue
from tests.pipelines.night_shop import NightShop


class Answering(threading.Thread):
    """Decides what is asked in the shop's own engine, and publishes the answers, as a worker does."""

    def __init__(self, bootstrap: str, shop: NightShop, topics: Catalogue) -> None:
        super().__init__(daemon=True)
        self._shop = shop
        self._answers = topics.order_updates.name
        self._stop_asked = threading.Event()
        self._consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "w", "auto.offset.reset": "earliest"})
        self._consumer.assign([TopicPartition(topics.commands.name, shop.engine.partition, 0)])
        self._producer = Producer({"bootstrap.servers": bootstrap})

    def run(self) -> None:
        while not self._stop_asked.is_set():
            message = self._consumer.poll(0.1)
            if message is None or message.error() is not None:
                continue
            for item in Engine.split(message.value() or b""):
                told = self._shop.send(c.decode(item))
                value = msgspec.json.encode(told)
                self._producer.produce(self._answers, value, partition=self._shop.engine.partition)
            self._producer.flush()

    def stop(self) -> None:
        self._stop_asked.set()
        self.join()
        self._consumer.close()


def asked(bootstrap: str, topics: Catalogue, partition: int) -> list[bytes]:
    """All commands of the partition, up to its end."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "test", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topics.commands.name, partition, 0)])
    found: list[bytes] = []
    try:
        while True:
            message = consumer.poll(10.0)
            assert message is not None
            if message.error() is not None:
                return found
            found += Engine.split(message.value() or b"")
    finally:
        consumer.close()
