"""One ERP at work: the parts of this module put together."""

from collections.abc import AsyncIterator
from datetime import datetime

from core.lookup.quote import Quote
from integrations.contract import ModuleContext, Probe, ScanPage, StoreRef
from integrations.health import Health
from integrations.http import HttpClient, HttpPolicy
from integrations.rp.auth import Login
from integrations.rp.client import RpClient
from integrations.rp.probe import Prober
from integrations.rp.scan import Scanner
from integrations.rp.settings import RpSettings
from integrations.rp.single import SingleReader


class RpConnection:
    """A `DiscountSource` and `ProductSource`; scans of several stores may run side by side.

    `default_limit` is in pieces per customer.
    """

    def __init__(self, settings: RpSettings, context: ModuleContext) -> None:
        self.default_limit = settings.limit
        self.http: HttpClient = context.http(settings.base_url, _policy(settings))
        self._login = Login(self.http, settings, context.clock)
        client = RpClient(self.http, self._login)
        self._scanner = Scanner(client, settings, context.helper)
        self._prober = Prober(client, settings)
        self._single = SingleReader(client, settings)

    @property
    def health(self) -> Health:
        return self.http.health

    @property
    def login_until(self) -> datetime | None:
        return self._login.until

    async def probe(self) -> Probe:
        """Log in, list the stores and look at a short page. Raises OutsideError."""
        return await self._prober.probe()

    def scan(self, store: StoreRef) -> AsyncIterator[ScanPage]:
        """Yield page after page; ends normally only when the end is proven (`rules.md` 1.1)."""
        return self._scanner.pages(store)

    async def product(self, store: StoreRef, *, code: str, ean: str) -> Quote | None:
        """Ask for one product by code, else by EAN; None is a proven "not in this store"."""
        return await self._single.read(store, code=code, ean=ean)

    async def close(self) -> None:
        await self.http.close()


def _policy(settings: RpSettings) -> HttpPolicy:
    secrets = (settings.password.get_secret_value(), settings.fixed_token.get_secret_value())
    return HttpPolicy(
        requests_per_minute=settings.requests_per_minute or None,
        read_timeout=settings.timeout_seconds,
        verify_tls=settings.verify_tls,
        secrets=tuple(filter(None, secrets)),
    )
