"""Why a bill changed."""

from datetime import date, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analytics.driver_dimension import choose
from bot.analytics.driver_timing import Timing
from bot.analytics.explain import Candidate, explain, leading
from bot.domain.aggregate import Cell
from bot.domain.charge import CHARGE_CATEGORIES
from bot.domain.money import from_attos
from bot.domain.period import Period
from bot.render.answer_json import driver_json
from bot.render.drivers import detail
from bot.render.explanation import headline

NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 10, 23))
DAYS = tuple(date(2026, 10, 1) + timedelta(days=n) for n in range(53))


def cell(*key, against="0", period="0", unit="USD"):
    """A cell of two amounts."""
    return Cell(key, unit, (Decimal(against), Decimal(period)))


def told(candidate, limit=8, **more):
    """November explained against October."""
    return explain(candidate, Timing(NOVEMBER, OCTOBER, **more), limit)


def dollars(amount, currency):
    """Whole dollars, as people say them."""
    return f"${amount:,.0f}" if currency == "USD" else f"{amount:,.0f} {currency}"


def sentence(explanation):
    """What it says in words."""
    return headline(explanation.change, explanation.currency, explanation.drivers, dollars)


def notes(explanation):
    """What is said of each driver."""
    return [detail(driver.detail, driver.currency) if driver.detail else "" for driver in explanation.drivers]


attos = st.integers(-(10**26), 10**26)
key = st.sampled_from([(name, category) for name in "abc" for category in CHARGE_CATEGORIES])
cells = st.lists(
    st.tuples(key, st.sampled_from(["USD", "EUR"]), attos | st.just(0), attos),
    unique_by=lambda cell: cell[:2],
    max_size=8,
)
measured = st.lists(
    st.tuples(key, st.sampled_from(["Tokens", "Hours"]), st.integers(0, 10**9), st.integers(0, 10**9)),
    unique_by=lambda cell: cell[:2],
    max_size=6,
)


def candidate_of(cells, measured):
    """Any breakdown: signs, categories, currencies and units mixed."""
    return Candidate(
        ("ServiceName", "ChargeCategory"),
        tuple(Cell(key, unit, (from_attos(before), from_attos(now))) for key, unit, before, now in cells),
        tuple(Cell(key, unit, (Decimal(before), Decimal(now))) for key, unit, before, now in measured),
    )


def exactly(values):
    """Their sum, computed apart from the program: in units of 1e-18."""
    with localcontext(prec=80):
        return sum(int(value * 10**18) for value in values)


@settings(max_examples=1000, deadline=None)
@given(cells, measured, st.integers(1, 8))
def test_drivers_add_up_to_the_change_exactly(cells, measured, limit):
    """Whatever moved, the drivers' amounts, those before and the changes each add up to the atto."""
    for item in told(candidate_of(cells, measured), limit=limit):
        mine = [(before, now) for _, unit, before, now in cells if unit == item.currency]
        before, now = (sum(amounts) for amounts in zip(*mine, strict=True))
        assert exactly(driver.change for driver in item.drivers) == now - before
        assert exactly(driver.against for driver in item.drivers) == before
        assert exactly(driver.amount for driver in item.drivers) == now
        assert all(
            exactly([driver.amount]) - exactly([driver.against]) == exactly([driver.change]) for driver in item.drivers
        )
        assert sentence(item)


def test_the_pair_that_concentrates_the_change_is_chosen_and_named():
    """A step of one service in one account is put down to the pair, with the day it began."""
    services = Candidate(
        ("ServiceName",),
        (
            cell("Amazon Bedrock", against="9000", period="12500"),
            cell("Amazon S3", against="4000", period="4300"),
            cell("Amazon EC2", against="9000", period="9410"),
        ),
    )
    accounts = Candidate(
        ("SubAccountName",),
        (
            cell("data-platform", against="8000", period="11600"),
            cell("production", against="14000", period="14610"),
        ),
    )
    pairs = Candidate(
        ("ServiceName", "SubAccountName"),
        (
            cell("Amazon Bedrock", "data-platform", against="1000", period="4494"),
            cell("Amazon Bedrock", "production", against="8000", period="8006"),
            cell("Amazon S3", "data-platform", against="2000", period="2050"),
            cell("Amazon S3", "production", against="2000", period="2250"),
            cell("Amazon EC2", "data-platform", against="5000", period="5056"),
            cell("Amazon EC2", "production", against="4000", period="4354"),
        ),
    )
    chosen = choose([services, accounts, pairs])
    assert chosen.named == ("ServiceName", "SubAccountName")
    assert leading(chosen)[0] == ("Amazon Bedrock", "data-platform")
    step = tuple(Decimal(45 if day < date(2026, 11, 17) else 629) for day in DAYS)
    daily = [Cell(("Amazon Bedrock", "data-platform"), "USD", step)]
    [only] = told(chosen, days=DAYS, daily=daily)
    assert sentence(only) == "$4,210 more, 83% of it Amazon Bedrock in data-platform since Tuesday 17 Nov"
    assert only.drivers[0].since == date(2026, 11, 17)


