"""The document's shape (`design.md` 4.3). What is left out of an entry keeps its stored value."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from core.configuration.fields import (
    NO_QUIET,
    Cnpj,
    Code,
    Cron,
    Currency,
    FieldProblem,
    Language,
    ModuleName,
    Name,
    OwnQuietHours,
    QuietHours,
    Tag,
    Zone,
)
from core.configuration.opening import Opening
from core.executions.states import Event
from core.jobs.model import JobType
from core.notices.templates import check_template
from core.stores.opening import DEFAULT_OPENING
from core.texts import T

RoleName = Literal["viewer", "manager", "admin", "owner"]

_NAMES = TypeAdapter(list[Name])
_TAGS = TypeAdapter(list[Tag])
_NAMES_SCHEMA = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
_ALL_SCHEMA = {"const": "all"}
_TAGS_SCHEMA = {
    "type": "object",
    "properties": {"tags": _NAMES_SCHEMA},
    "required": ["tags"],
    "additionalProperties": False,
}
_BOTH_SCHEMA = _TAGS_SCHEMA | {"properties": {"tags": _NAMES_SCHEMA, "names": _NAMES_SCHEMA}}


def _selection(value: Any) -> dict[str, Any]:
    """Turn `all`, `[names]` or `{tags: [...]}` into the form that jobs keep."""
    if value == "all":
        return {"all": True}
    if isinstance(value, dict) and set(value) == {"tags"}:
        return {"tags": _several(_TAGS, value["tags"])}
    return {"names": _several(_NAMES, value)}


def _scope(value: Any) -> list[str] | dict[str, list[str]] | None:
    """Turn `all`, `[names]` or `{tags: [...], names: [...]}` of a person into what is kept.

    None means all stores; none may be named, and names may be left out beside tags.
    """
    if value in ("all", []):
        return None if value else []
    if isinstance(value, dict) and {"tags"} <= set(value) <= {"tags", "names"}:
        names = {"names": _several(_NAMES, value["names"])} if value.get("names") else {}
        return {"tags": _several(_TAGS, value["tags"]), **names}
    return _several(_NAMES, value)


def _several(kind: TypeAdapter[list[str]], value: Any) -> list[str]:
    try:
        found = list(dict.fromkeys(kind.validate_python(value)))
    except ValidationError:
        found = []
    if not found:
        raise FieldProblem(T("must be: all, a list of store names, or {example}.", example="{tags: [south]}"))
    return found


def _empty(value: Any) -> Any:
    return {} if value is None else value


Selection = Annotated[
    dict[str, Any],
    BeforeValidator(_selection),
    WithJsonSchema({"anyOf": [_ALL_SCHEMA, _NAMES_SCHEMA, _TAGS_SCHEMA]}),
]
Scope = Annotated[
    list[str] | dict[str, list[str]] | None,
    BeforeValidator(_scope),
    WithJsonSchema({"anyOf": [_ALL_SCHEMA, _NAMES_SCHEMA, _BOTH_SCHEMA]}),
]
Settings = Annotated[dict[str, Any], BeforeValidator(_empty)]


class Entry(BaseModel):
    """Base of all entries: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


def _name(example: str) -> Any:
    return Field(title="Name", description="What it is called here, in lists and on cards.", examples=[example])


def _words(title: str, description: str, example: str) -> Any:
    return Field(None, title=title, description=description, examples=[example])


class Named(Entry):
    """An entry that is known by its name."""

    name: Name = _name("001 Centro")
    was: Name | None = Field(
        None, title="Old name", description="Renames what had this name; without effect once done.", examples=["Centro"]
    )


class OrganisationEntry(Entry):
    """The chain itself."""

    name: Name | None = Field(None, title="Name", description="Name of the chain.", examples=["Mercado Azul"])
    timezone: Zone | None = Field(
        None,
        title="Time zone",
        description="Zone of schedules, and of stores that name none.",
        examples=["America/Sao_Paulo"],
        json_schema_extra={"refers": "zones"},
    )
    locale: Language | None = Field(
        None,
        title="Language",
        description="Language of groups and of people who chose none.",
        examples=["pt_BR"],
        json_schema_extra={"refers": "languages"},
    )
    currency: Currency | None = Field(
        None,
        title="Currency",
        description="The currency of prices.",
        examples=["BRL"],
        json_schema_extra={"refers": "currencies"},
    )
    quiet_hours: QuietHours | None = Field(
        None,
        title="Quiet hours",
        description="From and until when only what cannot wait is told; the rest comes as one message afterwards.",
        examples=["22:00-06:00"],
        json_schema_extra={"kind": "hours"},
    )


