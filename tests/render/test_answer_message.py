"""What an answer looks like: drawn from values alone, whatever they are."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import Answer, typed

from bot import render
from bot.blockkit.degrade import degrade
from bot.blockkit.validate import check_message, check_view
from bot.domain.answers import Converted, Gap, Line, Point, Requests, Total
from bot.domain.answers.gaps import NoDataAfter, NotComparable
from bot.domain.answers.notes import ViewMissing
from bot.domain.feed import Freshness
from bot.domain.money import apportioned, rounded
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter, Quantity, Question
from bot.render.slack import answer_message, charts, followups, plain_message, tables
from bot.slack.modals import answer_forms, edit_question

NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 10, 23))
EVIL = "<!channel> *x* & <@U1> `y` :boom:"


@dataclass(frozen=True)
class Said:
    """A reply."""

    question: Question
    answer: Answer
    read_as: str = "as read"
    alternatives: tuple = ()

    @property
    def text(self):
        """The headline."""
        return render.headline(self.question, self.answer)


@dataclass(frozen=True)
class Other:
    """Another reading."""

    label: str
    question: Question


def drawn(question, answer, **more):
    """The message, which must be sound at every step of degrading."""
    message = answer_message.draw(Said(question, typed(question, answer), **more))
    plainer = message
    while plainer is not None:
        payload = {"text": plainer.text, **({"blocks": plainer.blocks} if plainer.blocks else {})}
        assert not check_message(payload)
        plainer = degrade(plainer)
    return message


def block(message, kind):
    """The block of a kind, or None."""
    return next((item for item in message.blocks if item["type"] == kind), None)


def column(table, at):
    """A column's texts below its header."""
    return [row[at]["text"] for row in table["rows"][1:]]


def small_type(message):
    """Everything in small type."""
    found = [item["elements"] for item in message.blocks if item["type"] == "context"]
    return "\n".join(element["text"] for elements in found for element in elements)


def lines(*amounts, against=None, currency="USD"):
    """Lines by service, and their total."""
    made = [
        Line(key={"ServiceName": f"Service {at}"}, currency=currency, amount=Decimal(amount), against=against)
        for at, amount in enumerate(amounts)
    ]
    total = Total(
        currency=currency,
        amount=sum((item.amount for item in made), Decimal(0)),
        against=None if against is None else against * len(made),
    )
    return Answer(lines=tuple(made), totals=(total,))


def headline(message):
    """The first block's text, what is bold in it between asterisks."""
    runs = message.blocks[0]["elements"][0]["elements"]
    return "".join(f"*{run['text']}*" if run.get("style", {}).get("bold") else run["text"] for run in runs)


def test_answer_is_number_reading_chart_table_basis_and_buttons():
    """An answer reads: number, reading, one chart, one table, basis, then buttons that lead on."""
    message = drawn(Question(period=NOVEMBER, by=("ServiceName",)), lines("815.86", "1087.19"))
    kinds = [item["type"] for item in message.blocks]
    assert kinds[:4] == ["rich_text", "context", "data_visualization", "data_table"]
    assert kinds[-2:] == ["actions", "actions"]
    assert headline(message).startswith("*$1,903* in total")


def test_no_row_is_bent_for_the_total_and_what_rounding_leaves_over_is_a_row():
    """333.40 is $333 wherever it is shown, the total is its own, and the rows add up to it through "Rounding"."""
    message = drawn(Question(period=NOVEMBER, by=("ServiceName",)), lines("333.4", "333.4", "333.4", "0", "999.8"))
    table = block(message, "data_table")
    assert column(table, 1) == ["$333", "$333", "$333", "$0", "$1,000", "$1", "$2,000"]
    assert column(table, 0)[-2:] == ["Rounding", "Total"]
    even = drawn(Question(period=NOVEMBER, by=("ServiceName",)), lines("333", "1667"))
    assert "Rounding" not in json.dumps(even.blocks)


