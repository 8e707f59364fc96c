"""Large answers are read in the helper process and say the same; what is not plain is read here."""

import json
from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.catalogue.told import Told
from core.helper.process import WORTH_IT, Helper, HelperFailed
from integrations.crescevendas.desk import Desk
from integrations.crescevendas.fast import FastReader
from integrations.crescevendas.settings import LineFields
from tests.kit.errands import NAME

ZONE = ZoneInfo("America/Sao_Paulo")
REGISTRATION = "11222333000181"
NAMES = LineFields().model_dump()
LATER = {"start_at": "2026-11-23T18:00", "expire_at": "2026-11-23T23:59"}


@pytest.fixture
async def helper() -> AsyncIterator[Helper]:
    made = Helper(patience=60.0, rest=0.0)
    yield made
    await made.close()


def line(code: int, **more: Any) -> dict[str, Any]:
    return {"code": str(code), "price": code % 90 + 10.9, "final_price": code % 90 + 8.95, "limit": 5} | more


def campaign(*odd: dict[str, Any], **more: Any) -> bytes:
    times = {"start_date": "2026-11-23T06:00", "end_date": "2026-11-23T23:59"}
    lines = [line(code) for code in range(1200, 0, -1)]
    body = times | {"store_registrations": [REGISTRATION], "discount_store_lines": [*lines, *odd]} | more
    return json.dumps(body).encode()


def flat(*odd: dict[str, Any]) -> bytes:
    return json.dumps({"response": {"discounts": [*(line(code, **LATER) for code in range(1, 1001)), *odd]}}).encode()


@pytest.mark.parametrize(
    ("body", "beside"),
    [
        (campaign(), True),
        (campaign(line(5, price=7, final_price="6.50") | {"code": 9000}, line(1, limit=-1)), True),
        (flat(), True),
        (campaign(line(5, **LATER)), False),
        (flat(line(9000)), False),
    ],
    ids=["campaign", "odd values", "flat", "two windows", "no window beside one"],
)
async def test_a_clean_answer_says_the_same_wherever_it_is_read(helper: Helper, body: bytes, beside: bool) -> None:
    assert len(body) > WORTH_IT
    here = FastReader(NAMES).read(body, ZONE, REGISTRATION)
    there = await Desk(NAMES, helper).read(body, ZONE, REGISTRATION)

    assert here is not None
    assert there is not None
    assert (list(there.lines), there.items, there.more) == (here.lines, here.items, here.more)
    assert isinstance(there.lines, Told) is beside


@pytest.mark.parametrize(
    "body",
    [campaign()[:-2], campaign(unknown=1), campaign(line(5, price="R$ 3")), campaign(store_registrations=["1"])],
    ids=["cut", "unknown key", "odd price", "another store"],
)
async def test_what_is_not_clean_is_left_to_the_tolerant_way(helper: Helper, body: bytes) -> None:
    assert await Desk(NAMES, helper).read(body, ZONE, REGISTRATION) is None


async def test_answers_that_a_dead_helper_took_with_it_are_read_here() -> None:
    helper = Helper(rest=3600.0)
    with pytest.raises(HelperFailed):
        await helper.work(f"{NAME}die", b"", b"")

    page = await Desk(NAMES, helper).read(campaign(), ZONE, REGISTRATION)

    assert page is not None
    assert (type(page.lines), len(page.lines)) == (list, 1200)
