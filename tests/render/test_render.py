"""Figures, changes and days in words."""

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from made import Answer, typed

from bot import render
from bot.domain.answers import Line, Point, Total
from bot.domain.feed import Freshness
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.render.slack.tables import breakdown

D = Decimal


def headline(question, answer):
    """The answer in a sentence or two."""
    return render.headline(question, typed(question, answer))


def days(start, end):
    """A period from two ISO days, the end exclusive."""
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end))


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("1903.05", "USD", "$1,903"),
        ("999.999", "USD", "$1,000.00"),
        ("12.345", "EUR", "€12.35"),
        ("-12.4", "EUR", "-€12.40"),
        ("0", "USD", "$0.00"),
        ("0.0042", "USD", "$0.0042"),
        ("0.00000125", "USD", "$0.0000013"),
        ("1e-18", "USD", "<$0.000000000001"),
        ("1234", "JPY", "¥1,234"),
        ("0.4", "JPY", "¥0.40"),
        ("8.1", "CHF", "CHF 8.10"),
        ("1234567.5", "CAD", "CA$1,234,568"),
        ("5", "XQQ", "XQQ 5.00"),
    ],
)
def test_money_is_rounded_for_people(amount, currency, words):
    """Whole units from a thousand on, the currency's digits below, two figures below a cent, never a bare zero."""
    assert render.money(D(amount), currency) == words


def test_money_of_a_column_has_the_columns_digits():
    """With digits given, what rounds to zero but is not says so."""
    assert render.money(D("0.2"), "USD", digits=0) == "<$1"
    assert render.money(D("-0.2"), "USD", digits=0) == ">-$1"
    assert render.money(D(5), "USD", digits=0, signed=True) == "+$5"


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        ("12400000", "Tokens", "12.4M tokens"),
        ("3210000000", "Tokens", "3.21B tokens"),
        ("1250", "Hours", "1,250 hours"),
        ("0.0042", "GB", "0.0042 GB"),
        ("-3.5", "GB", "-3.5 GB"),
        ("7", "", "7"),
        ("99282", "1K tokens", "99,282 × 1K tokens"),
    ],
)
def test_quantities_carry_their_unit(amount, unit, words):
    """Quantities are short in words and keep three figures."""
    assert render.quantity(D(amount), unit) == words


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        ("112", "100", "up 12% (+$12.00)"),
        ("95.8", "100", "down 4.2% (-$4.20)"),
        ("100", "100", "unchanged"),
        ("100.01", "100", "nearly unchanged (+$0.01)"),
        ("5", "0", "new (no cost before)"),
        ("0", "5", "gone ($5.00 before)"),
        ("1400", "100", "14 times as much (+$1,300)"),
        ("-20", "10", "down $30.00"),
        ("10", "-20", "up $30.00"),
        ("0", "0", "unchanged"),
    ],
)
def test_changes_never_divide_by_nothing(now, before, words):
    """A change has a ratio only where one means something."""
    assert render.change(D(now), D(before), "USD") == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-01", "2026-11-23", "1–22 Nov 2026"),
        ("2026-10-23", "2026-11-22", "23 Oct–21 Nov 2026"),
        ("2025-12-30", "2026-01-03", "30 Dec 2025–2 Jan 2026"),
        ("2026-11-22", "2026-11-23", "22 Nov 2026"),
        ("2026-10-01", "2026-11-01", "October 2026"),
        ("2026-07-01", "2026-10-01", "Q3 2026"),
        ("2025-01-01", "2026-01-01", "2025"),
        ("2026-02-01", "2026-04-01", "1 Feb–31 Mar 2026"),
    ],
)
def test_periods_name_the_days_they_cover(start, end, words):
    """A period is its first and last day, or the calendar's name for it."""
    assert render.period(days(start, end)) == words


def test_steps_are_named_by_their_grain():
    """A step of a series is a day, a range of days, a month or a quarter."""
    monday = date(2026, 11, 2)
    assert render.step(monday, "day") == "2 Nov"
    assert render.step(monday, "week") == "2–8 Nov"
    assert render.step(monday, "week", date(2026, 11, 4)) == "2–3 Nov"
    assert render.step(date(2026, 10, 1), "month") == "Oct 2026"
    assert render.step(date(2026, 7, 1), "quarter") == "Q3 2026"


def test_dimensions_and_values_have_names_for_people():
    """Columns are called what people call them; naming none is said."""
    assert render.dimension("SubAccountName", plural=True) == "accounts"
    assert render.dimension("Tags/team") == "team"
    assert render.value("", "Tags/team") == "(no team)"
    assert render.value(None, "ServiceName") == "Other"


