"""Views that are late at random, to find tests that read one view after having waited for another.

HEADRACE_TEST_LATE_VIEWS=1 turns it on for the tests of pages and of the API: of each batch, the records of one topic
after the other come in a random order, each up to a few tenths of a second later.
"""

import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import Message

from api.views.consumer import ViewConsumer

_LONGEST_SECONDS = 0.3


@contextmanager
def late_views() -> Iterator[None]:
    """Until the end of the block, if it is asked for."""
    if os.environ.get("HEADRACE_TEST_LATE_VIEWS") != "1":
        yield
        return
    in_time = ViewConsumer._take  # Nothing in the product should know of this.
    seeded = random.Random(1)

    def late(consumer: ViewConsumer[Any], messages: list[Message]) -> None:
        by_topic: dict[str | None, list[Message]] = defaultdict(list)
        for message in messages:
            by_topic[message.topic()].append(message)
        for topic in seeded.sample(list(by_topic), len(by_topic)):
            if any(message.error() is None for message in by_topic[topic]):
                time.sleep(seeded.uniform(0, _LONGEST_SECONDS))
            in_time(consumer, by_topic[topic])

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(ViewConsumer, "_take", late)
        yield
