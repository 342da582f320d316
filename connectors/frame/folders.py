"""Addresses of folders, as accounts name them: what is wrong with one is told before anybody looks there."""

from urllib.parse import SplitResult, urlsplit

SCHEMES = ("file", "memory", "s3", "sftp")
_SUCH_AS = "/var/partner/in, sftp://user@host/in or s3://bucket/in"


def wrong_folder(address: str) -> str:
    """Say what is wrong with the address of a folder, and what to do; nothing where it is right."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        return f"it is no address ({error}): give one such as {_SUCH_AS}"
    scheme = parts.scheme or "file"
    if not address.strip():
        return f"it is empty: give a folder such as {_SUCH_AS}"
    if not address.isprintable():
        return f"it has characters that cannot be seen: give a folder such as {_SUCH_AS}"
    if "::" in address:
        return f"it may not have `::` in it: give one folder, such as {_SUCH_AS}"
    if scheme not in SCHEMES:
        return f"{scheme} is no kind of folder: take one of {', '.join(SCHEMES)}"
    if parts.password is not None:
        return "an address may hold no password: run `headrace connectors secret ACCOUNT folder_secret`"
    return _OF[scheme](parts)


def wrong_endpoint(address: str) -> str:
    """Say what is wrong with the address at which object storage answers; nothing where it is right."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_plain = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in {"https", "http"} or not parts.hostname or not is_plain or not address.isprintable():
        return "give where object storage answers, such as https://s3.eu-central-1.example.com"
    return ""


def _wrong_local(parts: SplitResult) -> str:
    # What does not begin at the root would be another folder wherever a process is started.
    if parts.netloc or not parts.path.startswith("/") or not parts.path.strip("/"):
        return "a folder of this machine is named from the root on, such as /var/partner/in"
    return ""


def _wrong_server(parts: SplitResult) -> str:
    if not (parts.hostname and parts.username and parts.path):
        return "name the user, the server and the folder: sftp://user@host/in"
    return ""


def _wrong_bucket(parts: SplitResult) -> str:
    return (
        "" if parts.netloc else f"name the {'bucket' if parts.scheme == 's3' else 'folder'}: {parts.scheme}://name/in"
    )


_OF = {"file": _wrong_local, "memory": _wrong_bucket, "s3": _wrong_bucket, "sftp": _wrong_server}
