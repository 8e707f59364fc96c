"""Invitation links as people use them: made in the menu, sent on, tapped by somebody new (`rules.md` 5)."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.access import Role
from core.history.model import AuditEntry
from core.i18n import Translator
from core.outbox.model import Message
from core.people.invitations import OpenInvitation
from core.people.model import Invitation, Person
from core.stores.model import Store
from handlers.joining import getters as joining_getters
from tests.handlers.kit import ANA, RUI, Desk, until
from tests.handlers.menu_kit import Walk, settled

EVE = 6666


async def a_link(walk: Walk, role: str = "🏪 Manager", *stores: str) -> str:
    """Make a link in the menu; without stores, for all of them."""
    await walk.says("/users")
    await walk.taps("🔗 Invite", "🆕 Create", role)
    if role != "🛠 Admin":
        await walk.taps(*stores, "✔️ Done" if stores else "🏢 All")
    text = await walk.taps("1 day")
    found = re.search(r"start=(join-[\w-]{22})", text)
    assert found is not None, text
    return found[1]


async def person(desk: Desk, telegram_id: int) -> Person | None:
    return next((one for one in await desk.rows(Person) if one.telegram_id == telegram_id), None)


async def eve_brings(desk: Desk, telegram_id: int, code: str) -> None:
    await desk.telegram.person(telegram_id, "Eve").says(f"/start {code}")
    await desk.telegram.wait_for(telegram_id, "does not work any more")


async def test_a_link_lets_one_person_in_for_the_chosen_stores_and_tells_the_inviter(desk: Desk) -> None:
    eve = desk.telegram.person(EVE, "Eve", language="pt")
    late = desk.telegram.person(6667, "Mallory")
    async with desk.chat():
        code = await a_link(Walk(desk, desk.ana), "🏪 Manager", "002 Norte")
        await eve.says(f"/start {code}")
        await desk.telegram.wait_for(EVE, "002 Norte")
        await desk.telegram.wait_for(ANA, "Eve came in by your link, as manager")
        await late.says(f"/start {code}")
        refused = await desk.telegram.wait_for(6667, "does not work any more")
        await late.says(f"/start {code}")
        await settled(desk)

    came = await person(desk, EVE)
    assert came is not None
    assert (came.role, came.store_ids, came.private_chat) == ("manager", [desk.store_ids[1]], True)
    assert await person(desk, 6667) is None
    assert "Mercado" not in refused.text
    assert len(desk.texts(6667)) == 1
    (row,) = await desk.rows(Invitation)
    assert code.removeprefix("join-") not in row.hash
    assert not any(code in str(one.body) for one in await desk.rows(Message))
    done = [(one.actor, one.action, one.entity) for one in await desk.rows(AuditEntry)]
    assert done == [("Ana", "invited", "invitation"), ("Eve", "joined", "person"), ("chat", "refused", "invitation")]


async def test_a_link_is_void_once_it_is_revoked_is_over_or_its_maker_is_demoted(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        codes = []
        for _ in range(3):
            codes.append(await a_link(walk))
            desk.clock.move(timedelta(minutes=1))
        await walk.taps("⬅ Back")
        assert "Invitation links: 3" in walk.text
        await walk.taps(walk.labels[0], "🚫 Revoke")
        assert "Invitation links: 2" in walk.text
        await eve_brings(desk, 7001, codes[0])
        await desk.set_person(ANA, role="manager")
        await eve_brings(desk, 7002, codes[1])
        await desk.set_person(ANA, role="admin")
        desk.clock.move(timedelta(days=1))
        await eve_brings(desk, 7003, codes[2])

    assert {one.telegram_id for one in await desk.rows(Person)} == {ANA, RUI, 1003}
    reasons = [one.after["reason"] for one in await desk.rows(AuditEntry) if one.action == "refused" and one.after]
    assert reasons == ["revoked", "void", "expired"]


async def test_a_link_in_a_group_an_invented_one_and_one_for_a_member_change_nothing(desk: Desk) -> None:
    eve = desk.telegram.person(EVE, "Eve")
    desk.group.members[EVE] = eve.user
    async with desk.chat():
        code = await a_link(Walk(desk, desk.ana), "🛠 Admin")
        await eve.says(f"/start {code}", chat=desk.group)
        await eve.says("/start join-" + "A" * 22)
        await desk.telegram.wait_for(EVE, "I do not know you yet")
        await desk.rui.says(f"/start {code}")
        await desk.telegram.wait_for(RUI, "You are in already, as manager")

    assert await person(desk, EVE) is None
    assert await desk.role_of(RUI) is Role.MANAGER
    assert [one.used_at for one in await desk.rows(Invitation)] == [None]


async def test_whoever_was_removed_does_not_come_back_by_a_link(desk: Desk) -> None:
    await desk.set_person(RUI, active=False)
    async with desk.chat():
        code = await a_link(Walk(desk, desk.ana))
        await desk.rui.says(f"/start {code}")
        await desk.telegram.wait_for(RUI, "does not work any more")

    removed = await person(desk, RUI)
    assert removed is not None
    assert not removed.active


async def test_in_a_group_no_link_is_made_and_an_admin_is_offered_no_owner(desk: Desk) -> None:
    async with desk.chat():
        inside = Walk(desk, desk.ana, desk.group)
        await inside.says("/users")
        assert "private chat" in await inside.taps("🔗 Invite", "🆕 Create")
        walk = Walk(desk, desk.ana)
        await walk.says("/users")
        await walk.taps("🔗 Invite", "🆕 Create")
        assert not any("wner" in label for label in walk.labels)
        await until(lambda: desk.telegram.world.updates.pending == 0)

    assert await desk.rows(Invitation) == []


async def test_whoever_is_limited_by_tag_follows_it_at_the_next_tap_to_stores_tagged_later_and_away(
    desk: Desk,
) -> None:
    eve = desk.telegram.person(EVE, "Eve")
    await desk.set_row(Store, desk.store_ids[0], tags=["south"])
    async with desk.chat():
        code = await a_link(Walk(desk, desk.ana), "🏪 Manager", "🏷 south")
        await eve.says(f"/start {code}")
        await desk.telegram.wait_for(EVE, "001 Centro")
        walk = Walk(desk, eve)
        await walk.says("/stores")
        assert [one for one in walk.labels if "00" in one] == ["⚪ 001 Centro: nothing live"]
        await desk.set_row(Store, desk.store_ids[1], tags=["south", "big"])
        await desk.set_row(Store, desk.store_ids[0], tags=[])
        await walk.taps("001 Centro")
        assert "001 Centro" not in walk.text
        await walk.says("/stores")
        assert [one for one in walk.labels if "00" in one] == ["⚪ 002 Norte: nothing live"]

    came = await person(desk, EVE)
    assert came is not None
    assert (came.store_ids, came.store_tags) == ([], ["south"])


async def test_an_old_tap_on_only_these_does_not_stand_for_all_stores(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/users")
        await walk.taps("🔗 Invite", "🆕 Create", "🏪 Manager", "001 Centro")
        only_these = walk.data("✔️ Done")
        await walk.taps("001 Centro")
        await walk.forges(only_these)
        assert "for which stores?" in walk.text


def test_links_that_look_alike_are_told_apart_by_who_made_them_when_or_for_which_store() -> None:
    now, zone = datetime(2026, 11, 26, 12, tzinfo=UTC), ZoneInfo("America/Sao_Paulo")
    hour = timedelta(hours=1)
    north, south = ((1, Role.VIEWER, [name], "Ana", now, now + 9 * hour) for name in ("Norte", "Sul"))
    by_ana, by_rui = ((2, Role.ADMIN, None, name, now, now + 8 * hour) for name in ("Ana", "Rui"))
    early, late = ((3, Role.MANAGER, None, "Ana", now - wait * hour, now + 7 * hour) for wait in (1, 2))
    twins = ((number, Role.MANAGER, None, "Ana", now, now + 6 * hour) for number in (4, 6))
    alone = (5, Role.MANAGER, None, "Ana", now, now + 5 * hour)
    rows = [OpenInvitation(*one) for one in (north, south, by_ana, by_rui, early, late, *twins, alone)]
    say = Translator("pt_BR", zone)

    ends = [say(label).partition("até ")[2] for label in joining_getters._labels(rows, now, zone)]

    assert ends == [
        *("18:00 · Norte", "18:00 · Sul", "17:00 · Ana", "17:00 · Rui", "16:00 · 08:00", "16:00 · 07:00"),
        *("15:00 · 1", "15:00 · 2", "14:00"),
    ]