def test_what_rounding_leaves_over_goes_to_other():
    """With a line for the rest, the column adds up as shown, and no other row is bent."""
    answer = lines("333.4", "333.4", "333.4")
    rest = Line(key={"ServiceName": None}, other=True, currency="USD", amount=Decimal("999.8"))
    answer = answer.model_copy(
        update={"lines": (*answer.lines, rest), "totals": (Total(currency="USD", amount=Decimal(2000)),)}
    )
    message = drawn(Question(period=NOVEMBER, by=("ServiceName",), top=3), answer)
    assert column(block(message, "data_table"), 1) == ["$333", "$333", "$333", "$1,001", "$2,000"]


def test_small_lines_are_never_shown_as_nothing():
    """A cost that rounds to zero is drawn as less than the smallest step."""
    table = block(drawn(Question(period=NOVEMBER, by=("ServiceName",)), lines("5000", "0.2")), "data_table")
    assert column(table, 1)[1] == "<$1"


def test_lines_beyond_a_hundred_are_added_up():
    """A long breakdown ends in an Other row that holds the rest, and a total."""
    table = block(drawn(Question(period=NOVEMBER, by=("ServiceName",)), lines(*["1"] * 500)), "data_table")
    assert len(table["rows"]) == 1 + 100 + 1
    assert column(table, 0)[-2:] == ["Other (401 more)", "Total"]
    assert column(table, 1)[-2:] == ["$401.00", "$500.00"]


def test_what_top_cut_off_is_a_row():
    """The last line of a top N is drawn as Other, in table and chart."""
    answer = lines("10", "20")
    rest = Line(key={"ServiceName": None}, other=True, currency="USD", amount=Decimal(5))
    answer = answer.model_copy(
        update={"lines": (*answer.lines, rest), "totals": (Total(currency="USD", amount=Decimal(35)),)}
    )
    message = drawn(Question(period=NOVEMBER, by=("ServiceName",), top=2), answer)
    assert column(block(message, "data_table"), 0) == ["Service 0", "Service 1", "Other", "Total"]
    assert block(message, "data_visualization")["chart"]["axis_config"]["categories"][-1] == "Other"


def test_comparison_names_both_periods_and_never_infinity():
    """A comparison has both periods and a change; from nothing is new, to nothing is gone."""
    found = lines("120", "0", against=Decimal(100))
    new = Line(key={"ServiceName": "New"}, currency="USD", amount=Decimal(7), against=Decimal(0))
    answer = found.model_copy(
        update={
            "lines": (*found.lines, new),
            "totals": (Total(currency="USD", amount=Decimal(127), against=Decimal(200)),),
        }
    )
    message = drawn(Question(period=NOVEMBER, against=OCTOBER, by=("ServiceName",)), answer)
    table = block(message, "data_table")
    assert [cell["text"] for cell in table["rows"][0]] == ["Service", "1–22 Nov", "1–22 Oct", "Change"]
    assert column(table, 3) == ["+$20.00 (+20%)", "-$100.00 (gone)", "+$7.00 (new)", "-$73.00 (-37%)"]
    assert "nfinity" not in json.dumps(message.blocks)
    assert "down 37% (-$73.00) compared with 1–22 Oct" in message.text


def test_comparison_of_unequal_periods_says_so():
    """Thirty-one days against thirty are named as such."""
    question = Question(
        period=Period(start=date(2026, 10, 1), end=date(2026, 11, 1)),
        against=Period(start=date(2026, 9, 1), end=date(2026, 10, 1)),
    )
    assert "Compares 31 days with 30." in small_type(drawn(question, lines("1", against=Decimal(1))))


def test_zero_and_no_data_are_told_apart():
    """A known zero is $0.00; where nothing is known, no number stands, and the gap says why."""
    zero = drawn(Question(period=NOVEMBER), Answer(totals=(Total(currency="USD", amount=Decimal(0)),)))
    assert "$0.00" in zero.text
    gap = Gap("gcp", NoDataAfter(date(2026, 11, 19), within=True))
    none = drawn(Question(period=NOVEMBER), Answer(gaps=(gap,)))
    assert none.text.startswith("No data")
    assert "$" not in none.text
    assert "⚠️ Google Cloud: no data since 19 Nov 2026. The newest days are missing from this answer." in small_type(
        none
    )


