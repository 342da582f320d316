"""What shops call orders that were there before cut-over: partners who have them know no other name."""

import sqlite3
from collections.abc import Iterable

from api.control.database import ControlDatabase
from connectors.frame.naming import plain_name


class OrderNames:
    """Keeps names of orders by pool."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def keep(self, pool: str, names: Iterable[tuple[str, str]]) -> None:
        """Keep pairs of a name and the order it means; what is kept already stays."""
        given = [(pool, plain_name(name), order_id) for name, order_id in names if plain_name(name)]

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT INTO order_names VALUES (?, ?, ?) ON CONFLICT DO NOTHING", given)

        if given:
            self._database.write(change)

    def orders(self, pool: str, name: str) -> list[str]:
        """Give the orders of a pool that have a name, by id."""
        found = self._database.connection().execute(
            "SELECT order_id FROM order_names WHERE pool = ? AND name = ? ORDER BY order_id", (pool, name)
        )
        return [order_id for (order_id,) in found.fetchall()]
