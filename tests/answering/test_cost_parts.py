"""Shares, averages, running sums, unit costs and rankings against plain SQL over the same charges, or by hand."""

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.business_unit import BusinessUnit, read_units, units_of_csv
from bot.domain.charge import Charge
from bot.domain.errors import Misconfigured, NotUnderstood
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.period import DAY, Period
from bot.domain.question import DIMENSIONS, Filter, Question, Threshold, UnitCost
from bot.domain.scope import Scope
from bot.focus.importer import import_files
from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Period(start=date(2026, 9, 1), end=date(2026, 11, 23))
OCTOBER, SEPTEMBER = (Period(start=date(2026, m, 1), end=date(2026, m + 1, 1)) for m in (10, 9))
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
FEED = Feed(source="acme", name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG}))
AI = Filter(dimension="ServiceCategory", values=("AI",))
ORDERS = BusinessUnit("orders", {day: Decimal(100 + day.day) for day in OCTOBER if day.day != 31})
MODELS = {"small": ("0.000003", "1K tokens"), "large": ("0.000017", "Tokens")}


def usage(day, service, cost, *, team, category="Compute", **more):
    fields = {"service_provider_name": "Acme", "billing_currency": "USD", "sub_account_name": "web"}
    result = {**fields, **more, "tags": {"team": team} if team else {}}
    return Charge(day=day, service_name=service, service_category=category, billed_cost=Decimal(cost), **result)


def bill():
    """Three services and two models; something new in October, something gone, a jump on 13 October, a credit."""
    for day in DAYS:
        grown = Decimal(day.month * 10 + day.day % 7)
        yield usage(day, "Servers", grown * Decimal("1.1"), team="core",
                    list_cost=grown * Decimal("1.5"), consumed_quantity=Decimal(24), consumed_unit="Hours")  # fmt: skip
        yield usage(day, "Disks", Decimal("3.000000000000000001"), team="", consumed_quantity=Decimal(60),
                    consumed_unit="min")  # fmt: skip
        for at, (model, (price, unit)) in enumerate(MODELS.items()):
            tokens = 1000 * (day.toordinal() % 11 + at + 1)
            count = tokens // 1000 if unit.startswith("1K") else tokens
            yield usage(day, "Models", Decimal(price) * tokens, team="ml", category="AI", x_model=model,
                        consumed_quantity=Decimal(count), consumed_unit=unit)  # fmt: skip
        if day.month == 9:
            yield usage(day, "Leaving", "7", team="core")
        if day >= date(2026, 10, 13):
            yield usage(day, "Arrived", "40", team="data")
        if day.month == 10:
            yield usage(day, "Promotion", "-12", team="core", charge_category="Credit")


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("parts") / "ledger.db")
    ledger.replace(FEED, DAYS, list(bill()), synced=NOW)
    ledger.fresh(Freshness(source="acme", synced=NOW, data_through=NOVEMBER.last, final_through=OCTOBER.last))
    yield AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, units=lambda: (ORDERS,)))
    ledger.close()


@pytest.fixture(scope="module")
def truth():
    """Plain SQL over the same charges: attos as text would overflow SQLite's integers, so it adds up decimals."""
    connection = sqlite3.connect(":memory:")

    class Exactly:
        def __init__(self):
            self.sum = Decimal(0)

        def step(self, text):
            self.sum += Decimal(text or 0)

        def finalize(self):
            return format(self.sum, "f")

    connection.create_aggregate("exactly", 1, Exactly)
    connection.execute("CREATE TABLE bill (day, service, category, team, model, credit, cost, list, quantity, unit)")
    rows = [
        (
            item.day.isoformat(), item.service_name, item.service_category, item.tags.get("team", ""), item.x_model,
            item.charge_category == "Credit", str(item.billed_cost),
            str(item.billed_cost if item.list_cost is None else item.list_cost),
            str(item.consumed_quantity or 0), item.consumed_unit,
        )
        for item in bill()
    ]  # fmt: skip
    connection.executemany(f"INSERT INTO bill VALUES ({', '.join('?' * 10)})", rows)

    def ask(what, period, *, by="", where="1"):
        keys = f"{by}, " if by else ""
        query = f"SELECT {keys}exactly({what}) FROM bill WHERE day >= ? AND day < ? AND {where}"
        found = connection.execute(
            query + (f" GROUP BY {by}" if by else ""), (period.start.isoformat(), period.end.isoformat())
        ).fetchall()
        return {row[0]: Decimal(row[-1]) for row in found} if by else Decimal(found[0][0])

    return ask


