"""Requests to other systems: their host is checked, secrets are put in, they are paced, and answers are capped.

Only https, only hosts that the connector names, no redirects, and no address of a private network, which is looked up
here and then called as it was looked up, so that a name cannot change in between. Each host has connections of its own:
many are at one address, and a connection that one of them has proved to be its own must not carry another's secrets.
"""

import asyncio
import hashlib
import socket
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import msgspec
import structlog

from api.exchange.addresses import PrivateAddressError, public_one
from connectors.frame.declaration import Connector, Limits
from connectors.frame.http import HttpRequest, HttpResponse, TokenGrant
from connectors.frame.message import Account

TIMEOUT_SECONDS = 20.0
ANSWER_BYTES_MAX = 8 << 20
_HTTPS = 443
_HTTP = 80
_RENEW_SECONDS = 60
_CONNECTIONS_MAX = 50
_GZIP = 16 + zlib.MAX_WBITS

log = structlog.get_logger(__name__)


class CallError(Exception):
    """No answer was had; a later try may have one."""


class CallRefusedError(Exception):
    """The request may not be made at all; a person has to change something."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """Who is called: where requests may go, how fast, and what is put into them."""

    name: str
    hosts: tuple[str, ...]
    limits: Limits
    authorise: Callable[[HttpRequest, str], HttpRequest] = lambda request, _: request
    """Of (request, token), the token empty where there is none."""
    grant: TokenGrant | None = None
    grant_request: Callable[[], HttpRequest] | None = None
    granted_for: bytes = b""
    """What tells a token's owner: with other settings or secrets another one is asked for."""

    @classmethod
    def of(cls, account: Account, connector: Connector, secrets: dict[str, str]) -> "Peer":
        """Give the peer that an account is."""
        # A token that is kept among the secrets does not run out, and none has to be asked for.
        put_in, grant = connector.authorise, None if secrets.get("token") else connector.grant

        def authorise(request: HttpRequest, token: str) -> HttpRequest:
            values = secrets | ({"token": token} if token else {})
            if connector.sign is not None:
                request = connector.sign(request, account, values, time.time_ns() // 1_000_000)
            return request if put_in is None else put_in(request, account, values)

        return cls(
            name=account.name,
            hosts=_hosts(account, connector),
            limits=connector.limits,
            authorise=authorise,
            grant=grant,
            grant_request=None if grant is None else lambda: grant.request(account, secrets),
            granted_for=b"" if grant is None else _owner(account, secrets),
        )


def _owner(account: Account, secrets: dict[str, str]) -> bytes:
    told = msgspec.json.encode([account.settings, secrets], order="deterministic")
    return hashlib.blake2b(told, digest_size=16).digest()


def _hosts(account: Account, connector: Connector) -> tuple[str, ...]:
    try:
        return connector.hosts(account)
    except Exception:
        # An account whose settings lack an address is called nowhere, and must not be in the way of the others.
        log.exception("an account has no hosts", account=account.name)
        return ()


class Caller:
    """Makes requests for all peers of a process."""

    def __init__(
        self, *, private_hosts: frozenset[str] = frozenset(), timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        """`private_hosts` may be called though they are of a private network, and without https."""
        self.private_hosts = private_hosts
        self.timeout_seconds = timeout_seconds
        self._trusted = httpx2.create_ssl_context(trust_env=False)
        self._clients: dict[str, httpx2.AsyncClient] = {}
        self._next_at: dict[str, float] = {}
        self._tokens: dict[str, tuple[str, float, bytes]] = {}

    async def call(self, request: HttpRequest, peer: Peer) -> HttpResponse:
        """Make a request.

        Raises:
            CallError: no answer, not in time, or one that is too long.
            CallRefusedError: it may not go there.
        """
        self._check(request.url, peer)
        token = await self._token(peer)
        await self._pace(peer)
        answer = await self._send(peer.authorise(request, token))
        if answer.status == 401:  # noqa: PLR2004
            self._tokens.pop(peer.name, None)
        return answer

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    def _check(self, url: str, peer: Peer) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not any(host == known or (known.startswith(".") and host.endswith(known)) for known in peer.hosts):
            raise CallRefusedError(f"{host} is none of the hosts of {peer.name}: {', '.join(peer.hosts) or 'none'}")
        if parts.scheme != "https" and not (parts.scheme == "http" and host in self.private_hosts):
            raise CallRefusedError(f"only https is called, not {parts.scheme}: change the address of {peer.name}")
        if parts.username or parts.password:
            raise CallRefusedError("an address may hold no user name or password")

    async def _token(self, peer: Peer) -> str:
        if peer.grant is None or peer.grant_request is None:
            return ""
        known = self._tokens.get(peer.name)
        if known is not None and known[1] > time.monotonic() and known[2] == peer.granted_for:
            return known[0]
        request = peer.grant_request()
        self._check(request.url, peer)
        await self._pace(peer)
        answer = await self._send(request)
        if not answer.ok:
            raise CallError(f"no access token: {answer.status}")
        token, seconds = peer.grant.token(answer)
        self._tokens[peer.name] = token, time.monotonic() + max(1, seconds - _RENEW_SECONDS), peer.granted_for
        return token

    async def _pace(self, peer: Peer) -> None:
        now = time.monotonic()
        at = max(now, self._next_at.get(peer.name, 0.0))
        self._next_at[peer.name] = at + 1.0 / peer.limits.requests_per_second
        if at > now:
            await asyncio.sleep(at - now)

    async def _send(self, request: HttpRequest) -> HttpResponse:
        url = httpx2.URL(request.url)
        host = url.host
        try:
            async with asyncio.timeout(self.timeout_seconds):
                address = await self.address(host, url.port or (_HTTPS if url.scheme == "https" else _HTTP))
                client = self._client_of(host)
                fixed = {"host": url.netloc.decode(), "accept-encoding": "gzip"}
                made = client.build_request(
                    request.method,
                    url.copy_with(host=address),
                    headers={"user-agent": "headrace"} | request.headers | fixed,
                    content=request.body,
                    extensions={"sni_hostname": host},
                )
                return await _answered(client, made, request.url)
        except TimeoutError:
            raise CallError(f"no answer within {self.timeout_seconds:g} s") from None
        except httpx2.LocalProtocolError:
            # Its text would quote the header, which may hold a secret.
            raise CallRefusedError("the request cannot be written: a secret has characters that may not be") from None
        except httpx2.HTTPError as error:
            raise CallError(f"{type(error).__name__}: {error}") from None

    def _client_of(self, host: str) -> httpx2.AsyncClient:
        found = self._clients.get(host)
        if found is None:
            found = self._clients[host] = httpx2.AsyncClient(
                timeout=self.timeout_seconds,
                follow_redirects=False,
                trust_env=False,
                verify=self._trusted,
                limits=httpx2.Limits(max_connections=_CONNECTIONS_MAX),
            )
        return found

    async def address(self, host: str, port: int) -> str:
        """Look a host up.

        Raises:
            CallError: it is not found.
            CallRefusedError: it may not be called.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise CallError(f"{host} is not found: {error}") from None
        return self.check_addresses(host, [str(one[4][0]) for one in found])

    def check_addresses(self, host: str, addresses: Sequence[str]) -> str:
        """Give the first of a host's addresses.

        Raises:
            CallRefusedError: one is of a private network, and no setting names the host.
        """
        try:
            return public_one(host, addresses, self.private_hosts)
        except PrivateAddressError as error:
            raise CallRefusedError(str(error)) from None


async def _answered(client: httpx2.AsyncClient, made: httpx2.Request, url: str) -> HttpResponse:
    answer = await client.send(made, stream=True)
    try:
        unpack = _unpacking(answer.headers.get("content-encoding", ""))
        chunks: list[bytes] = []
        size = 0
        async for packed in answer.aiter_raw():
            chunk = unpack(packed, ANSWER_BYTES_MAX + 1 - size)
            size += len(chunk)
            if size > ANSWER_BYTES_MAX:
                raise CallError(f"the answer has more than {ANSWER_BYTES_MAX} bytes")
            chunks.append(chunk)
    except zlib.error:
        raise CallError("the answer is packed in a way that cannot be read") from None
    finally:
        await answer.aclose()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return HttpResponse(status=answer.status_code, headers=headers, body=b"".join(chunks), url=url)


def _unpacking(encoding: str) -> Callable[[bytes, int], bytes]:
    """Give what unpacks a part of an answer to so many bytes at most: a small one may be packed from a huge one."""
    if encoding.strip().lower() in ("", "identity"):
        return lambda packed, most: packed[:most]
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise CallError(f"the answer is packed as {encoding[:20]}, which was not asked for")
    return zlib.decompressobj(_GZIP).decompress
