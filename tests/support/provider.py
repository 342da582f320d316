"""A small OpenID Connect provider: real HTTP on this machine, its own keys, and every step checked as one would."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID = "headrace"
CLIENT_SECRET = "shared with the provider"


class Provider:
    """Signs in whom `person` names; `spoil` changes the claims, `signed_by` the key."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.signed_by: RSAKey | None = None
        self.person: dict[str, Any] = {}
        self.spoil: dict[str, Any] = {}
        self.issuer = ""
        self.told_issuer = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens_given = 0

    def be(self, subject: str, **claims: Any) -> None:
        """Sign this person in from now on, as a provider does that nobody meddles with."""
        self.person = {"sub": subject, "email_verified": True, **claims}
        self.spoil, self.signed_by, self.told_issuer = {}, None, self.issuer

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.told_issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Give where the browser is sent back to, once the person has signed in here."""
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT_ID)
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Give an ID token for a code, once, to the client that has the secret and the verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if (
            asked is None
            or authorization != f"Basic {expected}"
            or challenge.decode() != asked["code_challenge"]
            or form.get("redirect_uri") != asked["redirect_uri"]
        ):
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        self.tokens_given += 1
        header = {"alg": "RS256", "kid": self.key.kid}
        token = jwt.encode(header, claims | self.person | self.spoil, self.signed_by or self.key)
        return {"access_token": "unused", "token_type": "Bearer", "id_token": token}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider until the end of the block."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_header("Location", provider.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif parts.path == "/keys":
                self.answer(dict(KeySet([provider.key]).as_dict(private=False)))
            else:
                self.answer(provider.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(provider.token(dict(parse_qsl(body)), self.headers.get("Authorization", "")))

        def answer(self, body: dict[str, Any] | None) -> None:
            raw = json.dumps(body if body is not None else {"error": "invalid_grant"}).encode()
            self.send_response(200 if body is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.issuer = provider.told_issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
