"""What a reader sees in one message agrees with itself: sentence, table and chart, in words that people use."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import Answer, typed
from test_answer_message import NOVEMBER, OCTOBER, block, column, drawn, small_type

from bot import render
from bot.domain.answers import CostAnswer, Gap, Line, Point, Total
from bot.domain.answers.gaps import NoDataBefore
from bot.domain.feed import Freshness
from bot.domain.money import apportioned, left_over, rounded, settled
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.render import text
from bot.render.slack import charts, followups

AMOUNTS = st.decimals(min_value=-100_000, max_value=100_000, places=4)


def period(start, end):
    """Days from ISO dates, the last one out."""
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end))


def headline(question, answer):
    """The answer in a sentence or two."""
    return render.headline(question, typed(question, answer))


def driver(name, against, amount, kind="moved", **more):
    """A driver of a change."""
    change = Decimal(amount) - Decimal(against)
    figures = {"change": str(change), "against": against, "amount": amount}
    return {"key": {"ServiceName": name}, "label": name, "currency": "USD", "kind": kind, **figures, **more}


def why(*drivers):
    """The message that explains a change with these drivers."""
    now, before = (sum(Decimal(item[key]) for item in drivers) for key in ("amount", "against"))
    answer = Answer(drivers=drivers, totals=(Total(currency="USD", amount=now, against=before),))
    return drawn(Question(kind="explain", period=NOVEMBER, against=OCTOBER), answer)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AMOUNTS, min_size=1, max_size=12), st.sampled_from([0, 2]), st.booleans())
def test_no_figure_is_bent_and_the_rest_takes_what_rounding_leaves(amounts, digits, other):
    """Each is its own rounding; the last, where it stands for the rest and is large enough, makes the sum right."""
    rest = len(amounts) - 1 if other else None
    shown = settled(amounts, digits, rest)
    kept = slice(rest) if other else slice(None)
    assert shown[kept] == [rounded(amount, digits) for amount in amounts][kept]
    left = left_over(amounts, shown, digits)
    assert not left or not other or abs(left) >= abs(amounts[-1])


def test_a_series_by_provider_says_the_totals_of_its_headline():
    """What the sentence says of AWS stands in the total's row, whatever thirty roundings would add up to."""
    days = [date(2026, 11, day) for day in range(1, 31)]
    shares = {"AWS": Decimal("1506.64"), "OpenAI": Decimal("163.9"), "Anthropic": Decimal("73.8")}
    question = Question(period=period("2026-11-01", "2026-12-01"), by=("ServiceProviderName",), grain="day")
    answer = Answer(
        totals=(Total(currency="USD", amount=30 * sum(shares.values())),),
        lines=tuple(
            Line(key={"ServiceProviderName": name}, currency="USD", amount=30 * share) for name, share in shares.items()
        ),
        series=tuple(
            Point(start=day, key={"ServiceProviderName": name}, currency="USD", amount=share)
            for day in days
            for name, share in shares.items()
        ),
    )
    message = drawn(question, answer)
    whole = [cell["text"] for cell in block(message, "data_table")["rows"][-1]]
    assert whole == ["Total", "$45,199", "$4,917", "$2,214", "$52,330"]
    assert "Largest: AWS $45,199, OpenAI $4,917 and Anthropic $2,214." in message.text


def test_what_a_series_adds_up_as_other_changes_none_of_those_named():
    """The three dearest of many services come to the same in the sentence, and below a table that folds the rest."""
    costs = {"EC2": "28315.4", "RDS": "16967.5", "S3": "13355.6", "Glue": "800.5", "Athena": "420.45", "SNS": "3.45"}
    days = (date(2026, 11, 1), date(2026, 11, 2))
    question = Question(period=period("2026-11-01", "2026-11-03"), by=("ServiceName",), grain="day")
    answer = Answer(
        totals=(Total(currency="USD", amount=2 * sum(map(Decimal, costs.values()))),),
        lines=tuple(
            Line(key={"ServiceName": name}, currency="USD", amount=2 * Decimal(cost)) for name, cost in costs.items()
        ),
        series=tuple(
            Point(start=day, key={"ServiceName": name}, currency="USD", amount=Decimal(cost))
            for day in days
            for name, cost in costs.items()
        ),
    )
    message = drawn(question, answer)
    whole = [cell["text"] for cell in block(message, "data_table")["rows"][-1]]
    assert f"Largest: EC2 {whole[1]}, RDS {whole[2]} and S3 {whole[3]}." in message.text


