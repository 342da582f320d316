"""Forms of the pages: URL-encoded, read as strictly as JSON bodies are."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from api.problems import Problem

_TYPE = "application/x-www-form-urlencoded"
_FIELDS_MAX = 500


async def form_of(request: Request) -> dict[str, str]:
    """Give the fields of a form that names each once, without spaces around them.

    Raises:
        Problem: 415 or 400.
    """
    pairs = await _pairs_of(request)
    fields = {name: value.strip() for name, value in pairs}
    if len(fields) != len(pairs):
        raise Problem(400, "form_malformed", "The form names a field twice: load the page again.")
    return fields


async def form_lists_of(request: Request) -> dict[str, list[str]]:
    """Give the fields of a form, with all values of each name.

    Raises:
        Problem: 415 or 400.
    """
    found: dict[str, list[str]] = {}
    for name, value in await _pairs_of(request):
        found.setdefault(name, []).append(value)
    return found


def is_form(request: Request) -> bool:
    """Tell whether the body is said to be a form."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower() == _TYPE


async def _pairs_of(request: Request) -> list[tuple[str, str]]:
    body = await request.body()
    # A button alone sends nothing.
    if body and not is_form(request):
        raise Problem(415, "content_type_unsupported", f"Send the form as `Content-Type: {_TYPE}`.")
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX, errors="strict")
    except ValueError:
        raise Problem(400, "form_malformed", "The form cannot be read: load the page again.") from None
    if any("\x00" in part for pair in pairs for part in pair):
        raise Problem(400, "form_malformed", "The form holds what is no text: load the page again.")
    return pairs
