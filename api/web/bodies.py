"""From the fields of a page's form to the body that a program would have sent: the same checks, the same command."""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from pydantic import BaseModel, ValidationError

from api.context import checked_key
from api.invalid import problem_of
from api.problems import Problem
from api.submit import Ask

Model = TypeVar("Model", bound=BaseModel)
Form = Mapping[str, str]
UNITS_PREFIX = "units."
_TRY_AGAIN = 503
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


class Attempt(NamedTuple):
    """A form that was sent and refused: what it held, why it was refused, and the key for the next try."""

    action: str
    form: Form
    problem: Problem
    key: str

    def value(self, action: str, name: str, default: object = "") -> str:
        """Give what stood in a field of an action's form."""
        return self.form.get(name, "") if action == self.action else str(default)

    def error(self, action: str, name: str) -> str:
        """Give the refusal if it is about this field of this form."""
        return self.problem.detail if action == self.action and self._field() == name else ""

    def rest(self, action: str, *names: str) -> str:
        """Give the refusal if it is about this form and none of these fields."""
        return self.problem.detail if action == self.action and self._field() not in names else ""

    def _field(self) -> str:
        return self.problem.field.split("[", 1)[0].split(".", 1)[0]


def attempt_of(action: str, form: Form, problem: Problem) -> Attempt:
    """Keep what was sent. A try that may have arrived keeps its key, so that repeating it is the same command."""
    key = form.get("key", "") if problem.status_code == _TRY_AGAIN else ""
    return Attempt(action, form, problem, key or new_key())


def new_key() -> str:
    """Give a form its key: sent twice, it is one command."""
    return secrets.token_urlsafe(16)


def with_key(ask: Ask, form: Form) -> Ask:
    """Let the form's key stand for the command."""
    ask.key = checked_key(form.get("key") or ask.key)
    return ask


def body_of(model: type[Model], fields: Mapping[str, Any]) -> Model:
    """Give the body of these fields; what is empty was not stated.

    Raises:
        Problem: 422.
    """
    stated = {name: value for name, value in fields.items() if value not in (None, "")}
    try:
        return model.model_validate_json(msgspec.json.encode(stated))
    except ValidationError as error:
        raise problem_of(error.errors(include_url=False), inside="") from None


def whole(form: Form, name: str) -> int | None:
    """Read a whole number; None where the field is empty.

    Raises:
        Problem: 422.
    """
    text = form.get(name, "").replace("−", "-").replace(" ", "")
    if not text:
        return None
    if _WHOLE.fullmatch(text) is None:
        field = "units" if name.startswith(UNITS_PREFIX) else name
        raise Problem(422, "number_invalid", f"{form[name]!r} is not a whole number.", field=field)
    return int(text)


def units_of(form: Form) -> list[dict[str, object]]:
    """Read how many units of each line, leaving out those of which there are none."""
    found = ((name.removeprefix(UNITS_PREFIX), whole(form, name)) for name in form if name.startswith(UNITS_PREFIX))
    return [{"line_id": line_id, "quantity": count} for line_id, count in found if count]


def instant_of(form: Form, name: str, zone: str) -> str | None:
    """Read a local time of the reader's zone as an instant in UTC.

    Raises:
        Problem: 422.
    """
    text = form.get(name, "")
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(422, "instant_invalid", f"{text!r} is not a date and time.", field=name) from None
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC).isoformat()
