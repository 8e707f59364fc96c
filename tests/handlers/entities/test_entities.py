"""Lists of what can be configured, and what is done with one or several of them."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from core.access import Actor
from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.entities.saving import SaveEntity
from core.history.model import AuditEntry
from core.jobs.model import Job
from core.people.choosing import SetPin
from core.people.model import Confirmation, Person
from core.stores.model import Store
from handlers.entities.states import Entities
from integrations.registry import Registry
from tests.handlers.kit import ANA, RUI, Desk
from tests.handlers.menu_kit import Walk, opener, settled
from tests.kit.every_module import WRONG_TOKEN
from tests.kit.outside import put_module

PIN = "829107"
RP = {"base_url": "http://127.0.0.1:1", "username": "100001", "password": "hush-hush-1234"}


@pytest.fixture
async def walk(desk: Desk) -> AsyncIterator[Walk]:
    given = {"stores": {"section": "stores"}}
    async with opener(desk, {"stores": Entities.all}, given):
        yield Walk(desk, desk.ana)


async def integration(desk: Desk, module: str, settings: dict[str, Any], name: str = "ERP") -> int:
    save = await desk.container.get(SaveEntity)
    fields = {"name": name, "module": module, "settings": settings}
    edited = await save(Actor.system(desk.organisation_id, "cli"), Section.INTEGRATIONS, None, fields)
    assert edited.id is not None
    return int(edited.id)


async def store(desk: Desk, number: int = 0) -> Store:
    found: Store = (await desk.rows(Store))[number]
    return found


async def test_a_setting_is_changed_within_five_taps_of_home(desk: Desk, walk: Walk) -> None:
    await integration(desk, "every", {"title": "Weekly", "token": "tok-1234"})
    await walk.says("/integrations")
    assert "Integrations: 1" in walk.text
    await walk.taps("ERP", "Change", "Title")
    await walk.says("Monthly")
    await walk.taps("Save")
    assert (await desk.rows(Integration))[0].settings["title"] == "Monthly"


async def test_a_folded_field_is_changed_by_typing_its_name(desk: Desk, walk: Walk) -> None:
    await integration(desk, "every", {"title": "Weekly", "token": "tok-1234"})
    await walk.says("/integrations")
    await walk.taps("ERP", "Change")
    await walk.says("numbers")
    await walk.says("1, 2")
    await walk.taps("Save")
    assert (await desk.rows(Integration))[0].settings["numbers"] == [1, 2]


async def test_a_new_integration_begins_with_its_module(desk: Desk, walk: Walk) -> None:
    await walk.says("/integrations")
    await walk.taps("Add", "Every")
    for words in ("ERP", "Weekly", "tok-1234"):
        await walk.says(words)
    await walk.taps("Save", "Back")
    assert "Integrations: 1" in walk.text
    assert (await desk.rows(Integration))[0].enabled


async def test_a_job_gets_its_schedule_by_typing_and_shows_the_next_five_runs(desk: Desk, walk: Walk) -> None:
    await integration(desk, "every", {"title": "Weekly", "token": "tok-1234"})
    await integration(desk, "crescevendas", {"email": "a@example.com", "token": "tok-1234"}, "Loyalty")
    await walk.says("/jobs")
    await walk.taps("Daily sync", "Change", "Schedule")
    assert "no schedule that I understand" in await walk.says("whenever")
    await walk.says("seg a sex 6h")
    assert "Source: fill it in" in walk.text
    await walk.taps("Source", "ERP", "Target", "Loyalty")
    assert "Schedule: only by hand\n→ Monday to Friday at 6:00" in walk.text.replace("\u202f", " ")
    await walk.taps("Save", "Back")
    assert "Schedule: Monday to Friday" in walk.text
    assert walk.text.replace("\u202f", " ").count("/26, 6:00 AM") == 5


async def test_switching_off_is_taken_back_with_one_tap(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    assert "Nothing is live on the platform." in await walk.taps("001 Centro", "Switch off")
    assert (await store(desk)).active
    await walk.taps("Yes, switch off")
    assert not (await store(desk)).active
    assert "is as it was before" in await walk.taps("Undo")
    assert (await store(desk)).active


async def test_deleting_asks_with_numbers_and_can_be_taken_back(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    assert "Nothing is live on the platform." in await walk.taps("001 Centro", "More", "Delete")
    await walk.taps("Back")
    assert (await store(desk)).deleted_at is None
    assert "is deleted" in await walk.taps("More", "Delete", "Yes, delete")
    assert (await store(desk)).deleted_at is not None
    assert "is back" in await walk.taps("001 Centro")
    assert (await store(desk)).deleted_at is None


async def test_what_was_deleted_from_its_own_page_is_brought_back_with_one_tap_too(desk: Desk, walk: Walk) -> None:
    await walk.says("/stores")
    deleted = await walk.taps("001 Centro", "More", "More", "Delete", "Yes, delete")
    assert "“001 Centro” is deleted. Tap it here to bring it back." in deleted
    assert "not among" not in deleted
    assert "is back" in await walk.taps("001 Centro")
    assert (await store(desk)).deleted_at is None
    assert "what would you like to do?" in await walk.taps("More", "Delete", "Yes, delete", "Back")


async def test_what_a_job_needs_is_not_even_asked_to_be_deleted(desk: Desk, walk: Walk) -> None:
    await integration(desk, "rp", RP)
    await desk.set_row(Job, desk.job_id, settings={"source": "ERP"})
    await walk.says("/integrations")
    assert "“ERP” is used by Daily sync. Change or delete that first." in await walk.taps("ERP", "More", "Delete")
    assert not any("Yes, delete" in label for label in walk.labels)


async def test_what_cannot_be_empty_is_not_offered_to_be_cleared(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    for field, clear in (("CNPJ", False), ("Tags", False), ("Limit per customer", True)):
        await desk.set_row(Store, desk.store_ids[0], limit=5)
        await walk.says("/open stores")
        await walk.taps("001 Centro", "Change", field)
        assert ("🧹 Clear" in walk.labels) is clear, field
    assert "Limit per customer: 5 pieces\n→ not set" in await walk.taps("Clear")


async def test_an_earlier_version_is_looked_at_and_gone_back_to(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("001 Centro", "Change", "Opening time")
    await walk.says("8h")
    await walk.taps("Save", "Back", "Versions")
    assert "    Opening time: 6:00\u202fAM\n    → 8:00\u202fAM" in walk.text
    assert "Opening time: 8:00\u202fAM\n→ 6:00\u202fAM" in await walk.taps("Version 1")
    assert "is as in version 1 again" in await walk.taps("Go back to it")
    assert (await store(desk)).opening == "06:00"


async def test_several_stores_are_tagged_searched_by_tag_and_untagged(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("Several", "001 Centro", "002 Norte", "Tag")
    assert "2 stores were changed" in await walk.says("south")
    await walk.says("south")
    assert not any("003" in label for label in walk.labels)
    assert "Switch 2 stores off?" in await walk.taps("Switch off")
    await walk.taps("Yes, switch off")
    assert [one.active for one in await desk.rows(Store)] == [False, False, True]
    assert "Taken back for 2 stores" in await walk.taps("Undo")
    await walk.taps("Tag")
    await walk.says("-south")
    assert [one.tags for one in await desk.rows(Store)] == [[], [], []]


async def test_several_tags_are_given_and_taken_at_once_as_a_store_form_reads_them(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("Several", "001 Centro", "002 Norte", "Tag")
    await walk.says("south, 24h")
    assert [one.tags for one in await desk.rows(Store)] == [["south", "24h"], ["south", "24h"], []]
    await walk.taps("Tag")
    await walk.says("- south, coast")
    assert [one.tags for one in await desk.rows(Store)] == [["24h", "coast"], ["24h", "coast"], []]
    assert "The tag is missing" in (await walk.taps("Tag"), await walk.says("-, coast"))[1]
    assert [one.tags for one in await desk.rows(Store)] == [["24h", "coast"], ["24h", "coast"], []]


async def test_a_search_among_several_counts_what_is_chosen_not_what_it_found(walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("Several", "001 Centro")
    await walk.says("norte")
    assert (await walk.taps("002 Norte")).splitlines()[0] == "🏪 Stores chosen: 2"


async def test_who_sends_is_switched_for_several_stores_after_their_number_was_named(desk: Desk, walk: Walk) -> None:
    await desk.set_row(Store, desk.store_ids[1], cut_over=False)
    await walk.says("/open stores")
    asked = await walk.taps("Several", "001 Centro", "002 Norte", "Who sends")
    assert "Who shall send to 2 stores?" in asked
    assert "Now Chimera sends to 1 of them, the old system to 1." in asked
    assert "Stores chosen: 2" in await walk.taps("Back")
    assert [one.cut_over for one in await desk.rows(Store)] == [True, False, True]
    assert "1 store was changed" in await walk.taps("Who sends", "The old system sends")
    assert [one.cut_over for one in await desk.rows(Store)] == [False, False, True]
    assert "Taken back for 1 store" in await walk.taps("Undo")
    assert [one.cut_over for one in await desk.rows(Store)] == [True, False, True]
    await walk.taps("Who sends", "Chimera sends")
    assert [one.cut_over for one in await desk.rows(Store)] == [True] * 3


async def test_all_that_a_search_found_is_chosen_and_let_go_with_one_tap(walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("Several")
    await walk.says("00")
    assert "Stores chosen: 3" in await walk.taps("Tick all")
    assert "chosen" not in (await walk.taps("Tick all")).splitlines()[0]


async def test_several_are_chosen_only_where_there_is_a_store(desk: Desk, walk: Walk) -> None:
    for number in desk.store_ids:
        await desk.set_row(Store, number, deleted_at=desk.clock.now())
    await walk.says("/open stores")
    assert "🆕 Add" in walk.labels
    assert "☑️ Several" not in walk.labels
    await desk.set_row(Store, desk.store_ids[0], deleted_at=None)
    await walk.says("/open stores")
    assert "☑️ Several" in walk.labels


async def test_a_refused_login_is_renewed_at_its_secret_alone(desk: Desk, walk: Walk) -> None:
    number = await integration(desk, "every", {"title": "Weekly", "token": WRONG_TOKEN})
    await walk.says("/integrations")
    assert "The login was refused." in await walk.taps("ERP", "Test")
    assert "· Token" in await walk.taps("Renew")
    await walk.says("a-better-token-7777")
    await walk.taps("Save")
    (row,) = await desk.rows(Integration)
    assert (row.id, row.needs_credentials_at) == (number, None)


async def test_a_failed_test_leads_from_the_page_to_the_address_that_it_points_at(desk: Desk, walk: Walk) -> None:
    number = await integration(desk, "rp", RP)
    await walk.says("/integrations")
    await walk.taps("ERP")
    assert not any("Change:" in label for label in walk.labels)
    assert "cannot be reached" in await walk.taps("Test")
    assert "ERP · Address" in await walk.taps("✏️ Address")
    assert "cannot be reached" in await walk.taps("Back")
    save = await desk.container.get(SaveEntity)
    changed = {"settings": {**RP, "page_size": 50}}
    await save(Actor.system(desk.organisation_id, "cli"), Section.INTEGRATIONS, number, changed)
    await walk.taps("Versions", "Back")
    assert not any("Change:" in label for label in walk.labels), "the test was of other settings"


async def test_a_refused_login_leads_from_the_page_to_name_and_password(desk: Desk, walk: Walk) -> None:
    await integration(desk, "every", {"title": "Weekly", "token": WRONG_TOKEN})
    await walk.says("/integrations")
    await walk.taps("ERP", "Test")
    assert "ERP · Token" in await walk.taps("✏️ Token")


async def test_what_a_test_came_to_is_not_said_of_settings_that_were_changed_since(desk: Desk, walk: Walk) -> None:
    await integration(desk, "every", {"title": "Weekly", "token": "tok-1234"})
    await walk.says("/integrations")
    assert "Weekly answered in" in await walk.taps("ERP", "Test")
    assert "Weekly answered in" in await walk.taps("Change", "Back")
    await walk.taps("Change")
    await walk.says("title")
    await walk.says("Monthly")
    await walk.taps("Save")
    assert "answered in" not in await walk.taps("Back")


async def test_a_pin_that_cannot_be_one_is_refused_before_it_is_asked_for_again(walk: Walk) -> None:
    await walk.says("/pin")
    await walk.taps("PIN")
    for typed, said in (("1234", "6 to 12 digits"), ("123456", "too easy"), ("my-secret", "6 to 12 digits")):
        assert said in await walk.says(typed)
        assert "Type a new one" in walk.text
    assert "once more" in await walk.says(PIN)


async def test_a_refused_login_may_be_tried_again_as_it_is(desk: Desk, walk: Walk) -> None:
    await integration(desk, "every", {"title": "Weekly", "token": WRONG_TOKEN})
    await walk.says("/integrations")
    await walk.taps("ERP", "Test")
    (before,) = await desk.rows(Integration)
    assert "goes on" in await walk.taps("Try again")
    assert "Try again" not in walk.labels
    (row,) = await desk.rows(Integration)
    assert (row.needs_credentials_at, row.revision) == (None, before.revision + 1)
    (entry,) = [one for one in await desk.rows(AuditEntry) if one.action == "try_again"]
    assert entry.entity_id == row.id
    assert "The login was refused." in await walk.taps("Test")
    assert any("Try again" in label for label in walk.labels)


async def test_a_new_host_asks_for_secret_and_pin(desk: Desk, walk: Walk) -> None:
    number = await integration(desk, "rp", RP)
    (ana,) = [one for one in await _people(desk) if one.telegram_id == ANA]
    await (await desk.container.get(SetPin))(ana.actor("chat", "en"), PIN)
    await walk.says("/integrations")
    await walk.taps("ERP", "Change", "Address")
    text = await walk.says("127.0.0.1:2")
    assert "Password: the address has another host" in text
    assert "· Password" in text
    await walk.says("for-the-new-host")
    await walk.taps("Keep it off")
    assert "your PIN" in walk.text
    assert "not your PIN" in await walk.says("000000")
    assert "is saved" in await walk.says(PIN)
    assert all(one.deleted for one in desk.telegram.messages(ANA) if one.text in (PIN, "000000"))
    (row,) = await desk.rows(Integration)
    assert (row.id, row.settings["base_url"]) == (number, "http://127.0.0.1:2")


async def test_a_pin_is_set_typed_twice_and_kept_only_as_a_hash(desk: Desk, walk: Walk) -> None:
    await walk.says("/pin")
    await walk.taps("PIN")
    assert "once more" in await walk.says(PIN)
    assert "not the same" in await walk.says("829108")
    await walk.says("123456")
    assert "too easy to guess" in await walk.says("123456")
    await walk.says(PIN)
    assert "Your PIN is set" in await walk.says(PIN)
    assert PIN not in (await desk.rows(Confirmation))[0].secret
    assert "Now you confirm with your PIN" in await walk.says("/pin")
    assert all(one.deleted for one in desk.telegram.messages(ANA) if one.text.isdecimal())


async def test_cancel_leaves_a_form_and_nothing_is_saved(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("001 Centro", "Change", "Opening time")
    await walk.says("8h")
    assert "Nothing was saved" in await walk.says("/cancel")
    assert "Home" in walk.text
    assert (await store(desk)).opening == "06:00"


@pytest.mark.parametrize(
    "way",
    [
        ["/import"],
        ["/pin"],
        ["/users", "Invite", "🆕 Create"],
        ["/integrations", "Add"],
        ["/open stores", "From a file"],
        ["/open stores", "Several", "001 Centro", "Tag"],
    ],
)
async def test_cancel_leaves_whatever_is_being_filled_in(walk: Walk, way: list[str]) -> None:
    await walk.says(way[0])
    await walk.taps(*way[1:])
    assert "Nothing was saved" in await walk.says("/cancel")
    assert "Home" in walk.text


async def test_cancel_after_a_save_is_about_runs_and_never_says_that_nothing_was_saved(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("001 Centro", "Change", "Opening time")
    await walk.says("8h")
    assert "is saved" in await walk.taps("Save")
    await desk.ana.says("/cancel")
    await desk.telegram.wait_for(ANA, "Nothing is running")
    assert not any("Nothing was saved" in text for text in desk.texts(ANA))
    assert (await store(desk)).opening == "08:00"


async def test_a_link_from_a_group_leads_to_the_form_in_private(desk: Desk, walk: Walk) -> None:
    assert "New integration: Every · Name" in await walk.says("/start form-integrations-every")
    for wrong in ("form-integrations-999", "form-stores-abc", "form-nothing-1", "form-integrations-no_such"):
        await walk.says(f"/start {wrong}")
        assert "Home" in walk.text or "New store" in walk.text


@pytest.mark.parametrize("command", ["integrations", "jobs", "channels", "users", "settings", "pin"])
async def test_a_manager_finds_home_and_why(desk: Desk, command: str) -> None:
    await desk.set_person(RUI, private_chat=True)
    async with desk.chat():
        rui = Walk(desk, desk.rui)
        assert "may not do this" in await rui.says(f"/{command}")
        assert "Home" in rui.text


async def test_forged_numbers_are_refused(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    data = walk.data("001 Centro")
    for forged in ("abc", "99999", "²", "-1"):
        await walk.forges(data[: data.rfind(":") + 1] + forged)
        assert walk.text
    assert len(await desk.rows(Store)) == 3


async def test_the_chain_itself_is_changed_under_settings(desk: Desk, walk: Walk) -> None:
    await walk.says("/settings")
    await walk.taps("Change", "Time zone")
    await walk.says("manaus")
    await walk.taps("Save")
    assert "version 2" in walk.text


async def _people(desk: Desk) -> list[Any]:
    return await desk.rows(Person)


async def test_stores_come_from_a_file_after_a_look_at_it(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    assert "name; cnpj" in await walk.taps("From a file")
    content = "nome; cnpj\n004 Leste;11222333000424\n005 Oeste;1.12E+13\n".encode("cp1252")
    await desk.ana.sends_file("stores.csv", content)
    await settled(desk)
    assert "New: 1" in walk.text
    assert "Row 3, 005 Oeste: cnpj: “1.12E+13”" in walk.text
    assert len(await desk.rows(Store)) == 3
    assert "1 store was saved" in await walk.taps("Apply")
    assert "Stores: 4" in walk.text
    await walk.taps("Back")
    assert "✅ 004 Leste" in walk.labels
    assert (await desk.rows(Store))[-1].name == "004 Leste"
    await walk.taps("Undo")
    assert "Stores: 3" in walk.text
    assert "↩️ Undo" not in walk.labels
    assert (await desk.rows(Store))[-1].deleted_at is not None


async def test_a_file_of_stores_does_what_was_shown_or_nothing(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    await walk.taps("From a file")
    await desk.ana.sends_file("stores.csv", b"name;cnpj;limit\n009 Novo;11222333000696;5\n")
    await settled(desk)
    assert "New: 1" in walk.text
    save = await desk.container.get(SaveEntity)
    actor = Actor.system(desk.organisation_id, "cli")
    await save(actor, Section.STORES, None, {"name": "009 Novo", "cnpj": "11222333000696", "limit": 6})

    said = await walk.taps("Apply")
    assert "somebody changed something meanwhile" in said
    assert "Changed: 1" in said
    assert [one.limit for one in await desk.rows(Store) if one.name == "009 Novo"] == [6]
    assert "1 store was saved" in await walk.taps("Apply")
    assert [one.limit for one in await desk.rows(Store) if one.name == "009 Novo"] == [5]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("stores.csv", b"shop; number\n1; 2\n", "The first row must name the columns"),
        ("stores.xlsx", b"PK\x03\x04 cut off", "cannot be read. Save it again as XLSX"),
        ("stores.csv", b"", "The file is empty"),
        ("stores.pdf", b"%PDF-1.7", "“stores.pdf” is no spreadsheet that I can read"),
    ],
)
@pytest.mark.parametrize("way", [["From a file"], []])
async def test_a_file_that_cannot_be_read_says_why_and_the_next_one_is_taken_on_the_spot(
    desk: Desk, walk: Walk, way: list[str], name: str, content: bytes, said: str
) -> None:
    await walk.says("/open stores")
    await walk.taps(*way)
    await desk.ana.sends_file(name, content)
    await settled(desk)
    assert said in walk.text
    assert "Home: what would you like" not in walk.text
    await desk.ana.sends_file("stores.csv", b"name; cnpj\n004 Leste;11222333000424\n")
    await settled(desk)
    assert "apply this?" in walk.text
    assert "New: 1" in walk.text


async def test_a_file_without_a_single_good_row_asks_for_nothing_but_another_file(desk: Desk, walk: Walk) -> None:
    await walk.says("/open stores")
    await desk.ana.sends_file("stores.csv", b"name; cnpj\n004 Leste;11222333000425\n")
    await settled(desk)
    assert "nothing to save" in walk.text
    assert "Mend the file and send it here again." in walk.text
    assert "✔️ Apply" not in walk.labels


async def test_all_rows_of_a_large_file_come_as_a_spreadsheet_before_it_is_applied(desk: Desk, walk: Walk) -> None:
    rows = "".join(f"Loja {n};1122\n" for n in range(10, 22))
    await walk.says("/open stores")
    content = f"name; cnpj; limit\n001 Centro;11222333000181;7\n002 Norte;11222333000262;\n{rows}"
    await desk.ana.sends_file("stores.csv", content.encode())
    await settled(desk)
    assert "… and 4 more" in walk.text
    await walk.taps("All rows")
    message = await desk.telegram.wait_for(desk.ana.id, lambda one: one.is_from_bot and one.file is not None)
    assert message.file is not None
    found = list(load_workbook(io.BytesIO(message.file.data)).worksheets[0].values)
    assert [row[0] for row in found] == ["Result", *["left out"] * 12, "would change", "the same already"]
    assert "Loja 21" in str(found[12][2])
    assert found[13][1:] == ("001 Centro", "Limit per customer: not set → 7 pieces")
    assert len(await desk.rows(Store)) == 3


async def test_rows_that_a_spreadsheet_hides_are_named_before_they_are_taken(desk: Desk, walk: Walk) -> None:
    book, content = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for cells in (["name", "cnpj"], ["004 Leste", "11222333000424"], ["003 Sul", "11222333000343"]):
        sheet.append(cells)
    sheet.row_dimensions[3].hidden = True
    book.save(content)
    await walk.says("/open stores")
    await walk.taps("From a file")
    await desk.ana.sends_file("stores.xlsx", content.getvalue())
    await settled(desk)
    assert "Hidden in the spreadsheet, taken like the others: 1" in walk.text
    assert "Row 3, 003 Sul" in walk.text


async def test_a_file_of_stores_is_shown_in_the_words_of_their_form_before_it_is_applied(
    desk: Desk, walk: Walk
) -> None:
    await walk.says("/open stores")
    await walk.taps("From a file")
    await desk.ana.sends_file("stores.csv", b"name; limit; opening; active; city\n001 Centro;7;6h30;no;Recife\n")
    await settled(desk)
    assert "Columns that I do not know and do not take: city." in walk.text
    told = walk.text.replace("\u202f", " ")
    assert "    001 Centro:\n        Limit per customer: not set\n        → 7 pieces\n" in told
    assert "        Opening time: 6:00 AM\n        → 6:30 AM\n        Switched on: on → off\n" in told


async def test_an_integration_whose_module_is_not_approved_says_so_and_leads_there(
    desk: Desk, walk: Walk, tmp_path: Path
) -> None:
    await integration(desk, "every", {"title": "Weekly", "token": "tok-1234"})
    registry = await desk.container.get(Registry)
    registry._outside = put_module(tmp_path / "modules").parent
    registry.take_in(registry.look_outside())
    await desk.set_row(Integration, 1, module="foreign-prices")
    await walk.says("/integrations")
    assert "⚠️ ERP" in walk.labels
    text = await walk.taps("ERP")
    assert "Does not work: “foreign-prices” waits for an owner's approval" in text
    assert not {"✏️ Change", "🔎 Test"} & set(walk.labels)
    assert "Needs an owner's approval" in await walk.taps("Modules")
    assert "ERP" in await walk.taps("Back")
    with pytest.raises(BadFields) as refused:
        await (await desk.container.get(SaveEntity))(
            Actor.system(desk.organisation_id, "cli"), Section.INTEGRATIONS, 1, {"name": "Prices"}
        )
    assert "waits for an owner" in str(refused.value.problems[0])
    await desk.set_row(Integration, 1, module="gone")
    await walk.says("/integrations")
    assert "There is no module “gone” on the server any more" in await walk.taps("ERP")
    assert "🧩 Modules" in await walk.taps("Modules")
