"""Back-tests of the forecast: ``python -m benchmarks.forecast [--ledger FILE] [--series N]``.

At several days of every series, only the days before are handed in; what the rest of the month (or the next
months) came to is compared with the forecast and with what one would do without it. ``--ledger`` takes a FOCUS
file of daily charges and adds its total, providers, services and accounts.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as dawn
from decimal import Decimal
from pathlib import Path

import numpy as np

from benchmarks.series import Floats, bills, told, troubled
from bot.analytics.completion import Earlier, gains, settling
from bot.analytics.forecast import forecast
from bot.domain.aggregate import Cell
from bot.domain.answers.forecasts import NEEDED_DAYS, Forecast
from bot.domain.period import Period, add_months, month_of

METHODS = ("forecast", "mean of 28 days", "month's run rate", "seasonal naive")
Days = list[date]


@dataclass(frozen=True)
class Trial:
    """One day of one series: what came, and what each method said, as parts of a usual window."""

    misses: tuple[float, ...]
    held: bool
    seconds: float


def rest_of_month(day: date) -> Period:
    """From the day to its month's end."""
    return Period(start=day, end=add_months(day.replace(day=1), 1))


def months_ahead(months: int) -> Callable[[date], Period]:
    """So many months from the day on."""
    return lambda day: Period(start=day, end=add_months(day, months))


def trials(amounts: Floats, days: Days, window: Callable[[date], Period], warm: int, step: int = 23) -> Iterator[Trial]:
    """The trials of a table, from the ``warm``-th day on, every ``step`` days, staggered over the series."""
    for row, series in enumerate(amounts):
        for at in range(warm + row * 7 % step, len(days), step):
            period = window(days[at])
            if period.end <= days[-1] + timedelta(days=1) and old_enough(series[:at]):
                yield trial(series[:at], series, days, at, period)


def old_enough(known: Floats) -> bool:
    """Whether there is history to forecast from: two weeks, and a few cents a day of late."""
    return len(known) - int(np.argmax(known != 0)) >= NEEDED_DAYS and np.abs(known[-60:]).mean() > 0.03


def trial(  # noqa: PLR0913 - what was known, and what came
    known: Floats, series: Floats, days: Days, at: int, period: Period, late: Mapping[date, float] | None = None
) -> Trial:
    """Everything said on the ``at``-th day, which is not known yet, against what came; ``late`` is still to be told."""
    first = min(at, (period.start - days[0]).days)
    came = float(series[first : first + period.days].sum())
    cell = Cell((), "USD", tuple(map(_amount, known)))
    began = time.process_time()
    said_of = forecast(cell, days[:at], period, gains=late)
    seconds = time.process_time() - began
    if not isinstance(said_of, Forecast):
        raise TypeError(said_of)
    ahead = (period.end - days[at]).days
    usual = max(float(np.abs(series[max(0, at - 60) : at]).mean()) * ahead, 1e-9)
    text = (float(said_of.total), *(float(known[first:at].sum()) + item for item in naive(known, days[at], ahead)))
    misses = tuple(abs(came - item) / usual for item in text)
    return Trial(misses, float(said_of.low) - 0.01 <= came <= float(said_of.high) + 0.01, seconds)


def restated(
    amounts: Floats, days: Days, tellings: list[Floats], *, corrected: bool, step: int = 23
) -> Iterator[Trial]:
    """The same to the end of the month, of bills whose last days are told in part; ``tellings`` by their age."""
    for row, final in enumerate(amounts):
        for at in range(100 + row * 7 % step, len(days), step):
            period = rest_of_month(days[at])
            if period.end <= days[-1] + timedelta(days=1) and old_enough(final[:at]):
                seen = final[:at].copy()
                for age, as_told in enumerate(tellings[:-1], 1):
                    seen[at - age] = as_told[row, at - age]
                late = growth([telling[row] for telling in tellings], seen, days, at) if corrected else {}
                yield trial(seen, final, days, at, month_of(days[at]), late)


def growth(tellings: list[Floats], seen: Floats, days: Days, at: int, watched: int = 60) -> dict[date, float]:
    """What the last days are expected to gain, from how the days before were restated."""
    moving = len(tellings)
    changes = [
        Earlier(days[day], _morning(days[day + age + 1]), _amount(tellings[age - 1][day]))
        for day in range(at - watched, at)
        for age in range(1, min(moving, at - day))
    ]
    told_on = days[at]
    now = {days[day]: _amount(seen[day]) for day in range(at - watched, at)}
    last = {days[day]: now[days[day]] for day in range(at - moving, at)}
    return gains(last, settling(changes, now, _morning(told_on)), told_on, None)


