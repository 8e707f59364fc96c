"""A platform that misbehaves: only what is read back counts, and nothing is sent blindly twice."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from jobs.sending import Timing
from sandbox.crescevendas import Fault
from sandbox.faults import Call
from tests.kit.chain import PLATFORM, Chain, MakeChain

UPLOAD, READ = "POST", "GET"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("lose_lines", parameter=2), "something else: 2 missing."),
        (Fault("alter_price"), "something else: 1 with another price or limit."),
        (Fault("lose_lines", parameter=20), "something else: 20 missing."),
    ],
    ids=["two lines lost", "a price altered", "everything lost"],
)
async def test_a_yes_that_is_not_true_is_not_verified(lone: Chain, fault: Fault, words: str) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(fault)
    run = await lone.sync()
    assert (run.state, run.outcome) == ("failed", "not_verified")
    assert words in run.reasons[store.name]
    assert await lone.verified(store) is None
    assert lone.posts() == 1
    assert (await lone.retry(run)).outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 2


async def test_a_fault_at_one_store_leaves_the_others_verified(chain: Chain) -> None:
    hurt = chain.stores[1]
    chain.platform.faults.add(Fault("lose_lines", store=hurt.cnpj))
    run = await chain.sync()
    assert run.state == "partial"
    assert run.outcomes == {"Loja 1": "verified", "Loja 2": "not_verified", "Loja 3": "verified"}
    assert chain.posts() == 3


async def test_lines_visible_only_after_a_while_are_waited_for(lone: Chain) -> None:
    (store,) = lone.stores
    lone.platform.options.visibility_delay_seconds = 20

    def pass_time(call: Call) -> None:
        lone.platform.advance(10 if call.route == "read" else 0)

    lone.platform.before_answer = pass_time
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 1


async def test_lines_that_never_show_up_are_not_verified(lone: Chain) -> None:
    lone.platform.options.visibility_delay_seconds = 3600
    run = await lone.sync()
    assert run.outcome == "not_verified"
    assert lone.posts() == 1


@pytest.mark.parametrize("kind", ["store_then_500", "store_then_cut", "store_then_html", "store_then_refuse"])
async def test_a_lost_answer_of_a_stored_upload_is_settled_by_reading(lone: Chain, kind: str) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault(kind))
    run = await lone.sync()
    assert (run.state, run.outcome) == ("success", "verified")
    assert lone.live(store) == lone.expected(store).lines == await lone.verified(store)
    assert lone.posts() == 1


async def test_a_time_out_after_storing_is_settled_by_reading(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=1, read_timeout=0.4)
    chain.platform.faults.add(Fault("store_then_time_out"))
    run = await chain.sync()
    assert run.outcome == "verified"
    assert chain.posts() == 1


async def test_an_unknown_outcome_that_shows_up_late_is_not_sent_again(lone: Chain) -> None:
    lone.platform.options.visibility_delay_seconds = 20
    lone.platform.before_answer = lambda call: lone.platform.advance(10 if call.route == "read" else 0)
    lone.platform.faults.add(Fault("store_then_500"))
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.posts() == 1


async def test_an_unknown_outcome_that_shows_up_after_a_refused_second_send_is_verified(lone: Chain) -> None:
    (store,) = lone.stores
    lone.platform.options.visibility_delay_seconds = 60
    lone.platform.faults.add(Fault("store_then_500"), Fault("inner_422", method=UPLOAD))
    lone.platform.before_answer = lambda call: lone.platform.advance(45 if lone.posts() == 2 else 0)
    run = await lone.sync()
    assert (run.outcome, lone.posts()) == ("verified", 2)
    assert lone.live(store) == lone.expected(store).lines == await lone.verified(store)


async def test_an_unknown_outcome_before_a_refusal_is_told(lone: Chain) -> None:
    lone.platform.faults.add(Fault("http_500_html", method=UPLOAD), Fault("inner_422", method=UPLOAD))
    run = await lone.sync()
    assert (run.outcome, lone.posts()) == ("not_verified", 2)
    assert "refused" in run.reasons["Loja 1"]
    assert run.reasons["Loja 1"].endswith("After sending, the platform shows something else: 20 missing.")


async def test_a_refusal_after_a_mere_pause_is_clear(lone: Chain) -> None:
    lone.platform.faults.add(Fault("http_429", method=UPLOAD, parameter=0), Fault("inner_422", method=UPLOAD))
    run = await lone.sync()
    assert (run.outcome, lone.posts()) == ("failed", 2)


@pytest.mark.parametrize("kind", ["http_500_html", "html_200", "cut_body", "refuse", "not_json", "http_503_html"])
async def test_an_upload_that_did_not_arrive_is_sent_again(lone: Chain, kind: str) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault(kind, method=UPLOAD, times=2))
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 3


@pytest.mark.parametrize("kind", ["http_500_html", "html_200", "refuse", "http_503_html"])
async def test_nothing_is_sent_more_than_three_times(lone: Chain, kind: str) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault(kind, method=UPLOAD, times=None))
    run = await lone.sync()
    assert (run.state, run.outcome) == ("failed", "failed")
    assert "Sent 3 times, and the platform still does not show it." in run.reasons[store.name]
    assert lone.live(store) == {}
    assert await lone.verified(store) is None
    assert lone.posts() == 3


async def test_half_an_upload_of_an_unknown_outcome_is_reported_and_not_sent_again(lone: Chain) -> None:
    """What changed on the platform after an unknown outcome is ours: another send could only hide it."""
    (store,) = lone.stores
    lone.platform.faults.add(Fault("store_then_500"))

    def lose_a_line(call: Call) -> None:
        if call.route == "read" and lone.platform.lines(store.cnpj):
            lone.platform.erase(store.cnpj, [min(line.code for line in lone.platform.lines(store.cnpj))])
            lone.platform.before_answer = None

    lone.platform.before_answer = lose_a_line
    run = await lone.sync()
    assert run.outcome == "not_verified"
    assert "1 missing" in run.reasons[store.name]
    assert lone.posts() == 1


async def test_too_many_requests_are_waited_out(lone: Chain) -> None:
    lone.platform.faults.add(Fault("http_429", method=UPLOAD, times=2, parameter=0))
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.posts() == 3


def _fail_the_look_after_the_pause(chain: Chain, times: int | None) -> None:
    """Have the platform ask for a pause before it takes anything, and answer the read after that with a fault."""

    def refuse(call: Call) -> None:
        if call.method == UPLOAD:
            chain.platform.before_answer = None
            chain.platform.faults.add(Fault("http_503_html", method=READ, times=times))

    chain.platform.faults.add(Fault("http_429", method=UPLOAD, parameter=0))
    chain.platform.before_answer = refuse


async def test_a_look_that_fails_for_a_moment_after_a_pause_is_repeated_and_the_list_sent(lone: Chain) -> None:
    (store,) = lone.stores
    _fail_the_look_after_the_pause(lone, times=4)
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 2


async def test_nothing_is_sent_again_over_what_cannot_be_read_after_a_pause(lone: Chain) -> None:
    _fail_the_look_after_the_pause(lone, times=None)
    assert (await lone.sync()).outcome == "failed"
    assert lone.posts() == 1


@pytest.mark.parametrize("moment", ["before the upload", "after it"])
async def test_a_pause_that_a_read_is_asked_for_is_kept_to_the_end(lone: Chain, moment: str) -> None:
    (store,) = lone.stores
    loop, looks = asyncio.get_running_loop(), list[float]()
    asked = Fault("http_429", method=READ, parameter=1)

    def note(call: Call) -> None:
        if call.method == READ:
            looks.append(loop.time())
        elif moment == "after it":
            looks.clear()
            lone.platform.faults.add(asked)

    if moment == "before the upload":
        lone.platform.faults.add(asked)
    lone.platform.before_answer = note
    assert (await lone.sync()).outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert looks[1] - looks[0] >= 1
    assert lone.posts() == 1


async def test_a_read_that_is_asked_for_a_pause_longer_than_the_run_may_take_ends_at_once(lone: Chain) -> None:
    lone.platform.faults.add(Fault("http_429", method=READ, times=None, parameter=86_400))
    run = await lone.sync()
    assert run.outcome == "failed"
    assert "asks for a pause of 1,440 minutes" in run.reasons["Loja 1"]
    assert [entry.method for entry in lone.platform.journal] == [READ]


async def test_a_pause_longer_than_the_run_may_take_is_not_waited_for(lone: Chain) -> None:
    lone.platform.faults.add(Fault("http_429", method=UPLOAD, times=None, parameter=86_400))
    run = await lone.sync()
    assert run.outcome == "failed"
    assert "too many requests" in run.reasons["Loja 1"]
    assert lone.posts() == 1


@pytest.mark.parametrize("kind", ["inner_422", "success_false_200", "status_error_200"])
async def test_a_clear_no_is_not_argued_with(lone: Chain, kind: str) -> None:
    (store,) = lone.stores
    lone.platform.faults.add(Fault(kind, method=UPLOAD, times=None))
    run = await lone.sync()
    assert (run.state, run.outcome) == ("failed", "failed")
    assert await lone.verified(store) is None
    assert lone.posts() == 1


async def test_an_unknown_registration_is_refused_before_anything_is_sent(chain: Chain) -> None:
    await chain.change(chain.stores[0], platform_registration="99888777000166")
    run = await chain.sync()
    assert run.outcomes == {"Loja 1": "failed", "Loja 2": "verified", "Loja 3": "verified"}
    assert "Loja não encontrada" in run.reasons["Loja 1"]
    assert chain.posts() == 2


@pytest.mark.parametrize("kind", ["login_refused", "redirect_302_html"])
async def test_a_refused_login_sends_nothing_and_latches(chain: Chain, kind: str) -> None:
    chain.platform.faults.add(Fault(kind, times=None))
    run = await chain.sync(at_once=1)
    assert (run.state, run.outcome) == ("failed", "failed")
    assert (await chain.integration(PLATFORM)).needs_credentials_at is not None
    assert len([text for text in await chain.messages() if "needs credentials" in text]) == 2
    assert chain.posts() == 0
    assert len(chain.platform.journal) == 1
    chain.platform.faults.clear()
    await chain.restart()
    assert (await chain.sync()).outcome == "failed"
    assert len(chain.platform.journal) == 1


async def test_no_call_begins_after_the_first_refusal_and_letting_it_go_on_helps(make_chain: MakeChain) -> None:
    chain = await make_chain(stores=8, platform={"max_parallel": 2})
    chain.platform.faults.add(Fault("login_refused", times=None))
    chain.platform.faults.add(Fault("delay", times=None, parameter=0.05))
    run = await chain.sync()
    assert run.outcome == "failed"
    assert len(chain.platform.journal) <= 2
    chain.platform.faults.clear()
    await chain.change(await chain.integration(PLATFORM), needs_credentials_at=None, needs_credentials_text=None)
    assert (await chain.retry(run)).outcome == "verified"


async def test_a_login_refused_at_the_upload_is_not_tried_again(lone: Chain) -> None:
    lone.platform.faults.add(Fault("login_refused", method=UPLOAD))
    run = await lone.sync()
    assert run.outcome == "failed"
    assert (await lone.integration(PLATFORM)).needs_credentials_at is not None
    assert lone.posts() == 1


async def test_a_login_refused_after_the_upload_leaves_the_store_not_verified(lone: Chain) -> None:
    (store,) = lone.stores

    def change_token(call: Call) -> None:
        if lone.platform.lines(store.cnpj):
            lone.platform.change_credentials("integration@example.test", "another")

    lone.platform.before_answer = change_token
    run = await lone.sync()
    assert run.outcome == "not_verified"
    assert "Sent, but what is live could not be read" in run.reasons[store.name]
    assert run.counts[store.name]["lines"] == 20
    assert lone.posts() == 1


@pytest.mark.parametrize("kind", ["unknown_shape", "html_200", "empty_object", "null_body", "http_500_html", "refuse"])
async def test_nothing_is_sent_over_what_could_not_be_read(lone: Chain, kind: str) -> None:
    lone.platform.faults.add(Fault(kind, method=READ, times=None))
    run = await lone.sync()
    assert (run.state, run.outcome) == ("failed", "failed")
    assert lone.posts() == 0


@pytest.mark.parametrize("kind", ["unknown_shape", "html_200", "http_500_html", "cut_body", "inner_422"])
@pytest.mark.parametrize("sent", ["clearly", "perhaps"])
async def test_what_cannot_be_read_back_is_not_verified_and_never_sent_again(lone: Chain, kind: str, sent: str) -> None:
    (store,) = lone.stores
    if sent == "perhaps":
        lone.platform.faults.add(Fault("store_then_500"))

    lone.platform.before_answer = lambda call: _blind(lone, kind)
    run = await lone.sync()
    assert (run.state, run.outcome) == ("failed", "not_verified")
    assert "could not be read" in run.reasons[store.name]
    assert await lone.verified(store) is None
    assert lone.posts() == 1
    lone.platform.before_answer = None
    lone.platform.faults.clear()
    await lone.restart()
    again = await lone.retry(run)
    assert again.outcome == "already_live"
    assert await lone.verified(store) == lone.expected(store).lines
    assert lone.posts() == 1


def _blind(chain: Chain, kind: str) -> None:
    """Spoil every read from the moment on that something was stored."""
    if chain.platform.lines(chain.stores[0].cnpj):
        chain.platform.faults.clear()
        chain.platform.faults.add(Fault(kind, method=READ, times=None))


async def test_a_read_that_fails_for_a_moment_after_the_upload_is_repeated(lone: Chain) -> None:
    (store,) = lone.stores

    def spoil(call: Call) -> None:
        if lone.platform.lines(store.cnpj):
            lone.platform.before_answer = None
            lone.platform.faults.add(Fault("unknown_shape", times=2))

    lone.platform.before_answer = spoil
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.posts() == 1


FORMS = [
    *({"get_shape": shape} for shape in ("campaign", "campaigns_root", "campaigns_response", "campaigns_data", "flat")),
    *({"upload_answer": answer} for answer in ("campaign", "message", "empty_204", "accepted_202")),
    {"page_size": 5, "page_keys": "meta"},
    {"prices_as": "noisy", "code_as": "int", "dates_as": "utc"},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_any_known_form_of_answer_is_understood(lone: Chain, form: dict[str, object]) -> None:
    lone.platform.patch_options(form)
    assert (await lone.sync()).outcome == "verified"
    assert (await lone.sync()).outcome == "already_live"
    assert lone.posts() == 1


async def test_a_platform_of_the_other_field_names_needs_only_a_setting(make_chain: MakeChain) -> None:
    names = {
        "code": "product_code",
        "price": "original_price",
        "final_price": "discount_price",
        "limit": "quantity_limit",
    }
    chain = await make_chain(stores=1, platform={"line_fields": names})
    chain.platform.patch_options({"line_names": 2, "read_names": 2})
    (store,) = chain.stores
    assert (await chain.sync()).outcome == "verified"
    assert chain.live(store) == chain.expected(store).lines


async def test_an_unknown_outcome_over_an_older_campaign_is_judged_by_what_changed(lone: Chain) -> None:
    """The old campaign is still there after a send that did not arrive: it is sent again."""
    (store,) = lone.stores
    await lone.sync()
    lone.clock.move(timedelta(minutes=10))
    code = min(lone.live(store))
    base = lone.live(store)[code][0]
    lone.erp.change(store.cnpj, code, club_price=(base * Decimal("0.9")).quantize(Decimal("0.01")))
    lone.platform.faults.add(Fault("http_500_html", method=UPLOAD))
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 3


async def test_what_was_sent_but_never_verified_is_ours_and_leaves_when_its_promotion_ends(lone: Chain) -> None:
    (store,) = lone.stores
    lone.platform.before_answer = lambda _: _blind(lone, "unknown_shape")
    assert (await lone.sync()).outcome == "not_verified"
    lone.platform.before_answer = None
    lone.platform.faults.clear()
    gone = min(lone.live(store))
    lone.erp.remove(store.cnpj, gone)
    run = await lone.sync()
    assert run.outcome == "verified"
    assert gone not in lone.live(store)
    assert lone.live(store) == lone.expected(store).lines
    assert lone.posts() == 2


async def test_what_was_sent_but_never_verified_is_not_taken_for_somebody_elses(lone: Chain) -> None:
    (store,) = lone.stores
    lone.platform.before_answer = lambda _: _blind(lone, "unknown_shape")
    await lone.sync()
    lone.platform.before_answer = None
    lone.platform.faults.clear()
    gone, changed, *_ = sorted(lone.live(store))
    lone.erp.remove(store.cnpj, gone)
    lone.erp.change(store.cnpj, changed, price=lone.live(store)[changed][0] + 1)
    run = await lone.sync()
    assert run.outcome == "verified"
    assert lone.live(store) == lone.expected(store).lines


def test_outside_these_tests_the_pauses_are_those_of_the_rules() -> None:
    assert Timing() == Timing(read_back=(0, 5, 15, 45), between_sends=30)
