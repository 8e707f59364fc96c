"""Reading what is live, in every shape the sandbox's platform can give, and in some it cannot."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.catalogue.compare import compare_lines, covered, settled
from core.catalogue.lines import Line
from core.errors import (
    CredentialsRefused,
    OutsideError,
    Refused,
    TemporarilyUnavailable,
    Unreachable,
    UnreadableAnswer,
)
from core.windows import Window
from integrations.contract import Campaign, StoreRef
from integrations.crescevendas.connection import CresceVendasConnection
from sandbox.crescevendas import Fault, PlatformLine, PlatformServer
from tests.integrations.crescevendas.conftest import Connect, Parrot

REGISTRATION = "11222333000181"
SHAPES = (
    "legacy",
    "campaign",
    "campaigns_root",
    "campaigns_response",
    "campaigns_data",
    "campaigns_discount_stores",
    "flat",
)


def lines(count: int, first: int = 1) -> list[Line]:
    return [
        Line(str(code), Decimal("18.90") + code, Decimal("15.99") + code, 1000 + code)
        for code in range(first, first + count)
    ]


@pytest.fixture
def target(platform: PlatformServer, connect: Connect) -> CresceVendasConnection:
    return connect(platform.url, timeout_seconds=1)


@pytest.mark.parametrize("envelope", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
async def test_every_shape_tells_the_same_lines(
    target: CresceVendasConnection,
    platform: PlatformServer,
    store: StoreRef,
    window: Window,
    shape: str,
    envelope: bool,
) -> None:
    await target.upload(Campaign(store, window, lines(7)))
    platform.patch_options({"get_shape": shape, "get_envelope": envelope})
    for prices in ("strings", "numbers", "comma", "noisy"):
        for code in ("string", "int", "zero_padded"):
            platform.patch_options({"prices_as": prices, "code_as": code})
            live = await target.live(store, window)
            assert compare_lines(lines(7), live, window).equal, (prices, code)
    for names in (1, 2):
        for dates in ("offset", "utc", "naive"):
            platform.patch_options({"read_names": names, "dates_as": dates})
            live = await target.live(store, window)
            assert settled(lines(7), live, (), window).equal, (names, dates)
            assert covered(lines(7), live, window), (names, dates)
            assert {(x.starts, x.ends) for x in live} == {(window.start, window.end)}


@pytest.mark.parametrize("envelope", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_store_without_discounts_is_empty_in_every_shape(
    target: CresceVendasConnection,
    platform: PlatformServer,
    store: StoreRef,
    window: Window,
    shape: str,
    envelope: bool,
) -> None:
    platform.patch_options({"get_shape": shape, "get_envelope": envelope})
    assert await target.live(store, window) == []


@pytest.mark.parametrize("keys", ["none", "meta", "total", "next_page"])
@pytest.mark.parametrize("end", ["empty", "repeat"])
@pytest.mark.parametrize("count", [24, 25, 26, 50, 60])
async def test_pages_are_read_to_their_end_and_none_twice(
    target: CresceVendasConnection,
    platform: PlatformServer,
    store: StoreRef,
    window: Window,
    keys: str,
    end: str,
    count: int,
) -> None:
    await target.upload(Campaign(store, window, lines(count)))
    for shape in ("legacy", "campaign", "campaigns_data", "flat"):
        platform.patch_options({"page_size": 25, "page_keys": keys, "page_end": end, "get_shape": shape})
        found = compare_lines(lines(count), await target.live(store, window), window)
        assert found.equal, shape
        assert found.duplicates == []


@pytest.mark.parametrize(("keys", "reads"), [("none", 2), ("meta", 1), ("total", 1), ("next_page", 1)])
async def test_a_full_page_that_says_it_is_the_last_needs_no_second_look(
    target: CresceVendasConnection,
    platform: PlatformServer,
    store: StoreRef,
    window: Window,
    keys: str,
    reads: int,
) -> None:
    await target.upload(Campaign(store, window, lines(25)))
    platform.patch_options({"page_size": 25, "page_keys": keys})
    await target.live(store, window)
    assert [entry.method for entry in platform.journal].count("GET") == reads


async def test_a_platform_without_pages_that_repeats_itself_is_read_once(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    await target.upload(Campaign(store, window, lines(100)))
    live = await target.live(store, window)
    assert len(live) == 100


def page(first: int, last: int, **told: Any) -> str:
    """Return a page with the codes from `first` to before `last`, and what it tells of others."""
    found = [{"code": code, "price": 2, "final_price": 1, "limit": 1} for code in range(first, last)]
    return json.dumps({"discounts": found} | told)


@pytest.mark.parametrize(
    "pages",
    [
        [page(0, 20, total=30), page(20, 20, total=30)],
        [page(0, 20, total=30), page(0, 20, total=30)],
        [page(0, 20, meta={"total_count": 30}), page(20, 20)],
        [page(0, 20, next_page=2), page(20, 20, next_page=None)],
        [page(0, 20, next_page=2), page(0, 20, next_page=2)],
        [page(0, 20, total=30), page(19, 29, total=31)],
        [page(0, 20, total=30), page(21, 30, total=29)],
        [page(0, 0, total=30)],
        [page(0, 0, next_page=2)],
    ],
    ids=[
        "an empty page",
        "a repeated one",
        "of a total in its meta",
        "a next one",
        "that repeats",
        "grown",
        "shrunk",
        "empty at once",
        "empty and more",
    ],
)
async def test_pages_that_do_not_hold_what_they_announced_are_no_list(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window, pages: list[str]
) -> None:
    for one in pages:
        parrot.say(one)
    with pytest.raises(TemporarilyUnavailable):
        await connect(parrot.url).live(store, window)


async def test_ours_are_found_behind_a_page_of_other_stores(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window
) -> None:
    for number, following in (("99", 2), (REGISTRATION, None)):
        lines_of_it = [{"code": number, "price": 2, "final_price": 1}]
        campaign = {"store_registrations": [number], "discount_store_lines": lines_of_it}
        parrot.say(json.dumps({"data": [campaign], "next_page": following}))
    assert [line.code for line in await connect(parrot.url).live(store, window)] == [REGISTRATION]


async def test_a_total_that_counts_the_lines_of_other_stores_is_reached_with_them(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window
) -> None:
    campaigns = [
        {"store_registrations": [number], "discount_store_lines": [{"code": code, "price": 2, "final_price": 1}]}
        for code, number in enumerate([REGISTRATION, "99", "98"], start=1)
    ]
    parrot.say(json.dumps({"data": campaigns, "total": 3}))
    parrot.say(json.dumps({"data": [], "total": 3}))
    assert [line.code for line in await connect(parrot.url).live(store, window)] == ["1"]


async def test_the_whole_store_day_is_asked_for_with_seconds(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    await target.live(store, window)
    path = platform.journal[0].path.replace("%3A", ":")
    assert f"store_registration={REGISTRATION}" in path
    assert "start_date=2026-11-23T00:01:00&end_date=2026-11-23T23:59:00" in path


async def test_the_day_of_a_store_further_west_is_asked_for_in_the_platforms_time(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    await target.live(replace(store, zone=ZoneInfo("America/Manaus")), window)
    path = platform.journal[0].path.replace("%3A", ":")
    assert "start_date=2026-11-23T01:01:00&end_date=2026-11-24T00:59:00" in path


async def test_foreign_campaigns_and_duplicates_come_through(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    await target.upload(Campaign(store, window, lines(2)))
    others = [
        PlatformLine("2", Decimal("20.90"), Decimal("17.00")),
        PlatformLine("77", Decimal(5), Decimal(4)),
    ]
    local = (window.start.replace(tzinfo=None), window.end.replace(tzinfo=None))
    platform.add_foreign(REGISTRATION, others, local)
    live = await target.live(store, window)
    assert settled(lines(2), live, (), window).others == ["77"]
    assert compare_lines(lines(2), live, window).duplicates == ["2"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("unknown_shape", UnreadableAnswer),
        ("empty_object", UnreadableAnswer),
        ("null_body", UnreadableAnswer),
        ("not_json", UnreadableAnswer),
        ("html_200", UnreadableAnswer),
        ("cut_body", TemporarilyUnavailable),
        ("hang", TemporarilyUnavailable),
        ("refuse", TemporarilyUnavailable),
        ("http_500_html", TemporarilyUnavailable),
        ("http_500_envelope", TemporarilyUnavailable),
        ("http_503_html", TemporarilyUnavailable),
        ("login_refused", CredentialsRefused),
        ("redirect_302_html", CredentialsRefused),
        ("inner_422", Refused),
        ("status_error_200", Refused),
        ("success_false_200", Refused),
    ],
)
async def test_what_was_not_understood_is_an_error_and_never_empty(
    platform: PlatformServer,
    connect: Connect,
    store: StoreRef,
    window: Window,
    kind: str,
    error: type[OutsideError],
) -> None:
    platform.faults.add(Fault(kind, times=None))
    with pytest.raises(OutsideError) as caught:
        await connect(platform.url, timeout_seconds=1).live(store, window)
    assert type(caught.value) is error


@pytest.mark.parametrize("kind", ["http_500_html", "http_503_html", "http_429", "cut_body", "refuse"])
async def test_a_single_fault_while_reading_is_ridden_out(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window, kind: str
) -> None:
    await target.upload(Campaign(store, window, lines(3)))
    platform.faults.add(Fault(kind, parameter=0 if kind == "http_429" else None))
    assert len(await target.live(store, window)) == 3


async def test_a_pause_asked_for_inside_of_an_answer_is_kept_and_the_list_read_after_it(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window
) -> None:
    parrot.say('{"response": {"code": 429, "error": "Aguarde"}}', Retry_After="1")
    parrot.say('[{"code": "7", "price": 2, "final_price": 1, "limit": 5}]')
    begun = perf_counter()
    assert [line.code for line in await connect(parrot.url).live(store, window)] == ["7"]
    assert perf_counter() - begun >= 1


@pytest.mark.parametrize("cut", ['{"response": {"code": 200, "discounts": [{"code": "7", "pri', "", '{"respo'])
async def test_half_an_answer_is_asked_for_again_and_counts_as_nothing_when_it_stays_half(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window, cut: str
) -> None:
    parrot.say(cut)
    parrot.say('[{"code": "7", "price": 2, "final_price": 1, "limit": 5}]')
    target = connect(parrot.url)
    assert [line.code for line in await target.live(store, window)] == ["7"]

    parrot.answers.clear()
    parrot.say(cut)
    with pytest.raises(UnreadableAnswer):
        await target.live(store, window)
    assert len(parrot.seen) == 2 + 3


async def test_a_web_page_in_place_of_an_answer_is_not_asked_for_again(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window
) -> None:
    parrot.say("<html>Welcome</html>")
    with pytest.raises(UnreadableAnswer):
        await connect(parrot.url).live(store, window)
    assert len(parrot.seen) == 1


async def test_an_answer_in_another_encoding_is_whole(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window
) -> None:
    body = '[{"code": "7", "name": "Café", "price": 2, "final_price": 1, "limit": 5}]'
    parrot.say(body.encode("latin-1"))
    assert len(await connect(parrot.url).live(store, window)) == 1
    assert len(parrot.seen) == 1


async def test_a_fault_on_the_second_page_spoils_the_whole_read(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    platform.patch_options({"page_size": 25})
    await target.upload(Campaign(store, window, lines(40)))
    reads: Iterator[int] = iter(range(9))
    platform.before_answer = lambda _: platform.faults.add(Fault("unknown_shape")) if next(reads) == 1 else None
    with pytest.raises(UnreadableAnswer):
        await target.live(store, window)


async def test_an_unknown_store_is_refused_in_the_platforms_words(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    with pytest.raises(Refused, match="Loja não encontrada"):
        await target.live(replace(store, registration="404"), window)


async def test_nobody_there_is_unreachable(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    await platform.go_down()
    with pytest.raises(Unreachable):
        await target.live(store, window)


async def test_pages_without_an_end_are_given_up(
    parrot: Parrot, connect: Connect, store: StoreRef, window: Window
) -> None:
    for page in range(1001):
        parrot.say(f'{{"next_page": 1, "data": [{{"code": {page}, "price": 2, "final_price": 1, "limit": 1}}]}}')
    with pytest.raises(UnreadableAnswer):
        await connect(parrot.url).live(store, window)


async def test_a_probe_says_what_was_reached_and_shows_keys_without_values(
    target: CresceVendasConnection, platform: PlatformServer, store: StoreRef, window: Window
) -> None:
    await target.upload(Campaign(store, window, lines(3)))
    probe = await target.probe()
    assert probe.reached == platform.url.removeprefix("http://")
    assert [str(note) for note in probe.notes] == [
        "The login was accepted.",
        "The answer is understood: 1 discount.",
    ]
    assert probe.shapes["response.discounts[].final_price"] == "text"
    assert "limit=1" in platform.journal[-1].path
    assert not any("15" in kind or "16" in kind for kind in probe.shapes.values())


async def test_a_probe_of_a_platform_that_insists_on_a_store_has_reached_it(parrot: Parrot, connect: Connect) -> None:
    parrot.say('{"response": {"code": 422, "error": "Informe a loja"}}', status=422)
    probe = await connect(parrot.url).probe()
    assert "for a store it knows only" in str(probe.notes[1])
    assert "loja" not in str(probe.notes[1])


async def test_a_probe_that_is_refused_for_another_reason_passes_its_words_on(parrot: Parrot, connect: Connect) -> None:
    parrot.say('{"response": {"code": 422, "error": "Período inválido"}}', status=422)
    probe = await connect(parrot.url).probe()
    assert "Período inválido" in str(probe.notes[1])


async def test_a_probe_warns_of_an_unknown_shape(parrot: Parrot, connect: Connect) -> None:
    parrot.say('{"ofertas": {"1203": [1]}}')
    probe = await connect(parrot.url).probe()
    assert "unknown" in str(probe.notes[1])
    assert probe.shapes == {
        ".": "object",
        "ofertas": "object",
        "ofertas.*": "list",
        "ofertas.*[]": "number",
    }


@pytest.mark.parametrize(("status", "error"), [(401, CredentialsRefused), (302, CredentialsRefused), (404, Refused)])
async def test_a_probe_of_the_wrong_place_fails(
    parrot: Parrot, connect: Connect, status: int, error: type[OutsideError]
) -> None:
    parrot.say("<html>no</html>", status=status)
    with pytest.raises(error):
        await connect(parrot.url).probe()


async def test_times_of_live_lines_are_utc_instants(
    target: CresceVendasConnection, store: StoreRef, window: Window
) -> None:
    await target.upload(Campaign(store, window, lines(1)))
    (line,) = await target.live(store, window)
    assert line.starts == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert line.starts is not None
    assert line.starts.tzinfo is UTC
