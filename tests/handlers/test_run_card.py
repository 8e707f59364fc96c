"""What a card says in every state, and that it always fits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access import Actor, Role
from core.errors import RESTS
from core.executions.held import HeldProduct
from core.executions.released import Release
from core.executions.replacing import TodaysCampaign
from core.executions.states import WORKED_OUT, Outcome, State
from core.executions.views import RunView, StoreView
from core.i18n import LOCALES, Translator
from core.stores.model import Store
from core.texts import T, Text
from handlers.cards.run_card import Look, draw_run
from handlers.formatting import LIMIT, split
from jobs.connections import latched

ZONE = ZoneInfo("America/Sao_Paulo")
START = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
RELEASED = Release("Ana", START, 8)
Row = tuple[Outcome | None, Text | None]


def store(
    number: int, outcome: Outcome | None, reason: Text | None = None, *, holds: int = 0, name: str = ""
) -> StoreView:
    stage = "done" if outcome else "pending"
    return StoreView(number, name or f"{number:03}", stage, outcome, reason, {"held_lines": holds}, holds)


def run(state: State, stores: Sequence[StoreView] = (), **fields: Any) -> RunView:
    values: dict[str, Any] = {
        "id": 7,
        "organisation_id": 1,
        "currency": "BRL",
        "zone": ZONE,
        "job": "Daily sync",
        "type": "sync_products",
        "state": state,
        "trigger": "schedule",
        "requested_by": "schedule",
        "requested_by_id": None,
        "dry_run": False,
        "created_at": START,
        "started_at": START,
        "finished_at": None if state.open else START + timedelta(seconds=80),
        "reason": None,
        "cancelling": False,
        "stores": list(stores),
    }
    return RunView(**values | fields)


def shown(view: RunView, *, compact: bool = False, locale: str = "en", now: datetime | None = START) -> str:
    return draw_run(view, Look(Translator(locale, ZONE), now, compact)).node.render()[0]


def labels(view: RunView, reader: Actor | None = None) -> list[str]:
    look = Look(Translator("en", ZONE), reader=reader)
    return [str(choice.label) for row in draw_run(view, look).choices for choice in row]


@pytest.mark.parametrize(
    ("state", "icon", "word"),
    [
        (State.SUCCESS, "✅", "success"),
        (State.PARTIAL, "⚠️", "partial"),
        (State.FAILED, "❌", "failed"),
        (State.TIMED_OUT, "⌛", "timed out"),
        (State.CANCELLED, "🚫", "cancelled"),
        (State.SKIPPED, "⏭", "skipped"),
        (State.MISSED, "⏭", "missed"),
        (State.EXPIRED, "⏭", "expired"),
    ],
)
def test_every_end_has_its_icon_and_its_word(state: State, icon: str, word: str) -> None:
    heading = shown(run(state)).splitlines()[0]

    assert heading.startswith(icon)
    assert word in heading.lower()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_written_in_words(outcome: Outcome) -> None:
    words = {"not_compared": "could not compare"}.get(outcome, outcome.replace("_", " "))

    assert f"1 {words}" in shown(run(State.PARTIAL, [store(1, outcome)]))


def test_a_comparison_says_that_it_is_one() -> None:
    words = "Comparison of the ERP with what is live"

    assert words in shown(run(State.SUCCESS, [store(1, Outcome.EQUAL)], type="compare_data"))
    assert words not in shown(run(State.SUCCESS, [store(1, Outcome.VERIFIED)]))


def test_stores_with_the_same_trouble_share_a_line_and_the_worst_come_first() -> None:
    refused, odd = T("The ERP refused the login."), T("The answer was cut.")
    stores = [store(1, Outcome.HELD, T("Only 3 lines.")), store(2, Outcome.FAILED, odd)]
    stores += [store(number, Outcome.FAILED, refused) for number in range(3, 12)]
    text = shown(run(State.FAILED, stores))

    assert "❌ 9 stores: failed. The ERP refused the login. (003, 004, 005, 006, 007, 008 and 3 more)" in text
    assert text.index("refused") < text.index("cut") < text.index("Only 3 lines")


def test_more_trouble_than_fits_is_counted() -> None:
    stores = [store(number, Outcome.FAILED, T("Trouble {n}.", n=number)) for number in range(1, 21)]

    assert "… and 13 more stores" in shown(run(State.FAILED, stores))
    assert "… and 17 more stores" in shown(run(State.FAILED, stores), compact=True)


def test_a_manual_dry_run_says_both() -> None:
    text = shown(run(State.SUCCESS, [store(1, Outcome.VERIFIED)], trigger="manual", requested_by="Ana", dry_run=True))

    assert "Manual, by Ana" in text
    assert "Dry run" in text
    assert "Nothing was sent." in text


def test_too_late_offers_tomorrow_or_names_the_run_that_comes_anyway() -> None:
    stores = [store(1, Outcome.VERIFIED), store(2, Outcome.TOO_LATE)]
    offered, coming = run(State.PARTIAL, stores), run(State.PARTIAL, stores, tomorrow=START + timedelta(days=1))

    assert "Too late for today in 1 store. “Tomorrow” plans it for the next morning" in shown(offered)
    assert "Tomorrow" in labels(offered)
    assert "the job's own run takes it up at 11/24/26" in shown(coming)
    assert "Tomorrow" not in labels(coming)
    assert "🗓 Planned for 11/24/26" in shown(
        run(State.PENDING, stores[:1], trigger="tomorrow", due_at=START + timedelta(days=1))
    )


def test_the_time_left_is_told_but_only_where_time_counts() -> None:
    view = run(State.RUNNING, [store(1, Outcome.VERIFIED), store(2, None), store(3, None)])

    assert "🕓 about 4 min left\n1 store a minute" in shown(view, now=START + timedelta(minutes=2))
    assert "left" not in shown(view, now=None)


def test_a_card_says_which_campaigns_of_today_a_further_send_replaces() -> None:
    place = Store(organisation_id=1, name="Loja", cnpj="11222333000181")
    live = TodaysCampaign(212, START, START + timedelta(hours=18), place, ZONE, timedelta(minutes=5))
    stores = [replace(store(number, Outcome.FAILED), campaign=live) for number in range(1, 7)]
    at_ten = START + timedelta(hours=5)

    text = shown(run(State.FAILED, stores), now=at_ten)
    assert text.count("🔁") == 1
    assert "Sent again now, they start at 10:15\u202fAM at the earliest" in text
    assert "replace the running campaign: 001, 002, 003 and 3 more." in text
    alone = shown(run(State.PARTIAL, [stores[0], store(2, Outcome.VERIFIED)]), now=at_ten)
    assert "🔁 001: sent again now, it starts at 10:15\u202fAM at the earliest" in alone
    assert "replaces the running campaign (212 products)" in alone
    released = replace(store(1, Outcome.HELD), campaign=live, released=RELEASED)
    assert "sent again" not in shown(run(State.PARTIAL, [released, store(2, Outcome.VERIFIED)]), now=at_ten)
    working = [replace(one, outcome=None) for one in stores]
    assert "replaces the running campaign from 10:15\u202fAM: 001, 002, 003 and 3 more" in shown(
        run(State.RUNNING, working), now=at_ten
    )


def test_a_dry_run_in_which_all_was_computed_is_no_failure() -> None:
    stores = [replace(store(1, Outcome.SKIPPED, T("Against what is live now: 7 changed.")), dry_run=True)]

    text = shown(replace(run(State.SUCCESS, stores), dry_run=True))
    assert "1 store would be fine. Nothing was sent." in text
    assert "🧪 1 would be sent" in text
    assert "🧪 001: would be sent. Against what is live now: 7 changed." in text
    assert "skipped" not in text
    assert "no store ended well" not in text


def test_a_run_without_a_good_store_says_what_is_live_now_unless_nobody_knows() -> None:
    stays = "Failed: no store ended well.\nWhat was live before stays live."
    assert stays in shown(run(State.FAILED, [store(1, Outcome.FAILED), store(2, Outcome.HELD)]))
    for outcome in (Outcome.FAILED, Outcome.NOT_VERIFIED):
        left = replace(store(2, outcome), sends=1)
        assert "stays live" not in shown(run(State.FAILED, [store(1, Outcome.FAILED), left]))


def test_a_cancelled_run_says_that_nothing_changed_only_where_nothing_had_left() -> None:
    cancelled = store(1, Outcome.CANCELLED)
    assert "It was cancelled.\nWhat was live before stays live." in shown(run(State.CANCELLED, [cancelled]))
    left = replace(store(2, Outcome.VERIFIED), sends=1)
    text = shown(run(State.CANCELLED, [cancelled, left]))
    assert "It was cancelled." in text
    assert "stays live" not in text


def test_after_a_release_the_card_says_what_of_it_is_live_and_what_is_not() -> None:
    place = Store(organisation_id=1, name="Loja", cnpj="11222333000181")
    live = TodaysCampaign(212, START, START + timedelta(hours=18), place, ZONE, timedelta(minutes=5))
    full, empty = store(1, Outcome.VERIFIED), store(2, Outcome.NOTHING_TO_SEND)

    released = shown(run(State.SUCCESS, [full], trigger="release"))
    assert "What was released is live: the store carries today's discounts." in released
    bare = shown(run(State.SUCCESS, [empty], trigger="release"))
    assert "Released without discounts today, so nothing was sent: 002." in bare
    assert "carries" not in bare
    assert "Still live" not in bare
    mixed = shown(run(State.PARTIAL, [full, replace(empty, campaign=live), store(3, Outcome.FAILED)]))
    assert "1 of 3 stores live, 1 needs you." in mixed
    assert "Still live there is today's campaign: 002." in mixed


@pytest.mark.parametrize("locale", LOCALES)
def test_a_long_reason_ends_with_a_sentence(locale: str) -> None:
    cause = T("{host} refused the login (code {code}). Check address, e-mail and token.", host="erp.example", code=401)
    why, how = latched("Platform of the whole chain", cause.to_json())
    refused = T("{first} {second}", first=why, second=how)
    failed = shown(
        run(State.FAILED, [store(n, Outcome.FAILED, refused) for n in (1, 2)], reason=refused), locale=locale
    )

    line = next(line for line in failed.splitlines() if line.startswith("❌ 001"))
    assert line.endswith("/integrations.")
    told = next(line for line in failed.splitlines() if line.startswith("🔑"))
    assert told.endswith(("/integrations.", ". …"))


def test_a_store_that_is_read_back_for_a_while_says_so() -> None:
    reading, sent = (replace(store(number, None), stage=stage) for number, stage in ((1, "reading"), (2, "sending")))

    text = shown(run(State.RUNNING, [reading, sent, store(3, None)]))
    assert "▸ Now: 001\n" in text
    assert "📤 Being sent, then read back until equal: 002" in text


def test_a_card_says_which_guard_rails_hold_products_and_counts_nobody_who_was_released() -> None:
    held = replace(store(1, Outcome.HELD, holds=3), held_for={"max_price_change_percent": 2, "below_till": 1})
    good, released = store(2, Outcome.VERIFIED), replace(held, open_holds=0, released=RELEASED)

    text = shown(run(State.PARTIAL, [held, good]))
    assert "3 products held for review: price moved more than the limit allows, not cheaper" in text
    assert "1 of 2 stores live, 1 needs you." in text
    after = shown(run(State.PARTIAL, [released, good, store(3, Outcome.HELD)]))
    assert "1 of 3 stores live, 1 needs you." in after
    assert "held for review" not in after
    assert "✔️ 001: held, released since" in after
    assert "✋ 003: held" in after


@pytest.mark.parametrize("compact", [True, False])
def test_a_card_shows_the_wildest_price_that_a_release_would_let_through_until_it_is_released(*, compact: bool) -> None:
    def waiting(number: int, reason: str, base: str, final: str, last: str | None) -> StoreView:
        prices = (Decimal(base), Decimal(final), None if last is None else Decimal(last))
        product = HeldProduct(number, str(number), f"Coffee\n{number}", reason, *prices)
        return replace(store(number, Outcome.HELD, holds=1), example=product)

    cheap = waiting(1, "max_discount_percent", "10", "1.50", None)
    dear = waiting(2, "max_price_change_percent", "1890", "1599", "15.99")
    text = shown(run(State.PARTIAL, [cheap, dear, store(3, Outcome.VERIFIED)]), compact=compact)

    assert text.count("for example") == 1
    assert "for example Coffee\\n2 (2): R$15.99 → R$1,599.00, +9,900%" in text
    assert "Coffee\\n1 (1): R$10.00 → R$1.50, -85%" in shown(run(State.PARTIAL, [cheap]), compact=compact)
    assert "for example" not in shown(run(State.PARTIAL, [replace(dear, example=None)]), compact=compact)


def test_stores_that_found_a_host_resting_share_the_trouble_that_sent_it_to_rest() -> None:
    down = T("{host} cannot be reached: {reason}.", host="ERP (10.0.0.1)", reason="refused")
    resting, other = T(RESTS, host="ERP (10.0.0.1)"), T(RESTS, host="Loyalty (10.0.0.2)")
    failed = [store(n, Outcome.FAILED, one) for n, one in enumerate((resting, down, resting, down, other), 1)]
    lines = shown(run(State.FAILED, failed)).splitlines()

    assert [line for line in lines if "10.0.0.1" in line] == [
        "❌ 4 stores: failed. ERP (10.0.0.1) cannot be reached: refused. (002, 004, 001, 003)"
    ]
    assert any(line.startswith("❌ 005: failed. Loyalty") for line in lines)


def test_buttons_follow_what_can_be_done() -> None:
    good, held, failed = store(1, Outcome.VERIFIED), store(2, Outcome.HELD, holds=1), store(3, Outcome.FAILED)
    looking = ["Details", "Report", "Log"]

    assert labels(run(State.RUNNING, [good])) == ["Cancel", "Details", "Log"]
    assert labels(run(State.RUNNING, [good], cancelling=True)) == ["Details", "Log"]
    assert "is finished first" in shown(run(State.RUNNING, [good], cancelling=True))
    assert "is finished first" not in shown(run(State.CANCELLED, [good], cancelling=True))
    assert labels(run(State.SUCCESS, [good])) == ["Run again", *looking]
    assert labels(run(State.SUCCESS, [store(1, Outcome.VERIFIED, holds=2)])) == ["Release", "Run again", *looking]
    assert labels(run(State.SUCCESS, [store(1, Outcome.VERIFIED, holds=2)], dry_run=True)) == [
        "Run now for real",
        "Dry run again",
        *looking,
    ]
    assert labels(run(State.FAILED, [failed], dry_run=True)) == ["Retry failed", "Dry run again", *looking]
    compared = run(State.SUCCESS, [good], dry_run=True, type="compare_data")
    assert labels(compared) == ["Run again", *looking]
    assert labels(run(State.PARTIAL, [good, failed])) == ["Retry failed", "Run again", *looking]
    assert labels(run(State.PARTIAL, [good, held])) == ["Release", "Check again", "Run again", *looking]
    others = replace(held, cut_over=False)
    assert labels(run(State.PARTIAL, [good, others])) == ["Check again", "Run again", *looking]
    assert "Release" in labels(run(State.PARTIAL, [held, replace(others, store_id=3)]))
    released = replace(held, open_holds=0, released=RELEASED)
    assert labels(run(State.PARTIAL, [good, released])) == ["Run again", *looking]
    assert labels(run(State.PARTIAL, [failed, released])) == ["Retry failed", "Run again", *looking]
    assert labels(run(State.MISSED)) == ["Run again"]


def test_in_a_private_chat_only_what_the_reader_may_do_is_offered() -> None:
    view = run(State.PARTIAL, [store(2, Outcome.HELD, holds=1), store(3, Outcome.FAILED)])
    viewer, manager = (Actor(1, role, "Vera", "chat") for role in (Role.VIEWER, Role.MANAGER))
    looking = ["Details", "Report", "Log"]

    assert labels(view, viewer) == looking
    assert labels(view, manager) == ["Release", "Retry failed", "Run again", *looking]
    assert labels(view, replace(manager, may_release=False)) == ["Retry failed", "Run again", *looking]
    assert labels(run(State.RUNNING, [store(1, None)]), viewer) == ["Details", "Log"]


def test_the_pace_is_told_in_products_once_some_were_read() -> None:
    done = replace(store(1, Outcome.VERIFIED), counts={"read": 2500})
    view = run(State.RUNNING, [done, store(2, None)])

    assert "🕓 about 2 min left\n1,250 products a minute" in shown(view, now=START + timedelta(minutes=2))
    spanish = shown(view, now=START + timedelta(minutes=2), locale="es").splitlines()
    assert spanish[-2:] == ["🕓 Tiempo restante: cerca de 2 min", "1.250 productos por minuto"]
    many = run(State.RUNNING, [done, *[store(number, None) for number in range(2, 52)]])
    assert "about 1 hr 40 min left" in shown(many, now=START + timedelta(minutes=2))


def test_a_run_at_work_tells_problems_first_then_what_ended_well_the_latest_first() -> None:
    good = [
        replace(store(number, Outcome.VERIFIED), finished_at=START + timedelta(seconds=number))
        for number in range(1, 9)
    ]
    view = run(State.RUNNING, [*good, store(9, Outcome.FAILED, T("The ERP is away.")), store(10, None)])
    lines = shown(view, now=START + timedelta(minutes=1)).splitlines()

    done = lines.index("✅ Done: 008, 007, 006, 005, 004, 003 and 2 more")
    assert lines.index("❌ 009: failed. The ERP is away.") < done
    assert not any("Done" in line for line in shown(view, compact=True).splitlines())


def test_in_groups_a_cause_is_its_number_of_stores_and_the_reason() -> None:
    stores = [store(number, Outcome.FAILED, T("The ERP refused the login.")) for number in range(1, 8)]

    lines = shown(run(State.FAILED, stores), compact=True).splitlines()
    assert "❌ 7 stores: failed. The ERP refused the login." in lines


def test_a_hostile_name_stays_on_its_line() -> None:
    nasty = "001\n✅ Success\u202egnihton"
    text = shown(run(State.FAILED, [store(1, Outcome.FAILED, name=nasty)]))

    assert "\u202e" not in text
    assert not any(line.startswith("✅ Success") for line in text.splitlines())


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, *Outcome]),
            st.one_of(st.none(), st.text(max_size=400).map(lambda words: T("{words}", words=words))),
            st.text(max_size=120),
        ),
        max_size=60,
    ),
    st.sampled_from(list(State)),
    st.booleans(),
    st.sampled_from(LOCALES),
)
def test_a_card_is_one_message_whatever_it_says(
    rows: list[tuple[Outcome | None, Text | None, str]], state: State, compact: bool, locale: str
) -> None:
    stores = [store(n, outcome, reason, name=name) for n, (outcome, reason, name) in enumerate(rows)]
    reason = T("{words}", words="w" * 5000)
    view = run(state, stores, job="j" * 120, trigger="manual", requested_by="n" * 120, reason=reason, dry_run=True)
    picture = draw_run(view, Look(Translator(locale, ZONE), START, compact, reason))

    (part,) = split(picture.node, LIMIT)

    assert part[0]


def _worked_out(number: int, agree: int) -> StoreView:
    reason = T("Not sent: the old system still sends this store. {agree} agree.", agree=agree)
    return replace(store(number, Outcome.SKIPPED, reason), counts={WORKED_OUT: 1})


def test_stores_of_the_old_system_are_counted_apart_and_named_with_how_far_both_agree() -> None:
    ours = [store(1, Outcome.VERIFIED), store(2, Outcome.FAILED)]
    view = run(State.PARTIAL, [*ours, _worked_out(3, 20), _worked_out(4, 19)])
    text = shown(view)
    assert "✅ 1 verified · ❌ 1 failed\n🧪 2 worked out only" in text
    assert "1 of 2 stores live, 1 needs you." in text
    assert "🧪 2 stores are worked out only: the old system still sends them." in text
    assert "🧪 004: worked out only. Not sent: the old system still sends this store. 19 agree." in text
    assert "skipped" not in text


def test_a_run_of_stores_of_the_old_system_alone_says_nothing_of_live_stores_and_offers_no_retry() -> None:
    view = run(State.SUCCESS, [_worked_out(3, 20)])
    text = shown(view)
    assert "🧪 1 store is worked out only: the old system still sends it." in text
    assert "carries today's discounts" not in text
    assert "Retry failed" not in labels(view)
