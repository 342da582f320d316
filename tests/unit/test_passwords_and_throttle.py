"""What may be a password, how it is kept, and how failed sign-ins slow the next one down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from api.control.database import ControlDatabase
from api.control.identity import Identity, SignedIn, Visit, Wait
from api.control.passwords import Passwords, fault_of
from api.control.throttle import Throttle, delay_ms, of_address, of_user
from api.control.user import UserError, checked_name, name_from
from api.roles import Role
from api.security import digest_of

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
VISIT = Visit("10.0.0.1", "test", None)
PASSWORD = "four mild herons waiting"
MINUTE = 60_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[ControlDatabase]:
    made = ControlDatabase(tmp_path / "control.db")
    yield made
    made.close()


@pytest.fixture
def identity(database: ControlDatabase) -> Identity:
    made = Identity(database, idle_minutes=30, absolute_days=1, passwords=Passwords(CHEAP))
    user = made.users.add(name="ann", role=Role.VIEWER, actor="test", now_ms=0, email="ann@example.com")
    made.users.set_password(user, made.passwords.hash(PASSWORD), actor="test", now_ms=0)
    return made


@pytest.mark.parametrize(
    "password",
    [
        "four mild herons waiting",
        "correct battery horse 7",
        "ÄÖÜ ist ein Passwort",
        "x7f;-2Lq9wBn",
        "a" * 60 + "b" * 60 + "c",
    ],
)
def test_a_long_password_of_any_composition_is_taken(password: str) -> None:
    assert fault_of(password, ("ann",)) is None


@pytest.mark.parametrize(
    ("password", "text"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 257, "at most 256"),
        ("password1234", "first that anybody"),
        ("PasswordPassword", "first that anybody"),
        ("123456789012", "first that anybody"),
        ("210987654321", "first that anybody"),
        ("aaaaaaaaaaaa", "first that anybody"),
        ("abcabcabcabcabc", "first that anybody"),
        ("qwertyuiop123", "first that anybody"),
        ("Headrace2026!", "first that anybody"),
        ("ann.lee-warehouse", ""),
        ("annabella.smith12", "not a name"),
    ],
)
def test_what_everybody_tries_first_is_refused_with_the_reason(password: str, text: str) -> None:
    fault = fault_of(password, ("annabella.smith", "an"))

    assert (fault or "") == "" if not text else text in (fault or "")


def test_a_password_is_the_same_from_any_keyboard() -> None:
    passwords = Passwords(CHEAP)
    kept = passwords.hash("caf\u00e9 au lait noir")

    assert passwords.verify(kept, "cafe\u0301 au lait noir")
    assert not passwords.verify(kept, "cafe au lait noir")
    assert not passwords.verify(None, "nobody's")


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(identity: Identity) -> None:
    user = identity.users.named("ann")
    assert user is not None
    identity.users.set_password(
        user, PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD), actor="test", now_ms=0
    )
    before = identity.users.password_hash(user.user_id)
    assert isinstance(identity.sign_in("ann", PASSWORD, VISIT, 1), SignedIn)
    after = identity.users.password_hash(user.user_id)

    assert before is not None
    assert after is not None
    assert ("t=2" in before, "t=1" in after) == (True, True)
    assert isinstance(identity.sign_in("ANN@example.com", PASSWORD, VISIT, 2), SignedIn)


def test_each_failure_beyond_the_free_ones_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [delay_ms(failures, free=5) // 1000 for failures in (0, 4, 5, 6, 7, 14, 15, 500)]

    assert waits == [0, 0, 1, 2, 4, 512, 900, 900]


def test_a_wrong_password_is_slowed_down_and_the_right_one_has_to_wait_too(identity: Identity) -> None:
    now = 0
    for _ in range(5):
        assert identity.sign_in("ann", "wrong", VISIT, now) is None
    assert identity.sign_in("ann", PASSWORD, VISIT, now + 999) == Wait(1)
    assert identity.sign_in("ann", "wrong", VISIT, now + 1_000) is None
    assert identity.sign_in("ann", PASSWORD, VISIT, now + 2_999) == Wait(1)
    assert isinstance(identity.sign_in("ann", PASSWORD, VISIT, now + 3_000), SignedIn)
    assert identity.sign_in("ann", "wrong", VISIT, now + 3_000) is None, "a success forgets the failures"


def test_an_unknown_name_is_slowed_down_just_alike(identity: Identity) -> None:
    def told(name: str) -> list[str]:
        return [type(identity.sign_in(name, "wrong", Visit(name, "", None), at)).__name__ for at in range(7)]

    assert told("ann") == told("nobody")


def test_an_address_that_tries_many_names_is_slowed_down(identity: Identity) -> None:
    for number in range(30):
        assert identity.sign_in(f"name{number}", "wrong", VISIT, 0) is None
    other = Visit("10.0.0.2", "test", None)

    assert identity.sign_in("ann", PASSWORD, VISIT, 0) == Wait(1_000)
    assert isinstance(identity.sign_in("ann", PASSWORD, other, 0), SignedIn)


def test_who_has_one_right_password_gets_no_free_guesses_at_others(identity: Identity) -> None:
    for number in range(29):
        assert identity.sign_in(f"name{number}", "wrong", VISIT, 0) is None
    assert isinstance(identity.sign_in("ann", PASSWORD, VISIT, 0), SignedIn)
    assert identity.sign_in("other", "wrong", VISIT, 0) is None
    assert identity.sign_in("another", "wrong", VISIT, 0) == Wait(1_000)


def test_failures_are_forgotten_after_a_day(database: ControlDatabase) -> None:
    throttle, subjects = Throttle(database), [of_user("u1"), of_address("10.0.0.1")]
    for _ in range(5):
        assert throttle.attempt(subjects, 0) == 0

    assert throttle.attempt(subjects, 0) == 1_000
    assert throttle.attempt(subjects, 86_400_000) == 0


def test_a_session_ends_when_nobody_uses_it_and_after_a_day_in_any_case(identity: Identity) -> None:
    sessions = identity.sessions
    user = identity.users.named("ann")
    assert user is not None
    idle, used = (identity.let_in(user, VISIT, 0, by="test").secret for _ in range(2))

    at = 0
    while at < 1_439 * MINUTE:
        at += 29 * MINUTE
        sessions.find(digest_of(used), at)
        sessions.note_use()
    assert sessions.find(digest_of(used), 1_439 * MINUTE) is not None
    assert sessions.find(digest_of(used), 1_440 * MINUTE) is None
    assert sessions.find(digest_of(idle), 30 * MINUTE) is None


def test_signing_out_everywhere_ends_every_session(identity: Identity) -> None:
    user = identity.users.named("ann")
    assert user is not None
    for _ in range(3):
        identity.let_in(user, VISIT, 0, by="test")

    assert len(identity.sessions.list(user.user_id, 1)) == 3
    assert identity.sign_out_everywhere(user, 1) == 3
    assert identity.sessions.list(user.user_id, 1) == []


def test_a_link_works_once_and_stays_after_a_refused_password(identity: Identity) -> None:
    user = identity.users.named("ann")
    assert user is not None
    token = identity.links.make(user, actor="test", now_ms=0, life_ms=1_000)

    assert "at least 12" in str(identity.sign_in_by_link(token, "short", VISIT, 1))
    assert isinstance(identity.sign_in_by_link(token, "five quiet otters asleep", VISIT, 999), SignedIn)
    assert "used before" in str(identity.sign_in_by_link(token, "six loud geese flying", VISIT, 999))
    assert identity.sign_in("ann", PASSWORD, VISIT, 1_000) is None


def test_the_last_admin_can_neither_be_disabled_nor_become_less(identity: Identity) -> None:
    users = identity.users
    admin = users.add(name="root", role=Role.ADMIN, actor="test", now_ms=0)
    with pytest.raises(UserError, match="last admin"):
        users.change(admin.user_id, actor="test", reason="", now_ms=1, disabled=True)
    with pytest.raises(UserError, match="last admin"):
        users.change(admin.user_id, actor="test", reason="", now_ms=1, role=Role.OPS)
    second = users.add(name="root2", role=Role.ADMIN, actor="test", now_ms=2)

    assert users.change(admin.user_id, actor="test", reason="", now_ms=3, disabled=True).disabled_at_ms == 3
    assert second.disabled_at_ms is None


def test_names_are_plain_and_taken_once(identity: Identity) -> None:
    assert checked_name(" Ann.Lee ") == "ann.lee"
    assert [name_from(text) for text in ("Lee Ann", "kim@example.com", "¿?", "x" * 90)] == [
        "lee-ann",
        "kim",
        "user",
        "x" * 37,
    ]
    for wrong in ("", "a b", "a/b", "ann:lee", "-ann", "x" * 41):
        with pytest.raises(UserError, match="cannot be a name"):
            checked_name(wrong)
    with pytest.raises(UserError, match="somebody called ann"):
        identity.users.add(name="Ann", role=Role.VIEWER, actor="test", now_ms=0)