def asked(asker, **question):
    return seen(asker.answer(Question(**{"period": OCTOBER, **question})))


def as_json(answer):
    return answer.model_dump(mode="json")


def by_name(lines, name):
    return {line.key[name]: line for line in lines}


def added_up(answer):
    return sum((line.amount for line in answer.lines), Decimal(0))


def test_a_share_is_the_part_of_the_whole_in_twelve_digits_or_more(asker, truth):
    """Part, whole and share as SQL has them, in the public JSON."""
    answer = as_json(asked(asker, where=(AI,), share_of=()))
    part, whole = truth("cost", OCTOBER, where="category = 'AI'"), truth("cost", OCTOBER)
    assert Decimal(answer["share"]["part"]) == part
    assert Decimal(answer["share"]["whole"]) == whole
    assert abs(Decimal(answer["share"]["share"]) - part / whole) < Decimal("1e-18")
    assert len(answer["share"]["share"].partition(".")[2]) >= 12
    assert answer["totals"][0]["amount"] == answer["share"]["part"]


def test_shares_by_line_are_of_the_same_line_of_the_whole(asker, truth):
    """A team without any of it has a line of nothing, and lines still add up to the part."""
    answer = asked(asker, where=(AI,), share_of=(), by=("Tags/team",))
    whole = truth("cost", OCTOBER, by="team")
    lines = by_name(answer.lines, "Tags/team")
    assert {team: line.share.whole for team, line in lines.items()} == whole
    assert {team for team, line in lines.items() if not line.amount} == {"core", "data", ""}
    assert added_up(answer) == truth("cost", OCTOBER, where="category = 'AI'")
    assert answer.lines[-1].key["Tags/team"] == ""


def test_shares_of_what_the_filter_names_are_of_the_whole_of_all(asker, truth):
    """Servers and disks as a part of everything, by service: each is a share of one and the same whole."""
    named = Filter(dimension="ServiceName", values=("Servers", "Disks"))
    answer = asked(asker, where=(named,), share_of=(), by=("ServiceName",))
    assert {line.share.whole for line in answer.lines} == {truth("cost", OCTOBER)}


def test_a_share_of_nothing_and_of_no_part_is_said(asker):
    """No part is a share of 0; of a whole that is nothing there is no share; what lies outside is said to."""
    none = asked(asker, where=(Filter(dimension="ServiceName", values=("Leaving",)),), share_of=())
    assert (none.share.part, none.share.share) == (0, 0)
    leaving = (Filter(dimension="ServiceName", values=("Leaving",)),)
    assert as_json(asked(asker, where=leaving, share_of=leaving))["share"]["share"] is None
    outside = asked(asker, where=(AI,), share_of=(Filter(dimension="ServiceCategory", values=("Compute",)),))
    assert [fact.type for fact in outside.facts] == ["not_a_part"]
    assert outside.share.part > 0


def test_an_average_leaves_out_the_day_that_is_not_over(asker, truth):
    """21 whole days of November; the 22nd is named; lines are averages too and add up to that of the total."""
    answer = asked(asker, period=NOVEMBER, average="day", by=("ServiceName",))
    whole = Period(start=NOVEMBER.start, end=NOVEMBER.last)
    assert answer.averaged.model_dump(mode="json") == {"total": f"{truth('cost', whole).normalize():f}", "periods": 21}
    assert [(fact.days, fact.why) for fact in answer.facts] == [
        (Period(start=NOVEMBER.last, end=NOVEMBER.end), "incomplete")
    ]
    exact = truth("cost", whole, by="service")
    for line in answer.lines:
        assert abs(line.amount - exact[line.key["ServiceName"]] / 21) <= Decimal("1e-18")
    assert added_up(answer) == answer.totals[0].amount