def test_the_largest_keep_their_own_rounding():
    """AWS is $29,927 in every answer: what is left over goes to the smaller ones."""
    amounts = [Decimal(name) for name in ("29926.71", "14582.95", "3507.80", "1789.87")]
    assert apportioned(amounts, 0) == [29927, 14583, 3507, 1790]


def test_a_change_is_one_number_in_the_sentence_the_row_and_the_total():
    """636.77 and 663.74 are $26.97 apart wherever that is said, though the exact figures are 26.975 apart."""
    message = why(driver("SageMaker", "636.7695", "663.7445"))
    table = block(message, "data_table")
    assert [cell["text"] for cell in table["rows"][1]][1:4] == ["+$26.97", "$636.77", "$663.74"]
    assert "up 4.2% compared with" in message.text  # the amount is said by the sentence before


def test_what_moved_ends_where_other_answers_say_it_stands():
    """SageMaker came to $4,487 here as everywhere, and its change is the difference of what is shown."""
    rest = (driver("Redshift", "1692.43", "0", "vanished"), driver("Bedrock", "101.77", "1159.82"))
    message = why(driver("SageMaker", "2056.53", "4487.39"), *rest)
    rows = [[cell["text"] for cell in row][:4] for row in block(message, "data_table")["rows"][1:]]
    assert rows[0] == ["SageMaker", "+$2,430", "$2,057", "$4,487"]
    assert rows[1] == ["Redshift", "-$1,692", "$1,692", "$0"]


def test_quantity_and_price_of_one_service_are_one_row_and_one_bar():
    """A reader meets Claude once, with both parts of its change told in words."""
    parts = (
        driver("Claude", "122.21", "43.30", "volume", note="quantity"),
        driver("Claude", "0", "8.56", "price", note="price"),
        driver("Vertex AI", "161", "103"),
    )
    message = why(*parts)
    table = block(message, "data_table")
    assert column(table, 0)[:2] == ["Claude", "Vertex AI"]
    result = "Usage: 85M → 30.1M tokens (-$78.91); Price: +20% for the same quantities (+$8.56)"
    assert column(table, 4) == [result, "Down"]
    bars = block(message, "data_visualization")["chart"]["series"][0]["data"]
    assert [bar["label"] for bar in bars] == ["Claude", "Vertex AI"]


def test_a_forecast_of_days_to_come_says_nothing_of_so_far():
    """Of a month not begun nothing is billed; of one that is over nothing is left to forecast."""
    ahead = {"currency": "USD", "actual": "0", "rest": "74084", "total": "74084", "actual_through": None}
    message = drawn(
        Question(kind="forecast", period=period("2026-12-01", "2027-01-01")),
        Answer(forecast=ahead),
    )
    assert "so far" not in message.text
    assert column(block(message, "data_table"), 0) == ["Total", "Low estimate", "High estimate"]
    synced = datetime(2026, 11, 22, tzinfo=UTC)
    past = Answer(
        forecast={"currency": "USD", "actual": "5386", "rest": "0", "total": "5386", "actual_through": "2026-10-31"},
        as_of=(Freshness(source="openai", synced=synced, data_through=date(2026, 11, 22)),),
    )
    message = drawn(Question(kind="forecast", period=period("2026-10-01", "2026-11-01")), past)
    assert message.text.startswith("$5,386 in total, October 2026. The period is over")
    assert not block(message, "data_table")


def test_a_forecast_by_service_tells_the_rest_and_the_whole():
    """Parts that got no forecast of their own are a row, and it is said that forecasts do not add up."""
    part = {"key": {"ServiceName": "EC2"}, "currency": "USD", "actual": "6119", "total": "9360"}
    whole = {"currency": "USD", "actual": "49807", "rest": "23486", "total": "73293", "parts": [part]}
    message = drawn(Question(kind="forecast", period=NOVEMBER, by=("ServiceName",)), Answer(forecast=whole))
    rows = [[cell["text"] for cell in row][:3] for row in block(message, "data_table")["rows"][1:]]
    assert rows == [["EC2", "$6,119", "$9,360"], ["Other", "$43,688", "–"], ["Total", "$49,807", "$73,293"]]
    assert "Each row is forecast separately" in small_type(message)


def test_columns_of_savings_and_of_values_are_rounded_alike():
    """No cents beside thousands, and what is shown of the parts adds up to what is shown of the whole."""
    saved = {"currency": "USD", "negotiated": "329.56", "credits": "2012.94", "total": "2342.50", "unknown": {}}
    message = drawn(Question(kind="savings", period=NOVEMBER), Answer(values=(saved,)))
    assert column(block(message, "data_table"), 1) == ["$330", "$2,013", "$2,343"]
    values = tuple({"value": name, "amount": item, "currency": "USD"} for name, item in (("a", "1026"), ("", "989.47")))
    message = drawn(Question(kind="values", period=NOVEMBER, by=("RegionId",)), Answer(values=values))
    assert column(block(message, "data_table"), 1) == ["$1,026", "$989"]
    assert message.text.startswith("1 region ")  # what names none is no region