def _morning(day: date) -> datetime:
    return datetime.combine(day, dawn(8), UTC)


def _amount(amount: float) -> Decimal:
    return Decimal(f"{amount:.6f}")


def naive(known: Floats, day: date, ahead: int) -> tuple[float, float, float]:
    """The baselines: the mean of 28 days, the month's own mean so far, the last week again and again."""
    so_far = known[-(day.day - 1) :] if day.day > 1 else known[-28:]
    return (
        float(known[-28:].mean() * ahead),
        float(so_far.mean() * ahead),
        float(np.resize(known[-7:], ahead).sum()),
    )


def table(name: str, found: list[Trial]) -> str:
    """One row: mean (and median) miss of each method, in per cent of the usual; coverage; time."""
    misses = 100 * np.array([item.misses for item in found])
    held = 100 * np.mean([item.held for item in found])
    cells = [f"{misses[:, at].mean():.2f} ({np.median(misses[:, at]):.2f})" for at in range(len(METHODS))]
    took = 1000 * float(np.median([item.seconds for item in found]))
    return f"| {name} | {len(found)} | " + " | ".join(cells) + f" | {held:.1f} % | {took:.1f} ms |"


def ledger(path: Path) -> tuple[Days, dict[str, Floats]]:
    """Daily sums of a FOCUS file: its total, and by provider, service and account; the last day is left out."""
    sums: dict[str, dict[tuple[str, ...], dict[date, float]]] = {}
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in csv.DictReader(lines):
            day, cost = date.fromisoformat(row["ChargePeriodStart"][:10]), float(row["BilledCost"])
            for cut in ((), ("ProviderName",), ("ServiceName",), ("SubAccountName",)):
                series = sums.setdefault("".join(cut) or "total", {})
                key = tuple(row[item] for item in cut)
                series.setdefault(key, {})[day] = series.setdefault(key, {}).get(day, 0.0) + cost
    first, last = min(sums["total"][()]), max(sums["total"][()])
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    return days, {
        f"ledger, by {cut}" if cut != "total" else "ledger, total": np.array(
            [[item.get(day, 0.0) for day in days] for item in series.values()]
        )
        for cut, series in sums.items()
    }


def run(series: int = 120, file: Path | None = None) -> None:
    """Print the table over generated bills, and over a FOCUS file of daily charges where one is given."""
    calm = bills(101, series=series)
    rough = troubled(bills(102, series=series), 7, {"spike": 3.0, "shift": 1.3}, share=0.5)
    print("| to the end of the month | n | " + " | ".join(METHODS) + " | 80 % band holds | median CPU time |")
    print("|---" * (len(METHODS) + 4) + "|")
    print(table("generated, calm", list(trials(calm.amounts, calm.days, rest_of_month, 100))))
    print(table("generated, spikes and shifts", list(trials(rough.amounts, rough.days, rest_of_month, 100))))
    young = list(trials(calm.amounts[:, :75], calm.days[:75], rest_of_month, 14, step=11))
    print(table("generated, 14 to 75 days old", young))
    long = bills(103, series=series // 2, days=650)
    for months in (1, 3, 6):
        name = f"generated, {months} whole month{'s' * (months > 1)}"
        print(table(name, list(trials(long.amounts, long.days, months_ahead(months), 200, step=97))))
    tellings = told(calm.amounts, 104, first=0.8)
    for name, corrected in (("as told", False), ("corrected", True)):
        found = list(restated(calm.amounts, calm.days, tellings, corrected=corrected))
        print(table(f"generated, last days told in part, {name}", found))
    if file:
        days, cuts = ledger(file)
        for name, amounts in cuts.items():
            print(table(name, list(trials(amounts, days, rest_of_month, 100, step=17))))
        print(table("ledger, total, 3 months", list(trials(cuts["ledger, total"], days, months_ahead(3), 200, 17))))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledger", type=Path, help="a FOCUS file of daily charges")
    parser.add_argument("--series", type=int, default=120)
    asked = parser.parse_args()
    run(asked.series, asked.ledger)


if __name__ == "__main__":
    main()
