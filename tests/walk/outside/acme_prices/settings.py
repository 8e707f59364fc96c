"""Settings with a field of every kind that a form knows."""

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from integrations.contract import SettingsModel


class Rounding(BaseModel):
    """A nested model."""

    model_config = ConfigDict(extra="forbid")

    places: int = Field(2, ge=0, le=4, title="Decimal places")
    upwards: bool = Field(default=False, title="Always upwards")


class Exclusion(BaseModel):
    """An entry of a list of models."""

    model_config = ConfigDict(extra="forbid")

    prefix: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(title="Code begins with")
    why: str = Field("", title="Reason")


class ByMail(BaseModel):
    """One variant of a union."""

    model_config = ConfigDict(extra="forbid", title="By e-mail")

    way: Literal["mail"] = "mail"
    address: str = Field(title="Mail address", json_schema_extra={"kind": "email"})


class ByFolder(BaseModel):
    """The other variant."""

    model_config = ConfigDict(extra="forbid", title="Into a folder")

    way: Literal["folder"] = "folder"
    days: int = Field(2, ge=0, title="Days kept")


class AcmeSettings(SettingsModel):
    """What the form, the masking and the schema come out of."""

    base_url: AnyHttpUrl = Field(title="Service address", json_schema_extra={"group": "Connection"})
    token: SecretStr = Field(title="Access token", json_schema_extra={"group": "Connection"})
    edition: Literal["small", "large"] = Field(
        "small", title="Edition", json_schema_extra={"labels": {"small": "Small shop", "large": "Large shop"}}
    )
    days: list[Literal["mon", "wed", "fri"]] = Field(default_factory=list, title="Delivery days")
    strict: bool = Field(default=True, title="Strict")
    pause: int = Field(5, ge=0, title="Rest", json_schema_extra={"unit": "min", "group": "Pace"})
    span: timedelta = Field(timedelta(minutes=5), title="Patience", json_schema_extra={"group": "Pace"})
    floor: Decimal = Field(Decimal("1.50"), ge=0, title="Lowest price", json_schema_extra={"group": "Prices"})
    share: float = Field(0.5, ge=0, le=1, title="Share", json_schema_extra={"group": "Prices"})
    since: date | None = Field(None, title="First day", json_schema_extra={"group": "Times"})
    at: time = Field(time(6), title="Reading time", json_schema_extra={"group": "Times"})
    contact: str | None = Field(None, title="Contact", json_schema_extra={"kind": "email"})
    families: list[str] = Field(default_factory=list, title="Families")
    exclusions: list[Exclusion] = Field(default_factory=list, title="Exclusions")
    rounding: Rounding = Field(default_factory=Rounding, title="Rounding")
    report: ByMail | ByFolder | None = Field(None, title="Report", discriminator="way")
    copies: list[ByMail | ByFolder] = Field(default_factory=list, title="Copies")
    certificate: Path | None = Field(None, title="Certificate", json_schema_extra={"advanced": True})
    chat: int | str | None = Field(None, title="Alarm chat", json_schema_extra={"kind": "chat"})
    topic: int | None = Field(None, title="Alarm topic", json_schema_extra={"kind": "topic"})
    stores: list[str] | Literal["all"] = Field("all", title="Shops", json_schema_extra={"kind": "stores"})
    warehouse: str = Field("", title="Warehouse", json_schema_extra={"shown_when": {"edition": "large"}})
