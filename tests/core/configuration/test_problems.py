"""Every mistake is told, with its line and a remedy; nothing is half-applied."""

import pytest
from sqlalchemy import update

from core.access import Actor, Role
from core.stores.model import Store
from tests.kit.configuration import Configuration

BASE = """\
version: 1
stores:
  - {name: Centro, cnpj: 11222333000181, tags: [south]}
integrations:
  - {name: ERP, module: erp, settings: {base_url: "http://127.0.0.1:9000", password: hush-hush}}
  - {name: Loyalty, module: platform, settings: {base_url: "http://127.0.0.1:9100", email: a@b.c, token: tok-1}}
channels:
  - {name: Ops, module: chat, settings: {chat_id: -1001}}
jobs:
  - name: Daily
    type: sync_products
    settings: {source: ERP, target: Loyalty}
users:
  - {telegram_id: 1000, name: Olga, role: owner}
"""
STORE = "version: 1\nstores:\n  - name: Centro\n    cnpj: 11222333000181\n    {}\n"
ERP = "version: 1\nintegrations:\n  - name: ERP\n    module: {}\n    settings: {}\n"
JOB = "version: 1\njobs:\n  - name: Daily\n    {}\n"


async def test_a_document_full_of_mistakes_is_answered_with_all_of_them(quick: Configuration) -> None:
    text = """\
version: 1
organisation: {timezone: America/Sao_Paolo}
stores:
  - {name: Centro, cnpj: 11222333000180}
  - {name: Norte, cnjp: 11222333000262}
integrations:
  - {name: ERP, module: epr, settings: {}}
  - {name: Loyalty, module: platform, settings: {base_url: "http://x", email: a@b.c}}
channels:
  - {name: Ops, module: chat, settings: {chat_id: abc}}
jobs:
  - name: Daily
    type: sync_products
    schedule: "61 5 * * *"
    stores: [Centro, Sul]
    settings: {source: ERP, target: Loialty}
    notify: [{channel: Opps, on: [sucess]}, {channel: Opps, on: [success]}]
users:
  - {telegram_id: 1001, name: Ana, role: boss}
  - {telegram_id: 1002, name: Bia, role: viewer, locale: pt}
  - {telegram_id: 1002, name: Bia, role: viewer}
"""
    problems = await quick.refused(text)
    lines = [problem.split(":")[0] for problem in problems]
    expected = [2, 4, 5, 5, 7, 8, 10, 14, 15, 16, 17, 19, 20, 21]
    assert lines == [f"Line {line}" for line in expected]


async def test_an_entry_without_a_name_is_none_that_could_be_meant(quick: Configuration) -> None:
    text = BASE.replace("  - {name: Centro, ", "  - {").replace(
        "type: sync_products", "type: sync_products\n    stores: [Sul]"
    )
    assert any(problem.endswith("“Sul”. There is none yet.") for problem in await quick.refused(text))


async def test_mistakes_in_good_entries_are_told_beside_unreadable_ones(quick: Configuration) -> None:
    text = BASE.replace("11222333000181", "1").replace("target: Loyalty", "target: Loialty")
    problems = await quick.refused(text)
    assert [problem.split(":")[0] for problem in problems] == ["Line 3", "Line 12"]
    assert problems[1].endswith("there is no integration “Loialty”. Did you mean “Loyalty”?")


async def test_an_entry_with_a_mistake_still_counts_as_there(quick: Configuration) -> None:
    text = BASE.replace("password: hush-hush", "page_size: 0")
    problems = await quick.refused(text)
    assert problems == ["Line 5: settings.page_size: must be at least 1."]


WRONG_STORES = [
    ("limt: 5", "limt: is unknown here. Did you mean “limit”?"),
    ("limit: 0", "limit: must be at least 1."),
    ("limit: many", "limit: must be a whole number."),
    ("opening: 6 am", "opening: “6 am” is not a time. Write it as HH:MM, for example 06:00."),
    ("opening: '24:00'", "opening: “24:00” is not a time. Write it as HH:MM, for example 06:00."),
    ("timezone: Sao_Paulo", "timezone: “Sao_Paulo” is not a time zone. Did you mean “America/Sao_Paulo”?"),
    ("timezone: ../../etc/passwd", None),
    ("timezone: America", None),
    ("tags: south", "tags: must be a list: lines that begin with a dash, or [ ] for none."),
    ("tags: [1.5]", "tags: must be text. Put it in quotes."),
    ("active: perhaps", "active: must be true or false."),
    ("unit: ''", "unit: must not be empty."),
    ('was: "a\\nb"', "was: must be one line of plain text, without control characters."),
    (f"unit: '{'1' * 33}'", "unit: is too long: at most 32 characters."),
]