def test_the_largest_credit_is_named_first():
    """Of amounts below zero the most is the lowest."""
    amounts = {"Cloud Run": "-18", "EC2": "-2000", "Vertex AI": "-1492"}
    result = tuple(
        Line(key={"ServiceName": name}, currency="USD", amount=Decimal(amount)) for name, amount in amounts.items()
    )
    answer = Answer(totals=(Total(currency="USD", amount=Decimal(-3510)),), lines=result)
    question = Question(period=NOVEMBER, by=("ServiceName",), charges="credits")
    assert "Largest: EC2 -$2,000, Vertex AI -$1,492 and Cloud Run -$18." in headline(question, answer)


def test_movers_move_in_the_sentence_by_what_they_move_in_the_table():
    """$4,487 less $2,057 is $2,430 in both, though the exact change is nearer to $2,431."""
    result = (
        Line(key={"ServiceName": "SageMaker"}, currency="USD", amount=Decimal("4487.39"), against=Decimal("2056.53")),
        Line(key={"ServiceName": "Bedrock"}, currency="USD", amount=Decimal(1160), against=Decimal(102)),
    )
    totals = (Total(currency="USD", amount=Decimal("5647.39"), against=Decimal("2158.53")),)
    question = Question(period=NOVEMBER, against=OCTOBER, by=("ServiceName",), order="change")
    message = drawn(question, Answer(totals=totals, lines=result))
    assert "Biggest changes: SageMaker +$2,430 and Bedrock +$1,058." in message.text
    assert column(block(message, "data_table"), 3)[0].startswith("+$2,430")


def test_what_several_sources_lack_is_said_once():
    """One warning for four sources, and no buttons that lead from nothing to nothing."""
    lacking = tuple(Gap(name, NoDataBefore(date(2025, 10, 1))) for name in ("aws", "openai"))
    message = drawn(Question(period=period("2019-01-01", "2020-01-01")), Answer(gaps=lacking))
    assert message.text.startswith("No data for 2019. AWS and OpenAI: no data before 1 Oct 2025.\n")
    assert small_type(message).count("no data before") == 1
    names = {element["text"]["text"] for element in message.blocks[-1]["elements"] if "text" in element}
    assert names == {"CSV", "Share", "Change…"}


def test_days_that_are_no_like_days_are_called_so():
    """A Saturday against a Friday is cheaper everywhere, and whoever reads the change should know."""
    question = Question(period=period("2026-11-21", "2026-11-22"), against=period("2026-11-20", "2026-11-21"))
    answer = Answer(totals=(Total(currency="USD", amount=Decimal(1791), against=Decimal(2499)),))
    assert "Compares a Saturday with a Friday." in small_type(drawn(question, answer))


def test_a_long_fallback_keeps_the_total():
    """Where blocks are not shown, rows are left out of the middle and never the sum at the end."""
    result = tuple(Line(key={"ServiceName": f"s{at}"}, currency="USD", amount=Decimal(100 - at)) for at in range(40))
    answer = Answer(totals=(Total(currency="USD", amount=Decimal(3220)),), lines=result)
    text = drawn(Question(period=NOVEMBER, by=("ServiceName",)), answer).text.splitlines()
    assert text[-3:-1] == ["… 26 more rows", "Total: $3,220, 100%"]


@pytest.mark.parametrize(
    ("spent", "forecast", "words"),
    [
        ("50", "90", "The budget is not exceeded, and is not forecast to be."),
        ("50", "120", "The budget is not exceeded yet. Forecast to exceed: ai ($120.00 of $100.00)."),
        ("110", "120", "Exceeded: ai ($110.00 of $100.00)."),
    ],
)
def test_budgets_begin_with_the_verdict(spent, forecast, words):
    """Whoever asks whether they are over budget reads that first."""
    found = {"name": "ai", "spent": spent, "forecast": forecast, "limit": "100", "share": "0.5", "currency": "USD"}
    assert headline(Question(kind="budgets", period=NOVEMBER), Answer(budgets=(found,))).startswith(words)


