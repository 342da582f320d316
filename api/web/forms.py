"""Forms of the pages: URL-encoded, each name once, read as strictly as JSON bodies are."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from api.problems import Problem

_TYPE = "application/x-www-form-urlencoded"
_FIELDS_MAX = 200


async def form_of(request: Request) -> dict[str, str]:
    """Give the fields of a form, without spaces around them.

    Raises:
        Problem: 415 or 400.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _TYPE:
        raise Problem(415, "content_type_unsupported", f"Send the form as `Content-Type: {_TYPE}`.")
    try:
        text = (await request.body()).decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX, errors="strict")
    except ValueError:
        raise Problem(400, "form_malformed", "The form cannot be read: load the page again.") from None
    fields = {name: value.strip() for name, value in pairs}
    if len(fields) != len(pairs) or "\x00" in text or "%00" in text:
        raise Problem(400, "form_malformed", "The form names a field twice or holds no text: load the page again.")
    return fields