async def test_a_wrong_field_of_a_store_is_explained(quick: Configuration) -> None:
    for line, problem in WRONG_STORES:
        (found,) = await quick.refused(STORE.format(line), dry_run=True)
        assert found.startswith("Line 5: "), line
        assert problem is None or found == f"Line 5: {problem}"


@pytest.mark.parametrize("cnpj", ["11222333000182", "1.12223E+13", "11222333", "'00000000000000'"])
async def test_a_wrong_company_number_is_refused(quick: Configuration, cnpj: str) -> None:
    (problem,) = await quick.refused(STORE.format("active: true").replace("11222333000181", cnpj))
    assert problem.startswith("Line 4: cnpj: ")


WRONG_SETTINGS = [
    ("rpp", "{}", "Line 4: module: there is no module “rpp” for this. Modules: erp, platform."),
    ("chat", "{}", "Line 4: module: there is no module “chat” for this. Modules: erp, platform."),
    ("broken", "{}", "Line 4: module: The module “broken” cannot be loaded."),
    ("erp", "{password: p}", "Line 5: settings.base_url: is missing. Add “base_url: …”."),
    ("erp", "{base_url: 'http://x'}", "Line 5: settings: give password, or fixed_token."),
    ("platform", "{base_url: 'http://x', email: e}", "Line 5: settings.token: is missing. Add “token: …”."),
    ("platform", "", None),
    ("erp", "{base_url: 'http://x', passwort: p}", None),
    (
        "erp",
        "{base_url: 'http://x', password: 12345}",
        "Line 5: settings.password: must be text. Put it in quotes.",
    ),
    ("erp", "[1]", "Line 5: settings: must be keys with values, such as name: …."),
]


async def test_wrong_settings_of_a_module_are_told_at_their_line(quick: Configuration) -> None:
    for module, settings, problem in WRONG_SETTINGS:
        found = await quick.refused(ERP.format(module, settings))
        assert problem is None or found == [problem]


async def test_no_problem_shows_a_secret(quick: Configuration) -> None:
    text = ERP.format("erp", "{base_url: 5, password: [hush-hush], passwort: hush-hush, page_size: hush-hush}")
    problems = await quick.refused(text)
    assert len(problems) == 4
    assert "hush" not in repr(problems)


async def test_a_field_of_several_kinds_says_what_each_wants(quick: Configuration) -> None:
    text = "version: 1\nchannels: [{name: Ops, module: chat, settings: {chat_id: abc}}]"
    (problem,) = await quick.refused(text)
    assert problem == "Line 2: settings.chat_id: must be a whole number. Or: does not have the form ^@."


WRONG_JOBS = [
    ("schedule: 10 5 * * *", "type: is missing. Types: sync_products, compare_data, cleanup."),
    ("type: sync_product", "type: “sync_product” is unknown. Did you mean “sync_products”?"),
    ("schedule: 10 25 * * *", None),
    ("stores: [Centr]", "stores: there is no store “Centr”. Did you mean “Centro”?"),
    ("stores: {tags: [west]}", "stores.tags: there is no tag “west”. There is: south."),
    ("stores: []", None),
    ("stores: every", None),
    ("stores: {tag: [south]}", None),
    ("settings: {source: Loyalty, target: Loyalty}", None),
    ("settings: {source: ERP, target: ERP}", None),
    (
        "settings: {source: Ops, target: Loyalty}",
        "settings.source: there is no integration “Ops”. There is: ERP, Loyalty.",
    ),
    ("settings: {target: Loyalty}", "settings.source: is missing. Add “source: …”."),
    ("settings: {source: ERP, target: Loyalty, guard_rails: {below_til: no}}", None),
    ("notify: [{channel: Dev, on: [start]}]", "notify.channel: there is no channel “Dev”. There is: Ops."),
    ("notify: [{channel: Ops, on: [sucess]}]", "notify.on: “sucess” is unknown. Did you mean “success”?"),
    ("notify: [{channel: Ops, on: []}]", "notify.on: needs at least 1."),
    ("notify: [{channel: Ops}]", "notify.on: is missing. Add “on: …”."),
]


