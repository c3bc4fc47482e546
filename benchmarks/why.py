"""How often "why" names the injected cause first: ``python -m benchmarks why [SEEDS]``.

Beside it the rule that AWS documents for cost comparison drivers: the usage type (here the SKU) and the service whose
cost changed most, with what its quantity and its price made of it.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, cast

from benchmarks.why_cases import KINDS, Case, case, ledger_of
from bot.answering.service import AnswerService, Defaults
from bot.domain.answers import Driver, ExplainAnswer
from bot.domain.answers.explanations import CalendarChange, TransferDetail
from bot.domain.money import total
from bot.domain.question import Question


class Judged(NamedTuple):
    """Whether the first driver is the cause, whether its place is right (None where there is none), and exactness."""

    cause: bool
    place: bool | None
    adds_up: bool


def run(seeds: int = 50) -> None:
    """Print a line a kind."""
    print("| cause | first driver | its place | top service and SKU |\n|---|---|---|---|")
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for kind in KINDS:
        judged, theirs = [], []
        for seed in range(seeds):
            made = case(kind, seed)
            judged.append(ours(made))
            theirs.append(top_service(made))
        if not all(one.adds_up for one in judged):
            print(f"{kind}: drivers do not add up to the change")
        places = [one.place for one in judged if one.place is not None]
        rows = {"cause": [one.cause for one in judged], "place": places, "theirs": theirs}
        for name, values in rows.items():
            sums[name] = [sums[name][0] + sum(values), sums[name][1] + len(values)]
        print(f"| {kind} | {' | '.join(_part(values) for values in rows.values())} |", flush=True)
    print(f"| all | {' | '.join(f'**{100 * good / max(count, 1):.1f} %**' for good, count in sums.values())} |")


def _part(values: Sequence[bool]) -> str:
    return f"{100 * sum(values) / len(values):.0f} %" if values else ""


def answered(made: Case) -> ExplainAnswer:
    """What the program answers."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = ledger_of(made, Path(folder) / "ledger.db")
        now = datetime.combine(made.period.end, time(9), UTC)
        service = AnswerService(ledger, clock=lambda: now, defaults=Defaults(zone=UTC))
        question = Question(kind="explain", period=made.period, against=made.against)
        return cast("ExplainAnswer", service.answer(question).answer)


def ours(made: Case) -> Judged:
    """Whether the program names the cause of a case, and its place."""
    answer = answered(made)
    whole = answer.totals[0]
    change = total([whole.amount, -(whole.against or Decimal(0))])
    adds_up = total([driver.change for driver in answer.drivers]) == change
    first = _first(answer.drivers, made)
    if first is None:
        return Judged(cause=False, place=None, adds_up=adds_up)
    expected = made.expected
    words = {value for value in first.key.values() if value} | {place.value for place in first.places}
    if isinstance(first.detail, TransferDetail):
        words |= {value for value in first.detail.other.values() if value}
    kinds = {driver.kind for driver in answer.drivers if driver.key == first.key}
    events = {f"{event.kind} {event.day}" for event in first.events}
    words |= {event.name for event in first.events}
    cause = set(expected.cause) <= words if expected.kind != ("calendar",) else True
    cause = cause and (not expected.kind or bool(kinds & set(expected.kind)))
    cause = cause and (not expected.event or expected.event in events)
    cause = cause and not any(driver.kind in expected.never for driver in answer.drivers)
    place = set(expected.place) <= words if expected.place else None
    return Judged(cause, place, adds_up)


def _first(drivers: Iterable[Driver], made: Case) -> Driver | None:
    """The driver that is told first: the largest; the calendar only where it is larger than all others."""
    if made.expected.kind != ("calendar",):
        drivers = [driver for driver in drivers if not isinstance(driver.detail, CalendarChange)]
    named = [
        driver for driver in drivers if isinstance(driver.detail, CalendarChange) or None not in driver.key.values()
    ]
    return max(named, key=lambda driver: abs(driver.change), default=None)


def top_service(made: Case) -> bool:
    """Whether the service whose cost changed most, or its usage type, is the cause; it knows no other kinds."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for charge in made.charges:
        sign = 1 if charge.day in made.period else -1 if charge.day in made.against else 0
        sums[charge.service_name] += sign * charge.billed_cost
    top = max(sums, key=lambda name: abs(sums[name]))
    unknown = {"calendar", "transfer"} & set(made.expected.kind)
    return not unknown and top in made.expected.cause
