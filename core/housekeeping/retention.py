"""For how long each kind of data is kept (CH-13); a cleanup job changes it in its settings."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

_YEARS = 5
_LONGEST = 3650


def _days(default: int, least: int, title: str, description: str) -> Any:
    return Field(
        default,
        ge=least,
        le=_LONGEST,
        title=title,
        description=description,
        examples=[default],
        json_schema_extra={"unit": "d"},
    )


class Retention(BaseModel):
    """Days for which old data stays. What a run at work or the last success needs stays anyway."""

    log_days: int = _days(30, 1, "Log lines", "For how many days the log lines of runs are kept.")
    message_days: int = _days(30, 7, "Messages", "For how many days sent messages and used invitations are kept.")
    list_days: int = _days(90, 7, "Lists", "For how many days prepared and verified lists are kept.")
    run_days: int = _days(180, 7, "Runs", "For how many days runs stay in the history.")
    audit_days: int = _days(
        365 * _YEARS, 30, "Audit", "For how many days the audit and old versions of settings are kept."
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
