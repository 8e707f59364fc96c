"""Pointing to the run that is there already, with the way to what it leaves aside."""

from core.executions.starting import Order, Started
from core.outbox.content import Choice
from core.texts import TN, T, Text
from handlers.talk import Talk


def at_work(started: Started) -> Text:
    """Point to the run that was there before."""
    number = str(started.execution_id)
    return T("Already at work: {job}, run {number}. Its card is in this chat.", job=started.job, number=number)


def say_followed(talk: Talk, started: Started) -> None:
    """Lead to the run that stands in the way of another one."""
    if started.followed and not started.rest:
        talk.say(at_work(started), choices=[[_details(started)]])


def say_rest(talk: Talk, started: Started, order: Order) -> bool:
    """Say which stores the run at work leaves aside, with a button to run them after it. False if none."""
    if started.new or not started.rest:
        return False
    left = len(started.rest)
    told = TN(
        "What you asked for {n} store is no part of it, and was not started.",
        "What you asked for {n} stores is no part of it, and was not started.",
        left,
    )
    after = {
        "type": order.type.value,
        "job": started.job,
        "words": [],
        "dry_run": order.dry_run,
        "stores": list(started.rest),
    }
    choices = [
        [_details(started)],
        [Choice(TN("Start {n} store after it", "Start {n} stores after it", left), "start", after)],
    ]
    talk.say(at_work(started), told, choices=choices)
    return True


def _details(started: Started) -> Choice:
    number = started.execution_id
    return Choice(T("See run {number}", number=str(number)), "details", {"execution": number})