def test_monthly_and_weekly_averages_count_whole_months_and_weeks(asker, truth):
    """Of 1 September to 22 November: two months; ten weeks that begin on a Monday and have ended."""
    months = asked(asker, period=DAYS, average="month")
    assert months.averaged.periods == 2
    both = truth("cost", Period(start=SEPTEMBER.start, end=OCTOBER.end))
    assert abs(months.totals[0].amount - both / 2) < Decimal("1e-18")
    weeks = asked(asker, period=DAYS, average="week")
    days = Period(start=date(2026, 9, 7), end=date(2026, 11, 16))
    assert (weeks.averaged.total, weeks.averaged.periods) == (truth("cost", days), 10)
    assert [fact.why for fact in weeks.facts] == ["no whole period", "no whole period", "incomplete"]
    none = asked(asker, period=NOVEMBER, average="month")
    assert (none.totals, none.averaged) == ((), None)
    assert "no whole period" in {fact.why for fact in none.facts}


def test_averages_top_and_limits_are_held_against_the_average(asker):
    """Over 30 dollars a day: Servers and what arrived; the rest is one line, and all add up."""
    answer = asked(asker, average="day", by=("ServiceName",), threshold=Threshold(op=">", amount=Decimal(20)))
    assert [line.key["ServiceName"] for line in answer.lines] == ["Servers", "Arrived", None]
    assert added_up(answer) == answer.totals[0].amount


def test_a_running_total_is_the_sum_so_far_beside_last_months(asker, truth):
    """Each step of November and of October's same days; the last one is the total."""
    against = Period(start=OCTOBER.start, end=date(2026, 10, 23))
    answer = asked(asker, period=NOVEMBER, against=against, cumulative=True, grain="day")
    for at, point in enumerate(answer.series, 1):
        assert point.amount == truth("cost", Period(start=NOVEMBER.start, end=NOVEMBER.start + at * DAY))
        assert point.against == truth("cost", Period(start=against.start, end=against.start + at * DAY))
    assert answer.series[-1].amount == answer.totals[0].amount
    assert answer.series[-1].provisional


def test_a_unit_cost_counts_only_charges_with_that_unit_in_all_its_spellings(asker, truth):
    """Tokens by the one and by the thousand; the part of the cost they cover; the quotient to thirty digits."""
    answer = asked(asker, per=UnitCost(unit="Tokens"), by=("x_Model",), grain="week")
    costs = truth("cost", OCTOBER, by="model", where="category = 'AI'")
    used = truth("quantity", OCTOBER, by="model", where="category = 'AI'")
    used["small"] *= 1000
    whole = sum(costs.values())
    (total,) = answer.totals
    assert (total.currency, total.unit, total.cost, total.quantity) == ("USD", "Tokens", whole, sum(used.values()))
    assert abs(total.amount - whole / sum(used.values())) < Decimal("1e-24")
    assert abs(total.covered - whole / truth("cost", OCTOBER)) < Decimal("1e-18")
    assert {key: (item.cost, item.quantity) for key, item in by_name(answer.lines, "x_Model").items()} == {
        model: (costs[model], used[model]) for model in costs
    }
    assert [fact.units for fact in answer.facts if fact.type == "counted"] == [("1K tokens",)]
    large = [series for series in answer.series if series.key == {"x_Model": "large"}]
    assert {item.amount for item in large} == {Decimal("0.000017")}
    assert sum(item.quantity for item in large) == used["large"]


