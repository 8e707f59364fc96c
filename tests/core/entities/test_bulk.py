"""Several stores at once: what a switch of who sends would mean, told in numbers before it is made."""

import pytest
from sqlalchemy import select

from core.entities.bulk import ForetellSender, StoreChange
from core.errors import NotFound
from core.organisations.model import Organisation
from core.stores.model import Store
from tests.kit.entities import Chain
from tests.kit.shelf import Shelf, line


async def foretold(chain: Chain, *store_ids: int) -> list[str]:
    base = chain.configuration
    return base.words(await ForetellSender(base.database, base.clock)(chain.ana, store_ids))


async def test_who_sends_now_and_what_is_live_is_told_of_the_chosen_stores_alone(chain: Chain) -> None:
    base = chain.configuration
    async with base.database.reading() as session:
        centro, norte = (await session.scalars(select(Store).order_by(Store.name))).all()
    await Shelf(base.database).verify(centro, base.clock.now(), line("1203"), line("1204"))
    await chain.change_stores(chain.ana, [norte.id], StoreChange.NOT_CUT_OVER)
    sends, live = await foretold(chain, centro.id, norte.id)
    assert sends == "Now Chimera sends to 1 of them, the old system to 1."
    assert live.startswith("2 products stay on the platform until")
    assert await foretold(chain, norte.id) == ["Now the old system sends.", "Nothing is live on the platform."]
    assert (await foretold(chain, centro.id))[0] == "Now Chimera sends."


async def test_nothing_is_told_of_the_stores_of_another_chain(chain: Chain) -> None:
    async with chain.configuration.database.writing() as session:
        other = Organisation(name="Another", timezone="America/Sao_Paulo", locale="en")
        session.add(other)
        await session.flush()
        theirs = Store(organisation_id=other.id, name="001 Centro", cnpj="11222333000181")
        session.add(theirs)
    with pytest.raises(NotFound):
        await foretold(chain, theirs.id)