def test_what_is_partial_is_no_good_news():
    """While a source is missing, nobody is told that a budget is within."""
    found = {"name": "ai", "spent": "50", "forecast": "90", "limit": "100", "missing": ["aws"], "currency": "USD"}
    result = headline(Question(kind="budgets", period=NOVEMBER), Answer(budgets=(found,)))
    assert result.startswith("The budget is not known to be exceeded. Used: ai")


def test_charts_name_services_and_resources_as_everybody_does():
    """Twenty characters are room for the name that people use, and for the end that tells two apart."""
    names = [
        "Amazon Relational Database Service",
        "//compute.googleapis.com/projects/p/instances/train-l4",
        "claude_code_key_user_amara",
        "claude_code_key_user_priya",
        "Google Cloud · lumen-prod",
    ]
    result = charts.labels(names)
    assert result == ["Amazon RDS", "train-l4", "claude_co…user_amara", "claude_co…user_priya", "Google… · lumen-prod"]


def test_pairs_that_hardly_ever_meet_are_bars_of_their_own():
    """Accounts of one provider each are no grid of zeros."""
    pairs = [
        ("AWS", "prod"),
        ("AWS", "data"),
        ("OpenAI", "chat"),
        ("Anthropic", "code"),
        ("Google", "ml"),
        ("Google", "bq"),
    ]
    result = tuple(
        Line(key={"ServiceProviderName": first, "SubAccountName": second}, currency="USD", amount=Decimal(10 - at))
        for at, (first, second) in enumerate(pairs)
    )
    answer = Answer(totals=(Total(currency="USD", amount=Decimal(45)),), lines=result)
    question = Question(period=NOVEMBER, by=("ServiceProviderName", "SubAccountName"))
    chart = block(drawn(question, answer), "data_visualization")["chart"]
    assert [[item["label"] for item in one["data"]] for one in chart["series"]] == [
        [" · ".join(pair) for pair in pairs]
    ]


def test_what_moved_most_is_not_dwarfed_by_the_rest():
    """Other stands in the table alone, and the small type says so."""
    result = (
        Line(key={"ServiceName": "Claude"}, currency="USD", amount=Decimal(727), against=Decimal(347)),
        Line(key={"ServiceName": "Bedrock"}, currency="USD", amount=Decimal(383), against=Decimal(315)),
        Line(key={"ServiceName": None}, currency="USD", amount=Decimal(14000), against=Decimal(13900), other=True),
    )
    totals = (Total(currency="USD", amount=Decimal(15110), against=Decimal(14562)),)
    question = Question(period=NOVEMBER, against=OCTOBER, by=("ServiceName",), order="change")
    message = drawn(question, Answer(totals=totals, lines=result))
    axis = block(message, "data_visualization")["chart"]["axis_config"]["categories"]
    assert axis == ["Claude", "Bedrock"]
    assert column(block(message, "data_table"), 0) == ["Claude", "Bedrock", "Other", "Total"]
    assert "The chart leaves out Other" in small_type(message)


def test_a_month_under_way_is_named_by_its_days():
    """November so far is no November beside ten whole months."""
    assert render.step(date(2026, 11, 1), "month", date(2026, 11, 23)) == "1–22 Nov 2026"
    assert render.step(date(2026, 10, 1), "month", date(2026, 11, 23)) == "Oct 2026"
    assert render.step(date(2026, 10, 1), "quarter", date(2026, 11, 23)) == "1 Oct–22 Nov 2026"


def test_a_quarter_or_year_under_way_is_compared_like_for_like():
    """The button says what people say, and takes the same days of the quarter or year before."""
    assert followups.previous(period("2026-10-01", "2026-11-23")) == (
        period("2026-07-01", "2026-08-23"),
        "vs last quarter",
    )
    assert followups.previous(period("2026-01-01", "2026-11-23")) == (
        period("2025-01-01", "2025-11-23"),
        "vs last year",
    )


def test_two_providers_are_an_and():
    """What is spent on both is spent on both."""
    both = Filter(dimension="ServiceProviderName", values=("OpenAI", "Anthropic"))
    without = both.model_copy(update={"exclude": True})
    assert render.subject(Question(where=(both,))) == "on OpenAI and Anthropic"
    assert render.subject(Question(where=(without,))) == "without OpenAI or Anthropic"


def test_provisional_is_a_heading_others_can_tell():
    """The digest, which says it of its own days, leaves out the line that begins with it."""
    synced = datetime(2026, 11, 22, tzinfo=UTC)
    fresh = Freshness(source="aws", synced=synced, data_through=date(2026, 11, 22), final_through=date(2026, 10, 31))
    result = text.basis(Question(period=NOVEMBER), CostAnswer(as_of=(fresh,)))
    assert result[-1].startswith(text.PROVISIONAL)
