"""Everything a visitor may break, one switch each, and how it becomes as before."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.crescevendas import PlatformLine, PlatformServer
from sandbox.faults import Fault, Faults
from sandbox.rp import RpServer
from sandbox.telegram import Fault as TelegramFault
from sandbox.telegram import TelegramServer

Act = Callable[[], Awaitable[None]]

NEW_PASSWORD = "novo-2026"  # noqa: S105 - an invented one, told on the page
SLOW_ERP_MS = 2500
LATE_SECONDS = 4
SLOW_TELEGRAM_SECONDS = 2
RETRY_AFTER_SECONDS = 5
TIMED_SECONDS = 20
DEEP_DISCOUNT = Decimal("0.05")
HUNDREDFOLD = Decimal(100)
CENT = Decimal("0.01")
NEW_PRICES = 3
MOST_NEWS = 30
_FOREIGN = [PlatformLine(str(80_000 + n), Decimal("9.90"), Decimal("7.90")) for n in range(3)]


async def _nothing() -> None:
    pass


@dataclass(slots=True)
class Trouble:
    """One thing that may be broken; `timed` ones mend by themselves. `until` is a monotonic second."""

    begin: Act
    end: Act
    timed: bool = False
    on: bool = False
    until: float | None = None
    mending: "asyncio.Task[None] | None" = field(default=None, repr=False)


class Troubles:
    """The switches by name, over the three servers of one sandbox. `told` is called after every change."""

    def __init__(
        self, erp: RpServer, platform: PlatformServer, telegram: TelegramServer, told: Callable[[], None]
    ) -> None:
        self._erp, self._platform, self._telegram, self._told = erp, platform, telegram, told
        self._news = 0
        self._all = {**self._of_erp(), **self._of_platform(), **self._of_telegram()}

    def state(self) -> list[dict[str, Any]]:
        """Say of every trouble whether it is on, and for how many more seconds if it is timed."""
        now = time.monotonic()
        return [
            {
                "name": name,
                "on": one.on,
                "timed": one.timed,
                "seconds_left": max(0, round(one.until - now)) if one.until else None,
            }
            for name, one in self._all.items()
        ]

    async def switch(self, name: str, *, on: bool, seconds: float = TIMED_SECONDS) -> None:
        """Break something or make it as before. Raises KeyError for an unknown name."""
        trouble = self._all[name]
        if trouble.mending is not None and trouble.mending is not asyncio.current_task():
            trouble.mending.cancel()
        trouble.mending = trouble.until = None
        if on != trouble.on:
            trouble.on = on
            await (trouble.begin if on else trouble.end)()
        if on and trouble.timed:
            trouble.until = time.monotonic() + seconds
            trouble.mending = asyncio.ensure_future(self._mend_after(name, seconds))
        self._told()

    async def _mend_after(self, name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.switch(name, on=False)

    async def close(self) -> None:
        """Forget what was to mend by itself."""
        waiting = [one.mending for one in self._all.values() if one.mending is not None]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _of_erp(self) -> dict[str, Trouble]:
        erp = self._erp
        return {
            "erp_down": Trouble(erp.go_down, erp.come_up),
            "erp_slow": Trouble(self._delay(SLOW_ERP_MS), self._delay(0)),
            "erp_empty": _armed(erp.faults, Fault("empty_page", times=None)),
            "erp_login": self._password(),
            "prices_hundredfold": Trouble(self._relist, self._relist),
            "list_halved": Trouble(self._relist, self._relist),
            "deep_discount": Trouble(self._relist, self._relist),
        }

    def _password(self) -> Trouble:
        """Change the ERP's password; afterwards both count, as somebody may have told the bot the new one."""
        known: dict[str, tuple[str, ...]] = {}

        async def begin() -> None:
            known.update(self._erp.set_passwords({}))
            self._erp.set_passwords(dict.fromkeys(known, (NEW_PASSWORD,)))

        async def end() -> None:
            self._erp.set_passwords({user: (*passwords, NEW_PASSWORD) for user, passwords in known.items()})

        return Trouble(begin, end)

    def _of_platform(self) -> dict[str, Trouble]:
        faults = self._platform.faults
        return {
            "platform_loses": self._with_news(_armed(faults, Fault("lose_lines", times=None))),
            "platform_late": _armed(faults, Fault("delay", times=None, parameter=LATE_SECONDS)),
            "platform_silent": self._with_news(_armed(faults, Fault("store_then_time_out", times=None))),
            "platform_foreign": self._with_news(Trouble(self._add_foreign, self._remove_foreign)),
        }

    def _with_news(self, trouble: Trouble) -> Trouble:
        """Let a few new prices come with the trouble: where all is live already, nothing would be sent."""

        async def begin() -> None:
            self._news += 1
            await self._relist()
            await trouble.begin()

        return Trouble(begin, trouble.end)

    def _of_telegram(self) -> dict[str, Trouble]:
        faults = self._telegram.faults
        slow = TelegramFault("delay", times=None, seconds=SLOW_TELEGRAM_SECONDS)
        flood = TelegramFault("too_many_requests", times=None, method="sendMessage", retry_after=RETRY_AFTER_SECONDS)

        def planned(fault: TelegramFault) -> Trouble:
            async def begin() -> None:
                faults.add(fault)

            async def end() -> None:
                faults.remove(fault)

            return Trouble(begin, end, timed=True)

        return {
            "telegram_slow": planned(slow),
            "telegram_flood": planned(flood),
            "telegram_down": Trouble(self._telegram.go_down, self._telegram.come_up, timed=True),
        }

    def _delay(self, milliseconds: float) -> Act:
        async def act() -> None:
            self._erp.patch_options({"delay_ms": milliseconds})

        return act

    async def _relist(self) -> None:
        """Build the catalogues anew and lay over them whatever is broken now."""
        self._erp.rebuild()
        for store in self._erp.stores():
            self._lower_some(store.cnpj)
            if self._all["list_halved"].on:
                codes = self._discounted(store.cnpj)
                for code in codes[: len(codes) // 2 + 1]:
                    self._erp.remove(store.cnpj, code)
            if self._all["prices_hundredfold"].on:
                self._erp.scale_prices(store.cnpj, HUNDREDFOLD)
        if self._all["deep_discount"].on:
            first = next(self._erp.stores()).cnpj
            product = next(p for p in self._erp.catalogue(first) if 0 < p["PrecoVenda2"] < p["Preco"])
            cheap = (Decimal(str(product["Preco"])) * DEEP_DISCOUNT).quantize(CENT)
            self._erp.change(first, product["Codigo"], club_price=cheap)

    def _lower_some(self, cnpj: str) -> None:
        """Lower the last few club prices by one per cent for every time that news came."""
        if not self._news:
            return
        share = 1 - Decimal(self._news % MOST_NEWS) / 100
        chosen = self._discounted(cnpj)[-NEW_PRICES:]
        for product in self._erp.catalogue(cnpj):
            if product["Codigo"] in chosen:
                lower = (Decimal(str(product["PrecoVenda2"])) * share).quantize(CENT)
                self._erp.change(cnpj, product["Codigo"], club_price=lower)

    def _discounted(self, cnpj: str) -> list[int]:
        return [int(p["Codigo"]) for p in self._erp.catalogue(cnpj) if 0 < p["PrecoVenda2"] < p["Preco"]]

    async def _add_foreign(self) -> None:
        today = self._platform.local_now().replace(hour=0, minute=0, second=0, microsecond=0)
        window = (today, today + timedelta(hours=23, minutes=59))
        self._platform.add_foreign(self._platform.stores[0], _FOREIGN, window)

    async def _remove_foreign(self) -> None:
        self._platform.erase(self._platform.stores[0], [line.code for line in _FOREIGN])


def _armed(faults: Faults, fault: Fault) -> Trouble:
    async def begin() -> None:
        faults.add(fault)

    async def end() -> None:
        faults.remove(fault)

    return Trouble(begin, end)
