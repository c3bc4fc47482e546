"""Budgets and how they stand."""

import tomllib
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.analytics.budget import Alert, Budget, read_budgets, status
from bot.analytics.forecast import forecast
from bot.domain.aggregate import Cell
from bot.domain.answers import Gap, TooShort
from bot.domain.answers.budgets import BilledIn
from bot.domain.answers.gaps import NoDataAfter
from bot.domain.errors import Misconfigured, NotUnderstood
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.render.answer_json import budget_json
from bot.render.sentences import budget as sentence
from bot.render.sentences import overrun

OPENAI = Question(where=(Filter(dimension="ServiceProviderName", values=("OpenAI",)),), by=("ServiceName",))
TODAY = date(2026, 11, 20)
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))


def budget(limit, **more):
    """A monthly budget in dollars."""
    return Budget(name="chat", limit=Money(amount=Decimal(limit), currency="USD"), question=OPENAI, **more)


def at_ten_a_day(until=TODAY, period=NOVEMBER):
    """What the forecast makes of ten dollars a day."""
    days = [date(2026, 8, 1) + timedelta(days=n) for n in range((until - date(2026, 8, 1)).days + 1)]
    return forecast(Cell((), "USD", (Decimal(10),) * len(days)), days, period)


def dollars(amount, currency):
    """Whole dollars."""
    return f"${amount:,.0f}"


