"""Signing in, whichever way: it is decided here who comes in, throttled, and told to the audit."""

from typing import NamedTuple, Protocol

from api.control.audit import AuditLine, write_line
from api.control.database import ControlDatabase
from api.control.links import Links
from api.control.passwords import Passwords, fault_of
from api.control.sessions import Sessions
from api.control.throttle import Throttle, of_address, of_user
from api.control.user import User, UserError, name_from
from api.control.users import Users
from api.roles import Role
from api.security import digest_of

_PROVIDER = "identity provider"
_MINUTE_MS = 60_000
_DAY_MS = 86_400_000


class Provided(Protocol):
    """What an identity provider says of somebody."""

    @property
    def issuer_subject(self) -> str:
        """Who they are there, for ever."""

    @property
    def name(self) -> str:
        """What they are called there."""

    @property
    def email(self) -> str:
        """Their address, if it is verified."""

    @property
    def role(self) -> Role | None:
        """The role that is mapped to what it says of them."""


class Visit(NamedTuple):
    """Where a sign-in comes from: counted by address, and shown to the person by their browser's name."""

    address: str
    agent: str
    session: str | None
    """The secret of a session that the browser already has; it ends, so that nobody's planted one goes on."""


class SignedIn(NamedTuple):
    """Somebody came in; the secret goes into their cookie."""

    user: User
    secret: str


class Wait(NamedTuple):
    """Too many failed before: nothing was looked at."""

    milliseconds: int


