"""The actions of the lists of work."""

from collections.abc import Mapping

from api.roles import Role
from tests.support.page_action import Action
from tests.support.system import SKU

_UNMAPPED = "/p/{pool}/work/unmapped"
_PACK = f"{SKU}-6PK"

OF_WORK: Mapping[str, Action] = {
    "map a name that nobody knows": Action(
        _UNMAPPED,
        _UNMAPPED,
        Role.OPS,
        Role.SERVICE,
        "Mapped: every order that waited for it alone goes on.",
        {"suggested": SKU, "quantity": "6", "reason": "they called"},
        command="put_catalogue",
        before={"listings": []},
        after={"items": 1, "first": SKU, "listings": [f"6 as {_PACK} on shop-de"]},
        unmapped=_PACK,
    ),
}
