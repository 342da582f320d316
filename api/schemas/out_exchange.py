"""Answers about other systems: what became of a webhook, accounts and how they fare."""

from typing import Literal

from api.schemas.out import Out


class RetakenOut(Out):
    """A dead letter of a connector that was read again: how many commands it asked for this time."""

    status: Literal["taken"]
    account: str
    commands: int


class TakenOut(Out):
    """A webhook that is on record: how many commands it asked for, and how many of its entries were refused."""

    status: Literal["taken"]
    commands: int
    refused: int
