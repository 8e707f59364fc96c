"""Logging in: one token for all, one try per refused password, no secret ever shown (rp.md 2)."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.clock import ManualClock
from core.errors import ChimeraError, CredentialsRefused, Refused, TemporarilyUnavailable
from integrations.contract import StoreRef
from integrations.http import Answer
from integrations.rp.auth import expiry, find_token, refusal
from integrations.rp.connection import RpConnection
from sandbox.faults import Fault
from sandbox.rp.server import RpServer

Connect = Callable[..., RpConnection]
Scan = Callable[[RpConnection, StoreRef], Any]
NOW = datetime(2026, 11, 23, 20, 4, tzinfo=UTC)
FIFTY = timedelta(minutes=50)


def logins(erp: RpServer) -> int:
    return sum(entry.path.endswith("/auth") for entry in erp.journal)


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
async def test_every_login_version_opens_the_catalogue(
    version: str, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    assert (await scan(connect(erp.url, auth_version=version), store)).read == 10
    assert logins(erp) == 1


@pytest.mark.parametrize("shape", ["root", "response", "content"])
async def test_the_token_is_found_in_all_its_places(
    shape: Any, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.login_shape = shape
    assert (await scan(connect(erp.url), store)).read == 10


async def test_a_login_without_a_token_is_an_error_and_not_a_wrong_password(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.login_shape = "none"
    with pytest.raises(Refused, match="no usable token"):
        await scan(connect(erp.url), store)
    assert logins(erp) == 1


@pytest.mark.parametrize("header", ["token", "bearer", "authorization_token"])
async def test_the_token_is_sent_in_exactly_the_header_that_is_set(
    header: Any, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.auth_headers_allowed = (header,)
    await scan(connect(erp.url, auth_header=header), store)
    names = {name.lower() for name in erp.journal[-1].headers}
    assert len(names & {"token", "authorization"}) == 1


async def test_a_header_the_erp_does_not_accept_ends_after_one_more_login(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    with pytest.raises(Refused, match="token header"):
        await scan(connect(erp.url, auth_header="bearer"), store)
    assert [entry.status for entry in erp.journal] == [200, 401, 200, 401]


@pytest.mark.parametrize("status", [500, 401])
async def test_a_wrong_password_is_tried_exactly_once_whoever_asks_again(
    status: Any, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.auth_refusal_status = status
    connection = connect(erp.url, password="wrong-and-invented")
    attempts = await asyncio.gather(*(scan(connection, store) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in attempts] == [CredentialsRefused] * 3
    with pytest.raises(CredentialsRefused):
        await connection.probe()
    assert [entry.status for entry in erp.journal] == [status]


async def test_a_status_error_at_the_login_is_a_refusal_too(
    parrot: Any, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    parrot.on_login('{"response": {"status": "error", "messages": ["Usuario bloqueado"]}}')
    with pytest.raises(CredentialsRefused):
        await scan(connect(parrot.url), store)
    assert len(parrot.seen) == 1


async def test_an_erp_under_maintenance_is_asked_again_and_its_password_kept(
    parrot: Any, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    parrot.say('{"response": {"status": "ok", "produtos": []}}')
    connection = connect(parrot.url)
    for _ in range(3):
        parrot.on_login('{"response": {"status": "error", "messages": ["Sistema em manutenção, tente mais tarde"]}}')
    with pytest.raises(TemporarilyUnavailable, match="nobody in just now"):
        await scan(connection, store)
    assert (await scan(connection, store)).read == 0


async def test_neither_password_nor_stack_trace_get_into_an_error(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    connection = connect(erp.url, password="wrong-and-invented")
    with pytest.raises(CredentialsRefused) as caught:
        await scan(connection, store)
    shown = f"{caught.value} {caught.value.detail} {caught.value!r} {connection!r}"
    assert "wrong-and-invented" not in shown
    assert "Autenticacao.java" not in shown


@pytest.mark.parametrize("kind", ["refuse", "http_503_html", "http_500_html", "http_500_envelope", "cut_body"])
async def test_a_fault_at_the_login_is_not_taken_for_a_wrong_password(
    kind: str, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault(kind, times=2, path="/auth"))
    assert (await scan(connect(erp.url), store)).read == 10


async def test_a_login_that_stays_broken_is_temporary(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.faults.add(Fault("http_503_html", times=None, path="/auth"))
    with pytest.raises(TemporarilyUnavailable):
        await scan(connect(erp.url), store)
    assert logins(erp) == 3


async def test_many_scans_share_one_login(erp: RpServer, connect: Connect, scan: Scan, store: StoreRef) -> None:
    connection = connect(erp.url, max_parallel_scans=8)
    await asyncio.gather(*(scan(connection, store) for _ in range(8)))
    assert logins(erp) == 1


async def test_a_token_that_dies_is_replaced_once_for_all_scans(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    connection = connect(erp.url, max_parallel_scans=8)
    await scan(connection, store)
    erp.revoke_tokens()
    await asyncio.gather(*(scan(connection, store) for _ in range(8)))
    assert logins(erp) == 2


async def test_a_token_is_renewed_a_minute_before_it_ends(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef, clock: ManualClock
) -> None:
    connection = connect(erp.url)
    await scan(connection, store)
    clock.move(timedelta(hours=4, seconds=-61))
    await scan(connection, store)
    assert logins(erp) == 1
    clock.move(timedelta(seconds=2))
    await scan(connection, store)
    assert logins(erp) == 2
    assert all(entry.status == 200 for entry in erp.journal)


async def test_a_life_of_seconds_does_not_mean_a_login_per_request(
    erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.token_life_seconds = 20
    await scan(connect(erp.url, page_size=2), store)
    assert logins(erp) == 1


@pytest.mark.parametrize("skew", [-86400, 86400])
async def test_a_wrong_server_clock_does_not_break_the_login(
    skew: float, erp: RpServer, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    erp.options.clock_skew_seconds = skew
    assert (await scan(connect(erp.url), store)).read == 10
    assert logins(erp) == 1


async def test_a_fixed_token_needs_no_login(parrot: Any, connect: Connect, scan: Scan, store: StoreRef) -> None:
    parrot.say('{"response": {"status": "ok", "produtos": []}}')
    await scan(connect(parrot.url, username="", password="", fixed_token="fixed-invented"), store)
    assert not any("/auth" in path for path in parrot.paths())
    assert parrot.seen[0][1]["token"] == "fixed-invented"


async def test_a_fixed_token_that_is_refused_needs_credentials_and_is_not_tried_again(
    parrot: Any, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    parrot.say('{"appVersion": "5.0.6.117", "content": "Não autorizado"}', 401)
    connection = connect(parrot.url, fixed_token="fixed-invented")
    for _ in range(2):
        with pytest.raises(CredentialsRefused, match="fixed token"):
            await scan(connection, store)
    assert len(parrot.seen) == 1


async def test_leading_zeros_of_the_user_name_are_sent(
    parrot: Any, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    parrot.say('{"response": {"status": "ok", "produtos": []}}')
    await scan(connect(parrot.url, username="000101"), store)
    assert json.loads(parrot.seen[0][2]) == {"usuario": "000101", "senha": "invented"}


async def test_a_login_version_that_does_not_exist_is_said(
    parrot: Any, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    parrot.on_login('{"error": "Not Found"}', 404)
    with pytest.raises(Refused, match="login of this version"):
        await scan(connect(parrot.url), store)


async def test_a_token_with_line_breaks_never_becomes_a_header(
    parrot: Any, connect: Connect, scan: Scan, store: StoreRef
) -> None:
    parrot.on_login('{"response": {"status": "ok", "token": "a\\r\\nX-Evil: 1"}}')
    with pytest.raises(Refused, match="no usable token"):
        await scan(connect(parrot.url), store)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("23/11/2026 21:04:00", "2026-11-24T00:04:00+00:00"),
        ("23/11/2026 21:04", "2026-11-24T00:04:00+00:00"),
        ("2026-11-23T18:04:00", "2026-11-23T21:04:00+00:00"),
        ("2026-11-23T18:04:00-04:00", "2026-11-23T22:04:00+00:00"),
        ("2026-11-23T22:04:00Z", "2026-11-23T22:04:00+00:00"),
    ],
)
def test_an_expiry_without_offset_is_sao_paulo_time_in_every_format(text: str, instant: str) -> None:
    document = {"response": {"status": "ok", "tokenExpiration": text}}
    assert expiry(document, NOW) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("text", ["22/11/2026 21:04:00", "31/02/2026 10:00:00", "em breve", "", None, 5, "9999-01-01"])
def test_an_expiry_in_the_past_or_unreadable_means_fifty_minutes(text: Any) -> None:
    assert expiry({"response": {"tokenExpiration": text}}, NOW) == NOW + FIFTY


def test_seconds_to_live_win_over_a_date() -> None:
    content = {"token": "t", "tokenExpiration": "2026-11-23T18:04:00", "expiresIn": 3600}
    assert expiry({"response": {"status": "ok", "content": content}}, NOW) == NOW + timedelta(hours=1)


@pytest.mark.parametrize("seconds", [0, -5, "soon", 10**12, None, True])
def test_unusable_seconds_to_live_fall_back_to_the_date(seconds: Any) -> None:
    document = {"response": {"tokenExpiration": "2026-11-23T18:04:00", "expiresIn": seconds}}
    assert expiry(document, NOW) == NOW + timedelta(hours=1)


def test_no_expiry_at_all_means_fifty_minutes() -> None:
    assert expiry({"response": {"status": "ok"}}, NOW) == NOW + FIFTY


@pytest.mark.parametrize("token", [None, "", [], {"token": 1}, True])
def test_an_odd_token_is_no_token(token: Any) -> None:
    assert find_token({"response": {"token": token}}) == ""


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, '{"error": "Não foi possível autenticar o usuário", "stackTrace": "x"}', CredentialsRefused),
        (500, "Usuário ou senha inválidos", CredentialsRefused),
        (500, '{"error": "Could not connect to database"}', type(None)),
        (500, "<html>login</html>", type(None)),
        (503, "<html></html>", type(None)),
        (403, "", CredentialsRefused),
        (401, "<html></html>", CredentialsRefused),
        (400, '{"response": {"status": "error", "message": "Senha incorreta"}}', CredentialsRefused),
        (404, '{"error": "no such path"}', Refused),
        (200, '{"response": {"status": "ERROR"}}', CredentialsRefused),
        (200, '{"response": {"status": "error", "message": "Sistema em manutenção"}}', TemporarilyUnavailable),
        (200, '{"response": {"status": "error", "messages": ["Falha ao carregar dados"]}}', TemporarilyUnavailable),
        (200, '{"response": {"status": "error", "message": "Tente mais tarde"}}', TemporarilyUnavailable),
        (200, '{"error": "Usuário bloqueado, tente mais tarde", "status": "error"}', CredentialsRefused),
        (200, '{"error": "Muitas tentativas. Tente mais tarde", "status": "error"}', CredentialsRefused),
        (200, '{"error": "Dados inválidos", "status": "error"}', CredentialsRefused),
        (500, '{"error": "Serviço de autenticação indisponível"}', TemporarilyUnavailable),
        (401, '{"error": "Sistema em manutenção"}', CredentialsRefused),
        (200, '{"response": {"status": "ok"}}', type(None)),
        (200, "<html>login</html>", type(None)),
        (200, "[1]", type(None)),
    ],
)
def test_only_a_clear_no_counts_as_a_refused_login(
    status: int, body: str, kind: type[ChimeraError], say: Callable[..., Answer]
) -> None:
    assert type(refusal(say(body, status))) is kind