def test_several_currencies_are_never_added_up():
    """Each currency has its own figure, rows and total; the chart says which it shows."""
    found = lines("10", "20")
    euros = lines("5", "6", currency="EUR")
    answer = Answer(lines=(*found.lines, *euros.lines), totals=(*found.totals, *euros.totals))
    message = drawn(Question(period=NOVEMBER, by=("ServiceName",)), answer)
    assert "*$30.00* and €11.00" in headline(message)
    assert column(block(message, "data_table"), 1)[-2:] == ["$30.00", "€11.00"]
    assert "The chart shows USD only." in small_type(message)


def test_quantities_carry_their_unit():
    """Tokens are drawn as tokens, short in words and in full in the table."""
    amounts = (Decimal(12_345_678), Decimal(1_000_000))
    answer = Answer(
        lines=tuple(Line(key={"x_Model": f"m{at}"}, unit="Tokens", amount=one) for at, one in enumerate(amounts)),
        totals=(Total(unit="Tokens", amount=sum(amounts, Decimal(0))),),
    )
    message = drawn(Question(period=NOVEMBER, metric="ConsumedQuantity", by=("x_Model",)), answer)
    assert message.text.startswith("13.3M tokens")
    assert column(block(message, "data_table"), 1) == [
        "12,345,678 tokens",
        "1,000,000 tokens",
        "13,345,678 tokens",
    ]


def test_credits_are_negative():
    """A credit is drawn with its minus sign, in words and table."""
    answer = Answer(totals=(Total(currency="USD", amount=Decimal(-1200)),))
    assert drawn(Question(period=NOVEMBER, charges="credits"), answer).text.startswith("-$1,200")


def series(days, **more):
    """A daily series and its total."""
    points = [
        Point(start=date(2026, 1, 1) + timedelta(at), key={}, currency="USD", amount=Decimal(at + 1))
        for at in range(days)
    ]
    period = Period(start=points[0].start, end=points[-1].start + timedelta(1))
    total = Total(currency="USD", amount=sum((point.amount for point in points), Decimal(0)))
    return Question(period=period, grain="day"), Answer(series=tuple(points), totals=(total,), **more)


@pytest.mark.parametrize(("days", "points"), [(7, 7), (20, 20), (30, 15), (90, 18), (365, 20)])
def test_long_series_are_thinned_out_and_it_is_said(days, points):
    """A chart has at most 20 points; where each is an average of several days, small type says so."""
    message = drawn(*series(days))
    chart = block(message, "data_visualization")["chart"]
    assert len(chart["axis_config"]["categories"]) == points
    assert ("average of" in small_type(message)) == (points < days)


def test_last_days_that_nobody_told_of_are_no_zeros():
    """A series ends with the last day a source has told of: what is not known is not drawn as zero."""
    question, answer = series(7)
    empty = [item.model_copy(update={"amount": Decimal(0)}) for item in answer.series[5:]]
    result = Freshness(source="aws", synced=datetime(2026, 1, 6, tzinfo=UTC), data_through=date(2026, 1, 5))
    answer = answer.model_copy(update={"series": (*answer.series[:5], *empty), "as_of": (result,)})
    message = drawn(question, answer)
    assert column(block(message, "data_table"), 0) == ["1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan", "Total"]


def test_series_by_value_has_a_column_each_and_adds_up():
    """Values of a series stand side by side, the small ones as Other, with a sum a day."""
    points = tuple(
        Point(start=date(2026, 11, day), key={"ServiceName": f"S{at}"}, currency="USD", amount=Decimal(at))
        for day in (1, 2)
        for at in range(9)
    )
    answer = Answer(series=points, totals=(Total(currency="USD", amount=Decimal(72)),))
    table = block(drawn(Question(period=NOVEMBER, grain="day", by=("ServiceName",)), answer), "data_table")
    assert [cell["text"] for cell in table["rows"][0]] == ["Day", "S8", "S7", "S6", "S5", "Other", "Total"]
    assert column(table, 6) == ["$36.00", "$36.00", "$72.00"]


