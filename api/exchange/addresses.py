"""Which hosts may be called: none of a private network, unless it is named among those that may.

An address is looked at once its name is looked up, and called by that, so that the name cannot change in between.
"""

import ipaddress
import socket
from collections.abc import Collection, Iterable

_LOCAL_NAMES = (".local", ".internal", ".localhost")
# Inside these an address of the older kind is written, which may be a private one.
_WRAPPED = tuple(ipaddress.IPv6Network(one) for one in ("::/96", "64:ff9b::/96", "2002::/16", "2001::/32"))


class PrivateAddressError(Exception):
    """A host is of a private network; a person has to allow it."""


def private_hosts_of(text: str) -> frozenset[str]:
    """Read the setting that names hosts of a private network that may be called."""
    return frozenset(text.lower().replace(",", " ").split())


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet, and of one machine."""
    found = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = found.ipv4_mapped if found.version == 6 else None  # noqa: PLR2004 # The other kind of address.
    if mapped is not None:
        found = mapped
    is_wrapped = found.version == 6 and any(found in network for network in _WRAPPED)  # noqa: PLR2004
    return found.is_global and not found.is_multicast and not is_wrapped


def looks_public(host: str) -> bool:
    """Tell whether a host may be public by what it is called, before it is looked up."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host and not host.lower().rstrip(".").endswith(_LOCAL_NAMES)


def public_one(host: str, addresses: Iterable[str], private_hosts: Collection[str]) -> str:
    """Give the first of a host's addresses.

    Raises:
        PrivateAddressError: one of them is of a private network, and the host is not among `private_hosts`.
    """
    found = list(addresses)
    closed = [] if host.lower() in private_hosts else [one for one in found if not is_public(one)]
    if closed:
        raise PrivateAddressError(
            f"{host} is {closed[0]}, which is of a private network: name it in HEADRACE_PRIVATE_HOSTS if that is meant"
        )
    return found[0]


def looked_up(host: str, port: int, private_hosts: Collection[str]) -> str:
    """Give the address by which a host may be called.

    Raises:
        PrivateAddressError: it may not be called.
        OSError: there is no such host.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return public_one(host, (str(one[4][0]) for one in found), private_hosts)
