"""The HTTP client against servers that break: what was sent, and is it safe to send again?"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from core.errors import OutcomeUnknown, OutsideError, TemporarilyUnavailable, Unreachable
from integrations.http import HttpClient, HttpPolicy

FAST = HttpPolicy(backoff=0.001, connect_timeout=1.0, read_timeout=0.15)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


class BrokenServer:
    """Reads a request, then does to the connection what the next reply says (the last for ever)."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests = 0
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
                await reader.readexactly(int(length[0].split(b":")[1]) if length else 0)
                self.requests += 1
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                await reply(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def talking_to(server: BrokenServer, policy: HttpPolicy = FAST) -> AsyncIterator[HttpClient]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    client = HttpClient(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", policy)
    try:
        yield client
    finally:
        await client.close()
        listening.close()
        await asyncio.sleep(0.01)


async def fine(writer: asyncio.StreamWriter) -> None:
    writer.write(OK)


async def fine_and_once_more(writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    await asyncio.sleep(0.05)
    writer.write(OK.replace(b"ok", b"no"))


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def cut_by_length(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]")
    writer.close()


async def cut_in_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n")
    writer.close()


async def cut_in_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    writer.close()


async def talk_nonsense(writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n\r\n")


async def say_nothing(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.4)


async def stop_in_the_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]")
    await asyncio.sleep(0.4)


FAULTS = [
    hang_up,
    reset,
    cut_by_length,
    cut_in_chunks,
    cut_in_headers,
    talk_nonsense,
    say_nothing,
    stop_in_the_body,
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_get_survives_one_fault(fault: Reply) -> None:
    server = BrokenServer(fault, fine)
    async with talking_to(server) as client:
        assert (await client.get("/x")).body == b"ok"
    assert server.requests == 2


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_get_that_fails_to_the_end_is_temporary_and_made_exactly_as_often_as_told(
    fault: Reply,
) -> None:
    server = BrokenServer(fault)
    async with talking_to(server, HttpPolicy(backoff=0.001, read_timeout=0.1, attempts=2)) as client:
        with pytest.raises(TemporarilyUnavailable):
            await client.get("/x")
    assert server.requests == 2


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_post_that_broke_off_has_an_unknown_outcome_and_is_sent_once(fault: Reply) -> None:
    server = BrokenServer(fault)
    async with talking_to(server) as client:
        with pytest.raises(OutcomeUnknown):
            await client.post("/x", content=b"{}")
    assert server.requests == 1


@pytest.mark.parametrize("fault", [hang_up, reset])
async def test_a_post_on_a_kept_connection_that_dies_is_never_resent(fault: Reply) -> None:
    server = BrokenServer(fine, fault)
    async with talking_to(server) as client:
        await client.get("/warm")
        with pytest.raises(OutcomeUnknown):
            await client.post("/x", content=b"{}")
    assert (server.requests, server.connections) == (2, 1)


async def test_a_get_on_a_kept_connection_that_dies_counts_as_a_try_of_its_own() -> None:
    server = BrokenServer(fine, hang_up, hang_up, fine)
    async with talking_to(server) as client:
        await client.get("/warm")
        await client.get("/x")
        assert [call.problem for call in client.health.calls()] == [
            None,
            "TemporarilyUnavailable",
            "TemporarilyUnavailable",
            None,
        ]
    assert server.requests == 4


async def test_a_connection_closed_while_idle_is_not_used_for_a_post() -> None:
    answered, closed = asyncio.Event(), asyncio.Event()

    async def answer_and_close_later(writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await answered.wait()
        writer.close()
        await writer.wait_closed()
        closed.set()

    server = BrokenServer(answer_and_close_later)
    async with talking_to(server) as client:
        await client.get("/warm")
        answered.set()
        await closed.wait()
        await asyncio.sleep(0.02)
        assert (await client.post("/x", content=b"{}")).status == 200
    assert (server.requests, server.connections) == (2, 2)


async def test_a_server_that_trickles_for_ever_is_cut_off() -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    policy = HttpPolicy(connect_timeout=0.05, read_timeout=0.03, attempts=1)
    async with talking_to(BrokenServer(trickle), policy) as client:
        with pytest.raises(TemporarilyUnavailable):
            await client.get("/x")


@pytest.mark.parametrize("send", ["get", "post"])
async def test_a_dead_port_is_unreachable_and_says_what_to_check(send: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        client = HttpClient(f"http://127.0.0.1:{closed.getsockname()[1]}", FAST)
        with pytest.raises(Unreachable, match=r"refused.*Check"):
            await (client.get("/x") if send == "get" else client.post("/x", content=b"{}"))
    assert client.health.total == (3 if send == "get" else 1)
    await client.close()


async def test_an_unknown_name_is_unreachable() -> None:
    client = HttpClient("http://no-such-host.invalid", FAST)
    with pytest.raises(Unreachable, match="name"):
        await client.post("/x", content=b"{}")
    await client.close()


async def test_a_connection_that_is_not_accepted_in_time_is_unreachable() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        client = HttpClient(f"http://127.0.0.1:{full.getsockname()[1]}", HttpPolicy(connect_timeout=0.1, attempts=1))
        with pytest.raises(Unreachable, match="in time"):
            await client.post("/x", content=b"{}")
        await client.close()


async def test_a_server_without_tls_is_unreachable_by_https() -> None:
    server = BrokenServer(fine)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    client = HttpClient(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}", FAST)
    with pytest.raises(Unreachable):
        await client.post("/x", content=b"{}")
    await client.close()
    listening.close()


async def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one() -> None:
    server = BrokenServer(fine_and_once_more, fine)
    async with talking_to(server) as client:
        assert (await client.get("/x")).body == b"ok"
        await asyncio.sleep(0.2)
        assert (await client.get("/y")).body == b"ok"
    assert (server.requests, server.connections) == (2, 2)


async def test_errors_never_show_the_secrets_of_the_policy() -> None:
    secret = "s3cret/with=signs"
    policy = HttpPolicy(attempts=1, read_timeout=0.1, secrets=(secret,))
    async with talking_to(BrokenServer(hang_up), policy) as client:
        with pytest.raises(OutsideError) as caught:
            await client.get("/x", params={"token": secret}, headers={"token": secret})
        with pytest.raises(OutsideError):
            await client.get(f"/login/{secret}/x")
        shown = f"{client!r} {caught.value!r} {caught.value.detail} {client.health.calls()} {policy}"
    assert secret not in shown
    assert "s3cret" not in shown


async def test_a_cancelled_call_leaves_the_client_usable() -> None:
    server = BrokenServer(say_nothing, fine)
    policy = HttpPolicy(max_parallel=1, requests_per_minute=5, read_timeout=1.0)
    async with talking_to(server, policy) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.get("/x")
        assert (await client.get("/x")).body == b"ok"
        assert client.health.active == 0