def test_two_dimensions_are_bars_side_by_side():
    """Two dimensions cross: the first along the axis, the second as series."""
    found = tuple(
        Line(key={"ServiceName": f"S{a}", "RegionId": f"r{b}"}, currency="USD", amount=Decimal(a + b + 1))
        for a in range(3)
        for b in range(2)
    )
    answer = Answer(lines=found, totals=(Total(currency="USD", amount=Decimal(15)),))
    message = drawn(Question(period=NOVEMBER, by=("ServiceName", "RegionId")), answer)
    chart = block(message, "data_visualization")["chart"]
    assert [item["name"] for item in chart["series"]] == ["r1", "r0"]
    assert block(message, "data_table")["rows"][0][1]["text"] == "Region"


def test_labels_of_charts_stay_apart():
    """Names that are the same in their first twenty characters are told apart; vendors' prefixes go first."""
    names = ["Amazon Elastic Compute Cloud - Compute", "Amazon Elastic Compute Cloud - Other", "Amazon S3", ""]
    short = charts.labels(names)
    assert len(set(short)) == 4
    assert all(1 <= len(item) <= 20 for item in short)
    assert short[2] == "Amazon S3"


def test_drivers_of_a_change_are_drawn():
    """Why: each driver with its change, both amounts and what happened."""
    drivers = (
        {
            "key": {"ServiceName": "Amazon Bedrock"},
            "currency": "USD",
            "kind": "new",
            "amount": "300",
            "against": "0",
            "change": "300",
            "since": "2026-11-17",
            "note": "",
        },
        {"key": {"ServiceName": "Amazon EC2"}, "currency": "USD", "kind": "volume", "change": "-20"},
    )
    text = "$280.00 more, all of it Amazon Bedrock since Tuesday 17 Nov, which is new"
    answer = lines("1", against=Decimal(1)).model_copy(update={"drivers": drivers})
    message = drawn(Question(kind="explain", period=NOVEMBER, against=OCTOBER), answer)
    table = block(message, "data_table")
    assert column(table, 1) == ["+$300.00", "-$20.00"]
    assert column(table, 4) == ["New since 17 Nov", "Usage"]
    assert message.text.startswith(f"{text}. $1.00 in total")


