"""Answers in the currency asked for, from a ledger that is billed in several, by the library's real rates."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby

import pytest
from seen import Seen, as_json, seen, text

from bot import render
from bot.analytics.budget import Budget
from bot.answering.reference_data import ecb
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.conversion import as_asked
from bot.domain.feed import Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import Period
from bot.domain.question import Question, Threshold
from bot.render.csv_file import as_csv
from bot.render.kinds.forecast import expected
from bot.render.slack import answer_message
from bot.render.text import printed

NOW = datetime(2026, 10, 28, 9, tzinfo=UTC)
KNOWN = Period(start=date(2026, 8, 1), end=date(2026, 10, 28))
SEPTEMBER = Period(start=date(2026, 9, 1), end=date(2026, 10, 1))
AUGUST = Period(start=date(2026, 8, 1), end=date(2026, 9, 1))
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
DOLLARS = {"EC2": "33.333333333", "S3": "7.77", "Lambda": "0.000001", "Athena": "1.1", "Shared": "2"}
EUROS = {"BigQuery": "12.34", "Shared": "3"}
TICK = Decimal("0.000001")


def amount(name, base, day):
    """Another amount every day."""
    return Decimal(base) * (7 + (day.day * len(name)) % 5) / 10


PROVIDERS = {"aws": "AWS", "more": "AWS", "gcp": "Google Cloud", "focus": "Sakura", "pesos": "Pampa"}


def tell(ledger, source, currency, services, category="Usage"):
    """A source that bills in one currency, day by day."""
    grain = frozenset({"ServiceProviderName", "ServiceName", "ChargeCategory"})
    charges = [
        Charge(
            day=day,
            billed_cost=amount(name, base, day),
            billing_currency=currency,
            charge_category=category,
            service_provider_name=PROVIDERS[source],
            service_name=name,
        )
        for day in KNOWN
        for name, base in services.items()
    ]
    ledger.replace(Feed(source=source, name="bill", grain=grain), KNOWN, charges, synced=NOW)
    ledger.fresh(Freshness(source=source, synced=NOW, data_through=KNOWN.last, final_through=KNOWN.last))


@pytest.fixture
def dollars(ledger):
    """AWS, in dollars."""
    tell(ledger, "aws", "USD", DOLLARS)
    return ledger


@pytest.fixture
def both(dollars):
    """Google Cloud beside it, in euros."""
    tell(dollars, "gcp", "EUR", EUROS)
    return dollars


def reply(ledger, *, currency="EUR", budgets=(), **question):
    """The reply, in euros where nothing else is asked."""
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, budgets=lambda: budgets))
    return asker.answer(Question(**{"period": SEPTEMBER, "currency": currency, **question}))


def worth(name, base, days, currency="USD", to="EUR"):
    """A service's days at each day's rate, by other means."""
    return sum(amount(name, base, day) * (1 if currency == to else ecb(day, currency, to)[0]) for day in days)


def near(found, truth):
    """Right but for rounding to millionths."""
    return abs(found - truth) <= TICK


def test_a_total_is_the_sum_of_days_at_each_days_rate(dollars):
    """As billed, and beside it in euros, with the last rate's day and its source told once."""
    found = seen(reply(dollars, against=AUGUST))
    (total,) = found.totals
    assert near(total.converted.amount, sum(worth(*item, SEPTEMBER) for item in DOLLARS.items()))
    assert near(total.converted.against, sum(worth(*item, AUGUST) for item in DOLLARS.items()))
    assert total.amount == sum(amount(*item, day) for item in DOLLARS.items() for day in SEPTEMBER)
    assert total.converted.rate_date == date(2026, 9, 30)
    (note,) = found.notes
    assert note.startswith("Converted to EUR at daily rates, 31 Jul 2026 to 30 Sep 2026 (European Central Bank,")