def test_minutes_and_hours_are_one_unit_cost(asker, truth):
    """An hour of a disk is sixty of its minutes."""
    answer = asked(asker, per=UnitCost(unit="Hours"))
    assert answer.totals[0].quantity == truth("quantity", OCTOBER, where="unit = 'Hours'") + 31
    assert answer.totals[0].cost == truth("cost", OCTOBER, where="unit IN ('Hours', 'min')")


def test_a_unit_that_nothing_is_measured_in_is_refused(asker):
    """The refusal names what is measured here."""
    with pytest.raises(NotUnderstood, match="Nothing here is measured in Pages") as refused:
        asked(asker, per=UnitCost(unit="Pages"))
    assert "Hours" in refused.value.hint
    assert refused.value.unknown == ("Pages",)


def test_cost_per_order_divides_the_days_whose_orders_are_known(asker, truth):
    """The 31st has no number: its cost is not counted, and the answer names it."""
    answer = asked(asker, per=UnitCost(unit="order"), by=("ServiceName",), top=1)
    known = Period(start=OCTOBER.start, end=OCTOBER.last)
    (total,) = answer.totals
    assert (total.cost, total.quantity) == (truth("cost", known), sum(ORDERS.quantities.values()))
    assert [(fact.days.start, fact.why) for fact in answer.facts] == [(OCTOBER.last, "no quantity")]
    assert abs(added_up(answer) - total.amount) < Decimal("1e-25")


def test_numbers_of_the_business_are_for_who_sees_all_they_are_of(asker):
    """Whoever sees one account learns nothing of the orders of all: not even that they are counted."""
    part = Scope(where=(Filter(dimension="SubAccountName", values=("web",)),))
    text = []
    for unit in ("orders", "florps"):
        with pytest.raises(NotUnderstood) as refused:
            asker.answer(Question(period=OCTOBER, per=UnitCost(unit=unit)), scope=part)
        text.append(str(refused.value).replace(unit, "these"))
    assert text[0] == text[1]


def test_units_are_read_from_toml_and_csv():
    """Both forms, scoped by words as budgets are; what is wrong is named with file and row."""
    read = {"ml": Question(where=(AI,))}.__getitem__
    days = {"2026-10-01": 3}
    declared = {"unit": [{"name": "calls", "question": "ml", "file": "calls.csv"}, {"name": "seats", "days": days}]}
    calls, seats = read_units(declared, read, {"calls.csv": "day,quantity\n2026-10-01,12.5\n"}.__getitem__)
    assert (calls.where, calls.quantities) == ((AI,), {date(2026, 10, 1): Decimal("12.5")})
    assert seats.is_called("seat")
    assert {item.name for item in units_of_csv("day,unit,quantity\n2026-10-01,a,1\n2026-10-01,b,2\n", "u.csv")} == {
        "a", "b",
    }  # fmt: skip
    with pytest.raises(Misconfigured, match="row 3: 'many' is not a quantity"):
        units_of_csv("day,unit,quantity\n2026-10-01,a,1\n2026-10-02,a,many\n", "u.csv")
    with pytest.raises(Misconfigured, match="has two values of"):
        units_of_csv("day,unit,quantity\n2026-10-01,a,1\n2026-10-01,a,1\n", "u.csv")


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ({"metric": "ListCost", "beside": "BilledCost"}, ("list", "1"), ("cost", "1")),
        ({"charges": "gross", "beside": "net"}, ("cost", "NOT credit"), ("cost", "1")),
    ],
)
def test_two_measures_stand_side_by_side(asker, truth, question, first, second):
    """Totals, lines and points have both, and a line that only one of them has is nothing in the other."""
    answer = asked(asker, by=("ServiceName",), grain="week", **question)
    (total,) = answer.totals
    assert total.amount == truth(first[0], OCTOBER, where=first[1])
    assert total.beside == truth(second[0], OCTOBER, where=second[1])
    lines = by_name(answer.lines, "ServiceName")
    assert {name: line.beside for name, line in lines.items()} == truth("cost", OCTOBER, by="service")
    assert sum(series.beside for series in answer.series) == total.beside
    assert sum(series.amount for series in answer.series) == total.amount