def test_lists_end_in_and():
    """Long lists say how many more there are."""
    assert render.listed([]) == ""
    assert render.listed(["a"]) == "a"
    assert render.listed(["a", "b", "c"]) == "a, b and c"
    assert render.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_headline_says_number_subject_days_change_and_leaders():
    """A headline can be read out: what, on what, when, how it changed, what most of it is."""
    question = Question(
        period=days("2026-11-01", "2026-11-23"),
        against=days("2026-10-01", "2026-10-23"),
        by=("ServiceName",),
        where=(
            Filter(dimension="ServiceProviderName", values=("AWS",)),
            Filter(dimension="SubAccountName", values=("production",)),
            Filter(dimension="ChargeCategory", values=("Tax",), exclude=True),
        ),
    )
    answer = Answer(
        totals=(Total(currency="USD", amount=D(12304), against=D(11000)),),
        lines=(
            Line(key={"ServiceName": "Amazon EC2"}, currency="USD", amount=D(8304)),
            Line(key={"ServiceName": "Amazon S3"}, currency="USD", amount=D(4000)),
        ),
    )
    assert headline(question, answer) == (
        "$12,304 on AWS in production, without Tax, 1–22 Nov 2026: up 12% (+$1,304) compared with 1–22 Oct. "
        "Largest: Amazon EC2 $8,304 and Amazon S3 $4,000."
    )


def test_headline_of_a_series_names_the_highest_step():
    """A trend's headline says when it was highest."""
    question = Question(period=days("2026-11-01", "2026-11-04"), grain="day")
    points = tuple(Point(start=date(2026, 11, at), key={}, currency="USD", amount=D(at * 10)) for at in (1, 2, 3))
    answer = Answer(series=points, totals=(Total(currency="USD", amount=D(60)),))
    assert headline(question, answer).endswith("Highest: 3 Nov with $30.00.")


def test_headline_says_the_amounts_that_the_table_shows():
    """Rounded to add up, an amount in the sentence is the same as in the table under it."""
    amounts = {"AWS": "29926.6", "Google Cloud": "14582.8", "OpenAI": "3507.7", "Anthropic": "1789.7"}
    lines = tuple(Line(key={"ServiceProviderName": k}, currency="USD", amount=D(v)) for k, v in amounts.items())
    answer = Answer(totals=(Total(currency="USD", amount=D("49806.8")),), lines=lines)
    question = Question(period=days("2026-11-01", "2026-11-23"), by=("ServiceProviderName",))
    table = breakdown(question, typed(question, answer))
    shown = {row[0]["text"]: row[1]["text"] for row in table}
    assert shown["Total"] == "$49,807"
    for name in ("AWS", "Google Cloud", "OpenAI"):
        assert f"{name} {shown[name]}" in headline(question, answer)


def test_headline_of_movers_names_the_moves():
    """What changed most is said by its change, not by its size."""
    question = Question(
        period=days("2026-11-01", "2026-11-23"),
        against=days("2026-10-01", "2026-10-23"),
        by=("ServiceName",),
        order="change",
    )
    lines = tuple(
        Line(key={"ServiceName": name}, currency="USD", amount=D(now), against=D(before))
        for name, now, before in (("Big", 1000, 999), ("Mover", 50, 10))
    )
    answer = Answer(lines=lines, totals=(Total(currency="USD", amount=D(1050), against=D(1009)),))
    assert "Biggest changes: Mover +$40 and Big +$1." in headline(question, answer)


def test_headline_of_freshness_and_values():
    """Freshness and lists of values are sentences too."""
    result = Freshness(source="aws", synced="2026-11-22T08:00:00Z", data_through=date(2026, 11, 21))
    assert headline(Question(kind="freshness"), Answer(as_of=(result,))) == "Data: AWS through 21 Nov."
    values = ({"value": "core"}, {"value": ""})
    question = Question(kind="values", by=("Tags/team",), period=days("2026-11-01", "2026-11-23"))
    assert headline(question, Answer(values=values)) == "1 team with charges, 1–22 Nov 2026: core."


def test_words_for_money_load_nothing_heavy():
    """Dollars and euros are written without loading locale data."""
    code = "import sys; from bot import render; from decimal import Decimal; render.money(Decimal(1), 'USD')"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}; print('babel' in sys.modules)"], capture_output=True, check=True, text=True
    )
    assert found.stdout.strip() == "False"


def test_naming_none_is_said_in_words():
    """A filter for what names none, or any, of a dimension reads as such."""
    untagged = Filter(dimension="Tags/team", values=("",))
    tagged = untagged.model_copy(update={"exclude": True})
    assert render.subject(Question(where=(untagged,))) == "without any team"
    assert render.subject(Question(where=(tagged,))) == "with any team"
    assert render.subject(Question(where=(Filter(dimension="Tags/team", values=("core",)),))) == "for team core"