def test_lines_add_up_to_the_total_to_the_last_digit(dollars):
    """Each line at each day's rate; with what was cut off, before and now add up to the converted total."""
    found = seen(reply(dollars, against=AUGUST, by=("ServiceName",), top=2))
    (total,) = found.totals
    assert [line.key["ServiceName"] for line in found.lines] == ["EC2", "S3", None]
    assert sum(line.converted.amount for line in found.lines) == total.converted.amount
    assert sum(line.converted.against for line in found.lines) == total.converted.against
    truth = {name: worth(name, DOLLARS[name], SEPTEMBER) for name in ("EC2", "S3")}
    assert all(near(line.converted.amount, truth[line.key["ServiceName"]]) for line in found.lines[:2])


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("by", [(), ("ServiceName",)])
def test_points_add_up_to_their_line(dollars, grain, by):
    """Every step at its days' rates; a weekend's is Friday's; the steps of a line add up to it."""
    found = seen(reply(dollars, grain=grain, by=by, top=2 if by else None))
    lines = {tuple(line.key.values()): line.converted.amount for line in found.lines}
    lines = lines or {(): found.totals[0].converted.amount}
    steps = groupby(sorted(found.series, key=lambda each: str(each.key)), key=lambda each: tuple(each.key.values()))
    assert {key: sum(point.converted.amount for point in points) for key, points in steps} == lines
    if grain == "day" and not by:
        sunday = next(series for series in found.series if series.start == date(2026, 9, 6))
        friday = ecb(date(2026, 9, 4), "USD", "EUR")[0]
        assert near(sunday.converted.amount, sunday.amount * friday)


def test_several_currencies_are_one_amount_in_the_one_asked_for(both):
    """Headline, table and chart are in euros, and add up; what was billed stands beside."""
    result = reply(both, by=("ServiceName",))
    shown = as_asked(result.answer)
    (whole,) = shown.totals
    truth = sum(worth(*item, SEPTEMBER) for item in DOLLARS.items()) + sum(
        worth(*item, SEPTEMBER, "EUR") for item in EUROS.items()
    )
    assert near(whole.amount, truth)
    assert sum(line.amount for line in shown.lines) == whole.amount
    assert [line.key["ServiceName"] for line in shown.lines].count("Shared") == 1
    assert shown.lines == tuple(sorted(shown.lines, key=lambda each: -each.amount))
    assert {(item.currency, item.converted is None) for item in seen(result).totals} == {("USD", False), ("EUR", True)}
    message = answer_message.draw(result)
    table = next(block for block in message.blocks if block["type"] == "data_table")
    texts = [cell["text"] for row in table["rows"] for cell in row]
    assert not any("$" in text for text in texts)
    total = table["rows"][-1][1]["text"]
    assert text(result).startswith(f"{total} (€")
    assert {"text": total, "style": {"bold": True}}.items() <= message.blocks[0]["elements"][0]["elements"][0].items()
    assert total in printed(result)
    chart = next(block for block in message.blocks if block["type"] == "data_visualization")
    assert chart["chart"]["axis_config"]["y_label"] == "EUR"


def test_the_top_is_by_what_it_comes_to(both):
    """Yen are many and small: a hundred of them are less than one dollar."""
    tell(both, "focus", "JPY", {"Compute": "100"})
    found = as_asked(reply(both, by=("ServiceName",), top=2).answer)
    assert [line.key["ServiceName"] for line in found.lines] == ["EC2", "BigQuery", None]


def test_a_threshold_is_in_the_currency_asked_for(dollars):
    """Days over 36 in euros are those that come to more than that at their rate."""
    found = seen(reply(dollars, grain="day", threshold=Threshold(op=">", amount=Decimal(36)))).series
    over = {day for day in SEPTEMBER if sum(worth(*item, [day]) for item in DOLLARS.items()) > 36}
    assert {item.start for item in found} == over
    assert 0 < len(over) < len([point for point in seen(reply(dollars, grain="day")).series if point.amount > 36])