class Identity:
    """People, their passwords, sessions and links. Its methods take long or write: run them beside the event loop."""

    def __init__(
        self, database: ControlDatabase, *, idle_minutes: int, absolute_days: int, passwords: Passwords | None = None
    ) -> None:
        self._database = database
        self.users = Users(database)
        self.sessions = Sessions(database, idle_ms=idle_minutes * _MINUTE_MS, absolute_ms=absolute_days * _DAY_MS)
        self.links = Links(database)
        self.throttle = Throttle(database)
        self._given_passwords = passwords
        self._made_passwords: Passwords | None = None

    @property
    def passwords(self) -> Passwords:
        """Made when it is first needed, since that hashes once."""
        if self._made_passwords is None:
            self._made_passwords = self._given_passwords or Passwords()
        return self._made_passwords

    def sign_in(self, typed: str, password: str, visit: Visit, now_ms: int) -> SignedIn | Wait | None:
        """Let somebody in by password; None when name or password is wrong, and nothing tells which."""
        user = self.users.named(typed)
        counted = of_user(user.user_id if user is not None else digest_of(typed.strip().casefold()).hex())
        address = of_address(visit.address)
        wait_ms = self.throttle.attempt([counted, address], now_ms)
        if wait_ms:
            return Wait(wait_ms)
        kept = self.users.password_hash(user.user_id) if user is not None and user.disabled_at_ms is None else None
        if not self.passwords.verify(kept, password) or user is None or kept is None:
            # What was typed for a name that is nobody's may be a password, so it is not written down.
            self._tell(user, "sign_in", now_ms, refusal="wrong name or password")
            return None
        self.throttle.succeeded(counted, address)
        if self.passwords.is_outdated(kept):
            self.users.rehash(user.user_id, kept, self.passwords.hash(password))
        return self.let_in(user, visit, now_ms, by="password")

    def let_in(self, user: User, visit: Visit, now_ms: int, *, by: str) -> SignedIn:
        """Begin a session for somebody who has shown who they are."""
        secret = self.sessions.begin(user.user_id, agent=visit.agent, now_ms=now_ms, instead_of=visit.session)
        self._tell(user, "sign_in", now_ms, reason=by)
        return SignedIn(user, secret)

    def sign_in_by_link(self, token: str, password: str, visit: Visit, now_ms: int) -> SignedIn | str:
        """Use a link up, with the password that was chosen there; or say why not, and leave the link as it is."""
        link = self.links.find(token, now_ms)
        user = self.users.find(link.user_id) if link is not None else None
        if link is None or user is None:
            return "This link was used before or is over: ask for a new one."
        if password or link.is_password_needed:
            fault = fault_of(password, (user.name, user.email.partition("@")[0]))
            if fault is not None:
                return fault
        kept = self.passwords.hash(password) if password else None
        if self.links.use(token, now_ms) is None:
            return "This link was used a moment ago: ask for a new one if it was not you."
        if kept is not None:
            self.users.set_password(user, kept, actor=user.principal.actor, now_ms=now_ms)
        self.throttle.succeeded(of_user(user.user_id), of_address(visit.address))
        return self.let_in(user, visit, now_ms, by="link")

    def sign_in_by_provider(
        self, person: Provided, default_role: Role | None, visit: Visit, now_ms: int
    ) -> SignedIn | str:
        """Let in whom an identity provider vouches for; or say why not. A role that it states is taken over."""
        role = person.role
        user = self.users.of_subject(person.issuer_subject)
        if user is None and person.email:
            user = self._invited(person, now_ms)
        try:
            if user is None:
                if (role or default_role) is None:
                    return "Nobody has given you a role here: ask an admin to add you with this e-mail address."
                user = self._newcomer(person, role or default_role or Role.VIEWER, now_ms)
            elif role is not None and role is not user.role and user.disabled_at_ms is None:
                reason = "as the identity provider says"
                user = self.users.change(user.user_id, actor=_PROVIDER, reason=reason, now_ms=now_ms, role=role)
        except UserError as error:
            return f"You cannot come in yet, because {error}. Ask an admin."
        if user.disabled_at_ms is not None:
            self._tell(user, "sign_in", now_ms, refusal="disabled")
            return "Your account here is disabled: ask an admin."
        return self.let_in(user, visit, now_ms, by="identity provider")

    def _invited(self, person: Provided, now_ms: int) -> User | None:
        """Give whom an admin has added with this address, who is from now on known by the provider's name."""
        user = self.users.named(person.email)
        if user is None or user.signs_in_elsewhere:
            return None
        self.users.link_subject(user, person.issuer_subject, actor=_PROVIDER, now_ms=now_ms)
        return user

    def _newcomer(self, person: Provided, role: Role, now_ms: int) -> User:
        name = wanted = name_from(person.name)
        number = 2
        while self.users.named(name) is not None:
            name, number = f"{wanted}{number}", number + 1
        return self.users.add(
            name=name,
            email=person.email,
            role=role,
            actor=_PROVIDER,
            now_ms=now_ms,
            issuer_subject=person.issuer_subject,
        )

    def change_password(self, user: User, old: str, new: str, visit: Visit, now_ms: int) -> SignedIn | str:
        """Change one's own password and sign in anew, which ends all other sessions; or say why not."""
        counted, address = of_user(user.user_id), of_address(visit.address)
        wait_ms = self.throttle.attempt([counted, address], now_ms)
        if wait_ms:
            return wait_text(wait_ms)
        kept = self.users.password_hash(user.user_id)
        if kept is not None and not self.passwords.verify(kept, old):
            return "The present password is another: nothing was changed."
        self.throttle.succeeded(counted, address)
        fault = fault_of(new, (user.name, user.email.partition("@")[0]))
        if fault is not None:
            return fault
        self.users.set_password(user, self.passwords.hash(new), actor=user.principal.actor, now_ms=now_ms)
        return self.let_in(user, visit, now_ms, by="password")

    def sign_out(self, user: User, secret: str, now_ms: int) -> None:
        """End this session."""
        self.sessions.end(secret)
        self._tell(user, "sign_out", now_ms)

    def sign_out_everywhere(self, user: User, now_ms: int) -> int:
        """End every session of somebody, this one too."""
        ended = self.sessions.end_all(user.user_id)
        self._tell(user, "sign_out_everywhere", now_ms, reason=f"{ended} sessions")
        return ended

    def _tell(self, user: User | None, action: str, now_ms: int, *, reason: str = "", refusal: str = "") -> None:
        name = f"user:{user.name}" if user is not None else "nobody"
        line = AuditLine(at_ms=now_ms, actor=name, action=action, target=name, reason=reason, refusal=refusal)
        self._database.write(lambda connection: write_line(connection, line))


def wait_text(wait_ms: int) -> str:
    """Say how long to wait."""
    seconds = -(-wait_ms // 1000)
    long = f"{seconds} seconds" if seconds < 60 else f"{-(-seconds // 60)} minutes"  # noqa: PLR2004
    return f"Too many sign-ins failed: wait {long} and try again."