def test_forecasts_anomalies_budgets_values_and_prices_are_drawn():
    """Each kind has its headline and table; keys that are absent leave a dash."""
    month = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
    forecast = {"currency": "USD", "total": "16400", "low": "15900", "high": "17000", "actual": "12304", "level": "0.8"}
    result = drawn(Question(kind="forecast", period=month), Answer(forecast=forecast))
    assert (
        "About $16,400 (80% likely between $15,900 and $17,000) in total, November 2026, $12,304 so far" in result.text
    )
    added = {**forecast, "actual": "12304.4", "rest": "4095.4", "total": "16399.8"}
    result = drawn(Question(kind="forecast", period=month), Answer(forecast=added))
    assert column(block(result, "data_table"), 1)[:3] == ["$12,304", "$4,096", "$16,400"]
    parts = [{"key": {"ServiceProviderName": "AWS"}, "currency": "USD", "actual": "5", "total": "7", "low": None}]
    result = drawn(
        Question(kind="forecast", period=month, by=("ServiceProviderName",)),
        Answer(forecast={**forecast, "parts": parts}),
    )
    assert [cell["text"] for cell in block(result, "data_table")["rows"][1]] == ["AWS", "$5", "$7", "$7", "$7"]
    anomaly = {
        "key": {"ServiceName": "SageMaker"},
        "currency": "USD",
        "kind": "spike",
        "start": "2026-11-17",
        "end": "2026-11-20",
        "ongoing": False,
        "amount": "900",
        "expected": "60",
        "change": "840",
        "per_month": "25200",
        "total": "2700",
    }
    result = drawn(Question(kind="anomalies", period=NOVEMBER), Answer(anomalies=(anomaly,)))
    row = [cell["text"] for cell in block(result, "data_table")["rows"][1]]
    assert row == ["SageMaker", "Spike 17–19 Nov", "$900.00", "$60.00", "+$2,520", "–"]
    assert "SageMaker $840.00 a day more than usual (17–19 Nov)" in result.text
    budget = {"name": "AWS", "limit": "1000", "spent": "870", "share": "0.87", "currency": "EUR"}
    result = drawn(Question(kind="budgets", period=NOVEMBER), Answer(budgets=(budget,)))
    assert "The budget is not exceeded. Used: AWS 87% (€870.00 of €1,000)" in result.text
    values = ({"value": "core", "amount": "3", "currency": "USD"}, {"value": ""})
    result = drawn(Question(kind="values", by=("Tags/team",), period=NOVEMBER), Answer(values=values))
    assert column(block(result, "data_table"), 0) == ["core", "(no team)"]
    price = {
        "what": {"x_Model": "gpt-5", "x_TokenType": "input"},
        "kind": "list",
        "amount": "1.25",
        "currency": "USD",
        "per": 1_000_000,
        "unit": "Tokens",
        "source": "genai-prices",
        "as_of": "2026-11-22",
    }
    result = drawn(Question(kind="price"), Answer(values=(price,)))
    assert "List price of gpt-5: input $1.25 per million tokens" in result.text
    assert column(block(result, "data_table"), 3) == ["List price, genai-prices, 22 Nov 2026"]
    asked = Quantity(amount=Decimal(10_000_000), unit="Tokens")
    quote = {**price, "quantity": "10000000", "total": "12.5", "note": EVIL}
    result = drawn(Question(kind="price", quantities=(asked,)), Answer(values=(quote,)))
    assert "10,000,000 tokens of gpt-5: input $12.50 at list price." in result.text
    row = [cell["text"] for cell in block(result, "data_table")["rows"][1]]
    assert row[:3] == ["gpt-5 · input", "$12.50", "$1.25 per million tokens"]
    nothing = drawn(Question(kind="price", quantities=(asked,)), Answer())
    assert "No price of 10,000,000 tokens is known for that." in nothing.text
    saved = {"currency": "USD", "commitments": "280", "unused": "-20", "total": "280", "utilisation": "0.93"}
    result = drawn(
        Question(kind="savings", period=NOVEMBER),
        Answer(values=({**saved, "unknown": {"discounts": ["aws", "emea"]}},)),
    )
    assert result.text.startswith("At least $280.00 saved in total, 1–22 Nov 2026.")
    assert column(block(result, "data_table"), 1) == ["$280.00", "-$20.00", "$280.00", "93%"]
    assert "No forecast" in drawn(Question(kind="forecast", period=month), Answer()).text
    for kind in ("anomalies", "budgets", "values", "price", "freshness", "savings", "unsupported", "help"):
        assert drawn(Question(kind=kind, period=NOVEMBER), Answer()).text


def test_freshness_and_what_may_change_stand_in_small_type():
    """Small type says through which day each source is; from when on figures may be restated, the plain text too."""
    result = tuple(
        Freshness(
            source=name,
            synced=datetime(2026, 11, 22, 8, tzinfo=UTC),
            data_through=date(2026, 11, day),
            final_through=date(2026, 10, 31),
        )
        for name, day in (("aws", 21), ("gcp", 20), ("openai", 21))
    )
    answer = lines("1").model_copy(update={"as_of": result, "requests": Requests(made=1, cost=Decimal("0.01"))})
    message = drawn(Question(period=NOVEMBER), answer)
    small = small_type(message)
    assert "Provisional, may still be restated: AWS, Google Cloud and OpenAI after 31 Oct." in message.text.splitlines()
    assert "Data: AWS and OpenAI through 21 Nov; Google Cloud through 20 Nov. Days are UTC." in small
    assert "Provisional, may still be restated: AWS, Google Cloud and OpenAI after 31 Oct." in small
    assert "This answer made 1 paid request ($0.01)." in small


def test_conversion_names_rate_and_date():
    """A converted total stands beside the billed one with its rate's date and source."""
    converted = Converted(currency="EUR", amount=Decimal("9.2"), rate_date=date(2026, 11, 20), source="ECB")
    total = Total(currency="USD", amount=Decimal(10), converted=converted)
    message = drawn(Question(period=NOVEMBER), Answer(totals=(total,)))
    assert "$10.00" in message.text
    assert "Converted at the rate of 20 Nov 2026 (ECB)." in small_type(message)
    assert "€9.20 ($10.00 as billed)" in message.text