def test_a_limit_in_euros_is_held_against_euros(both):
    """Whoever writes the limit's currency has named the answer's."""
    asker = AnswerService(both, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    for words in (
        "services over 100 eur in september",
        "services over €100 in september",
        "over 100 in eur by service in september",
    ):
        result = asker.ask(words)
        assert result.question.currency == "EUR"
        assert all(sum(item) > 100 for item in _by_name(as_asked(result.answer).lines).values())


def test_a_limit_on_several_currencies_says_what_it_is_held_against(both):
    """A hundred is not the same in each, so they are compared at the day's rate; where all are one, nothing is said."""
    limit = {"by": ("ServiceName",), "threshold": Threshold(op=">", amount=Decimal(100))}
    result = seen(reply(both, currency=None, **limit))
    assert [fact.currency for fact in result.facts if fact.type == "compared"] == ["USD"]
    assert all(item.converted is None for item in (*result.totals, *result.lines))
    assert not seen(reply(both, **limit)).facts


def _by_name(lines):
    result = {}
    for line in lines:
        if not line.other:
            result.setdefault(line.key["ServiceName"], []).append(line.amount)
    return result


def test_without_a_rate_there_are_separate_totals_and_lines(both):
    """New Taiwan dollars have none: they stand in their own currency, and why is told."""
    tell(both, "focus", "TWD", {"Compute": "100"})
    result = reply(both, by=("ServiceName",))
    shown = as_asked(result.answer)
    assert {total.currency for total in shown.totals} == {"EUR", "TWD"}
    assert [line.currency for line in shown.lines if line.key["ServiceName"] == "Compute"] == ["TWD"]
    assert seen(result).notes[-1] == "There is no exchange rate from TWD to EUR, so it is shown as billed."
    assert "NT$" in text(result)
    assert "€" in text(result)


def test_nothing_is_said_of_rates_where_nothing_is_converted(dollars):
    """What is billed in the currency asked for is as billed; quantities have no currency."""
    assert seen(reply(dollars, currency="USD")).notes == ()
    assert seen(reply(dollars, metric="ConsumedQuantity", by=("ServiceName",))).notes == ()


def test_a_period_without_charges_is_zero_in_both(dollars):
    """A known zero is one in every currency."""
    found = reply(dollars, charges="credits")
    assert seen(found).totals[0].converted.amount == 0
    assert text(found).startswith("€0.00 ($0.00 as billed)")


def test_csv_and_json_carry_both(dollars):
    """The exact billed amount, the converted one and its currency; of a total the rate's day and source too."""
    result = reply(dollars, by=("ServiceName",), against=AUGUST)
    header, first, *_ = as_csv(result.question, result.answer).splitlines()
    assert header.endswith("Amount,Currency,Before,ConvertedAmount,ConvertedCurrency,ConvertedBefore")
    line = as_json(result)["answer"]["lines"][0]
    assert first.endswith(f"EUR,{line['converted']['against']}")
    assert json.loads(json.dumps(line))["converted"]["currency"] == "EUR"
    whole = reply(dollars)
    assert "RateDate,RateSource" in as_csv(whole.question, whole.answer)


def test_a_forecast_is_told_in_the_currency_asked_for(both):
    """Billed days at each day's rate, what is to come at the last one known, all currencies together."""
    result = reply(both, kind="forecast", period=OCTOBER, by=("ServiceProviderName",))
    billed, found = seen(result).forecast, seen(result).forecast["converted"]
    days = list(Period(start=OCTOBER.start, end=KNOWN.end))
    truth = sum(worth(*item, days) for item in DOLLARS.items()) + sum(
        worth(*item, days, "EUR") for item in EUROS.items()
    )
    assert near(Decimal(found["actual"]), truth)
    assert Decimal(found["actual"]) + Decimal(found["rest"]) == Decimal(found["total"])
    assert Decimal(found["low"]) <= Decimal(found["total"]) <= Decimal(found["high"])
    assert (billed["currency"], found["currency"], found["rate_date"]) == ("USD", "EUR", "2026-10-28")
    shown = as_asked(result.answer)
    so_far = sum(series.amount for series in shown.series if series.start <= KNOWN.last)
    assert so_far == Decimal(found["actual"])
    assert {part["currency"] for part in Seen(shown).forecast["parts"]} == {"EUR"}
    assert sum(Decimal(part["actual"]) for part in Seen(shown).forecast["parts"]) == so_far
    assert text(result).startswith("About €")
    assert "$" not in text(result)
    assert seen(result).notes[0].startswith("As billed: $")
    assert "Future amounts are converted at the last known rate, of 28 Oct 2026." in seen(result).notes


def test_a_part_that_is_billed_in_two_currencies_is_one_row(both):
    """In euros a service is told once, with all that it was billed and will be; as billed in each currency."""
    result = reply(both, kind="forecast", period=OCTOBER, by=("ServiceName",))
    shared = [part for part in seen(result).forecast["parts"] if part["key"] == {"ServiceName": "Shared"}]
    assert {item["currency"] for item in shared} == {"USD", "EUR"}
    shown = [
        part for part in Seen(as_asked(result.answer)).forecast["parts"] if part["key"] == {"ServiceName": "Shared"}
    ]
    for name in ("actual", "rest", "total", "low", "high"):
        assert [Decimal(item[name]) for item in shown] == [sum(Decimal(item["converted"][name]) for item in shared)]


def test_a_forecast_as_billed_leaves_no_currency_out_of_its_sentence(both):
    """What is billed in another currency is no part of the first one's total, and is told beside it."""
    result = reply(both, currency=None, kind="forecast", period=OCTOBER)
    (other,) = seen(result).forecast["others"]
    assert (other["currency"], text(result).startswith("About $")) == ("EUR", True)
    assert text(result).endswith(f"so far; in other currencies about {render.money(Decimal(other['total']), 'EUR')}.")
    assert "in other currencies about €" in expected(result.answer)
    assert "others" not in seen(reply(both, kind="forecast", period=OCTOBER)).forecast


def test_a_forecast_at_one_rate_is_the_billed_one_at_it(dollars):
    """What is to come in euros is what is to come in dollars, times the last rate."""
    found = seen(reply(dollars, kind="forecast", period=OCTOBER)).forecast
    rate, _ = ecb(NOW.date(), "USD", "EUR")
    assert Decimal(found["converted"]["rest"]) == pytest.approx(Decimal(found["rest"]) * rate, abs=Decimal("0.01"))


def test_a_forecast_tells_apart_what_has_no_rate(both):
    """New Taiwan dollars are many, and stand beside; what has a rate leads."""
    tell(both, "focus", "TWD", {"Compute": "1000"})
    result = reply(both, kind="forecast", period=OCTOBER, by=("ServiceProviderName",))
    assert text(result).startswith("About €")
    assert [note for note in seen(result).notes if note.startswith("NT$24,500 so far and about NT$3")]
    assert seen(result).notes[-1] == "There is no exchange rate from TWD to EUR, so it is shown as billed."
    table = next(block for block in answer_message.draw(result).blocks if block["type"] == "data_table")["rows"]
    names = {row[0]["text"]: row[1]["text"] for row in table[1:]}
    assert set(names) == {"AWS", "Google Cloud", "Sakura", "Total"}
    assert names["Sakura"].startswith("NT$")
    assert text(result).count(names["Total"]) == 1


def test_a_forecast_of_parts_has_the_rest_of_them(dollars):
    """With more services than have a forecast of their own, these and the rest add up to what is billed so far."""
    tell(dollars, "more", "USD", {f"S{n}": str(n + 1) for n in range(12)})
    found = seen(reply(dollars, kind="forecast", period=OCTOBER, by=("ServiceName",))).forecast
    parts = [Decimal(part["converted"]["actual"]) for part in found["parts"]]
    billed = [Decimal(part["actual"]) for part in found["parts"]]
    left, rest = (Decimal(one["actual"]) - sum(item) for one, item in ((found["converted"], parts), (found, billed)))
    assert len(parts) == 8
    assert float(left) == pytest.approx(float(rest) * float(ecb(date(2026, 10, 14), "USD", "EUR")[0]), rel=0.02)


def test_a_forecast_without_a_rate_is_as_billed(dollars):
    """And says why."""
    found = reply(dollars, currency="TWD", kind="forecast", period=OCTOBER)
    assert "converted" not in seen(found).forecast
    assert text(found).startswith("About $")
    assert seen(found).notes == ("There is no exchange rate from USD to TWD, so it is shown as billed.",)


def test_a_budget_is_held_in_the_currency_of_its_limit(both):
    """Dollars spent against a limit in euros are converted, said so, and forecast with the euros."""
    budget = Budget(name="all", limit=Money(amount=Decimal(5000), currency="EUR"), question=Question())
    found = seen(reply(both, currency=None, kind="budgets", period=OCTOBER, budgets=(budget,)))
    (standing,) = found.budgets
    result = seen(reply(both, kind="forecast", period=OCTOBER)).forecast["converted"]
    assert (standing["spent"], standing["forecast"]) == (result["actual"], result["total"])
    assert (standing["state"], standing["missing"]) == ("within", [])
    assert found.notes[0].startswith("all: Converted to EUR at daily rates, 1 Oct 2026 to 28 Oct 2026")


def test_what_is_not_converted_says_so(dollars):
    """Words are never dropped in silence: of what moved, what was saved and budgets the billing currency is told."""
    budget = Budget(name="all", limit=Money(amount=Decimal(5000), currency="USD"), question=Question())
    message = {
        "explain": "Changes are shown as billed, in USD, not in EUR.",
        "savings": "Savings are shown as billed, in USD, not in EUR.",
        "budgets": "Budgets are shown in the currency of their limit, USD, not in EUR.",
    }
    for kind, note in message.items():
        asked = {"against": AUGUST} if kind == "explain" else {}
        found = reply(dollars, kind=kind, budgets=(budget,), **asked)
        assert seen(found).notes[-1] == note
        assert seen(reply(dollars, kind=kind, currency="USD", budgets=(budget,), **asked)).notes[-1:] != (note,)
    explained = reply(dollars, kind="explain", against=AUGUST)
    assert seen(explained).totals[0].converted
    assert all(total.converted is None for total in seen(reply(dollars, kind="savings")).totals)


def test_what_the_rates_make_of_a_change_is_told(dollars):
    """Of a change in euros, the part that is the dollar's doing: what is billed now, at now's rates less then's."""
    found = seen(reply(dollars, kind="explain", against=AUGUST))
    (whole,) = found.totals
    then, now = whole.converted.against / whole.against, whole.converted.amount / whole.amount
    part = f"{abs(whole.amount * (now - then)):.2f}"
    sign = "+" if now > then else "-"
    assert f"Changed exchange rates between USD and EUR account for {sign}€{part} of the change in EUR." in found.notes


def test_credits_say_so_too(ledger):
    """What is left of credits is in the currency they were granted in."""
    tell(ledger, "aws", "USD", {"Promotion": "-5"}, category="Credit")
    assert (
        seen(reply(ledger, kind="credits")).notes[-1] == "Credits are shown as granted and billed, in USD, not in EUR."
    )


def test_the_reading_names_the_currency(dollars):
    """What was asked for stands in how the question was read."""
    assert reply(dollars).read_as.endswith("in EUR")
    assert not reply(dollars, currency=None).read_as.endswith("EUR")
