"""A key for each of the demo's shoppers and partners, so that the history names who did what."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cli.keys import create_key

if TYPE_CHECKING:
    from connectors.folder.setup import Setup

ORDERS, STOCK, FULFILLMENT = ("orders:read", "orders:write"), ("stock:read", "stock:write"), ("fulfillment:write",)


def demo_keys(data: Path, setup: "Setup") -> Path:
    """Make what keys are missing, and give the file that holds them all, which only its owner can read."""
    from cli.demo_api import ANY
    from pipelines.demo.asks import DESK

    path = data / "demo.keys"
    kept: dict[str, str] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    wanted = {ANY: (*ORDERS, *STOCK, *FULFILLMENT), DESK: ORDERS}
    wanted |= {channel.channel_id: ORDERS for channel in setup.channels or ()}
    wanted |= {place.location_id: (*FULFILLMENT, *STOCK) for place in setup.locations or ()}
    for name, scopes in wanted.items():
        if name not in kept:
            shown = "demo" if name == ANY else name
            kept[name], _ = create_key(data, shown, scopes=list(scopes), pools=[setup.head.pool])
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(kept))
    new.replace(path)
    return path
