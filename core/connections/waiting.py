"""Integrations and channels that wait for a secret: switched off, until somebody gives it (*Renew*)."""

from datetime import datetime

from core.channels.model import Channel
from core.connections.model import Integration
from core.texts import T, Text

LEFT_OUT = T("Its secret was not in the file. Give it with Renew.")
FORGOTTEN = T("It was deleted and brought back; its secrets were forgotten. Give them anew.")


def hold_back(row: Integration | Channel, reason: Text, now: datetime) -> None:
    """Switch off what has not the secrets that it needs, and say why."""
    row.enabled = False
    if isinstance(row, Integration):
        row.needs_credentials_at, row.needs_credentials_text = now, reason.to_json()
    else:
        row.disabled_reason = reason.to_json()


def reason_of(row: Integration | Channel) -> Text | None:
    """Return why an integration or channel does not work, None while nothing is known against it."""
    kept = row.needs_credentials_text if isinstance(row, Integration) else row.disabled_reason
    if kept is not None:
        return Text.from_json(kept)
    if isinstance(row, Integration) and row.needs_credentials_at is not None:
        return T("The login was refused.")
    return None


def waits(reason: Text | None) -> bool:
    """Tell whether something is off only because a secret is missing: with that it goes on by itself."""
    return reason is not None and reason.message in (LEFT_OUT.message, FORGOTTEN.message)
