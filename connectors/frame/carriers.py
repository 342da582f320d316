"""Names of carriers: what a parcel's carrier is called by the other side."""

from connectors.frame.declaration import Setting
from connectors.frame.message import Account

CARRIERS = Setting(
    name="carriers", what="carriers by the other side's names, such as dhl=DHL Germany; ups=UPS", required=False
)


def carrier_name(account: Account, carrier: str) -> str:
    """Give the other side's name of a carrier; one that the account does not rename is called the same there."""
    pairs = (pair.partition("=") for pair in account.settings.get(CARRIERS.name, "").split(";"))
    renamed = {ours.strip().lower(): theirs.strip() for ours, _, theirs in pairs}
    return renamed.get(carrier.strip().lower(), "") or carrier.strip()