def test_new_and_gone_are_what_only_one_period_has(asker):
    """October's newcomers, and what September alone had; the rest is one line, so that all adds up."""
    new = asked(asker, against=SEPTEMBER, only="new", by=("ServiceName",))
    assert [line.key["ServiceName"] for line in new.lines] == ["Arrived", "Promotion", None]
    gone = asked(asker, against=SEPTEMBER, only="gone", by=("ServiceName",))
    assert [line.key["ServiceName"] for line in gone.lines] == ["Leaving", None]
    for answer in (new, gone):
        assert added_up(answer) == answer.totals[0].amount
        assert sum(line.against for line in answer.lines) == answer.totals[0].against
    assert asked(asker, only="new", by=("ServiceName",)).lines == asked(
        asker, against=OCTOBER.before(), only="new", by=("ServiceName",)
    ).lines  # fmt: skip


def test_increase_and_decrease_hold_only_what_moved_that_way(asker, truth):
    """In order of how much; a decrease is never a rise, and none is no line but the rest."""
    now, then = (truth("cost", item, by="service") for item in (OCTOBER, SEPTEMBER))
    moved = {name: now.get(name, 0) - then.get(name, 0) for name in {*now, *then}}
    for order, sign in (("increase", 1), ("decrease", -1)):
        answer = asked(asker, against=SEPTEMBER, order=order, by=("ServiceName",))
        right = sorted((name for name in moved if sign * moved[name] > 0), key=lambda name: -sign * moved[name])
        assert [line.key["ServiceName"] for line in answer.lines if not line.other] == right
        assert added_up(answer) == answer.totals[0].amount
    rising = Filter(dimension="ServiceName", values=("Servers",))
    none = asked(asker, where=(rising,), against=SEPTEMBER, order="decrease", by=("ServiceName",))
    assert [line.other for line in none.lines] == [True]


def test_growth_ranks_only_what_was_large_enough_and_says_from_what_on(asker, truth):
    """In percent of what it was; the floor is a round amount of at most a 200th of the total before."""
    answer = asked(asker, against=SEPTEMBER, order="growth", by=("ServiceName",))
    (floor,) = [fact for fact in answer.facts if fact.type == "growth_floor"]
    assert floor.amount <= truth("cost", SEPTEMBER) / 200 < floor.amount * Decimal("2.5")
    assert floor.new == 1
    assert answer.lines[0].key["ServiceName"] == "Servers"
    growth = [(line.amount - line.against) / line.against for line in answer.lines if not line.other]
    assert growth == sorted(growth, reverse=True)
    assert all(line.against >= floor.amount for line in answer.lines if not line.other)


@pytest.mark.parametrize("order", ["increase", "change"])
def test_the_steps_of_a_series_are_ranked_by_their_change_from_the_step_before(asker, truth, order):
    """On 13 October something new began: no day jumped more; lines add up to the total all the same."""
    answer = asked(asker, grain="day", order=order, top=1)
    line, other = answer.lines
    step = Period(start=date(2026, 10, 13), end=date(2026, 10, 14))
    assert line.key == {"ChargePeriodStart": "2026-10-13"}
    assert (line.amount, line.against) == (truth("cost", step), truth("cost", step.before()))
    assert other.other
    assert added_up(answer) == answer.totals[0].amount == truth("cost", OCTOBER)
    assert len(answer.series) == 31


def test_steps_that_are_not_whole_are_not_ranked(asker):
    """Of November's weeks the first is cut by October and the last is under way: both are named."""
    answer = asked(asker, period=NOVEMBER, grain="week", order="change")
    assert [line.key["ChargePeriodStart"] for line in answer.lines if not line.other] == ["2026-11-02", "2026-11-09"]
    assert [(fact.days.start, fact.why) for fact in answer.facts] == [
        (date(2026, 11, 1), "no whole period"),
        (date(2026, 11, 16), "incomplete"),
    ]


