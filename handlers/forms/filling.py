"""One form being filled in, as its dialog remembers it: JSON only, sealed in the database.

What was typed as a secret stays apart from what is shown, compared and drawn.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from core.configuration.wanted import Section
from core.forms.entities import SETTINGS
from core.forms.fields import Kind, Path
from core.forms.form import Form, Part, rebased
from core.forms.loading import Loaded, LoadForm
from core.forms.showing import show, show_secret
from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.entities.titles import module_titles
from handlers.entities.words import kind_label

KEY = "form"
CONNECTED = (Section.INTEGRATIONS, Section.CHANNELS)
"""What modules work for."""
_KEYS = 4096


class Filling:
    """The form behind a menu's dialog. Made anew for every update from what the dialog remembers."""

    def __init__(self, menu: Menu, loaded: Loaded, module: Text | None) -> None:
        self.menu = menu
        self.loaded = loaded
        self._module = module
        if KEY not in menu.data:
            menu.data[KEY] = fresh(loaded, menu.given)
        self.state: dict[str, Any] = menu.data[KEY]
        self.form = Form(loaded.parts, self.state["values"], loaded.options)

    @classmethod
    async def of(cls, menu: Menu) -> "Filling":
        loaded = await load(menu)
        connects = loaded.view is None and loaded.section in CONNECTED
        return cls(menu, loaded, kind_label(loaded.kind, await module_titles(menu)) if connects else None)

    @property
    def section(self) -> Section:
        return self.loaded.section

    @property
    def entity_id(self) -> int | None:
        return self.loaded.view.id if self.loaded.view is not None else None

    @property
    def new(self) -> bool:
        return self.loaded.view is None

    @property
    def name(self) -> str | None:
        return self.loaded.view.name if self.loaded.view is not None else self.state["values"].get("name")

    @property
    def page(self) -> Path:
        return tuple(self.state["page"])

    @page.setter
    def page(self, path: Path) -> None:
        self.state["page"] = list(path)

    @property
    def part(self) -> Part | None:
        """The field that is being edited."""
        path = tuple(self.state["field"])
        return self.form.part(path) if path else None

    @property
    def changed(self) -> bool:
        return bool(self.state["secrets"]) or self.state["values"] != self.state["start"]

    @property
    def straight(self) -> bool:
        """Whether the form was opened for the very field that is being edited."""
        return bool(self.menu.given.get("field") == self.state["field"])

    @property
    def endings(self) -> set[str]:
        """What ends the tapping together of a value; straight to *Save* only where something is there to be saved."""
        return {"done"} if self.new or not self.changed else {"done", "save"}

    @property
    def ending(self) -> str:
        """The one of them that a list has room for."""
        return "save" if "save" in self.endings else "done"

    @property
    def names_chain(self) -> bool:
        """Whether it asks for the chain's name alone: saved as it is, that says the name is right."""
        return self.section is Section.ORGANISATION and self.menu.given.get("field") == ["name"]

    def fields(self) -> dict[str, Any]:
        """Return what is to be saved, secrets and all."""
        fields: dict[str, Any] = deepcopy(self.state["values"])
        if self.state["secrets"]:
            fields[SETTINGS] = fields.get(SETTINGS, {}) | self.state["secrets"]
        return fields

    def put(self, part: Part, value: Any) -> None:
        """Set a field. Raises BadInput, and what was there before stays."""
        if part.field.kind is Kind.SECRET:
            self.state["secrets"][part.field.name] = value
        else:
            self.form.put(part, value)
        self.state["tested"] = None

    def clear(self, part: Part) -> None:
        if part.field.kind is Kind.SECRET:
            self.state["secrets"].pop(part.field.name, None)
        else:
            self.form.clear(part)
        self.state["tested"] = None

    def before(self, part: Part) -> Any:
        """Return the value that a field had when the form was opened, wherever on it the field lies."""
        return Form(self.loaded.parts, self.state["start"]).get(part.path)

    def shown(self, part: Part) -> Text:
        """Return the present value of a field in words; of a secret at most its end."""
        if part.field.kind is Kind.SECRET:
            hints = self.loaded.view.secrets if self.loaded.view is not None else {}
            return show_secret(hints.get(part.field.name), typed=part.field.name in self.state["secrets"])
        return show(part.field, self.form.get(part.path))

    def next(self) -> bool:
        """Turn to the next thing that a new entity is asked for. Returns False when there is none."""
        for part in self.form.unanswered():
            key = list(part.path)
            if key not in self.state["skipped"] and self.asks(part):
                self.state["field"] = key
                return True
        return False

    def asks(self, part: Part) -> bool:
        """Tell whether a field is one of the questions that a new entity is still to answer."""
        typed = part.field.name in self.state["secrets"]
        return self.new and not typed and part in self.form.unanswered()

    def edit(self, part: Part) -> None:
        self.state["field"] = list(part.path)

    def skip(self) -> None:
        self.state["skipped"].append(self.state["field"])

    def rebase(self, fresh: Loaded) -> None:
        """Put what was filled in on top of what somebody else saved meanwhile."""
        state = self.state
        state["values"] = rebased(state["values"], state["start"], fresh.start)
        state["start"], state["version"] = fresh.start, fresh.view.version if fresh.view is not None else None

    def begin(self, given: dict[str, Any]) -> None:
        """Begin anew in the same dialog, as if it had been opened with this."""
        self.menu.data[KEY] = fresh(self.loaded, given)

    def title(self) -> Text:
        if self.name:
            return T("✏️ {name}", name=self.name)
        new = NEW[self.section]
        return T("{new}: {module}", new=new, module=self._module) if self._module is not None else new


async def load(menu: Menu) -> Loaded:
    """Load the form that the dialog was opened for, with what there is to choose now."""
    given = menu.given
    entity_id = given.get("entity_id")
    loaded: Loaded = await menu.use(LoadForm)(menu.actor, Section(given["section"]), entity_id, given.get("kind", ""))
    return loaded


def key_of(value: Any) -> str:
    """Return a short name for a path or a choice, to travel in a button; it says nothing by itself."""
    return _key_of_path(value) if isinstance(value, tuple) else _key(json.dumps(value, sort_keys=True))


@functools.lru_cache(maxsize=_KEYS)
def _key_of_path(path: Path) -> str:
    return _key(json.dumps(path))


@functools.lru_cache(maxsize=_KEYS)
def _key(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:12]


def fresh(loaded: Loaded, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form remembers when it is opened with something given."""
    version = loaded.view.version if loaded.view is not None else None
    return {
        "values": deepcopy(loaded.start) | given.get("preset", {}),
        "start": loaded.start,
        "version": version,
        "secrets": {},
        "page": [],
        "field": given.get("field", []),
        "advanced": given.get("advanced", False),
        "removing": False,
        "skipped": [],
        "tested": None,
        "off": False,
        "search": "",
        "mark": None,
        "comment": given.get("comment", ""),
        "line": 0,
        "channel": None,
        "event": None,
        "draft": None,
    }


NEW: dict[Section, Text] = {
    Section.ORGANISATION: T("✏️ Organisation"),
    Section.STORES: T("🏪 New store"),
    Section.INTEGRATIONS: T("🔌 New integration"),
    Section.CHANNELS: T("📣 New channel"),
    Section.JOBS: T("🗓 New job"),
    Section.USERS: T("👤 New person"),
}