def test_other_readings_are_buttons():
    """Where the words may mean something else, the other reading is a button that asks it."""
    other = Question(period=OCTOBER)
    message = drawn(Question(period=NOVEMBER), lines("1"), alternatives=(Other("October", other),))
    pressed = [
        element
        for item in message.blocks
        if item["type"] == "actions"
        for element in item["elements"]
        if element["action_id"] == "ask:alternative:0"
    ]
    assert Question.model_validate(json.loads(pressed[0]["value"])["q"]) == other


def test_questions_too_long_for_a_button_are_kept():
    """A question that a button cannot carry is kept under a key of its own, the same every time."""
    where = (Filter(dimension="ResourceId", values=tuple(f"arn:aws:{at:0200}" for at in range(20))),)
    question = Question(period=NOVEMBER, where=where)
    kept = {}
    value = json.loads(followups.carried(question, kept))
    assert Question.model_validate(kept[value["k"]]) == question
    assert followups.key_of(question) == value["k"]


@pytest.mark.parametrize(
    ("period", "before", "words"),
    [
        (NOVEMBER, OCTOBER, "vs last month"),
        (
            Period(start=date(2026, 3, 1), end=date(2026, 3, 31)),
            Period(start=date(2026, 2, 1), end=date(2026, 3, 1)),
            "vs last month",
        ),
        (
            Period(start=date(2026, 1, 1), end=date(2026, 2, 1)),
            Period(start=date(2025, 12, 1), end=date(2026, 1, 1)),
            "vs month before",
        ),
        (
            Period(start=date(2026, 11, 15), end=date(2026, 11, 22)),
            Period(start=date(2026, 11, 8), end=date(2026, 11, 15)),
            "vs 7 days before",
        ),
    ],
)
def test_comparisons_that_buttons_offer_are_like_for_like(period, before, words):
    """A month under way is compared with the same days, a whole month with a whole one, days with days."""
    assert followups.previous(period) == (before, words)


def test_what_vendors_and_people_write_does_no_harm():
    """No name, text or note of others can mention, link or mark anything up."""
    gap = Gap(EVIL, NotComparable(EVIL, EVIL))
    answer = Answer(
        lines=(Line(key={"ServiceName": EVIL}, currency="USD", amount=Decimal(1)),) * 2,
        totals=(Total(currency="USD", amount=Decimal(2)),),
        gaps=(gap,),
        notes=(ViewMissing(EVIL, EVIL, EVIL),),
    )
    question = Question(period=NOVEMBER, by=("ServiceName",), where=(Filter(dimension="ServiceName", values=(EVIL,)),))
    message = drawn(question, answer, read_as=EVIL, alternatives=(Other(EVIL, question),))
    assert "<!channel>" not in message.text
    for item in message.blocks:
        for text in [item.get("text"), *(item.get("elements") or [])]:
            if isinstance(text, dict) and text.get("type") == "mrkdwn":
                assert "<!" not in text["text"]
    assert not check_message({"text": "x", "blocks": plain_message.sentence(EVIL, EVIL, [EVIL]).blocks})


AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, places=10) | st.sampled_from([Decimal(0), Decimal("1e-15")])
NAMES = st.text(max_size=90) | st.sampled_from(["", EVIL, "Amazon Simple Storage Service", "x" * 300])
MEASURES = st.sampled_from([("USD", None), ("EUR", None), ("JPY", None), ("CHF", None), (None, "Tokens"), (None, "")])


