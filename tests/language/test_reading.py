"""What comes with a question: the trace, the other readings, customs, currencies, how it is said back."""

from datetime import date

import pytest

from bot.domain.period import Period
from bot.domain.question import Filter, Question, Threshold
from bot.language import Customs, Vocabulary, describe, read, read_thread

TODAY = date(2026, 11, 22)


def test_every_word_is_accounted_for(vocabulary):
    """The trace covers the text from the first word to the last, and says what each became."""
    text = "top 5 services by cost in aws last month, except ec2"
    reading = read(text, today=TODAY, vocabulary=vocabulary)
    assert "".join(word.text for word in reading.words).replace(" ", "") == text.replace(" ", "")
    assert all(word.meaning for word in reading.words)
    assert text[reading.words[1].start : reading.words[1].end] == reading.words[1].text
    became = {word.text: word.meaning for word in reading.words}
    assert became["last month"] == "period"
    assert became["aws"] == "ServiceProviderName = AWS"
    assert became["except ec2"].startswith("not ServiceName")


def test_the_other_reading_is_offered(vocabulary):
    """Kepler is an account and a team: the first answers, the second is offered, ready to ask."""
    reading = read("kepler last month", today=TODAY, vocabulary=vocabulary)
    assert reading.question.where == (Filter(dimension="SubAccountName", values=("Kepler",)),)
    other = next(alternative for alternative in reading.alternatives if "team" in alternative.label)
    assert other.question.where == (Filter(dimension="Tags/team", values=("kepler",)),)


def test_a_name_beside_its_dimension_is_not_ambiguous(vocabulary):
    """Whoever says which is meant is offered nothing else."""
    assert read("kepler team last month", today=TODAY, vocabulary=vocabulary).alternatives == ()


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("aws last month in EUR", "EUR"),
        ("spend in pounds", "GBP"),
        ("spend in dollars", "USD"),
        ("aws last month", None),
    ],
)
def test_a_currency_is_asked_for_beside_the_question(text, currency, vocabulary):
    """Asking "in EUR" wants a conversion and changes nothing else."""
    assert read(text, today=TODAY, vocabulary=vocabulary).question.currency == currency


def test_the_order_of_dates_is_a_custom(vocabulary):
    """11/03 is 3 November for some and 11 March for others; 13/03 leaves no choice."""
    starts = {
        (order, text): read(
            text, today=TODAY, vocabulary=vocabulary, customs=Customs(date_order=order)
        ).question.period.start
        for order in ("MDY", "DMY")
        for text in ("11/03", "13/03/2026")
    }
    assert starts["MDY", "11/03"] == date(2026, 11, 3)
    assert starts["DMY", "11/03"] == date(2026, 3, 11)
    assert starts["MDY", "13/03/2026"] == starts["DMY", "13/03/2026"] == date(2026, 3, 13)


def test_the_first_day_of_the_week_is_a_custom(vocabulary):
    """Where weeks start on Sunday, Sunday begins "this week"."""
    sunday = read("this week", today=TODAY, vocabulary=vocabulary, customs=Customs(week_start=6)).question
    assert sunday.period == Period(start=TODAY, end=date(2026, 11, 23))


def test_a_thread_passes_over_what_it_did_not_understand(vocabulary):
    """A slip in between does not lose what was asked before; help in between neither."""
    question = read_thread(
        ["aws last month", "heroku?", "help", "by region"], today=TODAY, vocabulary=vocabulary
    ).question
    assert question.by == ("RegionId",)
    assert question.where == (Filter(dimension="ServiceProviderName", values=("AWS",)),)
    assert question.period == Period(start=date(2026, 10, 1), end=date(2026, 11, 1))


def test_values_of_another_ledger_are_read_alike():
    """Nothing of one company is built in: another ledger's accounts, tags and models are found the same way."""
    other = Vocabulary(
        [
            ("SubAccountName", "Billing-Core EU", 5, ("55-1",)),
            ("Tags/squad", "Blue Whales", 3, ()),
            ("x_Model", "zephyr-9b", 1, ()),
        ],
        tag_keys=("squad",),
        first_day=date(2026, 1, 1),
    )  # fmt: skip
    for text, dimension, value in (
        ("billing core eu last month", "SubAccountName", "Billing-Core EU"),
        ("the blue whales squad", "Tags/squad", "Blue Whales"),
        ("zephyr-9b tokens", "x_Model", "zephyr-9b"),
    ):
        where = read(text, today=TODAY, vocabulary=other).question.where
        assert where == (Filter(dimension=dimension, values=(value,)),)
    assert read("spend by squad", today=TODAY, vocabulary=other).question.by == ("Tags/squad",)


def test_names_of_ones_own_are_taught_by_an_alias_file(vocabulary):
    """What a company calls things is added to what everybody calls them."""
    taught = Vocabulary(
        [("SubAccountName", "orion-prod", 5, ())], aliases={"SubAccountName": {"the mothership": ["orion-prod"]}}
    )
    where = read("the mothership last week", today=TODAY, vocabulary=taught).question.where
    assert where == (Filter(dimension="SubAccountName", values=("orion-prod",)),)


def test_a_question_is_said_back_with_all_its_parts():
    """Whoever reads the line knows what the number is of."""
    question = Question(
        period=Period(start=date(2026, 10, 23), end=date(2026, 11, 22)),
        against=Period(start=date(2026, 9, 23), end=date(2026, 10, 23)),
        by=("ServiceName", "Tags/team"),
        where=(
            Filter(dimension="RegionId", values=("us-east-1",)),
            Filter(dimension="ChargeCategory", values=("Tax",), exclude=True),
            Filter(dimension="Tags/env", values=("",)),
        ),
        charges="gross",
        metric="EffectiveCost",
        top=5,
        order="change",
        threshold=Threshold(op=">", amount=1000),
    )
    text = describe(question, currency="EUR")
    assert text == (
        "us-east-1 · without Tax · without env · by service and team · top 5 · what changed most first · > 1,000 · "
        "23 Oct–21 Nov 2026 · vs 23 Sep–22 Oct 2026 · effective (amortized) cost, before credits and refunds · in EUR"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("s3 last month", "Amazon Simple Storage Service · 1–31 Oct 2026 · billed cost, net of credits"),
        ("aws yesterday by day", "AWS · by day · 21 Nov 2026 · billed cost, net of credits"),
        ("list teams", "which teams there are · 23 Oct–21 Nov 2026"),
        ("forecast", "forecast · 1–30 Nov 2026 · billed cost, net of credits"),
        ("tokens by model", "by model · 1–22 Nov 2026 · tokens used"),
        ("help", "what can be asked"),
    ],
)
def test_a_reading_is_said_in_one_line(text, said, vocabulary):
    """Filters, breakdown, days and measure, in that order."""
    assert describe(read(text, today=TODAY, vocabulary=vocabulary).question) == said
