"""A chat in which any form can be opened."""

from collections.abc import AsyncIterator

import pytest

from handlers.forms.states import Form
from tests.handlers.kit import Desk
from tests.handlers.menu_kit import Walk, opener


@pytest.fixture
async def walk(desk: Desk) -> AsyncIterator[Walk]:
    """Ana's way; `/open every`, `/open store` and so on open forms."""
    given = {
        "every": {"section": "integrations", "kind": "every"},
        "rp": {"section": "integrations", "kind": "rp"},
        "crescevendas": {"section": "integrations", "kind": "crescevendas"},
        "telegram": {"section": "channels", "kind": "telegram"},
        "email": {"section": "channels", "kind": "email"},
        "webhook": {"section": "channels", "kind": "webhook"},
        "sync": {"section": "jobs", "kind": "sync_products"},
        "new_store": {"section": "stores"},
        "store": {"section": "stores", "entity_id": desk.store_ids[0]},
        "saved": {"section": "integrations", "entity_id": 1},
        "person": {"section": "users"},
        "chain": {"section": "organisation", "entity_id": desk.organisation_id},
    }
    async with opener(desk, dict.fromkeys(given, Form.page), given):
        yield Walk(desk, desk.ana)
