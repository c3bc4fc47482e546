"""The forecast in bills of sixteen habits, beside published forecasters where they are installed.

``python -m benchmarks.forecast_kinds [SERIES]``. Each is asked on several days of every series for the rest of the
month and for three months, knowing only the days before. Misses are parts of what such a window usually comes to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module

import numpy as np
from msgspec import Struct

from benchmarks.rhythms import KINDS
from benchmarks.rhythms import made as bills_of
from benchmarks.series import Floats
from bot.analytics.forecast_model import project
from bot.domain.period import add_months

WARM, STEP = 150, 37
Outcome = tuple[float, float, float]
"""What a window is expected to come to, and the bounds that hold four times of five."""
Forecaster = Callable[[Floats, Sequence[date], int], Outcome]


class Trial(Struct, frozen=True):
    """What was known on a day, and what the days ahead came to."""

    known: Floats
    days: Sequence[date]
    ahead: int
    came: float
    usual: float


def trials(kind: str, series: int, *, months: int = 0, seed: int = 601) -> list[Trial]:
    """The trials of one kind: to the end of the month, or so many months ahead."""
    found = []
    bills = bills_of(kind, seed, series=series)
    for row, amounts in enumerate(bills.amounts):
        for at in range(WARM + row * 11 % STEP, len(bills.days), STEP):
            day = bills.days[at]
            end = add_months(day, months) if months else add_months(day.replace(day=1), 1)
            ahead = (end - day).days
            lately, ever = (float(np.abs(part).mean()) for part in (amounts[at - 60 : at], amounts))
            usual = (ever if kind == "sparse" else max(lately, 0.2 * ever)) * ahead
            if at + ahead <= len(amounts) and amounts[:at].any():
                came = float(amounts[at : at + ahead].sum())
                found.append(Trial(amounts[:at], bills.days[:at], ahead, came, usual))
    return found


def ours(known: Floats, days: Sequence[date], ahead: int) -> Outcome:
    """What the program forecasts."""
    first = int(np.argmax(known != 0))
    found = project(known[first:], days[first:], 1, ahead, 0.8)
    return float(found.daily.sum()), found.low, found.high


def seasonal_naive(known: Floats, _days: Sequence[date], ahead: int) -> Outcome:
    """The last week again and again; its band is not asked for."""
    total = float(np.resize(known[-7:], ahead).sum())
    return total, total, total


def figures(found: Sequence[Trial], forecaster: Forecaster) -> tuple[float, float, float]:
    """Mean absolute miss and mean miss in per cent, and how often the band held."""
    misses, held = [], []
    for trial in found:
        text, low, high = forecaster(trial.known, trial.days, trial.ahead)
        misses.append((text - trial.came) / trial.usual)
        held.append(low - 0.01 <= trial.came <= high + 0.01)
    return 100 * float(np.mean(np.abs(misses))), 100 * float(np.mean(misses)), 100 * float(np.mean(held))


def published() -> dict[str, Forecaster]:
    """Forecasters of the library statsforecast; none where it is not installed."""
    try:
        library = import_module("benchmarks.published_forecasters")
    except ImportError:
        return {}
    return {"AutoETS": library.auto_ets, "MSTL": library.mstl}


def run(series: int = 12, kinds: Sequence[str] = tuple(KINDS)) -> None:
    """Print the table."""
    others: dict[str, Forecaster] = {"seasonal naive": seasonal_naive, **published()}
    print("| habit | n | ours: miss | bias | band | " + " | ".join(others) + " | 3 months: miss | band |")
    print("|---" * (7 + len(others)) + "|")
    sums: list[list[float]] = []
    for kind in kinds:
        found = trials(kind, series)
        miss, bias, held = figures(found, ours)
        rest = [figures(found, other)[0] for other in others.values()]
        far = figures(trials(kind, series, months=3), ours)
        sums.append([miss, bias, held, *rest, far[0], far[2]])
        cells = [f"{miss:.2f} %", f"{bias:+.2f} %", f"{held:.0f} %", *(f"{other:.2f} %" for other in rest)]
        print(f"| {kind} | {len(found)} | {' | '.join(cells)} | {far[0]:.1f} % | {far[2]:.0f} % |", flush=True)
    mean = np.mean(sums, axis=0)
    print("| all | | " + " | ".join(f"{one:.2f} %" for one in mean) + " |")


if __name__ == "__main__":
    run(int(sys.argv[1]) if sys.argv[1:] else 12, sys.argv[2].split(",") if sys.argv[2:] else tuple(KINDS))
