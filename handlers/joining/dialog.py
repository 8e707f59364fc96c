"""Letting people in: links for those who are to come, the stores of those who asked (X-3)."""

from aiogram_dialog import Dialog, Window
from aiogram_dialog.widgets.kbd import Row

from core.texts import T
from handlers.dialogs.area import Area
from handlers.dialogs.lists import all_again, below, choices, numbered, search
from handlers.dialogs.menu import Menu
from handlers.dialogs.widgets import link, screen, typed, verb, verbs
from handlers.joining import actions as act
from handlers.joining import getters as show
from handlers.joining.states import Joining


def joining_dialog() -> Dialog:
    return Area(_links(), _link(), _role(), _stores(), _lifetime(), _made(), _word())


def _links() -> Window:
    return screen(
        Joining.links,
        show.links_page,
        choices(numbered(act.pick_link), "link"),
        below(verb("new", T("🆕 Create"), act.new), all_again("links"), name="links"),
        search("links"),
    )


def _link() -> Window:
    revoke = verb("revoke", T("🚫 Revoke"), act.revoke, offered=True)
    return screen(Joining.link, show.link_page, verbs(revoke), back=Joining.links)


def _role() -> Window:
    return screen(Joining.role, show.role_page, choices(act.pick_role, "role"), back=Joining.links)


def _stores() -> Window:
    return screen(
        Joining.stores,
        show.stores_page,
        choices(act.tick, "tick"),
        below(
            verb("all", T("🏢 All"), act.all_stores, offered=True),
            verb("done", T("✔️ Done"), act.only_these, offered=True),
            all_again(),
        ),
        search(),
        back=act.back_from_stores,
    )


def _lifetime() -> Window:
    return screen(Joining.lifetime, show.lifetime_page, choices(numbered(act.make), "lifetime"), back=_before_lifetime)


def _made() -> Window:
    share = Row(link("share", T("📤 Send it to somebody"), show.share_address))
    return screen(Joining.made, show.made_page, share, back=Joining.links)


def _word() -> Window:
    return screen(Joining.word, show.word_page, typed(act.refuse_with_word))


async def _before_lifetime(menu: Menu) -> None:
    await menu.go(Joining.stores if act.limited(menu) else Joining.role)
