"""The environment contract: what the process is told from outside (`.env` is read too)."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.locks import named
from core.clock import SystemClock
from core.configuration.explaining import explain
from core.configuration.fields import FieldProblem
from core.db.database import async_url
from core.db.sessions import with_patience
from core.errors import StartError
from core.i18n import LOCALES, pick_locale
from core.logs import LogFormat
from core.secrets import SecretBox
from core.texts import T

TELEGRAM = "https://api.telegram.org"
_DATABASE = re.compile(r"(postgresql|sqlite)(\+\w+)?://")
_HERE = {"127.0.0.1", "localhost", "::1"}
_TOKEN = re.compile(r"\d+:[\w-]+")


class Environment(BaseSettings):
    """Variables beginning with CHIMERA_; defaults for a new organisation where they say so."""

    model_config = SettingsConfigDict(env_prefix="CHIMERA_", env_file=".env", extra="ignore", env_ignore_empty=True)

    bot_token: SecretStr | None = None
    telegram_api: str = TELEGRAM
    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    secret_key: SecretStr | None = None
    owner_id: int | None = None
    locale: str = "en"
    timezone: str = "America/Sao_Paulo"
    http_host: str = "127.0.0.1"
    public_url: str | None = None
    http_port: int | None = Field(None, ge=0, le=65535)
    metrics_token: SecretStr | None = None
    log_format: LogFormat = "console"
    worker_id: str = "main"
    modules_dir: Path | None = None
    clock: datetime | None = None

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _DATABASE.match(value.get_secret_value()):
            raise FieldProblem(T("use postgresql://… or sqlite:///…"))
        return value

    @field_validator("telegram_api")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise FieldProblem(T("use an address such as {example}.", example=TELEGRAM))
        return value

    @field_validator("secret_key")
    @classmethod
    def _usable_key(cls, value: SecretStr | None) -> SecretStr | None:
        """Let the box refuse what is no key, before there is a folder."""
        if value is not None and value.get_secret_value().strip():
            SecretBox(value.get_secret_value())
        return value

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, value: str | None) -> str | None:
        """Demand what Telegram demands of an address it posts to; plain HTTP for tries on this machine only."""
        if value is None:
            return None
        parts = urlsplit(value)
        local = parts.hostname in _HERE
        if not parts.hostname or parts.scheme not in ({"http", "https"} if local else {"https"}):
            raise FieldProblem(T("use an address such as {example}.", example="https://chimera.example.com"))
        if parts.query or parts.fragment or parts.username:
            raise FieldProblem(T("leave out everything behind the path, and names and passwords."))
        return value.rstrip("/")

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        if value not in LOCALES:
            raise FieldProblem(T("use one of these: {names}.", names=list(LOCALES)))
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise FieldProblem(T("use a name such as {example}.", example="America/Sao_Paulo")) from error
        return value

    @property
    def public(self) -> bool:
        """Whether others than this machine may reach the HTTP side."""
        return self.public_url is not None or self.http_host not in _HERE

    @property
    def url(self) -> str:
        """Address of the database: the given one, else a SQLite file in the data folder.

        Sessions on a server are named after the worker, so that others see whether it lives.
        """
        given = self.database_url
        if given is None:
            return f"sqlite:///{self.data_dir.absolute() / 'chimera.db'}"
        url = given.get_secret_value()
        return url if url.startswith("sqlite") else with_patience(named(url, self.worker_id))

    @property
    def engine_url(self) -> str:
        """Address of the engine's own tables: a second SQLite file, or its schema on PostgreSQL."""
        if self.database_url is None or self.url.startswith("sqlite"):
            return f"sqlite:///{self.data_dir.absolute() / 'engine.db'}"
        return async_url(self.url).render_as_string(hide_password=False)

    def make_clock(self) -> SystemClock:
        """Return the process's clock. A turned one never meets the real Telegram (`rules.md` 8)."""
        if self.clock is None:
            return SystemClock()
        if urlsplit(self.telegram_api).hostname == urlsplit(TELEGRAM).hostname:
            raise StartError(
                T("CHIMERA_CLOCK turns the time and is refused with Telegram's real address. Remove one of the two.")
            )
        start = self.clock if self.clock.tzinfo else self.clock.replace(tzinfo=UTC)
        return SystemClock.starting_at(start)

    def token(self) -> str:
        """Return the bot token. Raises StartError when there is none, or it cannot be one."""
        token = self.bot_token.get_secret_value() if self.bot_token else ""
        if not token:
            raise StartError(T("CHIMERA_BOT_TOKEN is not set. Ask @BotFather for a token and write it to .env."))
        if not _TOKEN.fullmatch(token):
            raise StartError(T("CHIMERA_BOT_TOKEN is no bot token: it looks like 123456:letters-and-digits."))
        return token


def read_environment() -> Environment:
    """Read the environment. Raises StartError naming the variables that are wrong."""
    try:
        return Environment()
    except ValidationError as error:
        problems = [
            T("CHIMERA_{name}: {problem}", name=str(path[0]).upper(), problem=problem)
            for path, problem in explain(error, Environment)
        ]
        raise StartError(T("The environment is wrong: {problems}", problems=problems)) from None


class _Spoken(BaseSettings):
    model_config = Environment.model_config

    locale: str = ""


def spoken_language() -> str:
    """Return the language of the command line: the one set for Chimera, else that of the terminal."""
    wanted = (_Spoken().locale, *map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")))
    return pick_locale(next((name for name in wanted if name), "").split(".")[0])
