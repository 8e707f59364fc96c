"""Settings with a field of every kind: what a module from anywhere may ask for."""

from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, StringConstraints


class Colour(StrEnum):
    """Something to choose."""

    RED = "red"
    DARK_BLUE = "dark_blue"


class Depth(BaseModel):
    """A nested part."""

    model_config = ConfigDict(extra="forbid")

    level: int = Field(1, ge=1, le=9, title="Level", description="How deep.", json_schema_extra={"unit": "products"})
    label: str = Field("plain", title="Label")


class ByMail(BaseModel):
    """One way of a union."""

    model_config = ConfigDict(extra="forbid", title="By e-mail")

    way: Literal["mail"] = "mail"
    address: str = Field(title="Address", json_schema_extra={"kind": "email"})


class ByFolder(BaseModel):
    """The other way of the union."""

    model_config = ConfigDict(extra="forbid", title="Into a folder")

    way: Literal["folder"] = "folder"
    depth: int = Field(2, ge=0, title="Depth")


class Nowhere(BaseModel):
    """A kind that asks for nothing."""

    model_config = ConfigDict(extra="forbid", title="Nowhere at all")

    way: Literal["nowhere"] = "nowhere"


class Rule(BaseModel):
    """An entry of a list of models."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(title="Rule")
    strict: bool = Field(default=False, title="Strict")


class EveryKind(BaseModel):
    """One field of each kind."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(min_length=2, max_length=40)] = Field(title="Title", examples=["Weekly"])
    count: int = Field(3, ge=0, le=9999, title="Count", json_schema_extra={"unit": "products", "group": "Numbers"})
    lead: int = Field(5, ge=0, title="Lead", json_schema_extra={"unit": "min", "group": "Numbers"})
    share: float = Field(0.5, ge=0, le=1, title="Share", json_schema_extra={"group": "Numbers"})
    price: Decimal = Field(Decimal("1.50"), ge=0, title="Price", json_schema_extra={"group": "Numbers"})
    active: bool = Field(default=True, title="Working")
    version: Literal["v1", "v2"] = Field("v1", title="Version")
    colour: Colour | None = Field(None, title="Colour")
    colours: list[Colour] = Field(default_factory=list, title="Colours")
    opening: time = Field(time(6), title="Opening", json_schema_extra={"group": "Times"})
    since: date | None = Field(None, title="Since", json_schema_extra={"group": "Times"})
    pause: timedelta = Field(timedelta(minutes=5), title="Pause", json_schema_extra={"group": "Times"})
    address: AnyHttpUrl | None = Field(None, title="Web address")
    email: str | None = Field(None, title="E-mail", json_schema_extra={"kind": "email"})
    token: SecretStr = Field(title="Token")
    words: list[str] = Field(default_factory=list, title="Words")
    numbers: list[int] = Field(default_factory=list, title="Numbers", json_schema_extra={"advanced": True})
    depth: Depth = Field(default_factory=Depth, title="Nested")
    rules: list[Rule] = Field(default_factory=list, title="Rules")
    delivery: ByMail | ByFolder | None = Field(None, title="Delivery", discriminator="way")
    copies: list[Annotated[ByMail | ByFolder | Nowhere, Field(discriminator="way")]] = Field(
        default_factory=list, title="Copies", json_schema_extra={"advanced": True}
    )
    folder: Path | None = Field(None, title="File")
    chat: int | str | None = Field(None, title="Chat", json_schema_extra={"kind": "chat"})
    stores: list[str] | Literal["all"] = Field("all", title="Stores", json_schema_extra={"kind": "stores"})
    plan: str = Field("0 6 * * *", title="Plan", json_schema_extra={"kind": "schedule", "advanced": True})
    extra_note: str = Field("", title="Note", json_schema_extra={"shown_when": {"version": "v2"}})
