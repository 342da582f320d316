"""Signature Version 4 of Amazon, for a POST to the root of a service: what an SDK would be a large dependency for.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from msgspec.structs import replace

from connectors.frame.http import HttpRequest

_ALGORITHM = "AWS4-HMAC-SHA256"


class Signer(NamedTuple):
    """Who signs, and for what."""

    key_id: str
    key: str
    session_token: str
    region: str
    service: str


def signed(request: HttpRequest, signer: Signer, at: datetime) -> HttpRequest:
    """Give a request to `/` without a query as signed at a time."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    added = {"x-amz-date": stamp} | ({"x-amz-security-token": signer.session_token} if signer.session_token else {})
    covered = {"host": urlsplit(request.url).netloc} | request.headers | added
    names = sorted(covered)
    lines = "".join(f"{name}:{covered[name].strip()}\n" for name in names)
    digest = hashlib.sha256(request.body).hexdigest()
    canonical = f"{request.method}\n/\n\n{lines}\n{';'.join(names)}\n{digest}"
    scope = f"{stamp[:8]}/{signer.region}/{signer.service}/aws4_request"
    text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{signer.key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    authorization = (
        f"{_ALGORITHM} Credential={signer.key_id}/{scope}, SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return replace(request, headers=request.headers | added | {"authorization": authorization})
