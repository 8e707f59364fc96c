"""From an empty database to a running daily sync, without leaving the chat: one story, step by step.

Tests play it, and so does the script that takes the pictures of `docs/walk.md`.
"""

import re
from collections.abc import Awaitable, Callable

import yaml

from sandbox.telegram import Message, Person
from tests.kit.guest import Guest
from tests.kit.inside import Inside
from tests.kit.town import CNPJS, PASSWORD, TOKEN

BRUNO = 7002
PIN = "271828"
STORES_FILE = (
    "nome;cnpj;etiquetas;limite\n"
    "002 Norte;11.222.333/0002-62;norte;\n"
    "003 Sul;11222333000343;sul, praia;500\n"
    "004 Errada;11222333000344;;\n"
)
Camera = Callable[[str, Person], Awaitable[None]]


def _with_secrets(document: str) -> str:
    """Write into an exported file what it leaves out."""
    content = yaml.safe_load(document)
    erp, loyalty = (next(one for one in content["integrations"] if one["name"] == name) for name in ("ERP", "Loyalty"))
    erp["settings"]["password"], loyalty["settings"]["token"] = PASSWORD, TOKEN
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


async def no_camera(name: str, person: Person) -> None:
    """Take no picture."""


class Story:
    """Ana, who has nothing but a chat, and later Bruno, who manages one store."""

    def __init__(self, inside: Inside, camera: Camera = no_camera) -> None:
        self.inside, self.camera = inside, camera
        self.town = town = inside.town
        self.ana = Guest(inside, town.owner)
        self.bruno = Guest(inside, town.telegram.person(BRUNO, "Bruno"))
        self.pictures: list[str] = []

    async def shoot(self, name: str, guest: Guest | None = None) -> None:
        self.pictures.append(name)
        await self.camera(name, (guest or self.ana).person)

    async def play(self) -> None:
        """Play the whole story."""
        await self.claims_the_bot()
        await self.shoot("home")
        await self.names_the_chain()
        await self.adds_a_store_by_form()
        await self.adds_the_rest_by_file()
        await self.connects_the_erp()
        await self.connects_the_platform()
        await self.links_a_group()
        await self.plans_a_job()
        await self.runs(await self.tries_dry())
        await self.changes_and_undoes()
        await self.restarts_in_the_middle_of_a_form()
        await self.lets_a_manager_in()
        await self.keeps_to_one_store()
        await self.switches_the_language()
        await self.begins_anew_from_the_file(await self.exports())

    async def claims_the_bot(self) -> None:
        await self.ana.says(f"/start {self.inside.code}")
        await self.ana.sees("is yours now")
        await self.ana.says("/menu")

    async def names_the_chain(self) -> None:
        await self.ana.taps("First steps", "Name the chain")
        assert "→ Mercado Azul" in await self.ana.says("Mercado Azul")
        await self.ana.taps("Save")
        assert "First steps: 1 of 8" in await self.ana.taps("Back")
        await self.ana.taps("Back")

    async def adds_a_store_by_form(self) -> None:
        await self.ana.taps("Stores", "Manage", "Add")
        await self.ana.says("001 Centro")
        assert "check digits" in await self.ana.says("11.222.333/0001-82")
        assert "save this?" in await self.ana.says("11.222.333/0001-81")
        await self.shoot("store")
        assert "is saved" in await self.ana.taps("Save")

    async def adds_the_rest_by_file(self) -> None:
        await self.ana.taps("Home", "Stores", "Manage")
        text = await self.ana.sends("lojas.csv", STORES_FILE.encode("cp1252"))
        assert "New: 2" in text
        assert "Row 4, 004 Errada" in text
        await self.shoot("file")
        assert "2 stores were saved" in await self.ana.taps("Apply")

    async def connects_the_erp(self) -> None:
        await self.ana.taps("Home", "Integrations", "Add", "RP (ERP)")
        await self.ana.says("ERP")
        assert "is not an address" in await self.ana.says("ftp:// nowhere")
        await self.ana.says("127.0.0.1:1")
        await self.ana.says("100001")
        await self.ana.says("invented-wrong")
        assert "cannot be reached" in await self.ana.taps("Test")
        await self.ana.taps("✏️ Address")
        await self.ana.says(self.town.erp.url)
        assert "does not accept" in await self.ana.taps("Test")
        await self.shoot("login")
        await self.ana.taps("✏️ Password")
        await self.ana.says(PASSWORD)
        assert "went well" in await self.ana.taps("Test")
        await self.shoot("tested")
        assert "is saved" in await self.ana.taps("Save")

    async def connects_the_platform(self) -> None:
        await self.ana.taps("Home", "Integrations", "Add")
        await self.ana.taps("CresceVendas (loyalty)")
        for answer in ("Loyalty", self.town.platform.url, "integration@example.test", TOKEN):
            await self.ana.says(answer)
        assert "is saved" in await self.ana.taps("Save")

    async def links_a_group(self) -> None:
        self.town.group.bot_status = "left"
        self.town.telegram.add_bot(self.town.group, self.town.owner)
        offer = await self.ana.sees(lambda message: "Link the group" in message.text)
        await self.shoot("group")
        await self.ana.presses(offer, "Link")
        await self.ana.sees("is a channel now")

    async def plans_a_job(self) -> None:
        await self.ana.says("/menu")
        await self.ana.taps("Jobs", "Add", "Send today's discounts")
        await self.ana.says("Daily sync")
        await self.ana.says("mon to fri 5:10")
        await self.ana.taps("ERP")
        assert "Schedule" in await self.ana.taps("Loyalty")
        await self.shoot("job")
        assert "is saved" in await self.ana.taps("Save")

    async def tries_dry(self) -> Message:
        await self.ana.taps("Home", "Run", "Dry run")
        card = await self.ana.sees(lambda message: "Success" in message.text and "ry run" in message.text)
        assert not any(self.town.live(cnpj) for cnpj in CNPJS)
        await self.shoot("dry")
        return card

    async def runs(self, dry: Message) -> None:
        await self.ana.presses(dry, "Run now for real")
        await self.ana.sees("Success", after=dry)
        for cnpj in CNPJS:
            limit = 500 if cnpj == CNPJS[2] else 1000
            expected = {code: (price, final, limit) for code, (price, final, _) in self.town.expected(cnpj).items()}
            assert self.town.live(cnpj) == expected
        await self.shoot("run")

    async def changes_and_undoes(self) -> None:
        await self.ana.says("/menu")
        await self.ana.taps("Integrations", "ERP", "Change")
        await self.ana.says("Limit per customer")
        assert "→ 500 pieces" in await self.ana.says("500")
        await self.shoot("difference")
        await self.ana.taps("Save", "Back", "Versions")
        await self.shoot("versions")
        await self.ana.taps("Version 1")
        assert "is as in version 1 again" in await self.ana.taps("Go back to it")

    async def restarts_in_the_middle_of_a_form(self) -> None:
        await self.ana.taps("Home", "Stores", "001 Centro", "Change", "Limit per customer")
        await self.inside.stop()
        await self.inside.start()
        assert "→ 300 pieces" in await self.ana.says("300")
        assert "is saved" in await self.ana.taps("Save")

    async def lets_a_manager_in(self) -> None:
        """Let Bruno in, for one store only."""
        await self.bruno.says("/start")
        assert "Azul" not in (await self.bruno.sees("I do not know you yet")).text
        await self.ana.taps("Home", "People", "Invite", "🆕 Create", "Manager", "001 Centro", "✔️ Done")
        link = re.search(r"start=(join-[\w-]+)", await self.ana.taps("1 day"))
        assert link is not None, self.ana.menu.text
        await self.shoot("invite")
        await self.bruno.says(f"/start {link[1]}")
        await self.bruno.sees("001 Centro")
        await self.ana.sees("came in by your link")

    async def keeps_to_one_store(self) -> None:
        """Let Bruno see what is his, and try Ana's buttons in vain."""
        await self.bruno.says("/menu")
        assert not {"🔌 Integrations", "👥 People", "⚙️ Settings"} & set(self.bruno.labels)
        assert "Stores: 1" in await self.bruno.taps("Stores")
        await self.shoot("manager", self.bruno)
        before = self.town.rows("SELECT count(*) FROM versions")
        for way in (("Integrations", "ERP", "Change", "Password"), ("Stores", "002 Norte"), ("People", "Bruno")):
            await self.ana.says("/menu")
            for label in way:
                await self._replayed()
                await self.ana.taps(label)
            await self._replayed()
        assert self.town.rows("SELECT count(*) FROM versions") == before
        said = "".join(message.text for message in self.bruno.messages)
        assert not [word for word in ("002 Norte", "Loyalty", PASSWORD[-4:], self.town.erp.url) if word in said]

    async def _replayed(self) -> None:
        """Let Bruno send what each of Ana's buttons sends, from his own menu."""
        for row in self.ana.menu.buttons:
            for button in row:
                await self.bruno.replays(self.bruno.menu, button.data or "")

    async def switches_the_language(self) -> None:
        """Read everything in Portuguese, and go back to English."""
        await self.ana.says("/menu")
        await self.ana.taps("Language", "Português (Brasil)")
        assert "o que você quer fazer?" in await self.ana.says("/menu")
        await self.shoot("portuguese")
        await self.ana.taps("Idioma", "English")

    async def exports(self) -> str:
        """Ask for the whole configuration as a file; returns its text."""
        sent = self.ana.messages[-1]
        await self.ana.says("/export")
        message = await self.ana.sees(lambda message: message.file is not None, after=sent)
        assert message.file is not None
        return message.file.data.decode()

    async def begins_anew_from_the_file(self, document: str) -> None:
        """Import into an empty database, secrets by hand, and have the same as before."""
        await self.inside.stop()
        await self.inside.start(anew=True)
        await self.claims_the_bot()
        await self.ana.says("/pin")
        await self.ana.taps("PIN")
        for answer in (PIN, PIN):
            await self.ana.says(answer)
        await self.ana.says("/import")
        await self.ana.sends("chimera.yaml", _with_secrets(document).encode())
        await self.shoot("plan")
        await self.ana.taps("Apply")
        assert "Applied" in await self.ana.says(PIN)
        assert await self.exports() == document
