"""Every window of every dialog, and what each is opened with: a new window belongs in here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import yaml
from aiogram.fsm.state import State

from core.access import Actor
from core.channels.model import Channel
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.forms.loading import LoadForm
from core.stores.model import Store
from handlers.audit.states import Audit
from handlers.confirming.states import Confirming
from handlers.dialogs.places import Home
from handlers.documents.filed import pack
from handlers.documents.states import Documents
from handlers.entities.states import Entities
from handlers.forms.filling import KEY, fresh
from handlers.forms.states import Form
from handlers.joining.states import Joining
from handlers.menu.brake.states import Brake
from handlers.menu.history.states import History
from handlers.menu.modules.states import Modules
from handlers.menu.stores.states import Stores
from tests.handlers.kit import Desk

Given = Callable[[Desk], Awaitable[Mapping[str, Any]]]


async def nothing(_desk: Desk) -> Mapping[str, Any]:
    return {}


async def a_store(desk: Desk) -> Mapping[str, Any]:
    return {"section": "stores", "entity_id": desk.store_ids[0]}


async def name_of_a_store(desk: Desk) -> str:
    """What the first store is called by now."""
    stores: list[Store] = await desk.rows(Store)
    return next(one.name for one in stores if one.id == desk.store_ids[0])


async def stores(_desk: Desk) -> Mapping[str, Any]:
    return {"section": "stores"}


async def chosen_stores(desk: Desk) -> Mapping[str, Any]:
    return {"section": "stores", "chosen": desk.store_ids[:2]}


async def integrations(_desk: Desk) -> Mapping[str, Any]:
    return {"section": "integrations"}


async def a_changed_store(desk: Desk) -> Mapping[str, Any]:
    actor = Actor.system(desk.organisation_id, "cli")
    save = await desk.container.get(SaveEntity)
    await save(actor, Section.STORES, desk.store_ids[0], {"limit": 7})
    return {"section": "stores", "entity_id": desk.store_ids[0], "version": 1}


async def a_saved_store(desk: Desk) -> Mapping[str, Any]:
    given = await a_store(desk)
    load, actor = await desk.container.get(LoadForm), Actor.system(desk.organisation_id, "cli")
    form = fresh(await load(actor, Section.STORES, desk.store_ids[0]), given)
    mark = {"entity_id": desk.store_ids[0], "version": 1, "name": await name_of_a_store(desk), "lines": []}
    return {**given, KEY: {**form, "mark": mark}}


async def a_name(desk: Desk) -> Mapping[str, Any]:
    return {"section": "stores", "entity_id": desk.store_ids[0], "field": ["name"]}


async def a_schedule(desk: Desk) -> Mapping[str, Any]:
    return {"section": "jobs", "entity_id": desk.job_id, "field": ["schedule"]}


async def a_rule(desk: Desk) -> Mapping[str, Any]:
    return {"section": "jobs", "entity_id": desk.job_id, "field": ["notify"]}


async def own_words(desk: Desk) -> Mapping[str, Any]:
    return {"section": "channels", "entity_id": (await desk.rows(Channel))[0].id, "field": ["templates"]}


async def a_document(desk: Desk) -> Mapping[str, Any]:
    document = {"version": 1, "stores": [{"name": await name_of_a_store(desk), "limit": 7}]}
    return {"content": pack(yaml.safe_dump(document, allow_unicode=True).encode())}


async def a_job(desk: Desk) -> Mapping[str, Any]:
    return {"job": desk.job_id}


async def a_place(desk: Desk) -> Mapping[str, Any]:
    return {"store": desk.store_ids[0], "code": "1001"}


async def a_deed(desk: Desk) -> Mapping[str, Any]:
    return {"store": desk.store_ids[0], "code": "1203", "deed": "take_off"}


async def a_module(_desk: Desk) -> Mapping[str, Any]:
    return {"module": "rp", "digest": "0" * 64, "wish": "approve"}


async def a_scope(desk: Desk) -> Mapping[str, Any]:
    return {"reach": "store", "name": await name_of_a_store(desk)}


async def a_run(desk: Desk) -> Mapping[str, Any]:
    return {"run": 1, "store": desk.store_ids[0], "code": "1203", "part": "lines"}


async def a_link(_desk: Desk) -> Mapping[str, Any]:
    return {"role": "manager", "link": 1, "code": "A" * 22, "until": "2026-11-30T12:00:00+00:00"}


async def somebody_new(_desk: Desk) -> Mapping[str, Any]:
    return {"telegram_id": 6666, "name": "Eve", "role": "manager", "locale": "en"}


WINDOWS: dict[State, Given] = {
    Home.main: nothing,
    Home.status: nothing,
    Entities.all: stores,
    Entities.kinds: integrations,
    Entities.one: a_store,
    Entities.more: a_store,
    Entities.delete: a_store,
    Entities.off: a_store,
    Entities.off_several: chosen_stores,
    Entities.history: a_store,
    Entities.version: a_changed_store,
    Entities.removed: stores,
    Entities.several: stores,
    Entities.tag: chosen_stores,
    Entities.sender: chosen_stores,
    Entities.file: stores,
    Entities.confirm: a_store,
    Documents.take: nothing,
    Documents.plan: a_document,
    Documents.removal: a_document,
    Documents.confirm: a_document,
    Confirming.ways: nothing,
    Confirming.pin: nothing,
    Confirming.again: nothing,
    Confirming.app: nothing,
    Confirming.present: nothing,
    Form.page: a_store,
    Form.field: a_name,
    Form.schedule: a_schedule,
    Form.rules: a_rule,
    Form.words: own_words,
    Form.summary: a_store,
    Form.confirm: a_store,
    Form.done: a_saved_store,
    Audit.entries: nothing,
    Audit.people: nothing,
    Audit.kinds: nothing,
    Audit.times: nothing,
    Joining.links: nothing,
    Joining.link: a_link,
    Joining.role: nothing,
    Joining.stores: somebody_new,
    Joining.lifetime: a_link,
    Joining.made: a_link,
    Joining.word: somebody_new,
    Home.run: nothing,
    Home.job: a_job,
    Home.find: nothing,
    Home.language: nothing,
    Home.steps: nothing,
    Brake.scopes: nothing,
    Brake.one: a_scope,
    Modules.all: nothing,
    Modules.one: a_module,
    Modules.confirm: a_module,
    Stores.all: nothing,
    Stores.one: a_place,
    Stores.products: a_place,
    Stores.product: a_place,
    Stores.deed: a_deed,
    Stores.confirm: a_deed,
    History.runs: nothing,
    History.jobs: nothing,
    History.kinds: nothing,
    History.days: nothing,
    History.run: a_run,
    History.store: a_run,
    History.part: a_run,
    History.why: a_run,
}
