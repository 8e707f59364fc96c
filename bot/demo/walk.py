"""The walk through the demo: sync, a held store, a release, an ERP that fails and comes back."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.screen import Screen
from bot.demo.stage import OWNER_ID, ZONE, Stage, set_up
from bot.environment import read_environment
from core.i18n import Translator
from core.texts import T, Text
from handlers.menu.home.words import HOME
from sandbox.telegram import Message, SandboxError

_PATIENCE = 60.0
_QUIT = {"quit", "exit", "q"}


async def play(*, tour: bool) -> int:
    """Play the walk. With `tour` nobody needs to press a key, and it ends by itself. 0: all went well."""
    environment = read_environment()
    async with set_up(environment.locale) as stage:
        screen = Screen(stage.telegram, OWNER_ID)
        following = asyncio.ensure_future(screen.follow())
        walk = Walk(stage, screen, Translator(environment.locale, ZONE), tour=tour)
        try:
            await stage.start()
            await walk.go()
            await asyncio.sleep(1)
            if not tour:
                await walk.stay()
        except TimeoutError as error:
            screen.say(walk.say(T("That took too long. The log is in {file}.", file=stage.log_file)))
            screen.console.print(str(error), (stage.folder / "chimera.log").read_text()[-4000:], markup=False)
            return 1
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
        return 0 if walk.proven() else 1


@dataclass(slots=True)
class Walk:
    """What happens, in order. Buttons are found by their action's words in the owner's language."""

    stage: Stage
    screen: Screen
    translate: Translator
    tour: bool

    def say(self, text: Text) -> str:
        return self.translate(text)

    async def go(self) -> None:
        await self._first_sync()
        released = await self._release()
        await self._erp_fails(released)

    async def _first_sync(self) -> None:
        self.screen.say(self.say(T("Chimera starts against a local ERP, platform and Telegram.")))
        await self.stage.owner.says("/start")
        await self._answer(lambda message: self.say(HOME) in message.text)
        self.stage.foreign_lines()
        self.screen.say(self.say(T("A first sync of five stores. In one of them somebody else has a campaign.")))
        await self.stage.owner.says("/sync")

    async def _release(self) -> Message:
        card = await self._card_with(T("Release"))
        await self._key(T("Press Enter to release the held store."))
        await self.stage.owner.taps(card, self.say(T("Release")))
        return await self._ended(after=card)

    async def _erp_fails(self, before: Message) -> None:
        self.screen.say(self.say(T("Now the ERP goes down in the middle of the morning.")))
        await self.stage.erp.go_down()
        await self.stage.owner.says("/sync 001 002")
        card = await self._card_with(T("Retry failed stores"), before)
        await self._key(T("Nothing was lost. Press Enter to bring the ERP back and try again."))
        await self.stage.erp.come_up()
        await self.stage.owner.taps(card, self.say(T("Retry failed stores")))
        await self._ended(after=card)
        self.screen.say(self.say(T("Every store carries its discounts, read back from the platform.")))

    async def stay(self) -> None:
        """Let the person type commands as the owner; a number taps that button of the last card."""
        self.screen.say(self.say(T("Your turn: type a command such as /status, the number of a button, or quit.")))
        while (line := await asyncio.to_thread(_read_line)) is not None:
            if line.casefold() in _QUIT:
                return
            if line:
                await self._do(line)

    async def _do(self, line: str) -> None:
        try:
            if line.isdecimal():
                await self._tap(int(line))
            else:
                await self.stage.owner.says(line)
        except SandboxError as error:
            self.screen.say(str(error))

    async def _tap(self, number: int) -> None:
        cards = [m for m in self.stage.telegram.messages(OWNER_ID) if m.is_from_bot and m.buttons and not m.deleted]
        buttons = [button.text for row in cards[-1].buttons for button in row] if cards else []
        if 1 <= number <= len(buttons):
            await self.stage.owner.taps(cards[-1], buttons[number - 1])

    def proven(self) -> bool:
        """Tell whether every store carries what its catalogue says, and Telegram had no complaint."""
        live = all(
            {line.code for line in self.stage.platform.lines(cnpj) if not line.foreign}
            == {
                str(product["Codigo"])
                for product in self.stage.erp.catalogue(cnpj)
                if 0 < product["PrecoVenda2"] < product["Preco"]
            }
            for cnpj in self.stage.cnpjs
        )
        for violation in self.stage.telegram.violations:
            self.screen.say(str(violation))
        return live and not self.stage.telegram.violations

    async def _card_with(self, button: Text, after: Message | None = None) -> Message:
        label = self.say(button)
        return await self._answer(lambda m: any(b.text.endswith(label) for row in m.buttons for b in row), after)

    async def _ended(self, after: Message) -> Message:
        word = self.say(T("Success"))
        return await self._answer(lambda message: word in message.text, after)

    async def _answer(self, wanted: Callable[[Message], bool], after: Message | None = None) -> Message:
        message = await self.stage.telegram.wait_for(OWNER_ID, wanted, timeout=_PATIENCE, after=after)
        await asyncio.sleep(1)
        return message

    async def _key(self, prompt: Text) -> None:
        self.screen.say(self.say(prompt))
        if not self.tour and sys.stdin.isatty():
            await asyncio.to_thread(_read_line)


def _read_line() -> str | None:
    line = sys.stdin.readline()
    return line.strip() if line else None
