"""An export says everything but secrets, and applies cleanly."""

import string

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.access import Actor
from core.cnpj import check_digits
from core.organisations.model import Organisation
from core.people.model import Person
from core.stores.model import Store
from tests.kit.configuration import Configuration

FULL = """\
# Configuration of Chimera. Secrets are left out: what is stored stays, elsewhere they are asked for.
version: 1
organisation:
  name: Mercado Azul
  timezone: America/Sao_Paulo
  locale: pt_BR
stores:
  - name: 001 Centro
    cnpj: '11222333000181'
    tags:
      - south
    limit: 1000
  - name: 002 Norte
    cnpj: '11222333000262'
    opening: 07:30
integrations:
  - name: ERP
    module: erp
    settings:
      base_url: http://127.0.0.1:9000
      username: '100001'
      # password: left out, write it here where it is asked for
  - name: Loyalty
    module: platform
    settings:
      base_url: http://127.0.0.1:9100
      email: a@b.c
      # token: left out, write it here where it is asked for
      line_fields:
        code: sku
channels:
  - name: Ops
    module: chat
    settings:
      chat_id: -1001
jobs:
  - name: Daily sync
    type: sync_products
    schedule: 10 5 * * *
    stores:
      tags:
        - south
    settings:
      guard_rails:
        min_lines_percent: null
      source: ERP
      target: Loyalty
    notify:
      - channel: Ops
        'on':
          - start
          - failure
users:
  - telegram_id: 1001
    name: Ana
    role: owner
    locale: pt_BR
  - telegram_id: 1002
    name: Bia
    role: manager
    may_release: true
    stores:
      - 001 Centro
"""
PASSWORD = "# password: left out, write it here where it is asked for"
TOKEN = "# token: left out, write it here where it is asked for"


def with_secrets(text: str) -> str:
    return text.replace(PASSWORD, "password: hush-hush").replace(TOKEN, "token: tok-1")


async def test_an_export_is_the_document_without_secrets(configuration: Configuration) -> None:
    await configuration.apply(with_secrets(FULL))
    assert await configuration.export() == FULL


async def test_an_export_applied_where_it_came_from_changes_nothing(configuration: Configuration) -> None:
    await configuration.apply(with_secrets(FULL))
    plan = await configuration.apply(await configuration.export(), prune=True)
    assert (plan.changes, plan.kept) == ([], {})


async def test_an_export_applied_elsewhere_asks_for_the_secrets_by_line(configuration: Configuration) -> None:
    assert await configuration.refused(FULL) == [
        "Line 19: settings: give password, or fixed_token.",
        "Line 25: settings.token: is missing. Add “token: …”.",
    ]


async def test_an_export_can_be_read_by_any_yaml_reader(configuration: Configuration) -> None:
    await configuration.apply(with_secrets(FULL))
    data = yaml.safe_load(await configuration.export())
    assert data["stores"][1]["opening"] == "07:30"
    assert data["jobs"][0]["notify"][0]["on"] == ["start", "failure"]


async def test_an_empty_house_exports_a_document_too(configuration: Configuration) -> None:
    text = await configuration.export()
    assert yaml.safe_load(text).keys() == {"version", "organisation"}
    assert (await configuration.apply(text)).empty


async def test_a_channel_with_a_secret_exports_to_something_that_applies(quick: Configuration) -> None:
    await quick.apply(with_secrets(FULL))
    await quick.apply("version: 1\nchannels: [{name: Mail, module: mail, settings: {host: h, password: p}}]")
    assert (await quick.apply(await quick.export())).empty


async def test_a_job_that_names_removed_stores_exports_the_others(quick: Configuration) -> None:
    await quick.apply(with_secrets(FULL).replace("      tags:\n        - south\n", "      [001 Centro, 002 Norte]\n"))
    async with quick.database.writing() as session:
        store = (await session.scalars(select(Store).where(Store.name == "002 Norte"))).one()
        store.deleted_at = quick.clock.now()
    text = await quick.export()
    assert "002 Norte" not in text
    await quick.apply(text)


