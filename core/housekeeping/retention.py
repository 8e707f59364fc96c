"""For how long each kind of data is kept (CH-13); a cleanup job changes it in its settings."""

from datetime import timedelta

from pydantic import BaseModel, Field

_YEARS = 5
_LONGEST = 3650


class Retention(BaseModel):
    """Days for which old data stays. What a run at work or the last success needs stays anyway."""

    log_days: int = Field(
        30,
        ge=1,
        le=_LONGEST,
        title="Log lines",
        description="For how many days the log lines of runs are kept.",
        examples=[30],
        json_schema_extra={"unit": "d"},
    )
    message_days: int = Field(
        30,
        ge=7,
        le=_LONGEST,
        title="Messages",
        description="For how many days sent messages and used invitations are kept.",
        examples=[30],
        json_schema_extra={"unit": "d"},
    )
    list_days: int = Field(
        90,
        ge=7,
        le=_LONGEST,
        title="Lists",
        description="For how many days prepared and verified lists are kept.",
        examples=[90],
        json_schema_extra={"unit": "d"},
    )
    run_days: int = Field(
        180,
        ge=7,
        le=_LONGEST,
        title="Runs",
        description="For how many days runs stay in the history.",
        examples=[180],
        json_schema_extra={"unit": "d"},
    )
    audit_days: int = Field(
        365 * _YEARS,
        ge=30,
        le=_LONGEST,
        title="Audit",
        description="For how many days the audit and old versions of settings are kept.",
        examples=[1825],
        json_schema_extra={"unit": "d"},
    )

    @property
    def logs(self) -> timedelta:
        return timedelta(days=self.log_days)

    @property
    def messages(self) -> timedelta:
        return timedelta(days=self.message_days)

    @property
    def lists(self) -> timedelta:
        return timedelta(days=self.list_days)

    @property
    def runs(self) -> timedelta:
        return timedelta(days=self.run_days)

    @property
    def audit(self) -> timedelta:
        return timedelta(days=self.audit_days)
