"""The actions of the pages for people, keys, one's own account and the demo's speed."""

from collections.abc import Mapping
from typing import Any

from api.roles import Role
from tests.support.page_action import Action

USER = "/users/{user_id}"

_WHY = {"reason": "they called"}
_PASSWORD = "four mild herons waiting"


def _of_person(url: str, told: str, *lines: str, page: str = USER, **more: Any) -> Action:
    return Action(url, page, Role.ADMIN, Role.OPS, told, lines=lines, **more)


def _own(url: str, page: str, told: str, *lines: str, **more: Any) -> Action:
    return Action(url, page, Role.VIEWER, None, told, lines=lines, **more)


OF_PEOPLE: Mapping[str, Action] = {
    "set the speed of the demo": Action(
        "/demo/speed",
        "/p/{pool}/orders",
        Role.OPS,
        Role.SERVICE,
        "Demo 10×",
        {"speed": "10"},
        told_in=".demo-speed summary",
        lines=["change_demo_pace"],
        before={"speed": 60.0},
        after={"speed": 10.0},
    ),
    "invite somebody": _of_person(
        "/users",
        "The link for new-{pool}",
        "add_user",
        "make_sign_in_link",
        page="/users",
        fields={"name": "new-{pool}", "role": "finance"},
        after={"role": "finance", "disabled": False},
    ),
    "change what somebody may do": _of_person(
        USER,
        "Changed.",
        "change_user",
        fields={"role": "finance", **_WHY},
        before={"role": "viewer"},
        after={"role": "finance"},
    ),
    "make a link for somebody": _of_person(USER + "/link", "The link for known-{pool}", "make_sign_in_link"),
    "disable somebody": _of_person(
        USER + "/disable", "Changed.", "disable_user", fields=_WHY, before={"disabled": False}, after={"disabled": True}
    ),
    "let somebody in again": _of_person(
        USER + "/enable",
        "Changed.",
        "enable_user",
        fields=_WHY,
        before={"disabled": True},
        after={"disabled": False},
        since=("disable",),
    ),
    "create a key": Action(
        "/keys",
        "/keys",
        Role.INTEGRATOR,
        Role.OPS,
        "The key of shop-{pool}",
        {"name": "shop-{pool}", "scope": "orders:read", "days": "30"},
        lines=["create_api_key"],
        after={"scopes": ["orders:read"], "pools": ["*"]},
    ),
    "revoke a key": Action(
        "/keys/{key_id}/revoke",
        "/keys",
        Role.INTEGRATOR,
        Role.OPS,
        "The key is revoked.",
        _WHY,
        lines=["revoke_api_key"],
        before={"scopes": ["stock:read"], "pools": ["*"]},
    ),
    "choose a password": _own(
        "/me/password",
        "/me",
        "Your password is changed",
        "set_password",
        "sign_in",
        fields={"password": _PASSWORD, "again": _PASSWORD},
    ),
    "sign out everywhere": _own(
        "/me/sign-out-everywhere", "/me", "Name or e-mail", "sign_out_everywhere", reason="1 sessions"
    ),
    "sign out": _own("/sign-out", "/sign-out", "Name or e-mail", "sign_out"),
}