class StoreEntry(Named):
    """A branch of the chain. A new one needs its CNPJ."""

    cnpj: Cnpj | None = Field(
        None,
        title="CNPJ",
        description="Company number of the branch, with or without punctuation.",
        examples=["11222333000181"],
        json_schema_extra={"ask": True, "kind": "cnpj"},
    )
    tags: list[Tag] = Field(
        default_factory=list, title="Tags", description="Groups of stores that jobs can name.", examples=[["24h"]]
    )
    limit: int | None = Field(
        None,
        ge=1,
        le=999_999_999,
        title="Limit per customer",
        description="Pieces per customer when the product names none. Empty: the integration's.",
        examples=[1000],
        json_schema_extra={"unit": "pieces"},
    )
    timezone: Zone | None = Field(
        None,
        title="Time zone",
        description="Where it is not the organisation's.",
        examples=["America/Manaus"],
        json_schema_extra={"refers": "zones"},
    )
    opening: Opening = Field(
        DEFAULT_OPENING,
        title="Opening time",
        description="Campaigns of the day start then.",
        examples=["06:00", {"default": "06:00", "sun": "08:00", "holidays": {"2026-12-25": "10:00"}}],
        json_schema_extra={"kind": "opening"},
    )
    unit: Code | None = Field(
        None, title="Unit in the ERP", description="The ERP's code of the store. Empty: its CNPJ.", examples=["001"]
    )
    platform_registration: Code | None = Field(
        None,
        title="Registration",
        description="What the platform knows the store by. Empty: its CNPJ.",
        examples=["11222333000181"],
    )
    active: bool = Field(default=True, title="Active", description="Whether runs include it.", examples=[True])
    cut_over: bool = Field(
        default=True,
        title="Chimera sends",
        description="Off while the old system still sends: runs then work everything out, compare it with what is "
        "live, and send nothing.",
        examples=[True],
    )


class ConnectedEntry(Named):
    """What an integration and a channel have in common. A new one needs its module."""

    module: ModuleName | None = Field(None, title="Module", description="Which module it uses.", examples=["rp"])
    settings: Settings = Field(
        default_factory=dict,
        title="Settings",
        description="Those of the module. Secrets left out, or null, keep the stored ones.",
        examples=[{"base_url": "http://192.168.0.10:9000"}],
    )
    enabled: bool = Field(default=True, title="Enabled", description="Whether it is used.", examples=[True])


class IntegrationEntry(ConnectedEntry):
    """An ERP or platform. Another host, scheme or port needs the secrets again."""

    name: Name = _name("ERP")


class Templates(Entry):
    """Own words for what a channel is told, by event."""

    start: str | None = _words("Run starts", "A run starts.", "⏳ {job} has begun.")
    success: str | None = _words(
        "Success", "Every store is good.", "✅ {date}: {verified} of {stores} stores are live."
    )
    partial: str | None = _words(
        "Partial", "Some stores are good, some are not.", "⚠️ {job}: {held} held, {failed} failed.\n{details}"
    )
    failure: str | None = _words(
        "Failure", "No store is good, or the run took too long.", "❌ {job} failed.\n{details}"
    )
    cancelled: str | None = _words("Cancelled", "Somebody cancelled a run.", "🚫 {job} was cancelled after {duration}.")
    missed: str | None = _words(
        "Missed", "A run was skipped, did not start in time, or its day is over.", "⏭ {job} did not run on {date}."
    )
    held: str | None = _words(
        "Held", "Products or stores are held, and somebody must decide.", "✋ {held} stores wait for you.\n{details}"
    )
    recovered: str | None = _words("Recovered", "A run is good after one that was not.", "✅ {job} is good again.")
    not_live_before_opening: str | None = _words(
        "Not live yet",
        "A store has no verified campaign 15 minutes before it opens.",
        "🔔 {organisation}, {time}\n{details}",
    )
    needs_credentials: str | None = _words(
        "Needs login",
        "A login was refused; nothing is called until it is renewed.",
        "🔑 {job} stands still.\n{details}",
    )
    digest: str | None = _words(
        "Digest", "Before the first store opens: how many are live.", "☀️ {organisation}, {date}\n{details}"
    )
    weekly_report: str | None = _words(
        "Weekly report", "On Mondays: how the week before went, with a chart.", "📊 {organisation}\n{details}"
    )

    @field_validator("*")
    @classmethod
    def _checked(cls, text: str | None, info: ValidationInfo) -> str | None:
        return None if text is None else check_template(Event(str(info.field_name)), text)


