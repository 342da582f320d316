"""`headrace users`: add, list and disable the people who may sign in, and give them links to do so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, print_json
from cli.control import DATA, DataDir, actor, now_ms, opened_control

if TYPE_CHECKING:
    from api.control.database import ControlDatabase
    from api.control.user import User

app = typer.Typer(no_args_is_help=True)
Base = Annotated[
    str, typer.Option("--url", envvar="HEADRACE_PUBLIC_URL", help="Where people reach the pages; begins the link.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
_URL = "http://127.0.0.1:8080"
_ADMIN = "admin"


@app.callback()
def users() -> None:
    """Add, list and disable people. A running API sees the change at once."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What they sign in as, for example ann.lee; stands in the audit log.")],
    *,
    role: Annotated[str, typer.Option(help="admin, ops, floor, service, finance, integrator or viewer.")],
    email: Annotated[str, typer.Option(help="May be typed instead of the name.")] = "",
    pool: Annotated[list[str] | None, typer.Option(help="A pool they see, repeatable; none given: all.")] = None,
    location: Annotated[
        list[str] | None, typer.Option(help="For the role floor: a location they work at, repeatable.")
    ] = None,
    url: Base = _URL,
    data: DataDir = DATA,
    json: AsJson = False,
) -> None:
    """Add somebody, and print the link under which they choose their password.

    \b
    headrace users add ann.lee --role ops
    headrace users add pat --role floor --pool us --location store-boston
    """
    with opened_control(data) as database:
        user = _added(database, name, role, email, pool or ["*"], location or [])
        link = _link(database, user, url, is_admin=False)
    if json:
        print_json({"name": user.name, "role": user.role, "link": link})
        return
    print(f"{user.name} may sign in as {user.role}, once they have chosen a password within three days at\n\n{link}")


@app.command("list")
def list_users(*, data: DataDir = DATA, json: AsJson = False) -> None:
    """List everybody."""
    from api.control.users import Users

    with opened_control(data) as database:
        found = Users(database).list()
    if json:
        print_json(found)
        return
    for user in found:
        state = "disabled" if user.disabled_at_ms is not None else "active"
        where = f" at {' '.join(user.locations)}" if user.locations else ""
        print(f"{user.name:<24} {state:<8} {user.role}{where}, pools {' '.join(user.pools)}")


@app.command()
def disable(
    name: Annotated[str, typer.Argument(help="Who may not come in any more.")],
    *,
    reason: Annotated[str, typer.Option(help="Stands in the audit log.")] = "",
    data: DataDir = DATA,
) -> None:
    """Sign somebody out everywhere and let them in no more; what they did stays."""
    from api.control.user import UserError
    from api.control.users import Users

    with opened_control(data) as database:
        user = _known(database, name)
        try:
            Users(database).change(user.user_id, actor=actor(), reason=reason, now_ms=now_ms(), disabled=True)
        except UserError as error:
            fail(str(error))
    print(f"{user.name} is disabled.")


@app.command()
def link(
    name: Annotated[str, typer.Argument(help="Who has no password yet, or forgot it.")],
    *,
    url: Base = _URL,
    data: DataDir = DATA,
) -> None:
    """Print a link that signs somebody in once and lets them choose a password.

    \b
    headrace users link ann.lee --url https://orders.example.com
    """
    with opened_control(data) as database:
        print(_link(database, _known(database, name), url, is_admin=False))


@app.command("check-log")
def check_log(*, data: DataDir = DATA, json: AsJson = False) -> None:
    """Walk the chain of the audit log: tells whether a line was changed or taken out.

    Keep the number and hash that it prints somewhere else: with them it shows later that no end was cut off.
    """
    from api.control.audit import AuditLog

    with opened_control(data) as database:
        log = AuditLog(database)
        damage, (number, digest) = log.damage(), log.head()
    if json:
        print_json({"lines": number, "hash": digest, "damage": None if damage is None else damage.text})
    elif damage is None:
        print(f"{number} lines, each as it was written; the last one's hash is {digest}")
    if damage is not None:
        fail(f"the audit log was altered: {damage.text}; compare with a backup of control.db")


def admin_link(data: Path, base: str) -> str:
    """Give a link that signs the first admin in once; makes that admin where there is none."""
    from api.control.users import Users
    from api.roles import Role

    with opened_control(data) as database:
        admins = [user for user in Users(database).list() if user.role is Role.ADMIN and user.disabled_at_ms is None]
        user = admins[0] if admins else _added(database, _ADMIN, Role.ADMIN, "", ["*"], [])
        return _link(database, user, base, is_admin=True)


def _added(
    database: "ControlDatabase", name: str, role: str, email: str, pools: list[str], locations: list[str]
) -> "User":
    from api.control.user import UserError
    from api.control.users import Users
    from api.roles import Role

    try:
        known = Role(role)
    except ValueError:
        fail(f"--role {role}: choose from {', '.join(Role)}")
    try:
        return Users(database).add(
            name=name, role=known, email=email, pools=pools, locations=locations, actor=actor(), now_ms=now_ms()
        )
    except UserError as error:
        fail(str(error))


def _known(database: "ControlDatabase", name: str) -> "User":
    from api.control.users import Users

    user = Users(database).named(name)
    if user is None:
        fail(f"there is nobody called {name}: see `headrace users list`")
    return user


def _link(database: "ControlDatabase", user: "User", base: str, *, is_admin: bool) -> str:
    from api.control.links import ADMIN_LINK_MS, INVITATION_MS, Links

    if user.disabled_at_ms is not None:
        fail(f"{user.name} is disabled: no link lets them in")
    life_ms = ADMIN_LINK_MS if is_admin else INVITATION_MS
    token = Links(database).make(user, actor=actor(), now_ms=now_ms(), life_ms=life_ms, is_password_needed=not is_admin)
    return f"{base.rstrip('/')}/link/{token}"