async def test_a_wrong_field_of_a_job_is_explained(quick: Configuration) -> None:
    await quick.apply(BASE)
    for job, problem in WRONG_JOBS:
        kind = "" if job.startswith(("type", "schedule: 10 5")) else "type: sync_products, "
        good = "" if "settings" in job else ", settings: {source: ERP, target: Loyalty}"
        text = f"version: 1\njobs:\n  - {{name: Other, {kind}{job}{good}}}\n"
        (found,) = await quick.refused(text)
        assert found.startswith("Line 3: "), job
        assert problem is None or found == f"Line 3: {problem}"


async def test_a_missing_source_says_what_kind_is_needed(quick: Configuration) -> None:
    (problem,) = await quick.refused(BASE.replace("source: ERP", "source: Loyalty"))
    assert problem == ("Line 12: settings.source: “Loyalty” (platform) knows no prices. Name an integration that does.")


@pytest.mark.parametrize(
    "twin",
    [
        ("stores:", "stores:\n  - {name: Centro, cnpj: 11222333000262}"),
        ("integrations:", 'integrations:\n  - {name: ERP, module: erp, settings: {base_url: "http://y", password: p}}'),
        ("channels:", "channels:\n  - {name: Ops, module: chat, settings: {chat_id: 1}}"),
        ("users:", "users:\n  - {telegram_id: 1000, name: Olga, role: owner}"),
    ],
)
async def test_a_key_used_twice_is_refused(quick: Configuration, twin: tuple[str, str]) -> None:
    problems = await quick.refused(BASE.replace(*twin))
    assert any("is there already. Keep one of them." in problem for problem in problems)


@pytest.mark.parametrize("name", ["CENTRO", "Cêntro", " centro", "Cen\u0301tro"])
async def test_a_new_store_whose_name_looks_like_that_of_another_is_refused(quick: Configuration, name: str) -> None:
    await quick.apply(BASE)
    (problem,) = await quick.refused(f"version: 1\nstores:\n  - {{name: '{name}', cnpj: '11222333000262'}}")
    assert "differs from “Centro” only in capitals, accents or blanks" in problem


@pytest.mark.parametrize("name", ["DAILY", "Dàily", " daily "])
async def test_a_new_job_whose_name_looks_like_that_of_another_is_refused(quick: Configuration, name: str) -> None:
    await quick.apply(BASE)
    (problem,) = await quick.refused(f"version: 1\njobs:\n  - {{name: '{name}', type: cleanup}}")
    assert "differs from “Daily” only in capitals, accents or blanks" in problem
    await quick.apply(f"version: 1\njobs:\n  - {{name: '{name}', was: Daily}}")


async def test_a_job_takes_a_name_like_that_of_one_that_goes(quick: Configuration) -> None:
    await quick.apply(BASE)
    await quick.apply("version: 1\njobs: [{name: DAILY, type: cleanup}]", prune=True)


async def test_blanks_within_a_name_tell_it_from_no_other(quick: Configuration) -> None:
    await quick.apply(BASE.replace("name: Centro", "name: Loja do Centro"))
    (problem,) = await quick.refused("version: 1\nstores:\n  - {name: 'Loja  do Centro', cnpj: '11222333000262'}")
    assert "differs from “Loja do Centro” only in capitals, accents or blanks" in problem


async def test_two_new_stores_of_one_document_that_look_alike_are_refused(quick: Configuration) -> None:
    twin = "stores:\n  - {name: CENTRO, cnpj: 11222333000262}"
    (problem,) = await quick.refused(BASE.replace("stores:", twin))
    assert "only in capitals, accents or blanks" in problem


async def test_stores_that_were_alike_before_that_was_refused_can_be_changed_all_the_same(quick: Configuration) -> None:
    await quick.apply(BASE.replace("stores:", "stores:\n  - {name: Norte, cnpj: 11222333000262}"))
    async with quick.database.writing() as session:
        await session.execute(update(Store).where(Store.name == "Norte").values(name="CENTRO"))
    plan = await quick.apply("version: 1\nstores:\n  - {name: CENTRO, limit: 5}\n  - {name: Centro, limit: 6}")
    assert len(plan.changes) == 2


async def test_a_name_may_be_written_otherwise_by_its_own_store(quick: Configuration) -> None:
    await quick.apply(BASE)
    await quick.apply("version: 1\nstores:\n  - {name: CENTRO, was: Centro}")
    plan = await quick.apply("version: 1\nstores:\n  - {name: CENTRO, limit: 5}")
    assert len(plan.changes) == 1


