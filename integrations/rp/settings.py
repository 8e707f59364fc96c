"""What an integration with an RP services API is set up with (`design.md` 4.3)."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, model_validator

from core.configuration.fields import FieldProblem
from core.texts import T
from integrations.contract import SettingsModel
from integrations.rp.fields import fold
from integrations.typed import FieldName, RequestsPerMinute, VerifyTls, in_words, web_address

_VERSION_AT_END = re.compile(r"/+v\d+\.\d+/*$", re.IGNORECASE)

_VERSION = r"^v\d{1,2}\.\d{1,2}$"
Version = Annotated[
    str,
    in_words(_VERSION, T("give a version, such as {example}.", example="v3.2")),
    StringConstraints(pattern=_VERSION, to_lower=True),
]


def _base_url(text: str) -> str:
    """Return the address without trailing `/` and `/vN.N`: the version belongs to each call."""
    return _VERSION_AT_END.sub("", web_address(text)).rstrip("/")


def _as_text(value: object) -> object:
    """Accept a number typed without quotes: the ERP's user names are numeric strings."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RpSettings(SettingsModel):
    """Address, login, and how the catalogue is read. Times as named, prices per `rules.md` 1."""

    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        title="Address",
        description="Where the ERP's services answer, without the version.",
        examples=["http://192.168.0.10:9000"],
        json_schema_extra={"kind": "url", "group": "Connection"},
    )
    username: Annotated[str, BeforeValidator(_as_text)] = Field(
        default="",
        title="User",
        description="The ERP user, normally a number. Leading zeros count.",
        examples=["100001"],
        json_schema_extra={"group": "Connection", "ask": True},
    )
    password: Annotated[SecretStr, BeforeValidator(_as_text)] = Field(
        default=SecretStr(""),
        title="Password",
        description="The ERP user's password.",
        examples=["invented"],
        json_schema_extra={"group": "Connection", "ask": True},
    )
    fixed_token: SecretStr = Field(
        default=SecretStr(""),
        title="Fixed token",
        description="A token that never changes; when given, there is no login.",
        examples=["eyJ.invented.abc"],
        json_schema_extra={"group": "Connection", "replaces": ["username", "password"]},
    )
    auth_version: Literal["v1.0", "v1.1", "v1.2"] = Field(
        default="v1.1",
        title="Login version",
        description="Which version of the login the ERP offers.",
        examples=["v1.1"],
        json_schema_extra={"advanced": True},
    )
    auth_header: Literal["token", "bearer", "authorization_token"] = Field(
        default="token",
        title="Token header",
        description="How the token is sent: its own header, or one of two forms of Authorization.",
        examples=["token"],
        json_schema_extra={
            "advanced": True,
            "labels": {
                "token": "token: …",
                "bearer": "Authorization: Bearer …",
                "authorization_token": "Authorization: token …",
            },
        },
    )
    api_version: Version = Field(
        default="v3.2",
        title="Product list version",
        description="Which version of the product list is asked for.",
        examples=["v3.2", "v2.8"],
        json_schema_extra={"advanced": True},
    )
    detail: bool = Field(
        default=False,
        title="Full field set",
        description="Ask for all fields of each product. Slow; only if the short set lacks a price.",
        examples=[False],
        json_schema_extra={"advanced": True},
    )
    only_second_price: bool = Field(
        default=True,
        title="Club prices only",
        description="Ask the ERP to leave out products without a club price; they are checked anyway.",
        examples=[True],
        json_schema_extra={"group": "Prices"},
    )
    page_size: int = Field(
        default=100,
        ge=1,
        le=1000,
        title="Page size",
        description="Products per request. ERPs are known to take up to 500.",
        examples=[100],
        json_schema_extra={"group": "Pace", "unit": "products"},
    )
    page_pause_ms: int = Field(
        default=100,
        ge=0,
        le=60_000,
        title="Pause between pages",
        description="Milliseconds of rest for the ERP between two pages of one store.",
        examples=[100],
        json_schema_extra={"group": "Pace", "unit": "ms"},
    )
    confirm_delay_ms: int = Field(
        default=1000,
        ge=0,
        le=60_000,
        title="Wait before the end is confirmed",
        description="Milliseconds until an empty page is asked for again; an empty first page waits longer.",
        examples=[1000],
        json_schema_extra={"advanced": True, "unit": "ms"},
    )
    max_parallel_scans: int = Field(
        default=2,
        ge=1,
        le=64,
        title="Stores at once",
        description="How many stores' catalogues are read at the same time.",
        examples=[2],
        json_schema_extra={"group": "Pace"},
    )
    requests_per_minute: RequestsPerMinute = Field(default=60, examples=[60])
    verify_tls: VerifyTls = True
    club_price_fields: list[FieldName] = Field(
        default=["PrecoVenda2"],
        min_length=1,
        max_length=8,
        title="Club price fields",
        description="Names in order; a further one is used only when the one before is absent.",
        examples=[["PrecoVenda2"]],
        json_schema_extra={"group": "Prices"},
    )
    base_price_fields: list[FieldName] = Field(
        default=["Preco"],
        min_length=1,
        max_length=8,
        title="Regular price fields",
        description="Names in order; a further one is used only when the one before is absent.",
        examples=[["Preco"]],
        json_schema_extra={"group": "Prices"},
    )
    limit: int = Field(
        default=1000,
        ge=1,
        le=999_999_999,
        title="Limit per customer",
        description="Pieces per customer when neither product nor store names a limit.",
        examples=[1000],
        json_schema_extra={"group": "Prices", "unit": "pieces"},
    )
    timeout_seconds: int = Field(
        default=60,
        ge=1,
        le=600,
        title="Time-out",
        description="Seconds without an answer after which a request counts as failed.",
        examples=[60],
        json_schema_extra={"advanced": True, "unit": "s"},
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        """Ask for a login or a fixed token; given both, the token wins, so that one can follow the other."""
        if not self.fixed_token.get_secret_value() and not (self.username and self.password.get_secret_value()):
            raise FieldProblem(T("give username and password, or fixed_token."))
        return self

    @model_validator(mode="after")
    def _two_different_prices(self) -> Self:
        club, base = (set(map(fold, names)) for names in (self.club_price_fields, self.base_price_fields))
        if club & base:
            raise FieldProblem(T("a field cannot be club price and regular price at once."))
        return self
