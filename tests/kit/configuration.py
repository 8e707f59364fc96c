"""Modules, keys and use cases for tests of the configuration document."""

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Self
from zoneinfo import ZoneInfo

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from core.access import Actor
from core.clock import ManualClock
from core.configuration.applying import ApplyDocument
from core.configuration.editing import Editor
from core.configuration.exporting import ExportDocument
from core.configuration.plan import Plan
from core.db.database import Database
from core.errors import BadInput
from core.history.recorder import Recorder
from core.i18n import Translator
from core.organisations.repository import ensure_organisation
from core.schedules.cron import parse_cron
from core.secrets import SecretBox
from core.texts import T, Text


class LineNames(BaseModel):
    """A nested part of settings."""

    model_config = ConfigDict(extra="forbid")

    code: str = "code"
    price: str = "price"


class ErpSettings(BaseModel):
    """Settings of a source: a login that is either a password or a token."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    base_url: Annotated[str, AfterValidator(lambda text: text.rstrip("/"))]
    username: Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)] = ""
    password: SecretStr = SecretStr("")
    fixed_token: SecretStr = SecretStr("")
    page_size: int = Field(100, ge=1, le=1000)
    verify_tls: bool = True
    factor: float = 1.0

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if not (self.password.get_secret_value() or self.fixed_token.get_secret_value()):
            raise ValueError("give password, or fixed_token")
        return self


class PlatformSettings(BaseModel):
    """Settings of a target, with a required secret."""

    model_config = ConfigDict(extra="forbid")

    base_url: str
    email: str
    token: SecretStr
    line_fields: LineNames = Field(default_factory=LineNames)


class ChatSettings(BaseModel):
    """Settings of a channel without secrets."""

    model_config = ConfigDict(extra="forbid")

    chat_id: int | Annotated[str, Field(pattern="^@")]
    thread_id: int | None = None


class MailSettings(BaseModel):
    """Settings of a channel with a secret and a host of its own."""

    model_config = ConfigDict(extra="forbid")

    host: str
    port: int = 587
    password: SecretStr | None = None


class Modules:
    """A registry of four modules and a broken one."""

    _known: ClassVar[dict[str, tuple[type[BaseModel], str]]] = {
        "erp": (ErpSettings, "discount_source"),
        "platform": (PlatformSettings, "discount_target"),
        "chat": (ChatSettings, "channel"),
        "mail": (MailSettings, "channel"),
    }

    def names(self) -> list[str]:
        return [*self._known, "broken"]

    def trouble(self, name: str) -> Text | None:
        return T("The module “{name}” cannot be loaded.", name=name) if name == "broken" else None

    def settings_model(self, name: str) -> type[BaseModel]:
        return self._of(name)[0]

    def capabilities(self, name: str) -> frozenset[str]:
        return frozenset({self._of(name)[1]})

    def _of(self, name: str) -> tuple[type[BaseModel], str]:
        if name == "broken":
            raise BadInput(T("The module “{name}” cannot be loaded.", name=name))
        return self._known[name]


@dataclass
class Configuration:
    """The use cases with their parts, and the actor of the command line."""

    database: Database
    clock: ManualClock
    actor: Actor
    box: SecretBox = field(default_factory=lambda: SecretBox(SecretBox.new_key()))
    modules: Modules = field(default_factory=Modules)

    @property
    def editor(self) -> Editor:
        return Editor(self.clock, Recorder(self.clock), self.box, self.modules, parse_cron)

    async def apply(self, text: str | bytes, actor: Actor | None = None, **options: Any) -> Plan:
        plan: Plan = await ApplyDocument(self.database, self.editor)(actor or self.actor, text, **options)
        return plan

    async def export(self) -> str:
        text: str = await ExportDocument(self.database, self.modules)(self.actor)
        return text

    def words(self, texts: list[Text]) -> list[str]:
        """Return texts as an English reader sees them."""
        return [Translator("en", ZoneInfo("UTC"))(text) for text in texts]

    async def refused(self, text: str | bytes, actor: Actor | None = None, **options: Any) -> list[str]:
        """Apply what must be refused; return the problems."""
        with pytest.raises(BadInput) as caught:
            await self.apply(text, actor, **options)
        return self.words(caught.value.problems)


async def make_configuration(database: Database, clock: ManualClock, name: str = "Chimera") -> Configuration:
    async with database.writing() as session:
        organisation = await ensure_organisation(session, name, "America/Sao_Paulo", "pt_BR")
    return Configuration(database, clock, Actor.system(organisation.id, "cli"))