class ChannelEntry(ConnectedEntry):
    """Where results are told."""

    name: Name = _name("Ops")
    locale: Language | None = Field(
        None,
        title="Language",
        description="What is spoken there: notices, cards and answers. Empty: the organisation's.",
        examples=["pt_BR"],
        json_schema_extra={"refers": "languages", "group": "Messages"},
    )
    quiet_hours: OwnQuietHours | None = Field(
        None,
        title="Quiet hours",
        description="From and until when only what cannot wait is told. Empty: the organisation's.",
        examples=["21:00-07:00", NO_QUIET],
        json_schema_extra={"kind": "quiet", "group": "Messages"},
    )
    templates: Annotated[Templates, BeforeValidator(_empty)] = Field(
        default_factory=Templates,
        title="Own words",
        description="What is said of each event, in your words. Empty: the standard text.",
        examples=[{"success": "✅ {date}: {verified} of {stores} stores are live."}],
        json_schema_extra={"kind": "templates", "group": "Messages"},
    )


class NotifyRule(Entry):
    """Who is told of which events of a job."""

    channel: Name = Field(
        title="Channel", description="Name of a channel.", examples=["Ops"], json_schema_extra={"refers": "channels"}
    )
    on: list[Event] = Field(
        min_length=1,
        title="Events",
        description="What is told there.",
        examples=[["success", "failure"]],
        json_schema_extra={
            "labels": {
                "start": "Run starts",
                "needs_credentials": "Needs login",
                "not_live_before_opening": "Not live yet",
            }
        },
    )


class JobEntry(Named):
    """What runs, when, for which stores. A new one needs its type."""

    name: Name = _name("Daily sync")
    type: JobType | None = Field(None, title="Type", description="What the job does.", examples=["sync_products"])
    schedule: Cron | None = Field(
        None,
        title="Schedule",
        description="When it runs by itself. Empty: only by hand.",
        examples=["10 5 * * *"],
        json_schema_extra={"kind": "schedule", "ask": True},
    )
    stores: Selection = Field(
        default_factory=lambda: {"all": True},
        title="Stores",
        description="All, some by name, or those that have one of some tags.",
        examples=["all", ["001 Centro"], {"tags": ["south"]}],
        json_schema_extra={"kind": "stores", "refers": "stores"},
    )
    settings: Settings = Field(
        default_factory=dict,
        title="Settings",
        description="Those of the job type.",
        examples=[{"source": "ERP", "target": "Loyalty"}],
    )
    notify: list[NotifyRule] = Field(
        default_factory=list,
        title="Who is told",
        description="Who is told of what.",
        examples=[[{"channel": "Ops", "on": ["failure"]}]],
        json_schema_extra={"kind": "rules"},
    )
    enabled: bool = Field(default=True, title="Enabled", description="Whether its schedule counts.", examples=[True])


class UserEntry(Entry):
    """Somebody who may use the bot. A new one needs name and role."""

    telegram_id: int = Field(
        ge=1,
        le=2**52,
        title="Telegram id",
        description="The person's number in Telegram.",
        examples=[1001],
        json_schema_extra={"kind": "chat"},
    )
    name: Name | None = Field(
        None,
        title="Name",
        description="How the person is shown.",
        examples=["Ana"],
        json_schema_extra={"ask": True},
    )
    role: RoleName | None = Field(
        None,
        title="Role",
        description="What the person may do.",
        examples=["admin"],
        json_schema_extra={"ask": True},
    )
    locale: Language | None = Field(
        None,
        title="Language",
        description="Empty: the organisation's.",
        examples=["pt_BR"],
        json_schema_extra={"refers": "languages"},
    )
    may_release: bool = Field(
        default=False,
        title="May release",
        description="Whether a manager may release held products.",
        examples=[False],
        json_schema_extra={"shown_when": {"role": "manager"}},
    )
    stores: Scope = Field(
        None,
        title="Stores",
        description="Stores that a manager sees: all, some by name, or those that have one of some tags.",
        examples=["all", ["001 Centro"], {"tags": ["south"]}],
        json_schema_extra={"kind": "stores", "refers": "stores"},
    )
    blocked: bool = Field(
        default=False, title="Blocked", description="Whether the person is kept out for now.", examples=[False]
    )


class Document(Entry):
    """A whole configuration. Names (of users: Telegram ids) are the keys; applying twice changes nothing."""

    version: Literal[1] = Field(title="Version", description="Version of this format.", examples=[1])
    organisation: OrganisationEntry = Field(
        default_factory=OrganisationEntry,
        title="Organisation",
        description="The chain itself.",
        examples=[{"name": "Mercado Azul"}],
    )
    stores: list[StoreEntry] = Field(default_factory=list, title="Stores", description="Branches of the chain.")
    integrations: list[IntegrationEntry] = Field(
        default_factory=list, title="Integrations", description="ERPs and platforms."
    )
    channels: list[ChannelEntry] = Field(default_factory=list, title="Channels", description="Where results are told.")
    jobs: list[JobEntry] = Field(default_factory=list, title="Jobs", description="What runs.")
    users: list[UserEntry] = Field(default_factory=list, title="Users", description="Who may use the bot.")