def test_limits_hold_changes_and_percentages(asker, truth):
    """Rose by more than 100 dollars; fell by more than half; more than a tenth of the whole."""
    rose = asked(asker, against=SEPTEMBER, order="increase", by=("ServiceName",),
                 threshold=Threshold(op=">", amount=Decimal(100), of="change"))  # fmt: skip
    now, then = (truth("cost", item, by="service") for item in (OCTOBER, SEPTEMBER))
    assert {line.key["ServiceName"] for line in rose.lines if not line.other} == {
        name for name in now if now[name] - then.get(name, 0) > 100
    }
    fell = asked(asker, against=SEPTEMBER, order="decrease", by=("ServiceName",),
                 threshold=Threshold(op=">", amount=Decimal(50), of="change", percent=True))  # fmt: skip
    assert [line.key["ServiceName"] for line in fell.lines if not line.other] == ["Promotion", "Leaving"]
    large = asked(asker, by=("ServiceName",), threshold=Threshold(op=">=", amount=Decimal(10), percent=True))
    whole = truth("cost", OCTOBER)
    assert {line.key["ServiceName"] for line in large.lines if not line.other} == {
        name for name, cost in now.items() if cost / whole >= Decimal("0.1")
    }


def test_one_unit_is_shown_alone_and_no_two_are_added(asker, truth):
    """Hours are hours: minutes are named, not added; and tokens have no place among them."""
    answer = asked(asker, metric="ConsumedQuantity", unit="Hours", by=("ServiceName",), grain="month")
    assert {item.unit for item in (*answer.totals, *answer.lines, *answer.series)} == {"Hours"}
    assert answer.totals[0].amount == truth("quantity", OCTOBER, where="unit = 'Hours'")
    assert [(fact.unit, fact.apart) for fact in answer.facts] == [("Hours", ("min",))]
    none = asked(asker, metric="ConsumedQuantity", unit="Pages")
    assert (none.totals, none.gaps[-1].what) == ((), "nothing here is measured in Pages")


def test_what_names_no_value_is_no_rank(asker):
    """It never wins, takes no place of the first so many, and stands after them."""
    answer = asked(asker, by=("Tags/team",), top=2)
    assert [line.key["Tags/team"] for line in answer.lines] == ["core", "data", "", None]
    assert added_up(answer) == answer.totals[0].amount


def test_two_parts_that_cannot_be_had_at_once_are_refused(asker):
    """Neither is dropped in silence."""
    with pytest.raises(NotUnderstood, match="a share and an average at once"):
        asked(asker, share_of=(), where=(AI,), average="day")


@pytest.fixture
def credited(tmp_path):
    """A ledger whose credits hide so much of what was used."""

    def made(credit):
        ledger = Ledger(tmp_path / "ledger.db")
        charges = [usage(OCTOBER.start, "Servers", "33.86", team=""),
                   usage(OCTOBER.start, "Promotion", credit, team="", charge_category="Credit")]  # fmt: skip
        ledger.replace(FEED, OCTOBER, charges, synced=NOW)
        return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))

    return made


@pytest.mark.parametrize(("credit", "said"), [("-33.86", True), ("-3.386", True), ("-3.38", False)])
def test_credits_that_hide_a_tenth_are_told_with_the_total(credited, credit, said):
    """All of it, and a tenth exactly; less is not told."""
    (total,) = asked(credited(credit)).totals
    assert total.amount == Decimal("33.86") + Decimal(credit)
    assert (total.credited is not None) == said
    if total.credited:
        assert (total.credited.gross, total.credited.credits) == (Decimal("33.86"), Decimal(credit))


