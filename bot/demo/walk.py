"""The walk through the demo: sync, a held store, a release, an ERP that fails and comes back."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.screen import Screen
from bot.demo.stage import OWNER_ID, ZONE, Stage, set_up
from bot.environment import Environment, read_environment
from core.i18n import Translator
from core.texts import T, Text
from handlers.menu.home.words import HOME
from sandbox.telegram import Message, SandboxError

_PATIENCE = 180.0
"""A first start on a busy machine takes its time; without it the visitor would find no store held."""
_QUIT = {"quit", "exit", "q"}


async def play(*, tour: bool) -> int:
    """Play the first sync, then let the visitor go on, in the browser or by typing. 0: all went well.

    With `tour` the whole walk is played without a visitor, and proven at its end.
    """
    _end_on_sigterm()
    with contextlib.suppress(asyncio.CancelledError):
        return await _play(read_environment(), tour=tour)
    return 0


async def _play(environment: Environment, *, tour: bool) -> int:
    async with set_up(environment.locale) as stage:
        screen = Screen(stage.telegram, OWNER_ID)
        following = asyncio.ensure_future(screen.follow())
        walk = Walk(stage, screen, Translator(environment.locale, ZONE))
        try:
            await stage.start()
            return await walk.tour() if tour else await walk.welcome()
        except TimeoutError as error:
            screen.say(walk.too_late())
            screen.console.print(str(error), (stage.folder / "chimera.log").read_text()[-4000:], markup=False)
            return 1
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following


def _end_on_sigterm() -> None:
    """Take everything down again when told to end, as for Ctrl-C."""
    running = asyncio.current_task()
    if running is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)


@dataclass(slots=True)
class Walk:
    """What happens, in order. Buttons are found by their action's words in the owner's language."""

    stage: Stage
    screen: Screen
    translate: Translator

    def say(self, text: Text) -> str:
        return self.translate(text)

    def too_late(self) -> str:
        return self.say(T("That took too long. The log is in {file}.", file=self.stage.log_file))

    async def tour(self) -> int:
        """Play everything, and prove it."""
        await self._first_sync()
        released = await self._release(await self._card_with(T("Release")))
        await self._erp_fails(released)
        await asyncio.sleep(1)
        return 0 if self.proven() else 1

    async def welcome(self) -> int:
        """Play the first sync, then leave the rest to the visitor."""
        address = f"{self.stage.page.url}#/{OWNER_ID}" if self.stage.page else ""
        if sys.stdin.isatty() and has_display() and webbrowser.open(address):
            self.screen.say(self.say(T("The chat is open in the browser: {address}", address=address)))
        else:
            self.screen.say(self.say(T("Open the chat in a browser of this computer: {address}", address=address)))
        await self.begin()
        await self.stay()
        return 0

    async def begin(self) -> None:
        """Play the first sync; a visitor who broke something meanwhile has the stage already."""
        try:
            await self._first_sync()
            self._point_at_the_held(await self._card_with(T("Run again")))
        except TimeoutError:
            self.screen.say(self.too_late())

    def _point_at_the_held(self, card: Message) -> None:
        """Say what to do next, unless a quicker visitor made the first sync end in another way."""
        if any(button.text == self.say(T("Release")) for row in card.buttons for button in row):
            told = T("One store is held: read why, and release it. Then break something in the browser.")
            self.screen.say(self.say(told))

    async def _first_sync(self) -> None:
        self.screen.say(self.say(T("Chimera starts against a local ERP, platform and Telegram.")))
        await self.stage.owner.says("/start")
        await self._answer(lambda message: self.say(HOME) in message.text)
        self.stage.foreign_lines()
        self.screen.say(self.say(T("A first sync of five stores. In one of them somebody else has a campaign.")))
        await self.stage.owner.says("/sync")

    async def _release(self, card: Message) -> Message:
        self.screen.say(self.say(T("The held store is released, and sent exactly as it stands.")))
        await self.stage.owner.taps(card, self.say(T("Release")))
        return await self._ended(after=card)

    async def _erp_fails(self, before: Message) -> None:
        self.screen.say(self.say(T("Now the ERP goes down in the middle of the morning.")))
        await self.stage.erp.go_down()
        await self.stage.owner.says("/sync 001 002")
        card = await self._card_with(T("Retry failed"), before)
        self.screen.say(self.say(T("Nothing was lost. The ERP comes back, and the stores are tried again.")))
        await self.stage.erp.come_up()
        await self.stage.owner.taps(card, self.say(T("Retry failed")))
        await self._ended(after=card)
        self.screen.say(self.say(T("Every store carries its discounts, read back from the platform.")))

    async def stay(self) -> None:
        """Let the person type commands as the owner; a number taps that button of the last card.

        Where nobody can type (no line ever came), the page alone stays, until the process is told to end.
        """
        self.screen.say(self.say(T("Your turn: type a command such as /status, the number of a button, or quit.")))
        typed = False
        while (line := await _read_line()) is not None:
            typed = True
            if line.casefold() in _QUIT:
                return
            if line:
                await self._do(line)
        if not typed and not sys.stdin.isatty():
            await asyncio.Event().wait()

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


def has_display() -> bool:
    """Tell whether a browser could show itself here."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


async def _read_line() -> str | None:
    """Read a line without holding the process back when it is told to end meanwhile."""
    loop = asyncio.get_running_loop()
    coming: asyncio.Future[str] = loop.create_future()
    threading.Thread(target=_read_into, args=(loop, coming), daemon=True).start()
    line = await coming
    return line.strip() if line else None


def _read_into(loop: asyncio.AbstractEventLoop, coming: "asyncio.Future[str]") -> None:
    line = sys.stdin.readline()
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_settle, coming, line)


def _settle(coming: "asyncio.Future[str]", line: str) -> None:
    if not coming.done():
        coming.set_result(line)
