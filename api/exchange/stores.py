"""What the exchange keeps in the control store, together."""

from collections.abc import Mapping

from api.control.database import ControlDatabase
from api.control.secret_box import SecretBox
from api.exchange.accounts import Accounts, Counts, Cursors
from api.exchange.parking import Parking
from api.exchange.secrets import Secrets
from connectors.frame.declaration import Connector
from connectors.frame.message import Account


class ExchangeStores:
    """Accounts, their secrets, how far they were read, what waits, and what came of their messages."""

    def __init__(self, database: ControlDatabase, box: SecretBox, connectors: Mapping[str, Connector]) -> None:
        self.connectors = connectors
        self.accounts = Accounts(database)
        self.secrets = Secrets(database, box)
        self.cursors = Cursors(database)
        self.counts = Counts(database)
        self.parking = Parking(database, box)

    def connector_of(self, account: Account) -> Connector:
        """Give an account's connector, which was there when the account was set up."""
        return self.connectors[account.connector]
