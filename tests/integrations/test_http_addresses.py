"""Which addresses the HTTP client never calls, by literal or by name."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from core.errors import AddressRefused, BadInput, OutsideError
from integrations.addresses import GuardedResolver, check_address, check_literal
from integrations.http import HttpClient, HttpPolicy

REFUSED = [
    "169.254.169.254",
    "169.254.0.1",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "fe80::1",
    "fd00:ec2::254",
    "::",
    "ff02::1",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
]
ALLOWED = ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.10", "172.16.0.1", "fd12:3456::1", "203.0.113.7"]


@pytest.mark.parametrize("address", REFUSED)
async def test_a_forbidden_address_is_refused_at_every_call(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    client = HttpClient(f"http://{host}:8080", HttpPolicy())
    for _ in range(2):
        with pytest.raises(AddressRefused, match="not called"):
            await client.post("/x", content=b"{}")
    await client.close()


@pytest.mark.parametrize(
    "host", ["[fe80::1%25eth0]", "2852039166", "0xa9fea9fe", "169.254.43518", "0251.0376.0251.0376"]
)
async def test_other_spellings_of_such_an_address_do_not_get_through(host: str) -> None:
    try:
        client = HttpClient(f"http://{host}/", HttpPolicy(attempts=1))
    except BadInput:
        return
    with pytest.raises(OutsideError) as caught:
        await client.get("/x")
    assert caught.type.__name__ in {"AddressRefused", "Unreachable"}
    assert "connection" not in str(caught.value.text)
    await client.close()


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", "a" * 300])
async def test_a_name_that_cannot_be_asked_for_is_unreachable_in_words(host: str) -> None:
    try:
        client = HttpClient(f"http://{host}/", HttpPolicy(attempts=1))
    except BadInput:
        return
    with pytest.raises(OutsideError, match="cannot be reached"):
        await client.get("/x")
    await client.close()


def test_a_zone_does_not_hide_a_link_local_address() -> None:
    with pytest.raises(AddressRefused):
        check_literal("fe80::1%eth0")


@pytest.mark.parametrize("address", ALLOWED)
def test_private_and_loopback_addresses_are_allowed(address: str) -> None:
    check_address(address, "erp")


class FixedResolver(AbstractResolver):
    """Stands for a name server: every name has these addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        return


async def test_a_name_with_one_forbidden_address_is_refused_as_a_whole() -> None:
    resolver = GuardedResolver(FixedResolver("192.168.0.10", "169.254.169.254"))
    with pytest.raises(AddressRefused, match=r"erp\.example"):
        await resolver.resolve("erp.example", 80)


async def test_a_name_with_allowed_addresses_is_pinned_to_them() -> None:
    resolver = GuardedResolver(FixedResolver("192.168.0.10"))
    assert [result["host"] for result in await resolver.resolve("erp.example", 80)] == ["192.168.0.10"]
    await resolver.close()


async def test_localhost_by_name_is_resolved_and_allowed() -> None:
    assert await GuardedResolver().resolve("localhost", 80)
