"""Which addresses are never called, whoever asks (`rules.md` 7.1).

Private networks and loopback are allowed: ERPs live there. Refused is what answers with a
cloud machine's credentials, and what is no single host at all.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from core.errors import AddressRefused
from core.texts import T

_METADATA = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
_NAT64 = ip_network("64:ff9b::/96")
_V4_COMPATIBLE = ip_network("::/96")
_LOOPBACK_V6 = ip_address("::1")
_THIS_NETWORK = ip_network("0.0.0.0/8")
_BROADCAST = ip_address("255.255.255.255")


def check_address(address: str, host: str) -> None:
    """Raise AddressRefused if `address` (an IP in text form) must not be called."""
    ip = ip_address(address.partition("%")[0])
    if any(_is_refused(form) for form in _forms(ip)):
        raise AddressRefused(
            T(
                "{host} is not called: its address {address} is link-local, a cloud's metadata service"
                " or no single host. Use the address of the server itself.",
                host=host,
                address=str(ip),
            )
        )


def check_literal(host: str) -> None:
    """Check a host that is written as an address; names pass, `GuardedResolver` checks those."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return
    check_address(host, host)


class GuardedResolver(AbstractResolver):
    """Resolves names and refuses those with any forbidden address.

    The connection is made to the very addresses returned here: a name cannot be changed
    between check and connection.
    """

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            results = await self._inner.resolve(host, port, family)
        except UnicodeError as error:
            # A name that cannot even be asked for, such as one with a label of 64 letters.
            raise OSError(str(error)) from error
        for result in results:
            check_address(result["host"], host)
        return results

    async def close(self) -> None:
        await self._inner.close()


def _is_refused(ip: IPv4Address | IPv6Address) -> bool:
    return (
        ip.is_link_local
        or ip.is_multicast
        or ip.is_unspecified
        or ip in _METADATA
        or ip == _BROADCAST
        or (isinstance(ip, IPv4Address) and ip in _THIS_NETWORK)
    )


def _forms(ip: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Return the address and the IPv4 address it may carry inside (mapped, 6to4, NAT64, …)."""
    forms: list[IPv4Address | IPv6Address] = [ip]
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            forms.append(ip.ipv4_mapped)
        if ip.sixtofour:
            forms.append(ip.sixtofour)
        if ip.teredo:
            forms.append(ip.teredo[1])
        if ip in _NAT64 or (ip in _V4_COMPATIBLE and ip != _LOOPBACK_V6):
            forms.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    return forms
