"""Back-tests of the anomalies: ``python -m benchmarks.anomaly [--taxi DIRECTORY] [--series N]``.

Known troubles are put into generated bills, one kind a table row; a finding is right when it begins within two
days of a trouble of its series and is first told within three days (of a shift's start). The baselines are what is
commonly built first. ``--taxi`` takes the directory of the Numenta Anomaly Benchmark's ``nyc_taxi.csv`` with its
``combined_windows.json``.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rhythms import KINDS
from benchmarks.rhythms import made as bills_of
from benchmarks.series import Bills, Event, Floats, bills, troubled
from bot.analytics.anomaly import Thresholds, find
from bot.domain.aggregate import Cell, Course
from bot.domain.period import Period

SINCE = 60
"""The first day that is judged."""
TROUBLES = {
    "spike ×3, 1–3 days": ("spike", 3.0),
    "spike ×2, 1–3 days": ("spike", 2.0),
    "shift +30 %": ("shift", 1.3),
    "shift +50 %": ("shift", 1.5),
    "shift -40 %": ("shift", 0.6),
    "drop to zero": ("drop", 0.0),
    "new spend": ("new", 1.0),
}
UNSETTLED = ("ended", "dying", "steps", "spikes")
"""Habits that are troubles themselves."""
THRESHOLDS = Thresholds(amount=Decimal(1))


@dataclass(frozen=True)
class Told:
    """A finding: of which series, from which day on, and on which day it was first told."""

    series: int
    start: int
    seen: int


Detector = Callable[[Bills], list[Told]]


def ours(made: Bills) -> list[Told]:
    """What the program finds."""
    cells = as_cells(made)
    period = Period(start=made.days[SINCE], end=made.days[-1] + timedelta(days=1))
    found = find(("series",), cells, made.days, period, thresholds=THRESHOLDS)
    return [
        Told(int(item.key["series"]), (item.period.start - made.days[0]).days, (item.seen - made.days[0]).days)
        for item in found
    ]


def as_cells(made: Bills) -> list[Course]:
    """The bills as the ledger would hand them in."""
    return [Course((str(row),), "USD", series) for row, series in enumerate(made.amounts)]


def twice_the_mean(made: Bills) -> list[Told]:
    """Days of more than twice, or less than half, the mean of the 28 days before."""
    mean, _ = _before(made.amounts)
    return runs((made.amounts > 2 * mean) | (made.amounts < mean / 2))


def three_sigma(made: Bills) -> list[Told]:
    """Days more than three standard deviations from the mean of the 28 days before, and off by a fifth."""
    mean, spread = _before(made.amounts)
    off = np.abs(made.amounts - mean)
    return runs((off > 3 * spread) & (off > 0.2 * mean))


def _before(amounts: Floats) -> tuple[Floats, Floats]:
    windows = np.lib.stride_tricks.sliding_window_view(amounts, 28, axis=1)[:, :-1]
    mean, spread = np.zeros_like(amounts), np.zeros_like(amounts)
    mean[:, 28:], spread[:, 28:] = windows.mean(axis=2), windows.std(axis=2)
    return mean, spread


def runs(flags: NDArray[np.bool_]) -> list[Told]:
    """The first day of every run of flagged days, with pauses of up to a week."""
    result = []
    for row in range(len(flags)):
        last = -100
        for day in np.flatnonzero(flags[row, SINCE:]) + SINCE:
            if day - last > 7:
                result.append(Told(row, int(day), int(day)))
            last = int(day)
    return result


def judged(made: Bills, result: list[Told]) -> tuple[float, float, float]:
    """Recall, precision, and false alarms a month per hundred series."""

    def in_time(item: Told, known: Event) -> bool:
        seen_by = max(known.start + 3, known.end if known.kind == "spike" else 0)
        return abs(item.start - known.start) <= 2 and item.seen < seen_by

    return _judged(made, result, in_time)


def found_within(made: Bills, result: list[Told], days: int = 7) -> tuple[float, float]:
    """Recall within so many days of the start, and false alarms a month per hundred series."""

    def in_time(item: Told, known: Event) -> bool:
        return item.start - known.start <= days and item.seen < known.start + days

    recall, _, false = _judged(made, result, in_time)
    return recall, false


def _judged(made: Bills, result: list[Told], in_time: Callable[[Told, Event], bool]) -> tuple[float, float, float]:
    """The same, where ``in_time`` says which alarms near an event find it; those near none are false."""
    event = {item.series: item for item in made.events}
    hits, false = set(), 0
    for item in result:
        known = event.get(item.series)
        if known is None or not known.start - 2 <= item.start <= known.end + 3:
            false += 1
        elif in_time(item, known):
            hits.add(item.series)
    months = len(made.amounts) * (made.amounts.shape[1] - SINCE) / 30 / 100
    return len(hits) / max(1, len(event)), len(hits) / max(1, len(hits) + false), false / months


def habits(series: int) -> None:
    """False alarms and recall in bills of each habit, beside published detectors where they are installed."""
    detectors: dict[str, Detector] = {"ours": ours, **published()}
    print("\n| habit | " + " | ".join(detectors) + " |")
    print("|---" * (len(detectors) + 1) + "|")
    for habit in (name for name in KINDS if name not in UNSETTLED):
        cells = []
        for detector in detectors.values():
            calm = bills_of(habit, 401, series=series)
            alarms = found_within(calm, detector(calm))[1]
            recalls = []
            for kind, size in (("spike", 3.0), ("shift", 1.3), ("shift", 0.7), ("drop", 0.0)):
                bad = troubled(bills_of(habit, 402, series=series), 9, {kind: size}, share=0.6)
                recalls.append(f"{found_within(bad, detector(bad))[0]:.2f}")
            cells.append(f"{alarms:.2f}: {' / '.join(recalls)}")
        print(f"| {habit} | " + " | ".join(cells) + " |", flush=True)


def published() -> dict[str, Detector]:
    """Detectors of the libraries statsmodels and ruptures; none where they are not installed."""
    try:
        library = import_module("benchmarks.published_detectors")
    except ImportError:
        return {}
    return {"STL with MAD": library.stl_with_mad, "STL with PELT": library.stl_with_pelt}


def table(series: int, detectors: dict[str, Detector]) -> None:
    """Recall, precision and false alarms of each detector for each trouble."""
    print("| trouble in 30 % of the series | " + " | ".join(detectors) + " |")
    print("|---" * (len(detectors) + 1) + "|")
    calm = bills(201, series=series)
    quiet = [f"– / – / {judged(calm, detector(calm))[2]:.2f}" for detector in detectors.values()]
    print("| none | " + " | ".join(quiet) + " |")
    for name, (kind, size) in TROUBLES.items():
        made = troubled(bills(202, series=series), 9, {kind: size})
        cells = ["{:.2f} / {:.2f} / {:.2f}".format(*judged(made, detector(made))) for detector in detectors.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")


def by_noise(series: int) -> None:
    """Where it is weak: the recall of a 30 % shift by how noisy the series is."""
    made = troubled(bills(203, series=series), 9, {"shift": 1.3}, share=0.6)
    result = ours(made)
    right = {
        event.series
        for event in made.events
        for t in result
        if t.series == event.series and abs(t.start - event.start) <= 2
    }
    print("\n| noise of a day | shifts of 30 % | found |\n|---|---|---|")
    for noise in np.unique(made.noise):
        mine = [event.series for event in made.events if made.noise[event.series] == noise]
        print(f"| {100 * noise:.0f} % | {len(mine)} | {sum(item in right for item in mine) / len(mine):.2f} |")


def taxi(folder: Path) -> None:
    """Numenta's New York taxi rides by day: five labelled windows of holidays and a blizzard."""
    rides: dict[date, float] = {}
    with (folder / "nyc_taxi.csv").open() as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["timestamp"][:10])
            rides[day] = rides.get(day, 0.0) + float(row["value"])
    windows = json.loads((folder / "combined_windows.json").read_text())["realKnownCause/nyc_taxi.csv"]
    spans = [(date.fromisoformat(start[:10]), date.fromisoformat(end[:10])) for start, end in windows]
    days = sorted(rides)
    cell = Cell(("taxi",), "rides", tuple(Decimal(rides[day]) for day in days))
    whole = Period(start=days[0], end=days[-1] + timedelta(days=1))
    print("\n| nyc_taxi, threshold | windows found of 5 | findings outside |\n|---|---|---|")
    for share in ("0.2", "0.15", "0.1"):
        found = find(("series",), [cell], days, whole, thresholds=Thresholds(share=Decimal(share)))
        within = [any(item.period.start <= end and item.period.last >= start for item in found) for start, end in spans]
        outside = [
            item
            for item in found
            if not any(item.period.start <= end and item.period.last >= start for start, end in spans)
        ]
        print(f"| {100 * float(share):.0f} % | {sum(within)} | {len(outside)} |")


def run(series: int = 1000) -> None:
    """Print the tables over generated bills, and what looking costs."""
    print("Recall / precision / false alarms a month per hundred series.\n")
    table(series, {"ours": ours, "twice the mean of 28 days": twice_the_mean, "three sigma of 28 days": three_sigma})
    by_noise(series)
    habits(max(20, series // 10))
    many = bills(204, series=2000)
    cells, period = as_cells(many), Period(start=many.days[-30], end=many.days[-1])
    began = time.process_time()
    find(("series",), cells, many.days, period)
    print(f"\n2,000 series of 400 days: {time.process_time() - began:.2f} s of processor time")


def main() -> None:
    """Print the tables, the taxi's too where its folder is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taxi", type=Path, help="the directory of NAB's nyc_taxi.csv and combined_windows.json")
    parser.add_argument("--series", type=int, default=1000)
    asked = parser.parse_args()
    run(asked.series)
    if asked.taxi:
        taxi(asked.taxi)


if __name__ == "__main__":
    main()
