"""The set-up of pools as the views have it, decoded once for each time that it changes."""

from api.present import pool_view_of
from api.views.queries import Views
from models.records.pool import Location, PoolView


class SetUps:
    """Set-ups by pool; asking costs one row and no decoding, unless it has changed."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._known: dict[str, tuple[tuple[int, int], PoolView]] = {}

    def of(self, pool: str) -> PoolView | None:
        """Give a pool's set-up; None while it is not in the views."""
        row = self._views.pool(pool)
        if row is None:
            return None
        known = self._known.get(pool)
        if known is None or known[0] != row[:2]:
            known = self._known[pool] = (row[:2], pool_view_of(row[2]))
        return known[1]

    def locations(self, pool: str) -> dict[str, Location]:
        """Give a pool's locations by id."""
        view = self.of(pool)
        return {} if view is None else {location.location_id: location for location in view.locations}
