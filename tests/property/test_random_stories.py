"""The rules of the state machine drawn by weight: long stories that reach deep, which single examples seldom do."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from models import commands as c
from models.records.hold import HoldType
from tests.property.pools import PLACES, POOLS, SKUS, UNMAPPED
from tests.property.profiles import STORIES
from tests.property.test_engine_machine import FACTS, Shops
from tests.support.builders import HOUR_MS

COMMANDS = 150
AGO_MS = (0, 0, 0, 1, 30_000, HOUR_MS)

Draw = Callable[[Random], dict[str, Any]]


def lines(random: Random) -> list[tuple[str, int]]:
    skus = (*SKUS, *SKUS, *SKUS, UNMAPPED)
    return [(random.choice(skus), random.randint(1, 4)) for _ in range(random.randint(1, 3))]


def stock(random: Random) -> list[tuple[str, int]]:
    return [(random.choice(SKUS), random.randint(1, 4)) for _ in range(random.randint(1, 3))]


def of_order(random: Random) -> dict[str, Any]:
    return {"number": random.randint(0, 60)}


STEPS: dict[str, tuple[int, Draw]] = {
    "take_order": (14, lambda r: {
        "external": r.randint(0, 20), "lines": lines(r), "cents": r.randint(0, 999), "rank": r.randint(0, 2),
        "kind": r.choice(("place", "place", "place", "reserve", "reserve", "sold", "complete")),
        "later": r.choice((None, HOUR_MS, 48 * HOUR_MS)),
    }),
    "place_what_is_reserved": (3, lambda r: {**of_order(r), "lines": lines(r)}),
    "change_order": (12, lambda r: {
        **of_order(r), "hold": r.choice(list(HoldType)),
        "what": r.choice(("cancel", "cancel", "cancel all", "hold", "hold until", "release", "release", "reroute")),
    }),
    "go_on": (25, lambda r: {**of_order(r), "less": r.choice((0, 0, 1)), "ago": r.choice(AGO_MS)}),
    "tell_fact": (14, lambda r: {
        **of_order(r), "kind": r.choice(FACTS), "less": r.randint(0, 2), "ago": r.choice(AGO_MS),
    }),
    "move_stock": (8, lambda r: {
        "kind": r.choice((c.ReceiveStock, c.ReceiveStock, c.SellAtTill)), "place": r.choice(PLACES),
        "lines": stock(r), "document": r.randint(0, 999), "ago": r.choice(AGO_MS),
    }),
    "correct_stock": (8, lambda r: {
        "kind": r.choice((c.AdjustStock, c.CountStock, c.CountStock, c.SetSafetyStock)), "place": r.choice(PLACES),
        "sku": r.choice(SKUS), "number": r.randint(-3, 5), "other": r.randint(-2, 2), "document": r.randint(0, 999),
        "ago": r.choice(AGO_MS),
    }),
    "transfer": (4, lambda r: {
        "place": r.choice(PLACES), "to": r.choice(PLACES), "lines": stock(r), "document": r.randint(0, 8),
        "arrival": r.randint(0, 99), "receive": r.random() < 0.5, "final": r.random() < 0.5, "ago": r.choice(AGO_MS),
    }),
    "change_setup": (4, lambda r: {
        "what": r.choice(("locations", "locations", "policy", "catalogue", "pool")), "name": r.choice(PLACES),
        "sku": r.choice((*SKUS, UNMAPPED, UNMAPPED)), "number": r.randint(0, 11),
    }),
    "tick": (4, lambda r: {"after_ms": r.choice((0, 60_000, HOUR_MS, HOUR_MS, 24 * HOUR_MS))}),
    **{
        name: (weight, lambda r: {"seed": r.randint(0, 1 << 30)})
        for name, weight in {
            "widen": 2, "take_wide_order": 14, "edit": 8, "hold_a_part": 8, "tell_of_a_part": 14, "supply": 12,
            "pass_a_month": 2,
        }.items()
    },
    "repeat": (6, lambda r: {"number": r.randint(0, 200)}),
    "rebuild": (3, lambda r: {"seed": r.randint(0, 999), "rubbish": r.randbytes(12)}),
}  # fmt: skip


@pytest.mark.parametrize("seed", range(STORIES))
def test_invariants_hold_through_a_long_story(seed: int) -> None:
    random = Random(seed)
    shops = Shops()
    shops.open(preset=random.choice(("closest", "cheapest")), budget=random.randint(0, 2), most=random.choice((1, 4)))

    for name in random.choices(list(STEPS), [weight for weight, _ in STEPS.values()], k=COMMANDS):
        fields = STEPS[name][1](random)
        if name not in ("repeat", "rebuild"):
            fields["pool"] = random.choice((*POOLS[:1] * 4, POOLS[1]))
        getattr(shops, name)(**fields)
        shops.invariants_hold()
        shops.nobody_waits_beside_stock()
        shops.what_has_ended_stays_so()
