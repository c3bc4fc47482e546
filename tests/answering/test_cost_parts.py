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
    told = {**fields, **more, "tags": {"team": team} if team else {}}
    return Charge(day=day, service_name=service, service_category=category, billed_cost=Decimal(cost), **told)


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
            each.day.isoformat(), each.service_name, each.service_category, each.tags.get("team", ""), each.x_model,
            each.charge_category == "Credit", str(each.billed_cost),
            str(each.billed_cost if each.list_cost is None else each.list_cost),
            str(each.consumed_quantity or 0), each.consumed_unit,
        )
        for each in bill()
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
    return {each.key[name]: each for each in lines}


def added_up(answer):
    return sum((each.amount for each in answer.lines), Decimal(0))


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
    assert {team: each.share.whole for team, each in lines.items()} == whole
    assert {team for team, each in lines.items() if not each.amount} == {"core", "data", ""}
    assert added_up(answer) == truth("cost", OCTOBER, where="category = 'AI'")
    assert answer.lines[-1].key["Tags/team"] == ""


def test_shares_of_what_the_filter_names_are_of_the_whole_of_all(asker, truth):
    """Servers and disks as a part of everything, by service: each is a share of one and the same whole."""
    named = Filter(dimension="ServiceName", values=("Servers", "Disks"))
    answer = asked(asker, where=(named,), share_of=(), by=("ServiceName",))
    assert {each.share.whole for each in answer.lines} == {truth("cost", OCTOBER)}


def test_a_share_of_nothing_and_of_no_part_is_said(asker):
    """No part is a share of 0; of a whole that is nothing there is no share; what lies outside is said to."""
    none = asked(asker, where=(Filter(dimension="ServiceName", values=("Leaving",)),), share_of=())
    assert (none.share.part, none.share.share) == (0, 0)
    leaving = (Filter(dimension="ServiceName", values=("Leaving",)),)
    assert as_json(asked(asker, where=leaving, share_of=leaving))["share"]["share"] is None
    outside = asked(asker, where=(AI,), share_of=(Filter(dimension="ServiceCategory", values=("Compute",)),))
    assert [each.type for each in outside.facts] == ["not_a_part"]
    assert outside.share.part > 0