def test_a_dimension_that_names_one_value_never_wins():
    """Knowing that it was AWS tells nothing when everything is AWS."""
    provider = Candidate(("ServiceProviderName",), (cell("AWS", against="20", period="40"),))
    service = Candidate(
        ("ServiceName",), (cell("S3", against="10", period="30"), cell("EC2", against="10", period="10"))
    )
    assert choose([provider, service]) is service


def test_an_evenly_spread_change_prefers_the_simpler_dimension():
    """A pair that tells no more than its first half is not worth reading."""
    service = Candidate(
        ("ServiceName",), (cell("S3", against="10", period="30"), cell("EC2", against="90", period="90"))
    )
    pair = Candidate(
        ("ServiceName", "RegionId"),
        (cell("S3", "eu", against="10", period="30"), cell("EC2", "eu", against="90", period="90")),
    )
    assert choose([service, pair]) is service


def test_price_and_volume_are_told_apart():
    """Twice the tokens at a dearer price: Δq·p₀ is volume, the rest is price."""
    candidate = Candidate(
        ("x_Model",),
        (cell("gpt-5", against="100", period="300"),),
        (cell("gpt-5", against="1000000", period="2000000", unit="Tokens"),),
    )
    [only] = told(candidate)
    assert [(driver.kind, driver.change) for driver in only.drivers] == [("volume", 100), ("price", 100)]
    assert notes(only) == ["1M → 2M tokens", "+50% on 2M tokens"]


@pytest.mark.parametrize(
    ("after", "kind", "why"),
    [("200", "volume", "driven by usage"), ("100", "price", "driven by price or mix")],
)
def test_a_pure_effect_is_one_driver(after, kind, why):
    """The same price for more hours is volume alone; more for the same hours is price alone."""
    candidate = Candidate(
        ("ServiceName",),
        (cell("EC2", against="10", period="20"),),
        (cell("EC2", against="100", period=after, unit="Hours"),),
    )
    [only] = told(candidate)
    assert [driver.kind for driver in only.drivers] == [kind]
    assert sentence(only) == f"$10 more, all of it EC2, {why}"


def test_two_units_have_no_common_price():
    """Requests and gigabytes of one service are not divided into one price."""
    candidate = Candidate(
        ("ServiceName",),
        (cell("S3", against="10", period="20"),),
        (
            cell("S3", against="5", period="6", unit="GB"),
            cell("S3", against="5", period="6", unit="Requests"),
        ),
    )
    assert [driver.kind for driver in told(candidate)[0].drivers] == ["moved"]


def test_charges_that_are_no_usage_are_called_by_name():
    """Credits, purchases, refunds and tax are drivers of their own kind."""
    candidate = Candidate(
        ("ServiceName", "ChargeCategory", "ChargeFrequency"),
        (
            cell("EC2", "Usage", "Usage-Based", against="50", period="60"),
            cell("EC2", "Credit", "One-Time", against="-500", period="0"),
            cell("Savings Plans", "Purchase", "One-Time", against="0", period="400"),
            cell("EC2", "Adjustment", "One-Time", against="0", period="-30"),
            cell("Tax", "Tax", "Recurring", against="20", period="40"),
        ),
    )
    [only] = told(candidate)
    assert list(zip([driver.kind for driver in only.drivers], notes(only), strict=True)) == [
        ("credit", "credit that ended"),
        ("purchase", "one-off purchase"),
        ("credit", "refund or adjustment"),
        ("other", "tax"),
        ("moved", ""),
    ]
    assert sentence(only) == "$900 more, 56% of it credit that ended (EC2)"
    assert only.dimensions == ("ServiceName",)