@pytest.mark.parametrize(
    ("every", "start", "end"),
    [
        ("month", date(2026, 11, 1), date(2026, 12, 1)),
        ("quarter", date(2026, 10, 1), date(2027, 1, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_its_period_is_the_whole_month_quarter_or_year(every, start, end):
    """The limit is for the whole calendar period around the day; the spend is asked up to the day."""
    yearly = budget(1, every=every)
    assert yearly.period(TODAY) == Period(start=start, end=end)
    asked = yearly.spending(TODAY)
    assert (asked.period, asked.kind, asked.by) == (Period(start=start, end=date(2026, 11, 21)), "cost", ())
    assert asked.where == OPENAI.where


@pytest.mark.parametrize(
    ("every", "year_start", "start", "end"),
    [
        ("month", 4, date(2026, 11, 1), date(2026, 12, 1)),
        ("quarter", 2, date(2026, 11, 1), date(2027, 2, 1)),
        ("year", 4, date(2026, 4, 1), date(2027, 4, 1)),
        ("year", 12, date(2025, 12, 1), date(2026, 12, 1)),
        ("30 days", 1, date(2026, 10, 22), date(2026, 11, 21)),
    ],
)
def test_a_fiscal_year_begins_where_it_is_said_to_and_rolling_days_end_today(every, year_start, start, end):
    """Quarters follow the fiscal year; so many days are those up to today."""
    assert budget(1, every=every, year_start=year_start).period(TODAY) == Period(start=start, end=end)


def test_a_declared_budget_follows_the_fiscal_year_unless_it_names_its_own():
    """The workspace's year holds for budgets of a file that say nothing else."""
    entries = [{"name": name, "limit": "5 USD", "question": "all"} for name in "ab"]
    entries[1]["year_start"] = 7
    budgets = read_budgets({"budget": entries}, lambda _: OPENAI, year_start=4)
    assert [found.year_start for found in budgets] == [4, 7]


def test_rolling_days_have_no_pace():
    """Of the last 30 days nothing is to come: they are within the limit, or over it."""
    rolling = budget(400, every="30 days")
    within, over = (status(rolling, TODAY, Decimal(spent)) for spent in (300, 450))
    assert sentence(within, dollars) == "chat: $300 of $400 spent (75% in 30 days), on track"
    assert (over.state, over.elapsed, over.runs_out) == ("over", None, None)
    assert sentence(over, dollars) == "chat: $450 of $400 spent (112% in 30 days), over the limit"


def test_it_says_when_it_will_run_out():
    """Ten a day reach 255 on the 26th."""
    result = status(budget(255), TODAY, Decimal(200), forecast=at_ten_a_day())
    assert (result.state, result.runs_out) == ("will run out", date(2026, 11, 26))
    assert (result.elapsed, result.over_by) == (Decimal("0.6667"), 45)
    pace = "on pace to run out on the 26th, $45 over by the end"
    assert sentence(result, dollars) == f"chat: $200 of $255 spent (78% with 67% of the month gone), {pace}"
    assert overrun(result, dollars) == f"chat: {pace} ($300 of $255)"


def test_it_says_when_it_ran_out():
    """The day on which the limit was reached is named from the days."""
    daily = [(date(2026, 11, n), Decimal(10)) for n in range(1, 21)]
    result = status(budget(95), TODAY, Decimal(200), forecast=at_ten_a_day(), daily=daily)
    assert (result.state, result.runs_out, result.left) == ("over", date(2026, 11, 10), Decimal(-105))
    assert sentence(result, dollars).endswith("ran out on the 10th")


@pytest.mark.parametrize(("limit", "state"), [("300.01", "at risk"), ("400", "within"), ("300", "will run out")])
def test_the_forecast_decides_what_is_said_of_the_rest(limit, state):
    """Above the limit it will run out, near it is at risk, below it is within."""
    assert status(budget(limit), TODAY, Decimal(200), forecast=at_ten_a_day()).state == state


def test_partial_data_is_never_called_within():
    """Where a source is missing, what is known is a lower bound and the rest is said to be unknown."""
    result = status(
        budget(400),
        TODAY,
        Decimal(200),
        forecast=at_ten_a_day(),
        missing=[Gap("aws", NoDataAfter(date(2026, 11, 12), within=True))],
    )
    assert result.state == "unknown"
    assert sentence(result, dollars) == (
        "chat: at least $200 of $400 spent (50% with 67% of the month gone),"
        " incomplete (aws: no data since 12 Nov 2026)"
    )
    worse = status(budget(150), TODAY, Decimal(200), missing=[BilledIn("EUR")])
    assert worse.state == "over"
    assert (
        status(budget(255), TODAY, Decimal(200), forecast=at_ten_a_day(), missing=[BilledIn("EUR")]).state
        == "will run out"
    )


def test_without_a_forecast_it_is_open():
    """A history too short to forecast from says nothing of the rest, so nothing is promised."""
    young = TooShort("USD", NOVEMBER, Decimal(20), TODAY, 2)
    assert status(budget(300), TODAY, Decimal(20), forecast=young).state == "open"
    assert status(budget(300), date(2026, 11, 30), Decimal(20)).state == "open"


def test_thresholds_on_actual_and_on_forecast():
    """Each threshold that is passed is told, whichever it is on."""
    warned = budget(250, alert=Alert(actual=("0.5", "0.8", "1"), forecast=("1", "1.5")))
    result = status(warned, TODAY, Decimal(200), forecast=at_ten_a_day())
    assert result.passed == (("actual", Decimal("0.5")), ("actual", Decimal("0.8")), ("forecast", Decimal(1)))


def test_the_public_form():
    """Keys and exact strings as documented."""
    result = budget_json(
        status(budget("250.50", owner="Mei"), TODAY, Decimal("200.123456789"), forecast=at_ten_a_day())
    )
    assert result["spent"] == "200.123456789"
    assert (result["limit"], result["left"], result["share"]) == ("250.5", "50.376543211", "0.7989")
    assert (result["runs_out"], result["period"]) == ("2026-11-26", {"start": "2026-11-01", "end": "2026-12-01"})
    assert (result["passed"], result["source"], result["owner"]) == ([{"on": "forecast", "at": "1"}], "spend", "Mei")


def test_a_forecast_of_something_else_is_refused():
    """A forecast of another month says nothing about this budget."""
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    with pytest.raises(ValueError, match="own currency and period"):
        status(budget(1), TODAY, Decimal(1), forecast=at_ten_a_day(period=october))


def test_a_limit_of_nothing():
    """A budget of zero is over with the first cent, and divides by nothing."""
    result = status(budget(0), TODAY, Decimal("0.01"))
    assert (result.state, result.share) == ("over", None)
    assert sentence(result, dollars) == "chat: $0 of $0 spent, over the limit"


def read(words):
    """A stand-in for the language: one phrase is known."""
    if words != "OpenAI":
        raise NotUnderstood(f"I don't know any {words!r}.", "Did you mean OpenAI?", unknown=(words,))
    return OPENAI


def test_a_file_of_budgets():
    """Every key of the documented form is read, amounts exactly."""
    declared = tomllib.loads(
        """
        [[budget]]
        name = "chat"
        limit = "3,000.50 usd"
        every = "quarter"
        question = "OpenAI"
        alert = { actual = [0.5, 1], forecast = [1.1] }
        owner = "Mei Lin"
        channel = "#ai"

        [[budget]]
        name = "all"
        limit = 100
        question = "OpenAI"
        """
    )
    chat, all_of_it = read_budgets(declared, read, "EUR")
    assert chat.limit == Money(amount=Decimal("3000.50"), currency="USD")
    assert (chat.every, chat.owner, chat.channel) == ("quarter", "Mei Lin", "#ai")
    assert chat.alert == Alert(actual=(Decimal("0.5"), Decimal(1)), forecast=(Decimal("1.1"),))
    assert all_of_it.limit == Money(amount=Decimal(100), currency="EUR")
    assert read_budgets({}, read) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 'a'", "entries that are not budgets"),
        ("[[budget]]\nname = 'a'\nquestion = 'OpenAI'", "'a' cannot be read: 'limit'"),
        ("[[budget]]\nname = 'a'\nlimit = 'much'\nquestion = 'OpenAI'", "limit 'much' is not an amount"),
        (
            "[[budget]]\nname = 'a'\nlimit = 1\nquestion = 'foo'",
            "question of budget 'a' is not clear: I don't know any 'foo'",
        ),
        ("[[budget]]\nname = 'a'\nlimit = 1\nquestion = 'OpenAI'\nevery = 'week'", "'a' has a wrong every"),
        ("[[budget]]\nname = 'a'\nlimit = 1\nquestion = 'OpenAI'\ncolour = 'red'", "'a' has a wrong colour"),
        ("[[budget]]\nlimit = 1\nquestion = 'OpenAI'", "'number 1' has a wrong name"),
        ("[[budget]]\nname = 'a'\nlimit = 1\nquestion = 'OpenAI'\n" * 2, "Two budgets are named 'a'"),
        ("budget = [1]", "'number 1' cannot be read"),
        ("[[budget]]\nname = 'a'\nlimit = 1\nquestion = 'OpenAI'\nalert = {actual = ['x']}", "cannot be read"),
    ],
)
def test_a_wrong_file_says_which_budget_and_how_to_mend_it(text, message):
    """What is wrong is named in one sentence, with a hint."""
    with pytest.raises(Misconfigured) as error:
        read_budgets(tomllib.loads(text), read)
    assert message in error.value.message
    assert error.value.hint