def test_accounts_of_two_currencies_are_ranked_at_the_days_rate(shared, tmp_path):
    """15,000 yen are less than 120 pounds; amounts stay as billed, and the answer says how they were compared."""
    ledger = Ledger(tmp_path / "ledger.db")
    import_files(ledger, [shared / "cases" / "k11_top_account_two_currencies.csv"], now=NOW)
    answer = asked(AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)), by=("SubAccountName",), top=1)
    assert [(line.key["SubAccountName"], line.currency, line.amount) for line in answer.lines] == [
        ("london", "GBP", 120), (None, "JPY", 15000),
    ]  # fmt: skip
    (fact,) = answer.facts
    assert (fact.type, fact.currency, fact.lacking) == ("compared", "USD", ())
    ledger.close()


def test_what_has_no_rate_stands_apart_and_is_named(tmp_path):
    """New Taiwan dollars have none: they are no rank, stand after the ranks, and the answer says why."""
    ledger = Ledger(tmp_path / "ledger.db")
    charges = [
        usage(OCTOBER.start, name, cost, team="", billing_currency=currency)
        for name, cost, currency in (("A", "5", "USD"), ("B", "9", "EUR"), ("C", "100000", "TWD"))
    ]
    ledger.replace(FEED, OCTOBER, charges, synced=NOW)
    answer = asked(AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)), by=("ServiceName",), top=2)
    assert [line.key["ServiceName"] for line in answer.lines] == ["B", "A", "C"]
    assert [fact.lacking for fact in answer.facts] == [("TWD",)]
    ledger.close()


def test_two_spellings_of_one_model_are_one_line_and_one_filter(shared, tmp_path):
    """The bill spells it in two ways; the answer adds them up, says so, and the ledger keeps what the bill says."""
    ledger = Ledger(tmp_path / "ledger.db")
    import_files(ledger, [shared / "cases" / "k29_one_model_two_spellings.csv"], now=NOW)
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    result = asked(asker, by=("x_Model",))
    assert [(line.key["x_Model"], line.amount) for line in result.lines] == [("claude-sonnet-5", 855)]
    for spelling in ("Claude Sonnet 5", "claude-sonnet-5"):
        one = asked(asker, where=(Filter(dimension="x_Model", values=(spelling,)),))
        assert one.totals[0].amount == 855
        assert one.facts[0].spellings == ("claude-sonnet-5", "Claude Sonnet 5")
    without = asked(asker, where=(Filter(dimension="x_Model", values=("claude-sonnet-5",), exclude=True),))
    assert not any(total.amount for total in without.totals)
    labels = {label for feed in ledger.feeds() for label in ledger.query.labels(feed, "x_Model")}
    assert {"claude-sonnet-5", "Claude Sonnet 5"} <= labels
    ledger.close()


def test_a_list_price_of_zero_beside_a_cost_is_not_told(shared, tmp_path):
    """Nothing was saved that anybody knows of, and it is no free list price either."""
    ledger = Ledger(tmp_path / "ledger.db")
    import_files(ledger, [shared / "cases" / "e2_listcost_zero.csv"], now=NOW)
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    result = asked(asker, metric="ListCost", beside="BilledCost")
    assert [(total.amount, total.beside) for total in result.totals] == [(Decimal("1.5"), Decimal("1.5"))]
    assert any("is not available" in note for note in result.notes)
    ledger.close()


def test_spellings_that_an_asker_may_not_see_are_not_named(shared, tmp_path):
    """Whoever sees one provider learns nothing of how another one spells the model, nor what it costs there."""
    ledger = Ledger(tmp_path / "ledger.db")
    import_files(ledger, [shared / "cases" / "k29_one_model_two_spellings.csv"], now=NOW)
    service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    part = Scope(where=(Filter(dimension="ServiceName", values=("Model API",)),))
    answer = service.answer(Question(period=OCTOBER, by=("x_Model",)), scope=part).answer
    assert [(line.key["x_Model"], line.amount) for line in answer.lines] == [("claude-sonnet-5", 475)]
    assert answer.facts == ()
    ledger.close()