def test_currencies_are_explained_apart():
    """Dollars and euros never meet in one driver; the larger change comes first."""
    candidate = Candidate(
        ("ServiceName",),
        (cell("S3", against="1", period="2"), cell("S3", against="10", period="0", unit="EUR")),
    )
    first, second = told(candidate)
    assert (first.currency, first.change, first.drivers[0].kind) == ("EUR", -10, "vanished")
    assert (second.currency, second.change) == ("USD", 1)
    assert sentence(first) == "10 EUR less, all of it S3, which is gone"


def test_what_cancels_out_is_said_from_both_sides():
    """A small change made of two large ones names both."""
    candidate = Candidate(("ServiceName",), (cell("new", period="4000"), cell("old", against="3988", period="0")))
    assert sentence(told(candidate)[0]) == "$12 more: new $4,000 more, old $3,988 less"
    even = Candidate(("ServiceName",), (cell("new", period="5"), cell("old", against="5")))
    assert sentence(told(even)[0]) == "No change: increases and decreases cancel out"
    assert told(even)[0].drivers[0].share is None


def test_a_change_spread_thin_says_so():
    """When no key stands out, none is blamed."""
    cells = tuple(cell(f"s{n}", against="10", period="11") for n in range(10))
    only = told(Candidate(("ServiceName",), cells))[0]
    assert sentence(only) == "$10 more, spread across many costs; the largest share, 10%, is s0"
    last = driver_json(only.drivers[-1])
    assert last == {
        "key": {"ServiceName": None},
        "currency": "USD",
        "kind": "other",
        "amount": "22",
        "against": "20",
        "change": "2",
        "share": "0.2",
        "since": None,
        "until": None,
        "note": "2 others",
        "label": "Other",
    }


def test_a_dimension_that_names_nothing_never_wins():
    """That the change has no model is no explanation."""
    model = Candidate(("x_Model",), (cell("", against="10", period="90"), cell("gpt-5", against="50", period="50")))
    service = Candidate(
        ("ServiceName",), (cell("S3", against="10", period="60"), cell("EC2", against="50", period="80"))
    )
    assert choose([model, service]) is service


def test_what_lasted_for_a_while_has_both_its_days():
    """A week at a higher level is told from its first to its last day."""
    values = tuple(Decimal(90 if date(2026, 11, 2) <= day < date(2026, 11, 9) else 10) for day in DAYS)
    candidate = Candidate(("ServiceName",), (cell("x", against="220", period="780"),))
    [only] = told(candidate, days=DAYS, daily=[Cell(("x",), "USD", values)])
    assert (only.drivers[0].since, only.drivers[0].until) == (date(2026, 11, 2), date(2026, 11, 9))
    assert sentence(only) == "$560 more, all of it x from Monday 2 Nov to Sunday 8 Nov"
    first = tuple(Decimal(90 if date(2026, 11, 1) <= day < date(2026, 11, 9) else 10) for day in DAYS)
    [only] = told(candidate, days=DAYS, daily=[Cell(("x",), "USD", first)])
    assert sentence(only) == "$560 more, all of it x until Sunday 8 Nov"
    once = tuple(Decimal(570 if day == date(2026, 11, 9) else 10) for day in DAYS)
    [only] = told(candidate, days=DAYS, daily=[Cell(("x",), "USD", once)])
    assert sentence(only) == "$560 more, all of it x on Monday 9 Nov"


MARCH = Period(start=date(2026, 3, 1), end=date(2026, 4, 1))
FEBRUARY = Period(start=date(2026, 2, 1), end=date(2026, 3, 1))


def by_day(amount, start=date(2025, 12, 1), end=MARCH.end):
    """The days, and what each came to."""
    days = tuple(Period(start=start, end=end))
    return days, tuple(Decimal(amount(day)) for day in days)


def explained(amounts, period=MARCH, against=FEBRUARY):
    """A change between two months of services whose days are known."""
    days = by_day(lambda _: 0)[0]
    sums = {
        name: [sum((by_day(amount, days.start, days.end)[1]), Decimal(0)) for days in (against, period)]
        for name, amount in amounts.items()
    }
    daily = [Cell((name,), "USD", by_day(amount)[1]) for name, amount in amounts.items()]
    whole = tuple(sum(column, Decimal(0)) for column in zip(*(cell.amounts for cell in daily), strict=True))
    candidate = Candidate(("ServiceName",), tuple(Cell((name,), "USD", tuple(pair)) for name, pair in sums.items()))
    totals = [Cell((), "USD", whole)]
    [only] = explain(candidate, Timing(period, against, days, daily, totals))
    assert exactly(driver.change for driver in only.drivers) == exactly([only.change])
    return only


