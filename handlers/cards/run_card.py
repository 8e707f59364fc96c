"""The card of one run: what happens, what it came to, and what somebody can do about it (X-11).

Problem stores come first; stores with the same trouble share a line. Groups get a short form.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram.utils.formatting import Bold
from aiogram.utils.formatting import Text as Node

from core.executions.states import Outcome, State
from core.executions.views import RunView, StoreView
from core.i18n import Translator
from core.outbox.content import Choice
from core.texts import TN, T, Text
from handlers.cards.result import replacing, result_of
from handlers.cards.words import OUTCOME_ICONS, OUTCOMES, PROBLEMS, STATE_ICONS, STATES, started_by
from handlers.formatting import say, shorten

_CELLS = 10
_LINE = 220
_NAMES = 6
_ACTIVE = 3
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Look:
    """How a card is drawn: for whom, when, and whether briefly (groups).

    Without `now` what only the passing of time changes is left out.
    `clock_note` says that the clock was turned (`rules.md` 8); it stands on every card then.
    """

    translator: Translator
    now: datetime | None = None
    compact: bool = False
    clock_note: Text | None = None

    @property
    def problem_lines(self) -> int:
        return 4 if self.compact else 8

    def words(self, text: Text) -> str:
        return shorten(say(self.translator, text), _LINE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn card: its text and its buttons."""

    node: Node
    choices: list[list[Choice]]


def draw_run(run: RunView, look: Look) -> Picture:
    """Draw a run for one reader. The whole fits into one message."""
    lines = [
        *_about(run, look),
        *_progress(run, look),
        *_result(run, look),
        *_problems(run, look),
        *("🔁 " + look.words(text) for text in replacing(run, look.now)),
    ]
    if look.clock_note is not None:
        lines.append("🕰 " + look.words(look.clock_note))
    head = T("{state}: {job}", state=STATES[run.state], job=run.job)
    title = Bold(f"{STATE_ICONS[run.state]} {look.words(head)}")
    return Picture(Node(title, *(f"\n{line}" for line in lines)), _choices(run))


def held_lines(run: RunView) -> int:
    """Count the single lines that are held in a run."""
    return sum(int(store.counts.get("held_lines", 0)) for store in run.stores)


def _about(run: RunView, look: Look) -> list[str]:
    lines = [look.words(started_by(run.trigger, run.requested_by))]
    if run.dry_run:
        lines.append("🧪 " + look.words(T("Dry run: everything is computed, nothing is sent.")))
    if run.cancelling and run.state.open:
        lines.append("🚫 " + look.words(T("Cancelling: what is being sent is finished first.")))
    return lines


def _progress(run: RunView, look: Look) -> list[str]:
    total = len(run.stores)
    if not total:
        return []
    filled = run.done * _CELLS // total
    count = look.words(TN("{done} of {n} store", "{done} of {n} stores", total, done=run.done))
    lines = [f"{'▓' * filled}{'░' * (_CELLS - filled)} {count}"]
    if tally := [f"{OUTCOME_ICONS[one]} {number} {look.words(OUTCOMES[one])}" for one, number in _tally(run)]:
        lines.append(" · ".join(tally))
    if number := held_lines(run):
        lines.append(
            "✋ "
            + look.words(TN("{n} line held for a person to look at", "{n} lines held for a person to look at", number))
        )
    if run.state is State.RUNNING and not look.compact:
        lines += _at_work(run, look)
    return lines


def _tally(run: RunView) -> list[tuple[Outcome, int]]:
    outcomes = run.outcomes
    return [(outcome, outcomes[outcome]) for outcome in OUTCOMES if outcomes[outcome]]


def _at_work(run: RunView, look: Look) -> list[str]:
    lines = []
    active = [store.name for store in run.stores if store.outcome is None and store.stage != "pending"]
    if active:
        lines.append("▸ " + look.words(T("Now: {names}", names=active[:_ACTIVE])))
    done = run.done
    if look.now is not None and run.started_at is not None and 0 < done < len(run.stores):
        left = (look.now - run.started_at) / done * (len(run.stores) - done)
        minutes = max(1, -(-left // _MINUTE))
        lines.append("🕓 " + look.words(TN("about {n} minute left", "about {n} minutes left", minutes)))
    return lines


def _result(run: RunView, look: Look) -> list[str]:
    lines = [look.words(text) for text in result_of(run)]
    if run.started_at is not None and run.finished_at is not None:
        lines.append("⏱ " + look.words(T("Took {duration}", duration=run.finished_at - run.started_at)))
    return lines


def _problems(run: RunView, look: Look) -> list[str]:
    """Return a line per cause, worst first, then how many more stores have trouble."""
    causes = list(_causes(run))
    room = look.problem_lines
    shown = causes if len(causes) <= room else causes[: room - 1]
    lines = [look.words(_cause(*cause)) for cause in shown]
    icons = [OUTCOME_ICONS[outcome] for outcome, _reason, _stores in shown]
    drawn = [f"{icon} {line}" for icon, line in zip(icons, lines, strict=True)]
    if left := sum(len(names) for _outcome, _reason, names in causes[len(shown) :]):
        drawn.append(look.words(TN("… and {n} more store", "… and {n} more stores", left)))
    return drawn


def _causes(run: RunView) -> Iterable[tuple[Outcome, Text | None, list[StoreView]]]:
    for outcome in PROBLEMS:
        groups: dict[str, list[StoreView]] = {}
        for store in run.stores:
            if store.outcome is outcome:
                groups.setdefault(str(store.reason or ""), []).append(store)
        for stores in sorted(groups.values(), key=len, reverse=True):
            yield outcome, stores[0].reason, stores


def _cause(outcome: Outcome, reason: Text | None, stores: list[StoreView]) -> Text:
    names = [store.name for store in stores[:_NAMES]]
    more = len(stores) - len(names)
    who = T("{names} and {count} more", names=names, count=more) if more else T("{names}", names=names)
    if reason is None:
        return T("{stores}: {outcome}", stores=who, outcome=OUTCOMES[outcome])
    return T("{stores}: {outcome}. {reason}", stores=who, outcome=OUTCOMES[outcome], reason=reason)


def _choices(run: RunView) -> list[list[Choice]]:
    about = {"execution": run.id}
    if run.state.open:
        return [] if run.cancelling else [[Choice(T("Cancel"), "cancel", about)]]
    row = []
    if any(store.open_holds for store in run.stores) and not run.dry_run:
        row.append(Choice(T("Release"), "release", about))
    if any(not outcome.good for outcome in run.outcomes):
        row.append(Choice(T("Retry failed stores"), "retry", about))
    details = [Choice(T("Details"), "details", about)] if run.stores else []
    return [one for one in (row, details) if one]
