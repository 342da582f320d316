"""What the exchange keeps in the control store, together."""

from collections.abc import Mapping
from typing import Final

from api.control.database import ControlDatabase
from api.control.secret_box import SecretBox
from api.exchange.accounts import Accounts, Counts, Cursors, StoredAccount
from api.exchange.order_names import OrderNames
from api.exchange.outbox.rows import State
from api.exchange.outbox.target import ACCOUNT
from api.exchange.parking import Parking
from api.exchange.removing import Removing
from api.exchange.secrets import Secrets
from api.exchange.shadowing import ShadowFacts
from connectors.frame.declaration import Connector
from connectors.frame.facts import DocumentAcknowledged
from connectors.frame.message import Account

# What is still to be sent again is not ended by an answer to an earlier attempt.
_ACKNOWLEDGE: Final = (
    "UPDATE deliveries SET state = ?, note = ? WHERE target = ? AND number = ? AND state IN ('done', 'refused')"
)
_NOTE_CHARACTERS = 600


class ExchangeStores:
    """Accounts, their secrets, how far they were read, what waits, and what came of their messages."""

    def __init__(self, database: ControlDatabase, box: SecretBox, connectors: Mapping[str, Connector]) -> None:
        self.connectors = connectors
        self.accounts = Accounts(database)
        self.secrets = Secrets(database, box)
        self.cursors = Cursors(database)
        self.counts = Counts(database)
        self.removing = Removing(database)
        self.parking = Parking(database, box)
        self.shadow = ShadowFacts(database, box)
        self.names = OrderNames(database)
        self._database = database

    def note_acknowledged(self, stored: StoredAccount, fact: DocumentAcknowledged) -> bool:
        """Note at a delivery what its receiver said of it; one that could not be read is refused, for a person to see.

        False where no delivery has the number: it is none of ours, or long forgotten.
        """
        if not (fact.reference.isascii() and fact.reference.isdecimal()):
            return False
        note = fact.note or ("its receiver has read it" if fact.accepted else "its receiver could not read it")
        state = State.DONE if fact.accepted else State.REFUSED
        values = (state, note[:_NOTE_CHARACTERS], ACCOUNT + stored.name, int(fact.reference))
        return self._database.write(lambda connection: connection.execute(_ACKNOWLEDGE, values).rowcount > 0)

    def connector_of(self, account: Account) -> Connector:
        """Give an account's connector, which was there when the account was set up."""
        return self.connectors[account.connector]
