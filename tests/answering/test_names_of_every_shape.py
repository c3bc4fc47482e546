"""Names of every shape go through the whole program: read, answered, and in words, whatever they look like."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import CostError
from bot.domain.feed import Feed
from bot.domain.period import Period
from bot.ledger import Ledger
from bot.render import headline
from bot.render.slack import answer_message

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Period(start=date(2026, 11, 1), end=date(2026, 11, 22))
FEED = Feed(source="focus", name="bill", grain=frozenset({"ServiceProviderName", "ServiceName", "SubAccountName"}))
LIKE_DATES = [
    "q10000", "Q1", "q4 2025", "2026-10", "2026", "11/03", "3 nov", "october", "monday", "9999-99-99", "10000-01-01",
    "0000-01-01", "week 99", "h3", "fy27", "fy0000", "0000q1", "1e400", "0x10", "-5", "5%", "$5", "€", "last month",
    "today", "2026-W60", "12:61", "31 feb",
]  # fmt: skip
SHAPES = st.one_of(
    st.sampled_from(LIKE_DATES),
    st.from_regex(r"[qhwy]\d{1,12}", fullmatch=True),
    st.from_regex(r"\d{1,6}[-/.]\d{1,6}([-/.]\d{1,9})?", fullmatch=True),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40),
)
QUESTIONS = (
    "{}",
    "{} last month",
    "spend by account",
    "why did {} change",
    "forecast {}",
    "anomalies in {}",
    "{} vs aws",
)


def service_of(names, path):
    """Who answers, over a bill of accounts and services with these names."""
    ledger = Ledger(path)
    charges = [
        Charge(
            day=DAYS.start + timedelta(days=day),
            billed_cost=Decimal(number + 1),
            billing_currency="USD",
            service_provider_name="AWS",
            service_name=names[-number - 1],
            sub_account_name=name,
        )
        for number, name in enumerate(names)
        for day in range(DAYS.days)
    ]
    ledger.replace(FEED, DAYS, charges, synced=NOW)
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def ask_all(service, names):
    """Every question about every name: an answer that can be shown, or a refusal in a sentence."""
    for name in names:
        for form in QUESTIONS:
            with suppress(CostError):  # a refusal in a sentence
                result = service.ask(form.format(name))
                assert headline(result.question, result.answer)
                assert answer_message.draw(result).text


def test_names_that_look_like_dates(tmp_path):
    """An account may be called q10000, 2026-10 or 31 feb: nothing crashes, and its costs are in the breakdown."""
    service = service_of(LIKE_DATES, tmp_path / "ledger.db")
    ask_all(service, LIKE_DATES)
    lines = service.ask("this month by account").answer.lines
    assert {line.key["SubAccountName"] for line in lines} >= {"q10000", "2026-10", "10000-01-01"}


@pytest.mark.usefixtures("tmp_path")
@settings(max_examples=15, deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=4, unique=True))
def test_names_of_any_shape(tmp_path_factory, names):
    """Generated names, of letters of any script, digits and signs."""
    ask_all(service_of(names, tmp_path_factory.mktemp("named") / "ledger.db"), names)