def test_a_longer_month_is_a_driver_of_its_own():
    """March against February: three more days are said once, and what moved by no more than that is not listed."""
    only = explained({"x": lambda _: 100, "y": lambda day: 10 if day < MARCH.start else 30})
    assert [(driver.kind, driver.change) for driver in only.drivers] == [
        ("calendar", 330),
        ("moved", 620),
        ("other", 0),
    ]
    assert notes(only) == ["3 more days: +$330.00", "", "1 other"]
    assert (only.drivers[1].calendar, only.drivers[1].billed) == (30, 930)
    assert sentence(only) == "$950 more, 35% of it the calendar (3 more days), and 65% y"


def test_other_weekdays_are_told_apart_from_more_days():
    """Five Sundays instead of four cost less than five Mondays, where weekends are cheap."""
    only = explained({"x": lambda day: 30 if day.weekday() == 6 else 100})
    assert [(driver.kind, driver.change, driver.amount) for driver in only.drivers] == [
        ("calendar", 230, 230),
        ("other", 0, 2520),
    ]
    assert notes(only)[0] == "3 more days: +$270.00; 5 Sundays instead of 4: -$40.00"


def test_what_is_charged_once_a_month_does_not_follow_the_calendar():
    """A fee on the first of the month is the same in a longer one; so is what ended, or began."""
    assert explained({"fee": lambda day: 300 if day.day == 1 else 0}).drivers[0].kind == "other"
    gone = explained({"gone": lambda day: 10 if day < MARCH.start else 0})
    assert [driver.kind for driver in gone.drivers] == ["vanished"]


def test_untagged_spend_is_named_as_such():
    """The empty value of a tag is "no team", not a blank."""
    candidate = Candidate(("Tags/team",), (cell("", against="1", period="9"),))
    assert "no team" in sentence(told(candidate)[0])


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (lambda _: 10, None),
        (lambda day: 0 if day < date(2026, 11, 5) else 9, date(2026, 11, 5)),
        (lambda day: 9 if day < date(2026, 10, 31) else 0, date(2026, 10, 31)),
        (lambda day: 9 if day < date(2026, 11, 9) else 0, date(2026, 11, 9)),
        (lambda day: 10 if day < date(2026, 11, 1) else 20, None),
        (lambda day: 6 if day.weekday() > 4 else 10, None),
        (lambda day: (6 if day.weekday() > 4 else 10) * (2 if day.day > 11 and day.month > 10 else 1),
         date(2026, 11, 12)),
    ],
    ids=["steady", "new", "gone before", "gone within", "from the first day", "weekends", "step"],
)  # fmt: skip
def test_since_names_the_day_of_the_step(amount, expected):
    """A day is named only where one clear step lies within the period."""
    values = tuple(Decimal(amount(day)) for day in DAYS)
    before = sum(values[:22], Decimal(0))
    now = sum(values[31:], Decimal(0)) + Decimal("0.01")
    candidate = Candidate(("ServiceName",), (Cell(("x",), "USD", (before, now)),))
    [only] = told(candidate, days=DAYS, daily=[Cell(("x",), "USD", values)])
    assert only.drivers[0].since == expected


def test_the_days_that_make_the_change_are_named():
    """A three-day job explains the month; an even rise names no day."""
    burst = tuple(Decimal(300 if day in DAYS[46:49] else 100) for day in DAYS)
    candidate = Candidate(("ServiceName",), (cell("x", against="2200", period="2800"),))
    [only] = told(candidate, days=DAYS, totals=[Cell((), "USD", burst)])
    assert sorted(item.day for item in only.days) == [date(2026, 11, n) for n in (16, 17, 18)]
    first = only.days[0]
    assert (first.day, first.amount, first.usual, first.share) == (date(2026, 11, 16), 300, 100, Decimal("0.33"))
    even = tuple(Decimal(100 if day < date(2026, 11, 1) else 120) for day in DAYS)
    assert told(candidate, days=DAYS, totals=[Cell((), "USD", even)])[0].days == ()


def test_nothing_to_explain_with_is_refused():
    """Without a candidate there is no answer, and no guess."""
    with pytest.raises(ValueError, match="no dimension"):
        choose([])
    assert told(Candidate(("ServiceName",), ())) == ()