@st.composite
def answers(draw):
    """Any question with any answer of its shape."""
    start = draw(st.dates(date(2024, 1, 1), date(2026, 11, 1)))
    period = Period(start=start, end=start + timedelta(draw(st.integers(1, 400))))
    against = draw(st.none() | st.just(followups.previous(period)[0]))
    by = tuple(draw(st.lists(st.sampled_from([*DIMENSIONS, "Tags/team"]), max_size=2, unique=True)))
    grain = draw(st.sampled_from([None, None, "day", "week", "month"]))
    question = Question(
        kind=draw(st.sampled_from(["cost", "cost", "savings", "explain", "values"])),
        period=period,
        against=against,
        by=by,
        grain=grain,
        charges=draw(st.sampled_from(["net", "gross", "credits", "tax"])),
        where=tuple(
            Filter(dimension=name, values=(draw(NAMES),), exclude=draw(st.booleans()))
            for name in draw(st.lists(st.sampled_from(DIMENSIONS), max_size=2))
        ),
    )
    figures = []
    for at in range(draw(st.integers(0, 30))):
        currency, unit = draw(MEASURES)
        key = {name: draw(NAMES) for name in by}
        before = draw(AMOUNTS) if against else None
        figures.append((key, currency, unit, draw(AMOUNTS), before, at))
    kept = {"currency": currency, "unit": unit} if figures else {}
    found = [
        Line(key=key, currency=money, unit=unit, amount=now, against=before)
        for key, money, unit, now, before, _ in figures
        if by
    ]
    points = [
        Point(start=item, key=key, **kept, amount=now)
        for item in (period.edges(grain)[:-1] if grain else [])
        for key, _, _, now, _, _ in figures[:3]
    ]
    totals = [
        Total(currency=money, unit=unit, amount=now, against=before) for _, money, unit, now, before, _ in figures[:3]
    ]
    drivers = tuple({"key": key, "change": f"{now:f}", "currency": "USD"} for key, _, _, now, _, _ in figures)
    values = tuple({"value": draw(NAMES), "amount": f"{now:f}"} for _, _, _, now, _, _ in figures)
    return question, Answer(
        lines=tuple(found),
        series=tuple(points),
        totals=tuple(totals),
        drivers=drivers,
        values=values,
        notes=tuple(ViewMissing("aws", name, name) for name in draw(st.lists(NAMES, max_size=3))),
    )


class Kept:
    """A memory that forgets with the test."""

    def __init__(self):
        self.told = {}

    def put(self, kind, key, value):
        """Keeps it."""
        self.told[kind, key] = value

    def get(self, kind, key):
        """What was kept."""
        return self.told.get((kind, key))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers())
def test_whatever_the_answer_slack_would_take_it(given_answer):
    """For any question and answer the message, each plainer step and every modal pass the strict checker."""
    question, answer = given_answer[0], typed(*given_answer)
    drawn(question, answer, read_as="as read\n" * 3)
    memory = Kept()
    assert not check_view(edit_question.view(question, memory, ["team"], "{}"))
    assert not check_view(answer_forms.computed(Said(question, answer)))
    assert not check_view(answer_forms.report(render.headline(question, answer), "{}"))


@settings(max_examples=100, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=40), st.integers(0, 4))
def test_apportioned_amounts_add_up_and_move_less_than_a_step(amounts, digits):
    """Rounded parts add up to the rounded whole, none moves by a step, and zeros stay."""
    parts = apportioned(amounts, digits)
    assert sum(parts) == rounded(sum(amounts, Decimal(0)), digits)
    step = Decimal(1).scaleb(-digits)
    assert all(abs(part - amount) < step for part, amount in zip(parts, amounts, strict=True))
    assert all(part == 0 for part, amount in zip(parts, amounts, strict=True) if amount == 0)


def test_tables_keep_to_slacks_budget():
    """A table of long names is folded until it fits, and still adds up."""
    found = tuple(
        Line(key={"ServiceName": "n" * 300, "RegionId": "r" * 300}, currency="USD", amount=Decimal(1))
        for _ in range(300)
    )
    answer = Answer(lines=found, totals=(Total(currency="USD", amount=Decimal(300)),))
    question = Question(period=NOVEMBER, by=("ServiceName", "RegionId"))
    rows = tables.breakdown(question, typed(question, answer))
    assert rows[-1][2]["text"] == "$300.00"
    assert sum(len(cell["text"]) for row in rows for cell in row) <= tables.MOST_CHARACTERS
