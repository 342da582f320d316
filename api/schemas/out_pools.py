"""What is answered about pools: set-up and catalogue."""

from typing import Any

from pydantic import Field

from api.schemas.out import Out


class PoolHeadOut(Out):
    pool: str
    currency: str
    name: str
    policy: dict[str, Any]


class LocationOut(Out):
    location_id: str
    name: str
    kind: str
    time_zone: str
    enabled: bool
    position: dict[str, float] | None = Field(description="latitude and longitude")


class PoolOut(Out):
    pool: PoolHeadOut
    locations: list[LocationOut]
    channels: list[dict[str, Any]]
    routing_model: dict[str, Any] | None


class ItemOut(Out):
    sku: str
    name: str
    weight_grams: int


class ItemsOut(Out):
    items: list[ItemOut]
    next_cursor: str | None


class PoolsOut(Out):
    pools: list[PoolOut]
