"""A store's opening in the document: a time, or times by weekday and holiday."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_serializer

from core.configuration.explaining import KIND
from core.configuration.fields import Day, TimeOfDay
from core.stores.opening import DEFAULT_OPENING, WEEKDAYS

_WEEKDAY = "Where it is not the usual time."


def _weekday(title: str) -> Any:
    return Field(None, title=title, description=_WEEKDAY, examples=["08:00"])


class OpeningHours(BaseModel):
    """Times by day; holidays come before weekdays."""

    model_config = ConfigDict(extra="forbid")

    default: TimeOfDay = Field(
        DEFAULT_OPENING, title="Usual time", description="On days that are not named.", examples=["06:00"]
    )
    mon: TimeOfDay | None = _weekday("Monday")
    tue: TimeOfDay | None = _weekday("Tuesday")
    wed: TimeOfDay | None = _weekday("Wednesday")
    thu: TimeOfDay | None = _weekday("Thursday")
    fri: TimeOfDay | None = _weekday("Friday")
    sat: TimeOfDay | None = _weekday("Saturday")
    sun: TimeOfDay | None = _weekday("Sunday")
    holidays: dict[Day, TimeOfDay] = Field(
        default_factory=dict,
        title="Holidays",
        description="Times on single days.",
        examples=[{"2026-12-25": "10:00"}],
    )

    @model_serializer
    def _as_short_as_can_be(self) -> str | dict[str, Any]:
        """Return what is kept and exported: a plain time where no day is different."""
        different: dict[str, Any] = {
            day: at for day in WEEKDAYS if (at := getattr(self, day)) not in (None, self.default)
        }
        if self.holidays:
            different["holidays"] = dict(sorted(self.holidays.items()))
        return {"default": self.default} | different if different else self.default


def _kind(value: Any) -> str:
    return f"{KIND}days" if isinstance(value, dict | OpeningHours) else f"{KIND}time"


Opening = Annotated[
    Annotated[TimeOfDay, Tag(f"{KIND}time")] | Annotated[OpeningHours, Tag(f"{KIND}days")], Discriminator(_kind)
]
