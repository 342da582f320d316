"""What is published of a SKU: its levels, what is apart of them, and what is expected."""

from collections.abc import Mapping

from msgspec import UNSET

from models.records.stock import ApartView, IncomingView, LevelView, SkuView, StockLevel


def sku_view(  # All that is told of a SKU.
    pool: str,
    sku: str,
    place: tuple[int, int],
    levels: Mapping[str, StockLevel],
    waiting: int,
    incoming: tuple[IncomingView, ...],
) -> SkuView:
    """Give what is published of a SKU as of a place in the log."""
    in_order = sorted(levels.items())
    views = tuple(
        LevelView(
            location_id=location,
            on_hand=level.on_hand,
            allocated=level.allocated,
            unsellable=level.unsellable,
            safety_stock=level.safety_stock,
            available=level.available,
        )
        for location, level in in_order
    )
    # Of most SKUs nothing is apart, so a field of its own keeps their rows short.
    apart = tuple(
        ApartView(location_id=location, states=level.states, fenced=level.fenced, declared_at_ms=level.declared_at_ms)
        for location, level in in_order
        if level.states or level.fenced or level.declared_at_ms is not None
    )
    return SkuView(
        pool=pool,
        sku=sku,
        offset=place[0],
        index=place[1],
        available=sum(view.available for view in views),
        waiting=waiting,
        levels=views,
        incoming=incoming or UNSET,
        apart=apart or UNSET,
    )