def test_an_average_leaves_out_the_day_that_is_not_over(asker, truth):
    """21 whole days of November; the 22nd is named; lines are averages too and add up to that of the total."""
    answer = asked(asker, period=NOVEMBER, average="day", by=("ServiceName",))
    whole = Period(start=NOVEMBER.start, end=NOVEMBER.last)
    assert answer.averaged.model_dump(mode="json") == {"total": f"{truth('cost', whole).normalize():f}", "periods": 21}
    assert [(each.days, each.why) for each in answer.facts] == [
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
    assert [each.why for each in weeks.facts] == ["no whole period", "no whole period", "incomplete"]
    none = asked(asker, period=NOVEMBER, average="month")
    assert (none.totals, none.averaged) == ((), None)
    assert "no whole period" in {each.why for each in none.facts}


def test_averages_top_and_limits_are_held_against_the_average(asker):
    """Over 30 dollars a day: Servers and what arrived; the rest is one line, and all add up."""
    answer = asked(asker, average="day", by=("ServiceName",), threshold=Threshold(op=">", amount=Decimal(20)))
    assert [each.key["ServiceName"] for each in answer.lines] == ["Servers", "Arrived", None]
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
    assert {key: (each.cost, each.quantity) for key, each in by_name(answer.lines, "x_Model").items()} == {
        model: (costs[model], used[model]) for model in costs
    }
    assert [each.units for each in answer.facts if each.type == "counted"] == [("1K tokens",)]
    large = [each for each in answer.series if each.key == {"x_Model": "large"}]
    assert {each.amount for each in large} == {Decimal("0.000017")}
    assert sum(each.quantity for each in large) == used["large"]


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
    assert [(each.days.start, each.why) for each in answer.facts] == [(OCTOBER.last, "no quantity")]
    assert abs(added_up(answer) - total.amount) < Decimal("1e-25")


def test_numbers_of_the_business_are_for_who_sees_all_they_are_of(asker):
    """Whoever sees one account learns nothing of the orders of all: not even that they are counted."""
    part = Scope(where=(Filter(dimension="SubAccountName", values=("web",)),))
    said = []
    for unit in ("orders", "florps"):
        with pytest.raises(NotUnderstood) as refused:
            asker.answer(Question(period=OCTOBER, per=UnitCost(unit=unit)), scope=part)
        said.append(str(refused.value).replace(unit, "these"))
    assert said[0] == said[1]


def test_units_are_read_from_toml_and_csv():
    """Both forms, scoped by words as budgets are; what is wrong is named with file and row."""
    read = {"ml": Question(where=(AI,))}.__getitem__
    days = {"2026-10-01": 3}
    declared = {"unit": [{"name": "calls", "question": "ml", "file": "calls.csv"}, {"name": "seats", "days": days}]}
    calls, seats = read_units(declared, read, {"calls.csv": "day,quantity\n2026-10-01,12.5\n"}.__getitem__)
    assert (calls.where, calls.quantities) == ((AI,), {date(2026, 10, 1): Decimal("12.5")})
    assert seats.is_called("seat")
    assert {each.name for each in units_of_csv("day,unit,quantity\n2026-10-01,a,1\n2026-10-01,b,2\n", "u.csv")} == {
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
    assert {name: each.beside for name, each in lines.items()} == truth("cost", OCTOBER, by="service")
    assert sum(each.beside for each in answer.series) == total.beside
    assert sum(each.amount for each in answer.series) == total.amount


def test_new_and_gone_are_what_only_one_period_has(asker):
    """October's newcomers, and what September alone had; the rest is one line, so that all adds up."""
    new = asked(asker, against=SEPTEMBER, only="new", by=("ServiceName",))
    assert [each.key["ServiceName"] for each in new.lines] == ["Arrived", "Promotion", None]
    gone = asked(asker, against=SEPTEMBER, only="gone", by=("ServiceName",))
    assert [each.key["ServiceName"] for each in gone.lines] == ["Leaving", None]
    for answer in (new, gone):
        assert added_up(answer) == answer.totals[0].amount
        assert sum(each.against for each in answer.lines) == answer.totals[0].against
    assert asked(asker, only="new", by=("ServiceName",)).lines == asked(
        asker, against=OCTOBER.before(), only="new", by=("ServiceName",)
    ).lines  # fmt: skip


def test_increase_and_decrease_hold_only_what_moved_that_way(asker, truth):
    """In order of how much; a decrease is never a rise, and none is no line but the rest."""
    now, then = (truth("cost", each, by="service") for each in (OCTOBER, SEPTEMBER))
    moved = {name: now.get(name, 0) - then.get(name, 0) for name in {*now, *then}}
    for order, sign in (("increase", 1), ("decrease", -1)):
        answer = asked(asker, against=SEPTEMBER, order=order, by=("ServiceName",))
        right = sorted((name for name in moved if sign * moved[name] > 0), key=lambda name: -sign * moved[name])
        assert [each.key["ServiceName"] for each in answer.lines if not each.other] == right
        assert added_up(answer) == answer.totals[0].amount
    rising = Filter(dimension="ServiceName", values=("Servers",))
    none = asked(asker, where=(rising,), against=SEPTEMBER, order="decrease", by=("ServiceName",))
    assert [each.other for each in none.lines] == [True]


def test_growth_ranks_only_what_was_large_enough_and_says_from_what_on(asker, truth):
    """In percent of what it was; the floor is a round amount of at most a 200th of the total before."""
    answer = asked(asker, against=SEPTEMBER, order="growth", by=("ServiceName",))
    (floor,) = [each for each in answer.facts if each.type == "growth_floor"]
    assert floor.amount <= truth("cost", SEPTEMBER) / 200 < floor.amount * Decimal("2.5")
    assert floor.new == 1
    assert answer.lines[0].key["ServiceName"] == "Servers"
    growth = [(each.amount - each.against) / each.against for each in answer.lines if not each.other]
    assert growth == sorted(growth, reverse=True)
    assert all(each.against >= floor.amount for each in answer.lines if not each.other)


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
    assert [each.key["ChargePeriodStart"] for each in answer.lines if not each.other] == ["2026-11-02", "2026-11-09"]
    assert [(each.days.start, each.why) for each in answer.facts] == [
        (date(2026, 11, 1), "no whole period"),
        (date(2026, 11, 16), "incomplete"),
    ]


def test_limits_hold_changes_and_percentages(asker, truth):
    """Rose by more than 100 dollars; fell by more than half; more than a tenth of the whole."""
    rose = asked(asker, against=SEPTEMBER, order="increase", by=("ServiceName",),
                 threshold=Threshold(op=">", amount=Decimal(100), of="change"))  # fmt: skip
    now, then = (truth("cost", each, by="service") for each in (OCTOBER, SEPTEMBER))
    assert {each.key["ServiceName"] for each in rose.lines if not each.other} == {
        name for name in now if now[name] - then.get(name, 0) > 100
    }
    fell = asked(asker, against=SEPTEMBER, order="decrease", by=("ServiceName",),
                 threshold=Threshold(op=">", amount=Decimal(50), of="change", percent=True))  # fmt: skip
    assert [each.key["ServiceName"] for each in fell.lines if not each.other] == ["Promotion", "Leaving"]
    large = asked(asker, by=("ServiceName",), threshold=Threshold(op=">=", amount=Decimal(10), percent=True))
    whole = truth("cost", OCTOBER)
    assert {each.key["ServiceName"] for each in large.lines if not each.other} == {
        name for name, cost in now.items() if cost / whole >= Decimal("0.1")
    }


def test_one_unit_is_shown_alone_and_no_two_are_added(asker, truth):
    """Hours are hours: minutes are named, not added; and tokens have no place among them."""
    answer = asked(asker, metric="ConsumedQuantity", unit="Hours", by=("ServiceName",), grain="month")
    assert {each.unit for each in (*answer.totals, *answer.lines, *answer.series)} == {"Hours"}
    assert answer.totals[0].amount == truth("quantity", OCTOBER, where="unit = 'Hours'")
    assert [(each.unit, each.apart) for each in answer.facts] == [("Hours", ("min",))]
    none = asked(asker, metric="ConsumedQuantity", unit="Pages")
    assert (none.totals, none.gaps[-1].what) == ((), "nothing here is measured in Pages")


def test_what_names_no_value_is_no_rank(asker):
    """It never wins, takes no place of the first so many, and stands after them."""
    answer = asked(asker, by=("Tags/team",), top=2)
    assert [each.key["Tags/team"] for each in answer.lines] == ["core", "data", "", None]
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
    assert [(each.key["SubAccountName"], each.currency, each.amount) for each in answer.lines] == [
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
    assert [each.key["ServiceName"] for each in answer.lines] == ["B", "A", "C"]
    assert [each.lacking for each in answer.facts] == [("TWD",)]
    ledger.close()


def test_two_spellings_of_one_model_are_one_line_and_one_filter(shared, tmp_path):
    """The bill spells it in two ways; the answer adds them up, says so, and the ledger keeps what the bill says."""
    ledger = Ledger(tmp_path / "ledger.db")
    import_files(ledger, [shared / "cases" / "k29_one_model_two_spellings.csv"], now=NOW)
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    told = asked(asker, by=("x_Model",))
    assert [(each.key["x_Model"], each.amount) for each in told.lines] == [("claude-sonnet-5", 855)]
    for spelling in ("Claude Sonnet 5", "claude-sonnet-5"):
        one = asked(asker, where=(Filter(dimension="x_Model", values=(spelling,)),))
        assert one.totals[0].amount == 855
        assert one.facts[0].spellings == ("claude-sonnet-5", "Claude Sonnet 5")
    without = asked(asker, where=(Filter(dimension="x_Model", values=("claude-sonnet-5",), exclude=True),))
    assert not any(each.amount for each in without.totals)
    labels = {label for feed in ledger.feeds() for label in ledger.query.labels(feed, "x_Model")}
    assert {"claude-sonnet-5", "Claude Sonnet 5"} <= labels
    ledger.close()


def test_a_list_price_of_zero_beside_a_cost_is_not_told(shared, tmp_path):
    """Nothing was saved that anybody knows of, and it is no free list price either."""
    ledger = Ledger(tmp_path / "ledger.db")
    import_files(ledger, [shared / "cases" / "e2_listcost_zero.csv"], now=NOW)
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    told = asked(asker, metric="ListCost", beside="BilledCost")
    assert [(each.amount, each.beside) for each in told.totals] == [(Decimal("1.5"), Decimal("1.5"))]
    assert any("is not available" in note for note in told.notes)
    ledger.close()


def test_spellings_that_an_asker_may_not_see_are_not_named(shared, tmp_path):
    """Whoever sees one provider learns nothing of how another one spells the model, nor what it costs there."""
    ledger = Ledger(tmp_path / "ledger.db")
    import_files(ledger, [shared / "cases" / "k29_one_model_two_spellings.csv"], now=NOW)
    service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    part = Scope(where=(Filter(dimension="ServiceName", values=("Model API",)),))
    answer = service.answer(Question(period=OCTOBER, by=("x_Model",)), scope=part).answer
    assert [(each.key["x_Model"], each.amount) for each in answer.lines] == [("claude-sonnet-5", 475)]
    assert answer.facts == ()
    ledger.close()
