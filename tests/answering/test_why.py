"""Why a bill changed: generated bills of known cause (``python -m benchmarks why`` asks about more of them)."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from benchmarks.why import ours
from benchmarks.why_cases import KINDS, case, ledger_of
from bot.answering.service import AnswerService, Defaults
from bot.domain.money import total
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.render import headline, money
from bot.render.explanation import opening


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_driver_is_the_cause_and_its_place_is_right(kind):
    """Of each kind of cause one bill: the cause leads, where it is concentrated is named, and all adds up exactly."""
    judged = ours(case(kind, 1))
    assert judged.adds_up
    assert judged.cause
    assert judged.place in {True, None}


def explained(kind, path):
    """The service of a case's bill, and why that changed."""
    made = case(kind, 0)
    ledger = ledger_of(made, path / "ledger.db")
    now = datetime.combine(made.period.end, time(9), UTC)
    service = AnswerService(ledger, clock=lambda: now, defaults=Defaults(zone=UTC))
    question = Question(kind="explain", period=made.period, against=made.against)
    return service, question, service.answer(question).answer


def test_every_figure_of_a_driver_is_that_of_its_question(tmp_path):
    """What a driver cost before and now, and what its place made of it, is what the cost questions say, to the atto."""
    service, question, answer = explained("shift", tmp_path)

    def cost(where):
        plain = Question(kind="cost", period=question.period, against=question.against, where=where)
        return service.answer(plain).answer.totals[0]

    keys = {tuple(driver.key.items()) for driver in answer.drivers if None not in driver.key.values()}
    assert keys
    for key in keys:
        parts = [driver for driver in answer.drivers if tuple(driver.key.items()) == key]
        filters = tuple(Filter(dimension=name, values=(value,)) for name, value in key)
        figure = cost(filters)
        assert total([part.billed for part in parts]) == figure.amount
        assert total([part.against for part in parts]) == figure.against
        for place in parts[0].places:
            there = cost((*filters, Filter(dimension=place.dimension, values=(place.value,))))
            assert place.change == total([there.amount, -there.against])
    assert total([driver.change for driver in answer.drivers]) == total(
        [answer.totals[0].amount, -answer.totals[0].against]
    )


def test_what_credits_hide_is_in_the_headline(tmp_path):
    """Both the net and what credits took from it are said, each as its own question says it."""
    service, _, _ = explained("credit ended", tmp_path)
    where = (Filter(dimension="ServiceName", values=("Logs",)),)
    days, before = (Period(start=date(2026, 9, day), end=date(2026, 9, day + 7)) for day in (15, 8))
    result = service.answer(Question(kind="explain", period=days, against=before, where=where))
    credits_ = service.answer(Question(period=days, where=where, charges="credits")).answer.totals[0]
    gross = service.answer(Question(period=days, where=where, charges="gross")).answer.totals[0]
    figure = result.answer.totals[0].credited
    assert (figure.credits, figure.gross) == (credits_.amount, gross.amount)
    assert f"after {money(-credits_.amount, 'USD')} of credits" in headline(result.question, result.answer)


def test_load_that_moved_is_one_sentence(tmp_path):
    """Neither account is blamed: the amount went from one to the other, and both sides say so."""
    _, _, answer = explained("moved between accounts", tmp_path)
    first, second = (driver for driver in answer.drivers if driver.kind == "transfer")
    assert first.detail.other == second.key
    assert first.detail.amount == -second.detail.amount
    assert " moved from " in opening(answer.explanations[0])


def test_a_renamed_account_is_neither_gone_nor_new(tmp_path):
    """The same id under another name is one account, under its newest name."""
    _, question, answer = explained("renamed account", tmp_path)
    assert not {"new", "vanished"} & {driver.kind for driver in answer.drivers}
    assert not any("SubAccountId" in driver.key for driver in answer.drivers)
    assert question.against
    assert Decimal(0) not in {driver.against for driver in answer.drivers if driver.kind == "moved"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("new model", "new model opus-5 since"),
        ("commitment lapsed", "commitment sp-1 lapsed on"),
        ("commitment began", "commitment sp-1 began on"),
        ("price", "another price since"),
    ],
)
def test_known_events_are_named_with_their_day(kind, words, tmp_path):
    """The headline says what happened and when, as the driver does."""
    _, _, answer = explained(kind, tmp_path)
    [sentence] = map(opening, answer.explanations)
    day = case(kind, 0).expected.event.rsplit(" ", 1)[-1]
    assert words in sentence
    assert day in {event.day.isoformat() for driver in answer.drivers for event in driver.events}