async def test_people_without_access_and_removed_things_are_not_exported(quick: Configuration) -> None:
    await quick.apply(with_secrets(FULL))
    async with quick.database.writing() as session:
        for person in await session.scalars(select(Person).where(Person.name == "Bia")):
            person.active = False
    assert "Bia" not in await quick.export()


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=20
).filter(lambda text: text.strip() == text) | st.sampled_from(
    [
        "007",
        "1e5",
        "no",
        "on",
        "null",
        "~",
        "1.0",
        "10:30",
        "- a",
        "{x}",
        "# c",
        "'",
        '"',
        "é",
        "a: b",
        "*x",
        "&y",
        "!z",
        "=",
        "<<",
    ]
)
TAGS = st.lists(NAMES, max_size=2, unique=True)
CNPJS = st.text(string.digits + string.ascii_uppercase, min_size=12, max_size=12).filter(
    lambda base: len(set(base)) > 1
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    """A document with secrets, whose references hold."""
    names = st.lists(NAMES, min_size=1, max_size=3, unique=True)
    bases = draw(st.lists(CNPJS, min_size=3, max_size=3, unique=True))
    stores: list[dict[str, object]] = [
        {
            "name": name,
            "cnpj": base + check_digits(base),
            "tags": draw(TAGS),
            "limit": draw(st.none() | st.integers(1, 999_999_999)),
            "opening": draw(st.sampled_from(["06:00", "10:30", "00:00"])),
            "unit": draw(st.none() | st.text(string.digits, min_size=1, max_size=5)),
            "active": draw(st.booleans()),
        }
        for name, base in zip(draw(names), bases, strict=False)
    ]
    erp: dict[str, object] = {"base_url": "http://127.0.0.1", "username": draw(NAMES), "password": draw(NAMES)}
    erp |= draw(st.sampled_from([{}, {"page_size": draw(st.integers(1, 1000)), "factor": draw(st.floats(0, 1e30))}]))
    platform = {
        "base_url": "http://127.0.0.1",
        "email": draw(NAMES),
        "token": "t",
        "line_fields": {"code": draw(NAMES)},
    }
    source, target = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    channels = draw(st.lists(NAMES, max_size=2, unique=True))
    tag = draw(NAMES)
    stores[0]["tags"] = [tag]
    name = stores[0]["name"]
    chosen = draw(st.sampled_from(["all", [name], {"tags": [tag]}]))
    return {
        "version": 1,
        "organisation": {"timezone": "America/Manaus", "locale": "es"},
        "stores": stores,
        "integrations": [
            {"name": source, "module": "erp", "settings": erp, "enabled": draw(st.booleans())},
            {"name": target, "module": "platform", "settings": platform},
        ],
        "channels": [
            {"name": name, "module": "chat", "settings": {"chat_id": draw(st.integers(-(10**15), -1))}}
            for name in channels
        ],
        "jobs": [
            {
                "name": draw(NAMES),
                "type": draw(st.sampled_from(["sync_products", "compare_data"])),
                "schedule": draw(st.none() | st.just("10 5 * * 1-5")),
                "stores": chosen,
                "settings": {"source": source, "target": target, "max_age_minutes": draw(st.integers(1, 1440))},
                "notify": [{"channel": name, "on": ["failure", "held"]} for name in channels],
            }
        ],
        "users": [
            {
                "telegram_id": number,
                "name": draw(NAMES),
                "role": draw(st.sampled_from(["viewer", "manager", "admin", "owner"])),
                "may_release": draw(st.booleans()),
                "stores": draw(st.sampled_from(["all", [], [name], {"tags": [tag]}, {"tags": [tag], "names": [name]}])),
            }
            for number in draw(st.lists(st.integers(1, 2**52), max_size=2, unique=True))
        ],
    }


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
async def test_whatever_is_applied_exports_to_what_applies_without_change(
    quick: Configuration, document: dict[str, object]
) -> None:
    await fresh(quick)
    await quick.apply(yaml.safe_dump(document, allow_unicode=True))
    text = await quick.export()
    again = await quick.apply(text, prune=True)
    assert (again.changes, again.kept) == ([], {})
    assert (await quick.apply(yaml.safe_dump(document))).empty
    assert await quick.export() == text


async def fresh(configuration: Configuration) -> None:
    """Go on in an organisation of its own, so that each example starts with nothing."""
    async with configuration.database.writing() as session:
        count = await session.scalar(select(func.count()).select_from(Organisation)) or 0
        made = Organisation(name=f"Example {count}", timezone="America/Sao_Paulo", locale="en")
        session.add(made)
        await session.flush()
    configuration.actor = Actor.system(made.id, "cli")
