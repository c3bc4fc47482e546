"""An answer's figures as one native table: rounded for people, adding up as shown.

Every function returns the rows of a table, header first, or nothing where there is nothing to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Struct

from bot import render
from bot.blockkit.build import Block, cut, number_cell, text_cell
from bot.domain.answers import CostAnswer, Line, Point, Total
from bot.domain.money import rounded, settled, total
from bot.domain.question import Question

Rows = list[list[Block]]
MOST_ROWS = 100
"""Lines of one table; what is beyond stands in its "Other" row and in the CSV."""
MOST_CHARACTERS = 18_000
_LABEL = 80
_COLUMNS = 5
_ZERO = Decimal(0)
_Figure = TypeVar("_Figure", Line, Point)


class _Row(Struct, frozen=True):
    labels: tuple[str, ...]
    measure: tuple[str | None, str | None]
    amount: Decimal
    against: Decimal | None = None
    rest: bool = False
    """Whether it stands for lines that are not shown."""


def header(*names: str) -> list[Block]:
    """The row that names the columns."""
    return [text_cell(cut(name, _LABEL)) for name in names]


def cell(
    amount: Decimal, measure: tuple[str | None, str | None], exact: Decimal, digits: int, *, signed: bool = False
) -> Block:
    """A figure; ``exact`` tells a true zero from one that is only rounded to it."""
    currency, unit = measure
    if not currency:
        return number_cell(float(amount), render.quantity(amount, unit or "", short=False, signed=signed))
    shown = exact if exact and not amount else amount
    finer = None if signed and shown is not amount else digits
    return number_cell(float(shown), render.money(shown, currency, digits=finer, signed=signed))


def _digits(rows: Iterable[_Row]) -> dict[tuple[str | None, str | None], int]:
    """One number of decimal places for each currency or unit: what suits its sum."""
    alike: dict[tuple[str | None, str | None], list[tuple[Decimal, Decimal | None]]] = defaultdict(list)
    for row in rows:
        alike[row.measure].append((row.amount, row.against))
    return {measure: render.places_of(pairs, measure[0]) for measure, pairs in alike.items()}


def _shown(rows: Sequence[_Row], digits: Mapping[tuple[str | None, str | None], int]) -> list[list[Decimal]]:
    """For each row its rounded amount and what it is compared with; what rounding leaves over goes to the rest."""
    result = [[_ZERO, _ZERO] for _ in rows]
    for measure, places in digits.items():
        chosen = [index for index, row in enumerate(rows) if row.measure == measure]
        rest = next((place for place, at in enumerate(chosen) if rows[at].rest), None)
        for column, amounts in enumerate(
            ([rows[at].amount for at in chosen], [rows[at].against or _ZERO for at in chosen])
        ):
            for at, amount in zip(chosen, settled(amounts, places, rest), strict=True):
                result[at][column] = amount
    return result


def breakdown(question: Question, answer: CostAnswer) -> Rows:
    """A row a line, then what was cut off, then the total of each currency or unit."""
    named = any(not line.other for line in answer.lines)
    return fitting(lambda most: _breakdown(question, answer, most)) if named else []


def _breakdown(question: Question, answer: CostAnswer, most: int) -> Rows:
    rows = _folded(answer.lines, most)
    digits, compared = _digits(rows), any(row.against is not None for row in rows)
    shown = _shown(rows, digits)
    dimensions = list(answer.lines[0].key)
    whole = _whole(rows) if not compared else None
    shares = ["Share"] if whole else []
    table = [header(*map(_title, dimensions), *_columns(question, compared=compared), *shares)]
    for row, (now, before) in zip(rows, shown, strict=True):
        table.append([*_cells(row, now, before, digits, compared=compared), *_part(row.amount, whole)])
    for measure in _adding_up(answer.totals, rows):
        chosen = [row for row in rows if row.measure == measure]
        exact = _Row(
            ("Total", *[""] * (len(dimensions) - 1)),
            measure,
            total([row.amount for row in chosen]),
            total([row.against or _ZERO for row in chosen]) if compared else None,
        )
        now, before = (rounded(amount, digits[measure]) for amount in (exact.amount, exact.against or _ZERO))
        if not compared:
            left = now - total([amount for row, (amount, _) in zip(rows, shown, strict=True) if row.measure == measure])
            table += _rounding_row(left, measure, digits[measure], len(dimensions), shares=bool(whole))
        table.append([*_cells(exact, now, before, digits, compared=compared), *_part(exact.amount, whole)])
    return table


def _rounding_row(
    left: Decimal, measure: tuple[str | None, str | None], places: int, labels: int, *, shares: bool
) -> Rows:
    """What rounding left over, where no row stands for the rest and could take it; no row where nothing is left."""
    if not left:
        return []
    names = [text_cell(text) for text in ("Rounding", *[""] * (labels - 1))]
    return [[*names, cell(left, measure, left, places), *([number_cell(0.0, "–")] if shares else [])]]


def _part(amount: Decimal, whole: Decimal | None) -> list[Block]:
    if whole is None:
        return []
    return [number_cell(round(float(amount / whole * 100), 4), render.share(amount, whole) or "–")]


def _whole(rows: Sequence[_Row]) -> Decimal | None:
    """What the rows are shares of: their sum, where all are parts of one measure; else None."""
    alike = len({row.measure for row in rows}) == 1 and all(row.amount >= 0 for row in rows)
    sum_ = total([row.amount for row in rows])
    return sum_ if alike and sum_ and len(rows) > 1 else None


def _title(dimension: str) -> str:
    name = render.dimension(dimension)
    return name[:1].upper() + name[1:]


def _columns(question: Question, *, compared: bool) -> list[str]:
    if not compared or not question.period or not question.against:
        return [_measured(question)]
    same_year = question.period.last.year == question.against.start.year
    return [
        render.period(question.period, year=not same_year),
        render.period(question.against, year=not same_year),
        "Change",
    ]


def _measured(question: Question) -> str:
    return "Quantity" if question.metric == "ConsumedQuantity" else "Cost"


def _row(line: Line) -> _Row:
    labels = tuple("Other" if line.other else render.value(text, name) for name, text in line.key.items())
    if line.other:
        labels = (labels[0], *[""] * (len(labels) - 1))
    return _Row(labels, (line.currency, line.unit), line.amount, line.against, line.other)


def _folded(lines: Sequence[Line], most: int) -> list[_Row]:
    """At most so many rows; lines beyond become one "Other" for each currency or unit."""
    if len(lines) <= most:
        return [_row(line) for line in lines]
    kept, beyond = [_row(line) for line in lines[: most - 1]], lines[most - 1 :]
    by_measure: dict[tuple[str | None, str | None], list[Line]] = defaultdict(list)
    for line in beyond:
        by_measure[line.currency, line.unit].append(line)
    for measure, folded in by_measure.items():
        against = [line.against for line in folded if line.against is not None]
        kept.append(
            _Row(
                (f"Other ({len(folded)} more)", *[""] * (len(folded[0].key) - 1)),
                measure,
                total([line.amount for line in folded]),
                total(against) if against else None,
                rest=True,
            )
        )
    return kept


def _cells(row: _Row, now: Decimal, before: Decimal, digits: Mapping[Any, int], *, compared: bool) -> list[Block]:
    labels = [text_cell(cut(text, _LABEL)) for text in row.labels]
    places = digits[row.measure]
    figures = [cell(now, row.measure, row.amount, places)]
    if compared:
        exact = row.against or _ZERO
        figures += [cell(before, row.measure, exact, places), _change(row, now - before, exact, places)]
    return labels + figures


def _change(row: _Row, moved: Decimal, before: Decimal, places: int) -> Block:
    ratio = render.percent(row.amount, before)
    text = render.figure(moved, *row.measure, signed=True, digits=places)
    return number_cell(float(moved), f"{text} ({ratio})" if ratio and moved else text)


def _adding_up(totals: Sequence[Total], rows: Sequence[_Row]) -> list[tuple[str | None, str | None]]:
    """The currencies and units of more than one row whose rows add up to the total."""
    sums: dict[tuple[str | None, str | None], list[Decimal]] = defaultdict(list)
    for row in rows:
        sums[row.measure].append(row.amount)
    whole = {(part.currency, part.unit): part.amount for part in totals}
    return [measure for measure, amounts in sums.items() if len(amounts) > 1 and whole.get(measure) == total(amounts)]


def series(question: Question, points: Sequence[Point]) -> Rows:
    """A row a step and a column a value (the largest, then Other), each cell rounded by itself."""
    return fitting(lambda most: _series(question, points, most)) if points and question.grain else []


def _series(question: Question, points: Sequence[Point], most: int) -> Rows:
    grain = question.grain or "day"
    every = sorted({point.start for point in points})
    starts = every[-most:]
    measure = (points[0].currency, points[0].unit)
    columns = pivot(points, _COLUMNS)
    exact = [[columns[name].get(start, _ZERO) for name in columns] for start in starts]
    places = render.places(total([abs(amount) for row in exact for amount in row]), measure[0])
    shown = [[rounded(amount, places) for amount in row] for row in exact]
    several = len(columns) > 1
    measured = list(map(render.brief, columns)) if several else [_measured(question)]
    step = "day" if grain == "hour" else grain
    table = [header(step.capitalize(), *measured, *["Total"] * several)]
    end = question.period.end if question.period else None
    for start, row, true in zip(starts, shown, exact, strict=True):
        cells = [cell(now, measure, was, places) for now, was in zip(row, true, strict=True)]
        sums = [_sum(true, measure, places)] if several else []
        table.append([text_cell(render.step(start, grain, end)), *cells, *sums])
    name = "Total" if starts == every else f"Sum of these {len(starts)}"
    sums = [_sum(column, measure, places) for column in zip(*exact, strict=True)]
    table.append([text_cell(name), *sums, *[_sum([total(row) for row in exact], measure, places)] * several])
    return table


def _sum(exact: Sequence[Decimal], measure: tuple[str | None, str | None], places: int) -> Block:
    """The sum, rounded once: what its parts come to as they are shown may differ in the last digit."""
    amount = total(list(exact))
    return cell(rounded(amount, places), measure, amount, places)


def one_measure(figures: Sequence[_Figure], what: str = "chart") -> tuple[list[_Figure], str]:
    """Those of the currency or unit that has most of them (others have no place beside it), and a note."""
    measures = [figure.currency or figure.unit or "" for figure in figures]
    if len(set(measures)) <= 1:
        return list(figures), ""
    most = max(dict.fromkeys(measures), key=measures.count)
    kept = [figure for figure, measure in zip(figures, measures, strict=True) if measure == most]
    return kept, f"The {what} shows {most} only."


def pivot(points: Sequence[Point], most: int) -> dict[str, dict[Any, Decimal]]:
    """The series by name, the largest ``most`` of them, the rest added up as Other; steps to amounts."""
    by_name: dict[str, dict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for point in points:
        by_name[render.label(point.key)][point.start] += point.amount
    ranked = sorted(by_name, key=lambda name: (name == "Other", -abs(total(list(by_name[name].values())))))
    if len(ranked) <= most:
        return {name: by_name[name] for name in ranked}
    result = {name: by_name[name] for name in ranked[: most - 1]}
    other: dict[Any, Decimal] = defaultdict(Decimal)
    for name in ranked[most - 1 :]:
        for start, amount in by_name[name].items():
            other[start] += amount
    return {**result, "Other": other}


_ROUNDED = "Figures are rounded separately, so a column may differ from its total in the last digit."


def rounding(rows: Rows) -> str:
    """That rounding left something over between the rows of a table and its total; ``""`` where it did not."""
    *body, last = rows[1:] or [[]]
    if not last or not last[0]["text"].startswith(("Total", "Sum of these")) or not body:
        return ""
    uneven = (
        abs(sum(row[at].get("value", 0) for row in body) - cell["value"]) > _NOTICED * _step(cell["text"])
        for at, cell in enumerate(last)
        if "value" in cell and not cell["text"].endswith("%")
    )
    return _ROUNDED if any(uneven) else ""


_NOTICED = 0.5


def _step(text: str) -> float:
    """The value of the last digit shown."""
    digits = text.rpartition(".")[2] if "." in text else ""
    return float(10 ** -sum(map(str.isdigit, digits)))


def fitting(draw: Callable[[int], Rows]) -> Rows:
    """The table with as many rows as Slack has room for, by asking for fewer until it fits."""
    for most in (MOST_ROWS, MOST_ROWS // 2, MOST_ROWS // 4):
        table = draw(most)
        if sum(map(_characters, table)) <= MOST_CHARACTERS:
            break
    return table


def _characters(row: Sequence[Block]) -> int:
    return sum(len(column["text"]) for column in row)
