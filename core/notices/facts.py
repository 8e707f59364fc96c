"""What a notice is about: its standard words, and what the placeholders of own words stand for (CH-14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import local_date
from core.executions.model import Execution, Step
from core.executions.states import Event, Outcome
from core.i18n import Translator
from core.logs import escape_controls
from core.notices.templates import fill
from core.notices.words import RESULTS, tell_event, what_next
from core.organisations.model import Organisation
from core.texts import Param, T, Text

_LONGEST = 3500
"""Fits into one message of Telegram with room to spare: the details of a large chain are cut."""


@dataclass(frozen=True, slots=True)
class Facts:
    """An event with its standard `lines`; `details` are those of them that go into many words."""

    event: Event
    lines: Sequence[Text]
    values: Mapping[str, Param]
    details: Sequence[Text]

    def in_words(self, template: str, translator: Translator) -> list[Text]:
        """Return the lines of a checked template, filled in for a reader of this language."""

        def value(name: str) -> str:
            if name == "details":
                return "\n".join(translator.render(line, escape_controls) for line in self.details)
            return translator.render(T("{value}", value=self.values[name]), escape_controls)

        words = fill(template, value)
        whole = words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()}…"
        return [T("{value}", value=line) for line in whole.strip().split("\n") if whole.strip()]


def about_run(
    home: Organisation, job: str, event: Event, execution: Execution, steps: Sequence[tuple[str, Step]], now: datetime
) -> Facts:
    """Return what there is to say of a run that starts, ended or did not run."""
    title, lines = tell_event(job, event, steps, execution)
    outcomes = [Outcome(step.outcome) if step.outcome else None for _, step in steps]
    good = sum(one is not None and one.good for one in outcomes)
    held = outcomes.count(Outcome.HELD)
    took = execution.finished_at - execution.started_at if execution.finished_at and execution.started_at else None
    numbers: dict[str, Param] = {
        "stores": len(steps),
        "verified": good,
        "held": held,
        "failed": len(steps) - good - held - sum(step.worked_out for _, step in steps),
        "duration": took or timedelta(),
    }
    values = _usual(home, job, event, now) | numbers
    values["date"] = local_date(execution.due_at or execution.created_at, home.zone)
    # Of stores, the first line only counts them.
    whole = [title, *lines, *what_next(event, execution)]
    return Facts(event, whole, values, lines[1:] if steps else lines)


def about(home: Organisation, job: str, event: Event, lines: Sequence[Text], now: datetime) -> Facts:
    """Return what there is to say beyond runs: the digest, stores not live, a refused login."""
    return Facts(event, lines, _usual(home, job, event, now), lines)


def _usual(home: Organisation, job: str, event: Event, now: datetime) -> dict[str, Param]:
    return {
        "organisation": home.name,
        "job": job,
        "result": RESULTS[event],
        "date": local_date(now, home.zone),
        "time": now.astimezone(home.zone).time().replace(second=0, microsecond=0),
    }