async def test_two_stores_with_one_registration_are_refused(quick: Configuration) -> None:
    await quick.apply(BASE)
    text = "version: 1\nstores: [{name: Norte, cnpj: 11222333000181}]"
    (problem,) = await quick.refused(text)
    assert problem.startswith("Line 2: cnpj: the platform knows “Centro” by the same number.")
    await quick.apply(text.replace("cnpj:", "platform_registration: 77, cnpj:"))


@pytest.mark.parametrize("address", ["http://127.0.0.1:9001", "https://127.0.0.1:9000", "http://evil.example:9000"])
async def test_another_address_needs_the_secrets_anew(quick: Configuration, address: str) -> None:
    await quick.apply(BASE)
    moved = BASE.replace("http://127.0.0.1:9000", address)
    without = moved.replace(", password: hush-hush", "")
    (problem,) = await quick.refused(without)
    assert problem.startswith("Line 5: settings.password: the address has another host, scheme or port")
    await quick.apply(moved)


async def test_another_path_on_the_same_host_keeps_the_secrets(quick: Configuration) -> None:
    await quick.apply(BASE)
    text = "version: 1\nintegrations: [{name: ERP, settings: {base_url: 'HTTP://127.0.0.1:9000/erp'}}]"
    assert not (await quick.apply(text)).empty


async def test_a_mail_server_is_an_address_too(quick: Configuration) -> None:
    mail = "version: 1\nchannels: [{{name: Mail, module: mail, settings: {{{}}}}}]"
    await quick.apply(mail.format("host: a.example, password: p"))
    assert await quick.refused(mail.format("host: b.example"))
    assert await quick.refused(mail.format("port: 25"))
    assert (await quick.apply(mail.format("port: 587"))).changes


@pytest.mark.parametrize(("old", "new"), [("module: erp", "module: platform"), ("sync_products", "compare_data")])
async def test_an_entry_never_becomes_another_kind(quick: Configuration, old: str, new: str) -> None:
    await quick.apply(BASE)
    (problem,) = await quick.refused(BASE.replace(old, new))
    assert "and stays so" in problem


async def test_an_admin_gives_roles_up_to_the_own_one(quick: Configuration) -> None:
    await quick.apply(BASE)
    admin = Actor(quick.actor.organisation_id, Role.ADMIN, "Ana", "chat", confirmed=True)
    text = "version: 1\nusers: [{{telegram_id: {}, name: X, role: {}}}]"
    await quick.apply(text.format(7, "admin"), admin)
    assert "up to your own, admin" in (await quick.refused(text.format(8, "owner"), admin))[0]
    assert "up to your own, admin" in (await quick.refused(text.format(1000, "viewer"), admin))[0]


async def test_an_admin_may_apply_a_document_in_which_an_owner_is_unchanged(quick: Configuration) -> None:
    await quick.apply(BASE)
    admin = Actor(quick.actor.organisation_id, Role.ADMIN, "Ana", "chat", confirmed=True)
    assert (await quick.apply(BASE, admin)).empty


async def test_the_last_owner_is_never_demoted(quick: Configuration) -> None:
    await quick.apply(BASE)
    (problem,) = await quick.refused("version: 1\nusers:\n  - {telegram_id: 1000, role: admin}")
    assert problem == "Line 3: role: this is the last owner. Name another owner first."
    await quick.apply("version: 1\nusers: [{telegram_id: 1000, role: admin}, {telegram_id: 5, name: Z, role: owner}]")


@pytest.mark.parametrize(
    "text", ["", "just text", "- a\n- b", "[]", "version: 2", "version: 1\nstores: 5", "version: 1\nstores:\n  - 5"]
)
async def test_what_is_no_configuration_is_refused_with_a_remedy(quick: Configuration, text: str) -> None:
    (problem,) = await quick.refused(text)
    assert problem.startswith("Line ")


async def test_a_number_in_quotes_is_not_said_to_mean_itself(quick: Configuration) -> None:
    assert await quick.refused('version: "1"\nstores: []') == ["Line 1: version: leave out the quotes."]


async def test_a_new_user_needs_name_and_role_and_known_stores(quick: Configuration) -> None:
    problems = await quick.refused("version: 1\nusers:\n  - {telegram_id: 5, stores: [Nowhere]}")
    assert problems == [
        "Line 3: name: is missing. A new user needs it.",
        "Line 3: role: is missing. A new user needs it.",
        "Line 3: stores: there is no store “Nowhere”.",
    ]
