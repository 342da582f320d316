"""From what Pydantic found wrong in a request to one problem document with our own code and text."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.problems import Problem

_INTEGER_ERRORS = {"int_type", "int_parsing", "int_from_float"}
_TOO_LARGE = {"less_than_equal", "less_than", "int_parsing_size"}
_TOO_SMALL = {"greater_than_equal", "greater_than"}
# Raised by our own checks in the bodies; each is a code of its own.
_OWN = {"sku_invalid", "instant_out_of_bounds", "position_incomplete", "line_id_missing", "customer_repeated"}
_WHOLE_NUMBERS = ("quantity", "counted", "delta", "unsellable_delta")


def problem_of(errors: Sequence[Mapping[str, Any]], *, inside: str) -> Problem:
    """Give the problem of the first error; the others would only follow from a request that is wrong anyway."""
    error = errors[0]
    location = [part for part in error["loc"] if part != inside]
    field = path_of(location)
    name = next((part for part in reversed(location) if isinstance(part, str)), "")
    if name in _WHOLE_NUMBERS:
        code, detail = _of_quantity(name, error)
    else:
        code, detail = _of_field(field, error)
    return Problem(422, code, detail, field=field)


def path_of(location: Sequence[str | int]) -> str:
    """Write a place in the body as `lines[0].quantity`."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _of_quantity(name: str, error: Mapping[str, Any]) -> tuple[str, str]:
    kind, given = error["type"], error.get("input")
    if kind in _TOO_LARGE:
        return f"{name}_too_large", f"{name} is more than 1,000,000: check its unit, or send several lines."
    if kind in _TOO_SMALL and given == 0:
        return f"{name}_zero", f"{name} is 0: leave the line out, or send at least 1."
    if kind in _TOO_SMALL:
        return f"{name}_negative", f"{name} is below what it can be: send a positive whole number."
    if kind in _INTEGER_ERRORS and isinstance(given, float):
        return f"{name}_fractional", f"{name} is not whole: quantities are whole numbers of the SKU's base unit."
    if kind == "missing":
        return "field_missing", f"{name} is missing: send a whole number."
    return f"{name}_invalid", f"{name} is not a number: send a JSON number without quotes."


def _of_field(field: str, error: Mapping[str, Any]) -> tuple[str, str]:
    kind = error["type"]
    if kind == "missing":
        return "field_missing", f"{field} is missing: the request cannot be understood without it."
    if kind == "extra_forbidden":
        return "field_unknown", f"{field} is not a field of this request: check its spelling."
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "field_invalid", f"{field or 'The body'} must be a JSON object."
    if kind in _OWN:
        return kind, f"{field}: {error['msg']}."
    return "field_invalid", f"{field}: {error['msg'][:1].lower()}{error['msg'][1:]}."
