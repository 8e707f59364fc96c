"""Uploads against the sandbox's platform: what is sent, and what every bad answer becomes."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.catalogue.compare import Difference, settled
from core.catalogue.lines import Line
from core.clock import ManualClock
from core.errors import (
    BadInput,
    CredentialsRefused,
    OutcomeUnknown,
    OutsideError,
    Refused,
    TemporarilyUnavailable,
    Unreachable,
)
from core.windows import Window
from integrations.contract import Campaign, DiscountTarget, StoreRef
from integrations.crescevendas.connection import CresceVendasConnection
from sandbox.crescevendas import Fault, PlatformServer
from sandbox.faults import Call
from tests.integrations.crescevendas.conftest import Connect, Parrot

REGISTRATION = "11222333000181"
LINES = [
    Line("9", Decimal("18.90"), Decimal("15.99"), 1000),
    Line("1203", Decimal("4.00"), Decimal("3.50"), 6),
    Line("77001", Decimal("1234.50"), Decimal("999.90"), 1000),
]


@pytest.fixture
def campaign(store: StoreRef, window: Window) -> Campaign:
    return Campaign(store, window, LINES)


@pytest.fixture
def target(platform: PlatformServer, connect: Connect) -> CresceVendasConnection:
    return connect(platform.url, timeout_seconds=1)


async def read_back(target: DiscountTarget, campaign: Campaign) -> Difference:
    live = await target.live(campaign.store, campaign.window)
    return settled(campaign.lines, live, [], campaign.window)


async def test_the_body_is_what_the_protocol_says(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign
) -> None:
    receipt = await target.upload(campaign)
    assert platform.uploads == [
        {
            "override": 1,
            "start_date": "2026-11-23T06:00",
            "end_date": "2026-11-23T23:59",
            "store_registrations": [REGISTRATION],
            "name": "001 Descontos - 2026-11-23 06:00",
            "discount_store_lines": [
                {"code": "9", "price": Decimal("18.90"), "final_price": Decimal("15.99"), "limit": 1000},
                {"code": "1203", "price": Decimal("4.00"), "final_price": Decimal("3.50"), "limit": 6},
                {"code": "77001", "price": Decimal("1234.50"), "final_price": Decimal("999.90"), "limit": 1000},
            ],
        }
    ]
    assert platform.uploads[0]["discount_store_lines"][1]["price"].as_tuple().exponent == -2
    assert receipt.status == 200
    assert '"id":501' in receipt.raw
    sent = {name.lower() for name in platform.journal[0].headers}
    assert {"x-adminuser-email", "x-adminuser-token", "content-type", "accept"} <= sent


async def test_the_connection_fits_the_contract(target: CresceVendasConnection) -> None:
    assert isinstance(target, DiscountTarget)
    assert target.lead.total_seconds() == 300


@pytest.mark.parametrize("shape", ["envelope", "campaign", "message", "empty_204", "accepted_202"])
async def test_every_form_of_yes_is_a_receipt_and_can_be_read_back(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign, shape: str
) -> None:
    platform.patch_options({"upload_answer": shape})
    receipt = await target.upload(campaign)
    assert receipt.status in {200, 201, 202, 204}
    assert (await read_back(target, campaign)).equal


async def test_an_empty_list_is_never_sent(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign
) -> None:
    with pytest.raises(BadInput, match="erase"):
        await target.upload(replace(campaign, lines=[]))
    assert platform.journal == []


@pytest.mark.parametrize(
    ("kind", "error", "stored"),
    [
        ("store_then_time_out", OutcomeUnknown, True),
        ("store_then_cut", OutcomeUnknown, True),
        ("store_then_refuse", OutcomeUnknown, True),
        ("store_then_500", OutcomeUnknown, True),
        ("store_then_html", OutcomeUnknown, True),
        ("cut_body", OutcomeUnknown, False),
        ("hang", OutcomeUnknown, False),
        ("http_500_html", OutcomeUnknown, False),
        ("http_500_envelope", OutcomeUnknown, False),
        ("http_503_html", OutcomeUnknown, False),
        ("html_200", OutcomeUnknown, False),
        ("not_json", OutcomeUnknown, False),
        ("refuse", OutcomeUnknown, False),
        ("status_error_200", Refused, False),
        ("success_false_200", Refused, False),
        ("inner_422", Refused, False),
        ("login_refused", CredentialsRefused, False),
        ("redirect_302_html", CredentialsRefused, False),
        ("http_429", TemporarilyUnavailable, False),
    ],
)
async def test_each_fault_becomes_its_error_and_nothing_is_sent_twice(
    target: CresceVendasConnection,
    platform: PlatformServer,
    campaign: Campaign,
    kind: str,
    error: type[OutsideError],
    stored: bool,
) -> None:
    # Whoever reads next keeps the pause that the upload was asked for.
    platform.faults.add(Fault(kind, parameter=0) if kind == "http_429" else Fault(kind))
    with pytest.raises(OutsideError) as caught:
        await target.upload(campaign)
    assert type(caught.value) is error
    if error is CredentialsRefused:
        with pytest.raises(CredentialsRefused):
            await read_back(target, campaign)
        assert len(platform.journal) == 1
    else:
        assert (await read_back(target, campaign)).equal is stored
    assert [entry.method for entry in platform.journal].count("POST") == 1


async def test_a_lost_answer_is_settled_by_reading_and_a_resend_does_not_double(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign
) -> None:
    platform.faults.add(Fault("store_then_refuse"))
    with pytest.raises(OutcomeUnknown):
        await target.upload(campaign)
    await target.upload(campaign)
    found = await read_back(target, campaign)
    assert found.equal
    assert found.duplicates == []


async def test_lines_that_appear_only_after_twenty_seconds_are_missing_until_then(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign
) -> None:
    platform.faults.add(Fault("delay_visibility", parameter=20))
    await target.upload(campaign)
    assert (await read_back(target, campaign)).missing == ["9", "1203", "77001"]
    platform.advance(20)
    assert (await read_back(target, campaign)).equal


@pytest.mark.parametrize(("kind", "category"), [("lose_lines", "missing"), ("alter_price", "final_price")])
async def test_an_accepted_upload_that_was_not_stored_truly_is_found_out(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign, kind: str, category: str
) -> None:
    platform.faults.add(Fault(kind))
    await target.upload(campaign)
    found = await read_back(target, campaign)
    assert not found.equal
    assert found.counts[category] == 1


@pytest.mark.parametrize("shape", ["objects", "strings", "text", "rails", "bare"])
@pytest.mark.parametrize("hidden", [False, True])
async def test_the_reasons_of_a_refusal_are_shown_in_every_form(
    target: CresceVendasConnection,
    platform: PlatformServer,
    campaign: Campaign,
    clock: ManualClock,
    shape: str,
    hidden: bool,
) -> None:
    platform.patch_options({"error_shape": shape, "errors_with_200": hidden})
    platform.set_clock(datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("America/Sao_Paulo")))
    with pytest.raises(Refused, match="não pode estar no passado"):
        await target.upload(campaign)


async def test_the_platform_can_be_told_in_the_other_field_names(
    platform: PlatformServer, connect: Connect, campaign: Campaign
) -> None:
    platform.patch_options({"line_names": 2, "read_names": 2})
    with pytest.raises(Refused):
        await connect(platform.url).upload(campaign)
    names = {
        "code": "product_code",
        "price": "original_price",
        "final_price": "discount_price",
        "limit": "quantity_limit",
    }
    target = connect(platform.url, line_fields=names)
    await target.upload(campaign)
    assert (await read_back(target, campaign)).equal


async def test_a_pause_is_asked_for_with_and_without_a_number(
    platform: PlatformServer, connect: Connect, campaign: Campaign
) -> None:
    platform.faults.add(Fault("http_429", parameter=7), Fault("http_429"), Fault("http_429"))
    waits = []
    for _ in range(3):
        with pytest.raises(TemporarilyUnavailable) as caught:
            await connect(platform.url).upload(campaign)
        waits.append(caught.value.retry_after)
    assert waits == [7, 60, 60]
    assert (await connect(platform.url).upload(campaign)).status == 200


async def test_wrong_credentials_say_so_without_telling_them(
    platform: PlatformServer, connect: Connect, campaign: Campaign
) -> None:
    target = connect(platform.url, token="wrong-invented-token", email="other@example.test")
    for form in ("401", "302"):
        platform.patch_options({"unauthorised": form})
        with pytest.raises(CredentialsRefused) as caught:
            await target.upload(campaign)
        assert "wrong-invented-token" not in str(caught.value)
        assert "other@example.test" not in str(caught.value)


async def test_a_body_that_is_too_large_names_the_remedy(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign
) -> None:
    platform.patch_options({"max_body_bytes": 100})
    with pytest.raises(Refused, match="Products per upload"):
        await target.upload(campaign)


async def test_nobody_there_means_nothing_was_sent(
    target: CresceVendasConnection, platform: PlatformServer, campaign: Campaign
) -> None:
    await platform.go_down()
    with pytest.raises(Unreachable):
        await target.upload(campaign)


async def test_in_parts_only_the_first_one_replaces(
    platform: PlatformServer, connect: Connect, campaign: Campaign
) -> None:
    target = connect(platform.url, lines_per_upload=2)
    for _ in range(2):
        await target.upload(campaign)
        assert (await read_back(target, campaign)).equal
    assert [body["override"] for body in platform.uploads] == [1, 0, 1, 0]
    assert [len(body["discount_store_lines"]) for body in platform.uploads] == [2, 1, 2, 1]


@pytest.mark.parametrize("kind", ["inner_422", "http_429", "http_500_html"])
async def test_a_failed_later_part_leaves_the_outcome_unknown(
    platform: PlatformServer, connect: Connect, campaign: Campaign, kind: str
) -> None:
    target = connect(platform.url, lines_per_upload=2)
    platform.before_answer = lambda _: (
        platform.faults.add(Fault(kind, method="POST", times=None, parameter=0)) if len(platform.uploads) == 1 else None
    )
    with pytest.raises(OutcomeUnknown):
        await target.upload(campaign)
    platform.before_answer = None
    platform.faults.clear()
    assert (await read_back(target, campaign)).missing == ["77001"]


async def test_a_later_part_that_was_not_taken_for_a_moment_is_sent_again_alone(
    platform: PlatformServer, connect: Connect, campaign: Campaign
) -> None:
    target = connect(platform.url, lines_per_upload=2)

    def refuse_twice(_call: Call) -> None:
        if len(platform.uploads) == 1:
            platform.before_answer = None
            platform.faults.add(Fault("http_429", method="POST", times=2, parameter=0))

    platform.before_answer = refuse_twice
    await target.upload(campaign)
    found = await read_back(target, campaign)
    assert (found.equal, found.duplicates) == (True, [])
    assert [body["override"] for body in platform.uploads] == [1, 0]
    assert sum(entry.method == "POST" for entry in platform.journal) == 4


async def test_times_are_written_in_the_zone_of_the_platform_or_of_the_store(
    platform: PlatformServer, connect: Connect, store: StoreRef
) -> None:
    manaus = ZoneInfo("America/Manaus")
    start = datetime(2026, 11, 23, 21, 1, tzinfo=manaus)
    window = Window(start.date(), start, datetime(2026, 11, 23, 23, 59, tzinfo=manaus))
    campaign = Campaign(replace(store, zone=manaus, registration="77"), window, LINES)
    platform.add_store("77")
    await connect(platform.url).upload(campaign)
    await connect(platform.url, platform_timezone="store").upload(campaign)
    first, second = platform.uploads
    assert (first["start_date"], first["end_date"]) == ("2026-11-23T22:01", "2026-11-24T00:59")
    assert first["name"] == "77 Descontos - 2026-11-23 22:01"
    assert (second["start_date"], second["end_date"]) == ("2026-11-23T21:01", "2026-11-23T23:59")


async def test_the_raw_answer_is_kept_without_secrets_and_cut_to_four_kilobytes(
    parrot: Parrot, connect: Connect, campaign: Campaign
) -> None:
    long = "preço " * 1000
    parrot.say(f'{{"message": "ok", "by": "integration@example.test", "t": "invented-token", "x": "{long}"}}')
    receipt = await connect(parrot.url).upload(campaign)
    assert "integration@example.test" not in receipt.raw
    assert "invented-token" not in receipt.raw
    assert receipt.raw.startswith('{"message": "ok"')
    assert 4000 < len(receipt.raw.encode()) <= 4096


async def test_the_words_of_a_refusal_are_short_printable_and_without_secrets(
    parrot: Parrot, connect: Connect, campaign: Campaign
) -> None:
    parrot.say('{"errors": ["bad\\u202e\\nthing invented-token", ' + ",".join(['"x"'] * 9) + "]}", status=422)
    with pytest.raises(Refused) as caught:
        await connect(parrot.url).upload(campaign)
    words = str(caught.value)
    assert "invented-token" not in words
    assert words.isprintable()
    assert "(+5)" in words
    parrot.answers.clear()
    parrot.say('{"error": "' + "y" * 900 + '"}', status=400)
    with pytest.raises(Refused) as caught:
        await connect(parrot.url).upload(campaign)
    assert len(str(caught.value)) < 250
