"""The card of one run: what happens, what it came to, and what somebody can do about it (X-11).

Problem stores come first; stores with the same trouble share a line. Groups get a short form.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram.utils.formatting import Bold
from aiogram.utils.formatting import Text as Node

from core.access import Actor, Permission
from core.executions.byhand import BY_HAND
from core.executions.held import HeldProduct
from core.executions.starting import PLANNED
from core.executions.states import ICONS, Outcome, State
from core.executions.views import RunView, StoreView
from core.executions.words import worked_out_word
from core.i18n import Translator
from core.jobs.model import JobType
from core.outbox.content import Choice
from core.texts import TN, T, Text
from handlers.cards.causes import causes_of
from handlers.cards.result import dry_line, replacing, result_of
from handlers.cards.words import HOLD_REASONS, STATES, WORKED_OUT_ICON, moved, outcome_of, result_at, started_by
from handlers.dialogs.widths import beside
from handlers.formatting import brief, say, units
from jobs.sending import SENDING

_CELLS = 10
_LINE = 220
_CAUSE = 480
_CAUSES = 1800
"""What one cause may say, and all of them: with everything else on a card they fit into one message."""
_NAMES = 6
_FEW = 3
_BEGUN_ICON = "▶️"
_ACTIVE = 3
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Look:
    """How a card is drawn: for whom, when, and whether briefly (groups).

    Without `now` what only the passing of time changes is left out.
    `clock_note` says that the clock was turned (`rules.md` 8); it stands on every card then.
    `reader` is whose private chat it is: only what that person may do is offered there.
    """

    translator: Translator
    now: datetime | None = None
    compact: bool = False
    clock_note: Text | None = None
    reader: Actor | None = None

    def offers(self, permission: Permission) -> bool:
        """Tell whether a button is drawn; in groups the tap decides (X-3)."""
        return self.reader is None or self.reader.may(permission)

    @property
    def problem_lines(self) -> int:
        return 4 if self.compact else 8

    def words(self, text: Text, limit: int = _LINE) -> str:
        return brief(say(self.translator, text), limit)


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
        *_at_work(run, look),
        *("🔁 " + look.words(text) for text in replacing(run, look.now)),
    ]
    head = T("{state}: {job}", state=STATES[run.state], job=run.job)
    return _picture(ICONS[run.state], head, lines, run, look)


def draw_begun(run: RunView, look: Look) -> Picture:
    """Draw what a message may say for ever: the network may lose its number, and then nobody can edit it."""
    lines = [*_kind(run, look)]
    if run.stores:
        lines.append(look.words(TN("{n} store", "{n} stores", len(run.stores))))
    return _picture(_BEGUN_ICON, T("{job}, run {number}", job=run.job, number=str(run.id)), lines, run, look)


def _picture(icon: str, head: Text, lines: list[str], run: RunView, look: Look) -> Picture:
    if look.clock_note is not None:
        lines.append("🕰 " + look.words(look.clock_note))
    title = Bold(f"{icon} {look.words(head)}")
    return Picture(Node(title, *(f"\n{line}" for line in lines)), _choices(run, look))


def held_lines(run: RunView) -> int:
    """Count the single lines that are held in a run, without those released since."""
    return sum(int(store.counts.get("held_lines", 0)) for store in run.stores if not store.let_go)


def _kind(run: RunView, look: Look) -> list[str]:
    lines = [look.words(started_by(run.trigger, run.requested_by))]
    if run.type == JobType.COMPARE_DATA:
        lines.append("⚖️ " + look.words(T("Comparison of the ERP with what is live: nothing is sent.")))
    if run.dry_run:
        lines.append(look.words(dry_line(run)))
    return lines


def _about(run: RunView, look: Look) -> list[str]:
    lines = _kind(run, look)
    if run.state is State.PENDING and run.trigger == PLANNED and run.due_at is not None:
        lines.append("🗓 " + look.words(T("Planned for {at}.", at=run.due_at)))
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
    tally = [(number, outcome_of(one, dry_run=run.dry_run, stores=number)) for one, number in _tally(run)]
    if apart := run.worked_out:
        tally.append((apart, (WORKED_OUT_ICON, worked_out_word(apart))))
    if tally:
        lines.append(beside(f"{icon} {number} {look.words(word)}" for number, (icon, word) in tally))
    if number := held_lines(run):
        lines.append("✋ " + look.words(_held(number, run)))
    if examples := [store.example for store in run.stores if store.example is not None]:
        lines.append("   " + look.words(_example(max(examples, key=lambda one: one.leap))))
    return lines


def _held(number: int, run: RunView) -> Text:
    """Say how many products wait, and by which guard rail: what a person must know before *Release*."""
    counts: Counter[str] = Counter()
    for store in run.stores:
        counts.update(store.held_for)
    reasons = [HOLD_REASONS[rail] for rail, found in counts.most_common() if found and rail in HOLD_REASONS]
    if not reasons:
        return TN("{n} product held for review", "{n} products held for review", number)
    return TN(
        "{n} product held for review: {reasons}",
        "{n} products held for review: {reasons}",
        number,
        reasons=reasons,
    )


def _example(product: HeldProduct) -> Text:
    """Say of one product in wait what *Release* would let through."""
    return T(
        "for example {name} ({code}): {old} → {new}, {percent}",
        name=product.name,
        code=product.code,
        old=product.old,
        new=product.final,
        percent=moved(product.old, product.final),
    )


def _tally(run: RunView) -> list[tuple[Outcome, int]]:
    outcomes = run.outcomes
    return [(outcome, outcomes[outcome]) for outcome in Outcome if outcomes[outcome]]


def _at_work(run: RunView, look: Look) -> list[str]:
    """Return what ended well last, what is in hand, how long it takes: too much for a group."""
    if run.state is not State.RUNNING or look.compact:
        return []
    lines = []
    if ended := _newest_good(run):
        more = sum(store.outcome is not None and store.outcome.good for store in run.stores) - len(ended)
        done = T("Done: {names} and {count} more", names=ended, count=more) if more else T("Done: {names}", names=ended)
        lines.append("✅ " + look.words(done))
    active = [store for store in run.stores if store.outcome is None and store.stage != "pending"][:_ACTIVE]
    if reading := [store.name for store in active if store.stage != SENDING]:
        lines.append("▸ " + look.words(T("Now: {names}", names=reading)))
    if sending := [store.name for store in active if store.stage == SENDING]:
        lines.append("📤 " + look.words(T("Being sent, then read back until equal: {names}", names=sending)))
    if look.now is not None and run.started_at is not None and 0 < run.done < len(run.stores):
        passed = max(look.now - run.started_at, _SECOND)
        left = passed / run.done * (len(run.stores) - run.done)
        rest = T("about {duration} left", duration=-(-left // _MINUTE) * _MINUTE)
        lines.append(beside([f"🕓 {look.words(rest)}", look.words(_pace(run, passed))]))
    return lines


def _newest_good(run: RunView) -> list[str]:
    """Return the stores that ended well last, the latest first; those with troubles have lines of their own."""
    good = [store for store in run.stores if store.outcome is not None and store.outcome.good]
    good.sort(key=lambda store: store.finished_at or run.created_at, reverse=True)
    return [store.name for store in good[:_NAMES]]


def _pace(run: RunView, passed: timedelta) -> Text:
    """Say how fast it goes: products a minute, or stores where none were read yet."""
    read = sum(int(store.counts.get("read", 0)) for store in run.stores)
    products = round(read * _MINUTE / passed)
    if products:
        return TN("{n} product a minute", "{n} products a minute", products)
    done = max(1, round(run.done * _MINUTE / passed))
    return TN("{n} store a minute", "{n} stores a minute", done)


def _result(run: RunView, look: Look) -> list[str]:
    lines = [look.words(text) for text in result_of(run)]
    if run.started_at is not None and run.finished_at is not None:
        lines.append("⏱ " + look.words(T("Took {duration}", duration=run.finished_at - run.started_at)))
    return lines


def _problems(run: RunView, look: Look) -> list[str]:
    """Return a line per cause, worst first, then how many more stores have trouble."""
    causes = list(causes_of(run))
    room = look.problem_lines
    shown = causes if len(causes) <= room else causes[: room - 1]
    drawn: list[str] = []
    left_units = _CAUSES
    for _outcome, reason, stores in shown:
        icon, word = result_at(stores[0], len(stores))
        line = f"{icon} {look.words(_cause(word, reason, stores, compact=look.compact), _CAUSE)}"
        left_units -= units(line)
        if drawn and left_units < 0:
            break
        drawn.append(line)
    if left := sum(len(names) for _outcome, _reason, names in causes[len(drawn) :]):
        drawn.append(look.words(TN("… and {n} more store", "… and {n} more stores", left)))
    return drawn


def _cause(outcome: Text, reason: Text | None, stores: list[StoreView], *, compact: bool) -> Text:
    """Say who has a trouble and why; for more than a few stores their number comes first."""
    names = [store.name for store in stores[:_NAMES]]
    more = len(stores) - len(names)
    named = T("{names} and {count} more", names=names, count=more) if more else T("{names}", names=names)
    many = len(stores) > _FEW
    who = TN("{n} store", "{n} stores", len(stores)) if many else named
    what = T("{stores}: {outcome}", stores=who, outcome=outcome)
    if reason is not None:
        what = T("{stores}: {outcome}. {reason}", stores=who, outcome=outcome, reason=reason)
    return T("{trouble} ({stores})", trouble=what, stores=named) if many and not compact else what


def _choices(run: RunView, look: Look) -> list[list[Choice]]:
    about = {"execution": run.id}
    looking = [Choice(T("Details"), "details", about)] if run.stores else []
    first: list[Choice] = []
    acting = []
    if run.state.open:
        if not run.cancelling and look.offers(Permission.RUN):
            acting.append(Choice(T("Cancel"), "cancel", about))
        looking.append(Choice(T("Log"), "log", about))
        return [row for row in (acting, looking) if row]
    if any(store.releasable for store in run.stores) and not run.dry_run and look.offers(Permission.RELEASE):
        acting.append(Choice(T("Release"), "release", about))
    if run.type != BY_HAND and look.offers(Permission.RUN):
        acting += _once_more(run, about)
        if run.outcomes[Outcome.TOO_LATE] and run.tomorrow is None and not run.dry_run:
            acting.append(Choice(T("Tomorrow"), "tomorrow", about))
        dry = run.dry_run and run.type != JobType.COMPARE_DATA
        if dry and run.state in (State.SUCCESS, State.PARTIAL):
            first.append(Choice(T("Run now for real"), "for_real", about))
        acting.append(Choice(T("Dry run again") if dry else T("Run again"), "again", about))
    if run.stores:
        looking += [Choice(T("Report"), "report", about), Choice(T("Log"), "log", about)]
    return [row for row in (first, acting[:2], acting[2:], looking) if row]


def _once_more(run: RunView, about: dict[str, int]) -> list[Choice]:
    """Offer what did not end well anew; what a comparison found different is sent, unless it is held."""
    apart = [store for store in run.stores if store.outcome is Outcome.DIFFERENT]
    different = sum(not store.counts.get("held_store") for store in apart)
    resync = [Choice(TN("Sync {n} store", "Sync {n} stores", different), "resync", about)] if different else []
    left = {one.outcome for one in run.stores if one.outcome and one.released is None and not one.worked_out}
    again = {one for one in left if not one.well(dry_run=run.dry_run)} - {Outcome.DIFFERENT}
    name = T("Check again") if again == {Outcome.HELD} else T("Retry failed")
    return [*resync, *([Choice(name, "retry", about)] if again else [])]
