"""Differences between states of an entity are told as its form calls and draws them (X-6, X-7)."""

from typing import Any

from core.configuration.plan import FieldChange, differences
from core.configuration.wanted import Section
from core.entities.differing import Difference
from core.forms.describing import describe
from core.forms.entities import form_parts
from core.forms.form import Part
from core.forms.naming import tell
from core.jobs.model import JobType
from core.jobs.settings import settings_model
from core.texts import T
from tests.kit.every_kind import EveryKind

EVERY_KIND = tuple(Part((one.name,), one, EveryKind) for one in describe(EveryKind))
JOB = form_parts(Section.JOBS, settings_model(JobType.SYNC_PRODUCTS), new=False)
STORE = form_parts(Section.STORES, None, new=False)


def told(parts: tuple[Part, ...], before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    difference = Difference(list(differences(before, after)), before, after)
    return [str(line) for line in tell(parts, {}, difference)]


def test_values_are_labels_units_and_money_and_what_was_left_out_is_its_default() -> None:
    before = {"count": 1, "lead": 5, "price": "1.50", "colour": "red", "stores": "all"}
    after = {"count": 2, "price": "1234.50", "colour": "dark_blue", "stores": ["A"], "pause": "PT90S"}

    assert told(EVERY_KIND, before, after) == [
        "Count: 1 product → 2 products",
        "Lead: 5 min → default",
        "Price: 1.50 → 1234.50",
        "Colour: Red → Dark blue",
        "Stores: all stores → 1 store: A",
        "Pause: 0:05:00 → 0:01:30",
    ]


def test_of_a_secret_is_told_what_the_change_says_and_nothing_that_a_form_holds() -> None:
    change = FieldChange("token", T("••••"), T("a new value"))
    (line,) = tell(EVERY_KIND, {}, Difference([change], {"token": "one"}, {"token": "other"}))

    assert str(line) == "Token: •••• → a new value"


def test_an_entry_of_a_list_is_called_by_its_number() -> None:
    before = {"rules": [{"name": "one"}, {"name": "two", "strict": False}], "gone": 3}
    after = {"rules": [{"name": "one"}, {"name": "two", "strict": True}, {"name": "three"}], "depth": {"level": 2}}

    assert told(EVERY_KIND, before, after) == [
        "Rules 2, Strict: off → on",
        "Rules 3: not set → Rule: three",
        "gone: 3 → none",
        "Level: 1 product → 2 products",
    ]


def test_of_a_nested_value_only_what_changed_is_told_though_all_of_it_is_written_down_now() -> None:
    assert told(EVERY_KIND, {}, {"depth": {"level": 2, "label": "plain"}}) == ["Level: 1 product → 2 products"]


def test_a_kind_that_gives_way_to_another_is_one_line() -> None:
    before = {"delivery": {"way": "mail", "address": "a@b.test"}}

    assert told(EVERY_KIND, before, {"delivery": {"way": "folder", "depth": 2}})[0] == (
        "Delivery: By e-mail → Into a folder"
    )


def test_one_event_for_another_is_seen_although_their_number_is_the_same() -> None:
    before, after = ({"notify": [{"channel": "Ops", "on": ["start", event]}]} for event in ("held", "failure"))

    (line,) = told(JOB, before, after)
    assert line.startswith("Who is told: Ops (")
    assert len(set(line.removeprefix("Who is told: ").split(" → "))) == 2
    assert "_" not in line


def test_the_fifth_store_of_many_is_seen() -> None:
    before, after = ({"stores": [*"ABCD", last]} for last in "EF")

    assert told(JOB, before, after) == ["Stores: A, B, C, D, E → A, B, C, D, F"]


def test_the_opening_time_of_one_day_is_told_among_the_others() -> None:
    before, after = ({"opening": {"default": "06:00", "mon": monday}} for monday in ("07:00", "08:00"))

    usual = "Tuesday to Sunday at 06:00:00"
    assert told(STORE, before, after) == [f"Opening time: Monday at 07:00:00; {usual} → Monday at 08:00:00; {usual}"]


def test_a_change_of_the_fifth_holiday_is_called_by_its_place() -> None:
    days = {f"2026-12-0{day}": "10:00" for day in range(1, 5)}
    before, after = ({"opening": {"holidays": {**days, "2026-12-25": at}}} for at in ("08:00", "09:00"))

    (line,) = told(STORE, before, after)
    assert line.startswith("Opening time (")


def test_schedules_and_choices_of_a_job_are_in_words() -> None:
    before = {"schedule": "10 5 * * *", "settings": {"overlap": "skip", "guard_rails": {"below_till": True}}}
    after = {"schedule": None, "settings": {"overlap": "queue", "guard_rails": {"below_till": False}}}

    schedule, overlap, till = told(JOB, before, after)
    assert schedule == "Schedule: every day at 05:10:00 → only by hand"
    assert "overlap" not in overlap
    assert "queue" not in overlap
    assert till.endswith(": on → off")
