"""An organisation's own words for a notice: plain text with placeholders from a fixed list (`rules.md` 7.2).

A placeholder is replaced once, by plain text: what a store or a person is called can neither be
taken for a placeholder nor turn into markup.
"""

import re
from collections.abc import Callable

from core.configuration.fields import FieldProblem
from core.executions.states import Event
from core.logs import escape_controls
from core.texts import T, Text

LONGEST = 1000
PLACEHOLDERS: dict[str, Text] = {
    "organisation": T("the name of the chain"),
    "job": T("the name of the job"),
    "result": T("what happened, in a few words"),
    "date": T("the day it is about"),
    "time": T("the time of the message"),
    "stores": T("how many stores it is about"),
    "verified": T("how many of them are good"),
    "held": T("how many are held for a person"),
    "failed": T("how many are neither good nor held"),
    "duration": T("how long it took"),
    "details": T("the stores and what is wrong there, one a line"),
}
_ALWAYS = ("organisation", "job", "result", "date", "time")
_ENDED = (*_ALWAYS, "stores", "verified", "held", "failed", "duration", "details")
_KNOWN: dict[Event, tuple[str, ...]] = dict.fromkeys(Event, _ENDED) | {
    Event.START: (*_ALWAYS, "stores"),
    Event.MISSED: (*_ALWAYS, "stores"),
    Event.NOT_LIVE_BEFORE_OPENING: (*_ALWAYS, "details"),
    Event.NEEDS_CREDENTIALS: (*_ALWAYS, "details"),
    Event.DIGEST: (*_ALWAYS, "details"),
    Event.WEEKLY_REPORT: (*_ALWAYS, "details"),
}
_MARK = re.compile(r"(\{\{|\}\})|\{([^{}\n]*)\}|[{}]")
_NEAR = 12


def known_in(event: Event) -> dict[str, Text]:
    """Return the placeholders that may stand in the words for an event, each with its meaning."""
    return {name: PLACEHOLDERS[name] for name in _KNOWN[event]}


def check_template(event: Event, text: str) -> str | None:
    """Return a template as it is kept, None for one of blanks only. Raises FieldProblem that says what to mend."""
    text = "\n".join(" ".join(line.split("\t")).rstrip() for line in text.splitlines()).strip()
    if any(escape_controls(line) != line for line in text.split("\n")):
        raise FieldProblem(T("must be plain text, without control characters."))
    if len(text) > LONGEST:
        raise FieldProblem(T("is too long: at most {bound} characters.", bound=str(LONGEST)))
    for found in _MARK.finditer(text):
        if found[1] is not None:
            continue
        if found[2] is None:
            raise FieldProblem(_unbalanced(text, found.start()))
        if found[2] not in _KNOWN[event]:
            known = [f"{{{name}}}" for name in _KNOWN[event]]
            raise FieldProblem(
                T("there is no placeholder {name} here. There are: {known}.", name=found[0], known=known)
            )
    return text or None


def fill(template: str, value: Callable[[str], str]) -> str:
    """Return a checked template with the value of each placeholder in its place."""
    return _MARK.sub(lambda found: found[1][0] if found[1] else value(found[2]), template)


def _unbalanced(text: str, at: int) -> Text:
    return T(
        "the brace in “{near}” has no partner. A placeholder stands in two, such as {example}; "
        "for a brace itself, write it twice.",
        near=text[max(0, at - _NEAR) : at + _NEAR].replace("\n", " "),
        example="{job}",
    )
