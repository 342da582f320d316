"""Who may take a hold off: the roles that stand with its type, and keys that were made for it."""

from api.problems import Problem
from api.security import Principal, Scope
from models.commands import Command, ReleaseHold
from models.records.hold import HoldType
from models.rules.holds import HOLD_RULES


def may_release(who: Principal, hold: HoldType) -> bool:
    """Tell whether somebody may take a hold of a type off."""
    if who.is_person:
        return who.role in HOLD_RULES[hold].resolvers
    return who.may(Scope.HOLDS_RELEASE)


def check_release(who: Principal, command: Command) -> None:
    """Refuse a release by whom it is not for.

    Raises:
        Problem: 403.
    """
    if isinstance(command, ReleaseHold) and not may_release(who, command.hold):
        roles = ", ".join(HOLD_RULES[command.hold].resolvers)
        raise Problem(
            403, "hold_not_yours", f"A hold for {command.hold} is taken off by these roles: {roles}.", field="hold"
        )
