"""Signing in by an OpenID Connect provider: authorization code with PKCE, state and nonce; what the provider says is
believed only as an ID token that its published keys have signed, for us, now, for this very attempt.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from api.roles import Role
from api.settings import ApiSettings

# Only signatures whose key is not shared: with HMAC the provider's public text could be taken for one.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
_DISCOVERY_MS = 3_600_000
_TIMEOUT_SECONDS = 10.0
_LEEWAY_SECONDS = 60
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_OK = 200


class OidcError(Exception):
    """The provider's answer is not accepted; the text is for the person, the log has the rest."""


class Attempt(NamedTuple):
    """What has to be remembered from going to the provider until coming back."""

    state: str
    nonce: str
    verifier: str


class Person(NamedTuple):
    """Whom the provider has signed in."""

    issuer_subject: str
    name: str
    email: str
    """Empty unless the provider has verified it."""
    role: Role | None
    """None where no role is mapped to what the provider says of them."""


class OpenId:
    """The provider that the settings name."""

    def __init__(self, settings: ApiSettings, now_ms: Callable[[], int]) -> None:
        self.issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret or SecretStr("")
        self._role_claim = settings.oidc_role_claim
        self._roles = roles_of(settings.oidc_roles)
        self.default_role = Role(settings.oidc_default_role) if settings.oidc_default_role else None
        self._domains = {domain.strip().casefold() for domain in settings.oidc_domains.split(",") if domain.strip()}
        self._now_ms = now_ms
        self._metadata: Mapping[str, Any] = {}
        self._metadata_at_ms = 0
        self._keys: KeySet | None = None
        parts = urlsplit(self.issuer)
        if self.issuer and parts.scheme != "https" and parts.hostname not in _LOCAL:
            raise ValueError(f"HEADRACE_OIDC_ISSUER={self.issuer}: begin it with https://")
        if self.issuer and not self._client_id:
            raise ValueError("HEADRACE_OIDC_CLIENT_ID is missing: take it from where Headrace is registered")

    @property
    def is_configured(self) -> bool:
        """Tell whether there is a provider."""
        return bool(self.issuer)

    async def begin(self, redirect_uri: str) -> tuple[str, Attempt]:
        """Give where to send the browser, and what to remember.

        Raises:
            OidcError: the provider does not answer.
        """
        metadata = await self._discovered()
        attempt = Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        challenge = base64.urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = str(metadata["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", attempt

    async def finish(self, code: str, attempt: Attempt, redirect_uri: str) -> Person:
        """Give who came back with a code.

        Raises:
            OidcError: the provider does not vouch for them, or not in a way that is accepted.
        """
        metadata = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": attempt.verifier,
        }
        secret = self._client_secret.get_secret_value()
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = (self._client_id, secret) if secret and "client_secret_basic" in methods else None
        if secret and auth is None:
            form["client_secret"] = secret
        answer = await self._ask("POST", str(metadata["token_endpoint"]), data=form, auth=auth)
        return self._person(await self._claims(str(answer.get("id_token", "")), attempt.nonce))

    async def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """Give what a valid ID token says."""
        keys = self._keys or await self._fetch_keys()
        try:
            decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys since they were read.
            keys = await self._fetch_keys()
            try:
                decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError) as error:
                raise OidcError(f"the ID token is not signed by the provider ({error})") from None
        registry = jwt.JWTClaimsRegistry(
            now=self._now_ms() // 1000,
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._metadata["issuer"]},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(decoded.claims)
        except JoseError as error:
            raise OidcError(f"the ID token is not for this sign-in ({error})") from None
        party = decoded.claims.get("azp", self._client_id)
        if party != self._client_id:
            raise OidcError("the ID token was made for another client")
        return decoded.claims

    def _person(self, claims: Mapping[str, Any]) -> Person:
        email = str(claims.get("email", "")).casefold() if claims.get("email_verified") is True else ""
        if self._domains and email.rpartition("@")[2] not in self._domains:
            raise OidcError(f"only addresses of {', '.join(sorted(self._domains))} may sign in here")
        name = str(claims.get("preferred_username") or email or claims["sub"])
        return Person(f"{claims['iss']} {claims['sub']}", name, email, self._role(claims.get(self._role_claim)))

    def _role(self, said: object) -> Role | None:
        """Give the first role of the mapping that the provider names; its order is the settings'."""
        values = {str(value) for value in said} if isinstance(said, list) else {str(said)}
        return next((role for value, role in self._roles if value in values), None)

    async def _discovered(self) -> Mapping[str, Any]:
        if not self._metadata or self._now_ms() - self._metadata_at_ms > _DISCOVERY_MS:
            found = await self._ask("GET", f"{self.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self.issuer:
                raise OidcError(f"what answers at {self.issuer} calls itself {found.get('issuer')!r}")
            if missing := {"authorization_endpoint", "token_endpoint", "jwks_uri"} - found.keys():
                raise OidcError(f"the provider does not tell its {min(missing)}")
            self._metadata, self._metadata_at_ms, self._keys = found, self._now_ms(), None
        return self._metadata

    async def _fetch_keys(self) -> KeySet:
        try:
            self._keys = KeySet.import_key_set(await self._ask("GET", str(self._metadata["jwks_uri"])))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError) as error:
            raise OidcError(f"the provider's keys cannot be read ({error})") from None
        return self._keys

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        """Ask the provider; a redirect is not followed, since its metadata names each address."""
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, headers={"Accept": "application/json"}) as client:
                answer = await client.request(method, url, **more)
                body = answer.json() if answer.status_code == _OK else None
        except (httpx2.HTTPError, ValueError) as error:
            raise OidcError(f"the provider does not answer ({type(error).__name__})") from None
        if not isinstance(body, dict):
            raise OidcError(f"the provider answered {answer.status_code}")
        return body


def roles_of(text: str) -> list[tuple[str, Role]]:
    """Read `VALUE=ROLE,VALUE=ROLE`.

    Raises:
        ValueError: it is not that.
    """
    found: list[tuple[str, Role]] = []
    for pair in filter(None, (part.strip() for part in text.split(","))):
        value, _, role = pair.rpartition("=")
        if not value or role not in set(Role):
            raise ValueError(f"HEADRACE_OIDC_ROLES: {pair!r} is not VALUE=ROLE, with a role of {', '.join(Role)}")
        found.append((value, Role(role)))
    return found
