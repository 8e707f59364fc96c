"""What an integration with CresceVendas is set up with (`design.md` 4.3)."""

from datetime import timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from core.configuration.fields import FieldProblem
from core.texts import T
from core.windows import DEFAULT_LEAD
from integrations.contract import SettingsModel
from integrations.crescevendas.naming import check_template
from integrations.typed import FieldName, RequestsPerMinute, in_words, web_address

STORE_ZONE = "store"
"""Value of `platform_timezone`: write each store's times in its own zone."""


_EMAIL = r"^[!-?A-~]+@[!-?A-~]+\.[A-Za-z0-9-]{2,}$"
LoginEmail = Annotated[
    str,
    in_words(_EMAIL, T("give an e-mail address, such as {example}.", example="ana@example.com")),
    StringConstraints(pattern=_EMAIL),
]
"""What the platform knows its user by (`protocols/crescevendas.md` 1): it stands in a header, and nobody writes to it.

The platform is a public site whose users have real addresses. Anything else is a slip, told before the first
call rather than as a refused login; chat, documents and what is stored are judged alike.
"""


def _header_value(text: str) -> str:
    """Refuse what cannot stand in a header (line breaks, letters beyond ASCII)."""
    if not (text.isascii() and text.isprintable()):
        raise FieldProblem(T("use plain letters, digits and signs only."))
    return text


def _secret_header_value(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().strip():
        raise FieldProblem(T("give the token of the platform's admin user."))
    return SecretStr(_header_value(secret.get_secret_value().strip()))


def _zone(name: str) -> str:
    if name == STORE_ZONE:
        return name
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise FieldProblem(T("give a time zone such as America/Sao_Paulo, or store.")) from error
    return name


class LineFields(BaseModel):
    """Names of a line's fields on the wire (`protocols/crescevendas.md` 2.1)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: FieldName = Field(
        default="code",
        title="Product code",
        description="Name of the field that holds the product's code.",
        examples=["code", "product_code"],
    )
    price: FieldName = Field(
        default="price",
        title="Regular price",
        description="Name of the field that holds the price without the discount.",
        examples=["price", "original_price"],
    )
    final_price: FieldName = Field(
        default="final_price",
        title="Discounted price",
        description="Name of the field that holds what club members pay.",
        examples=["final_price", "discount_price"],
    )
    limit: FieldName = Field(
        default="limit",
        title="Limit per customer",
        description="Name of the field that holds the pieces each customer may buy.",
        examples=["limit", "quantity_limit"],
    )

    @model_validator(mode="after")
    def _four_different_names(self) -> Self:
        if len({self.code, self.price, self.final_price, self.limit}) < len(type(self).model_fields):
            raise FieldProblem(T("each of the four fields needs a name of its own."))
        return self


class CresceVendasSettings(SettingsModel):
    """Address, login, and how campaigns are written."""

    base_url: Annotated[str, AfterValidator(web_address)] = Field(
        default="https://www.crescevendas.com",
        title="Address",
        description="Where the platform's administration answers.",
        examples=["https://www.crescevendas.com"],
        json_schema_extra={"kind": "url", "group": "Connection", "ask": True},
    )
    email: LoginEmail = Field(
        title="E-mail",
        description="E-mail of the platform's admin user. Shown here, masked in logs.",
        examples=["integration@example.test"],
        json_schema_extra={"kind": "email", "group": "Connection"},
    )
    token: Annotated[SecretStr, AfterValidator(_secret_header_value)] = Field(
        title="Token",
        description="Token of that admin user. It sees all stores of the customer.",
        examples=["invented-token"],
        json_schema_extra={"group": "Connection"},
    )
    requests_per_minute: RequestsPerMinute = Field(default=30, examples=[30])
    max_parallel: int = Field(
        default=3,
        ge=1,
        le=64,
        title="Requests at once",
        description="How many requests may be under way at the same time.",
        examples=[3],
        json_schema_extra={"group": "Pace"},
    )
    line_fields: LineFields = Field(
        default=LineFields(),
        title="Field names",
        description="Names of the four fields of a product in what is sent. Both known sets are read.",
        examples=[{"code": "code", "price": "price", "final_price": "final_price", "limit": "limit"}],
        json_schema_extra={"advanced": True},
    )
    name_template: Annotated[str, AfterValidator(check_template)] = Field(
        default="{unit} Descontos - {date} {time}",
        max_length=200,
        title="Campaign name",
        description="May hold {unit} (the branch's three digits), {store}, {registration}, {date}, {time}.",
        examples=["{unit} Descontos - {date} {time}"],
        json_schema_extra={"group": "Campaign"},
    )
    lead_minutes: int = Field(
        default=int(DEFAULT_LEAD / timedelta(minutes=1)),
        ge=1,
        le=120,
        title="Lead",
        description="How far ahead of now a campaign starts at the earliest.",
        examples=[5],
        json_schema_extra={"group": "Campaign", "unit": "min"},
    )
    platform_timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="America/Sao_Paulo",
        title="Platform time zone",
        description="The zone in which start and end of campaigns are written.",
        examples=["America/Sao_Paulo", STORE_ZONE],
        json_schema_extra={"advanced": True, "refers": "zones", "labels": {STORE_ZONE: "Each store's own"}},
    )
    lines_per_upload: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        title="Products per upload",
        description="Empty sends a campaign whole. Set it only if the platform finds a campaign too large.",
        examples=[None, 500],
        json_schema_extra={"advanced": True, "unit": "products"},
    )
    timeout_seconds: int = Field(
        default=60,
        ge=1,
        le=300,
        title="Time-out",
        description="Seconds without an answer after which a request counts as failed; large uploads are slow.",
        examples=[60],
        json_schema_extra={"advanced": True, "unit": "s"},
    )
