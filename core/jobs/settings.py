"""What can be set on a job of each type (`design.md` 4.3, `rules.md` 1.6-2)."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.catalogue.rails import GuardRails
from core.configuration.fields import Name
from core.housekeeping.retention import Retention
from core.jobs.model import JobType


class CatchUp(StrEnum):
    """What happens to due times that passed while nobody was there."""

    ONCE = "once"
    SKIP = "skip"


class Overlap(StrEnum):
    """What a due time does while the job's last run is still at work."""

    SKIP = "skip"
    QUEUE = "queue"
    REPLACE = "replace"


class JobSettings(BaseModel):
    """Settings that jobs of every type have."""

    model_config = ConfigDict(extra="forbid")

    catch_up: CatchUp = Field(
        CatchUp.ONCE,
        title="After a downtime",
        description="Run once what was missed, or skip it.",
        json_schema_extra={"advanced": True},
    )
    overlap: Overlap = Field(
        Overlap.SKIP,
        title="When it still runs",
        description="Skip, queue, or replace the running one.",
        json_schema_extra={"advanced": True},
    )
    timeout_minutes: int = Field(
        120,
        ge=1,
        le=1440,
        title="Time limit",
        description="A longer run is stopped.",
        examples=[120],
        json_schema_extra={"unit": "min", "advanced": True},
    )


class StoreSettings(JobSettings):
    """Settings of jobs that work on stores, from one side to the other."""

    source: Name = Field(
        title="Source",
        description="Integration that knows the prices.",
        examples=["ERP"],
        json_schema_extra={"refers": "discount_source"},
    )
    target: Name = Field(
        title="Target",
        description="Integration that shows them.",
        examples=["Loyalty"],
        json_schema_extra={"refers": "discount_target"},
    )
    max_age_minutes: int = Field(
        60,
        ge=1,
        le=1440,
        title="Oldest data",
        description="Older data is fetched again.",
        examples=[60],
        json_schema_extra={"unit": "min", "advanced": True},
    )


class SyncSettings(StoreSettings):
    """Settings of `sync_products`."""

    guard_rails: GuardRails = Field(
        default_factory=GuardRails, title="Guard rails", description="What is held for a person to decide."
    )
    dry_run: bool = Field(default=False, title="Dry run", description="Compute everything, send nothing.")


class CompareSettings(StoreSettings):
    """Settings of `compare_data`."""


class CleanupSettings(JobSettings, Retention):
    """Settings of `cleanup`: for how long what is kept (CH-13)."""


_STORE_MODELS: dict[JobType, type[StoreSettings]] = {
    JobType.SYNC_PRODUCTS: SyncSettings,
    JobType.COMPARE_DATA: CompareSettings,
}
_MODELS: dict[JobType, type[JobSettings]] = {**_STORE_MODELS, JobType.CLEANUP: CleanupSettings}


def settings_model(kind: JobType) -> type[JobSettings]:
    """Return the settings model for a type of job."""
    return _MODELS[kind]


def read_settings(kind: str, settings: dict[str, Any]) -> JobSettings:
    """Return a stored job's settings as their model."""
    return _MODELS[JobType(kind)].model_validate(settings)


def read_store_settings(kind: str, settings: dict[str, Any]) -> StoreSettings:
    """Return the settings of a stored job that works on stores."""
    return _STORE_MODELS[JobType(kind)].model_validate(settings)
