"""Tables of cost answers with parts: every column rounded by itself, so that no figure is bent for another.

What rounding leaves over goes to "Other"; where there is none, the table's note says it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec import Struct

from bot import render
from bot.blockkit.build import PAGE, Block, cut, number_cell, text_cell
from bot.domain.answers import CostAnswer, Line, Point, Total
from bot.domain.money import rounded, settled
from bot.domain.question import Question
from bot.render import parts
from bot.render.slack import tables
from bot.render.slack.tables import MOST_ROWS, Rows, header

_LABEL = 80
_ZERO = Decimal(0)
Figure = Line | Point | Total
Digits = dict[str, int]
"""Decimal places by currency."""


class Column(Struct, frozen=True):
    """A column: its name, the amount of a figure in it, and how that is shown; ``adds`` up to the total."""

    name: str
    amount: Callable[[Figure], Decimal | None]
    shown: Callable[[Decimal, Figure, Digits], str]
    adds: bool = True


def table(question: Question, answer: CostAnswer) -> tuple[str, Rows, str]:
    """Caption, rows and a note on rounding; no rows where the plain table tells it all."""
    columns = _columns(question, answer)
    if not columns:
        return "", [], ""
    if question.grain and answer.series and not any(parts.STEP in line.key for line in answer.lines):
        newest = len(answer.series) > PAGE
        points = sorted(answer.series, key=lambda point: point.start, reverse=True) if newest else answer.series
        figures: Sequence[Line | Point] = points
        grain = "day" if question.grain == "hour" else question.grain
        several = bool(question.by)
        names = [grain.capitalize(), *(_title(name) for name in question.by)] if several else [grain.capitalize()]
        rows = [[_step(question, point), *(_labels(point) if several else [])] for point in points]
        caption = f"By {grain}{', newest first' if newest else ''}"
    elif any(not line.other for line in answer.lines):
        figures = answer.lines
        names, rows = _line_labels(question, answer.lines)
        named = [_grain(question) if name == parts.STEP else render.dimension(name) for name in answer.lines[0].key]
        caption = f"By {' and '.join(named)}"
    else:
        return "", [], ""
    kept, beyond = slice(MOST_ROWS), len(rows) - MOST_ROWS
    drawn, note = _drawn([names, *rows[kept]], figures[kept], answer, columns, folded=beyond > 0)
    return caption, drawn, f"{beyond} more rows are in the CSV. {note}".strip() if beyond > 0 else note


def _drawn(
    texts: Sequence[Sequence[str]],
    figures: Sequence[Line | Point],
    answer: CostAnswer,
    columns: Sequence[Column],
    *,
    folded: bool,
) -> tuple[Rows, str]:
    """The rows and a note; ``texts`` are the names of the first columns, then the labels of each row in them."""
    names, *labels = texts
    rows: Rows = [header(*names, *(column.name for column in columns))]
    digits = _digits(columns, figures)
    cells = [_column(column, figures, digits) for column in columns]
    for at, label in enumerate(labels):
        rows.append([*(text_cell(cut(text, _LABEL)) for text in label), *(column[at] for column in cells)])
    if isinstance(figures[0], Line) and not folded:
        measures = [(figure.currency, figure.unit) for figure in figures]
        for whole in answer.totals:
            if measures.count((whole.currency, whole.unit)) > 1:
                drawn = [_column(column, [whole], digits)[0] for column in columns]
                rows.append([text_cell("Total"), *[text_cell("") for _ in names[1:]], *drawn])
    adding = [column for column in columns if column.adds]
    return rows, tables.rounding(rows) if adding else ""


def _digits(columns: Sequence[Column], figures: Sequence[Figure]) -> dict[str, int]:
    """The decimal places that suit the amounts of each currency: the same in all columns that add up."""
    found: dict[str, int] = {}
    for currency in {figure.currency or "" for figure in figures}:
        alike = [figure for figure in figures if (figure.currency or "") == currency]
        amounts = [
            abs(amount) for column in columns if column.adds for figure in alike if (amount := column.amount(figure))
        ]
        found[currency] = render.places(max(amounts, default=_ZERO), currency or None)
    return found


def _column(column: Column, figures: Sequence[Figure], digits: dict[str, int]) -> list[Block]:
    """The cells of a column: each rounded by itself, and what that leaves over in "Other"."""
    amounts = [column.amount(figure) for figure in figures]
    shown = list(amounts)
    for currency, places in digits.items():
        at = [n for n, figure in enumerate(figures) if (figure.currency or "") == currency and amounts[n] is not None]
        if column.adds and currency and at:
            rest = next((place for place, n in enumerate(at) if _is_rest(figures[n])), None)
            rounded_amounts = settled([amounts[n] or _ZERO for n in at], places, rest)
            for n, amount in zip(at, rounded_amounts, strict=True):
                shown[n] = amount or amounts[n]
    return [
        text_cell("–") if amount is None else number_cell(float(amount), column.shown(amount, figure, digits))
        for amount, figure in zip(shown, figures, strict=True)
    ]


def _is_rest(figure: Figure) -> bool:
    return isinstance(figure, Line) and figure.other


# --- which columns there are --------------------------------------------------------------------------------------


def _columns(question: Question, answer: CostAnswer) -> list[Column]:
    """The columns of the part that was asked for; none where the plain table tells it all."""
    columns = {"share": _share, "average": _average, "unit cost": _unit_cost, "beside": _beside, "running": _running}
    asked = parts.part(question, answer)
    if asked == "steps":
        return _compared(_measured(question), f"The {_grain(question)} before")
    return columns[asked](question, answer) if asked else []


def _measured(question: Question) -> str:
    return "Quantity" if question.metric == "ConsumedQuantity" else "Cost"


def _compared(now: str, then: str) -> list[Column]:
    """An amount, what it is compared with, and the difference of the two as they are shown."""
    return [
        Column(now, lambda figure: figure.amount, _money),
        Column(then, lambda figure: figure.against, _money),
        Column("Change", _moved, _changed, adds=False),
    ]


def _beside(question: Question, _answer: CostAnswer) -> list[Column]:
    first, second = parts.measures(question)
    return [
        Column(_capital(first), lambda figure: figure.amount, _money),
        Column(_capital(second), lambda figure: figure.beside, _money),
        Column("Difference", lambda figure: (figure.beside or _ZERO) - figure.amount, _apart, adds=False),
    ]


def _grain(question: Question) -> str:
    return "day" if question.grain in ("hour", None) else str(question.grain)


def _share(question: Question, _answer: CostAnswer) -> list[Column]:
    whole = "All" if not question.share_of else "Whole"
    return [
        Column("Part", lambda figure: figure.share.part if figure.share else figure.amount, _money),
        Column(whole, lambda figure: figure.share.whole if figure.share else None, _money, adds=False),
        Column("Share", lambda figure: figure.share.share if figure.share else None, _percentage, adds=False),
    ]


def _percentage(share: Decimal, _figure: Figure, _digits: Digits) -> str:
    return parts.percentage(share)


def _average(question: Question, _answer: CostAnswer) -> list[Column]:
    total = Column("Total", lambda figure: figure.averaged.total if figure.averaged else None, _money)
    if question.against:
        return [*_compared(f"Per {question.average}", render.period(question.against)), total]
    return [Column(f"Per {question.average}", lambda figure: figure.amount, _money), total]


def _unit_cost(question: Question, answer: CostAnswer) -> list[Column]:
    unit = next((total.unit for total in answer.totals if total.unit), "")
    count = parts.per_so_many(answer)

    def per(amount: Decimal, figure: Figure, _digits: Digits) -> str:
        return parts.unit_money(amount, figure.currency or "", count)

    columns = [Column(f"Per {parts.per_unit(unit, count)}", lambda figure: figure.amount, per, adds=False)]
    if question.against and not question.grain:
        columns.append(Column(render.period(question.against), lambda figure: figure.against, per, adds=False))
    cost = Column("Cost", lambda figure: figure.cost, _money)
    return [*columns, cost, Column("Quantity", lambda figure: figure.quantity, _quantity, adds=False)]


def _quantity(amount: Decimal, figure: Figure, _digits: Digits) -> str:
    return render.quantity(amount, figure.unit or "")


def _running(question: Question, answer: CostAnswer) -> list[Column]:
    if question.against and any(point.against is not None for point in answer.series):
        return _compared("Running total", render.period(question.against))
    return [Column("Running total", lambda figure: figure.amount, _money)]


def _money(amount: Decimal, figure: Figure, digits: Digits) -> str:
    if figure.currency:
        return render.money(amount, figure.currency, digits=digits[figure.currency])
    return render.quantity(amount, figure.unit or "", short=False)


def _signed(now: Decimal, then: Decimal, figure: Figure, digits: Digits) -> str:
    """The difference of two amounts as they are shown."""
    if not figure.currency:
        return render.quantity(now - then, figure.unit or "", short=False, signed=True)
    places = digits[figure.currency]
    moved = rounded(now, places) - rounded(then, places)
    return render.money(moved, figure.currency, digits=places, signed=True)


def _moved(figure: Figure) -> Decimal | None:
    return None if figure.against is None else figure.amount - figure.against


def _changed(amount: Decimal, figure: Figure, digits: Digits) -> str:
    ratio = render.percent(figure.amount, figure.against)
    change = _signed(figure.amount, figure.against or _ZERO, figure, digits)
    return f"{change} ({ratio})" if ratio and amount else change


def _apart(_amount: Decimal, figure: Figure, digits: Digits) -> str:
    return _signed(figure.beside or _ZERO, figure.amount, figure, digits)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _title(name: str) -> str:
    return _capital(render.dimension(name))


def _step(question: Question, point: Point) -> str:
    return render.step(point.start, question.grain or "day", question.period.end if question.period else None)


def _labels(figure: Line | Point) -> list[str]:
    return [render.value(text, name) for name, text in figure.key.items()]


def _line_labels(question: Question, lines: Sequence[Line]) -> tuple[list[str], list[list[str]]]:
    """The names of the columns that tell what a line is, and of each line its values."""
    names = [_capital(_grain(question)) if name == parts.STEP else _title(name) for name in lines[0].key]
    rows = []
    for line in lines:
        if line.other:
            rows.append(["Other", *[""] * (len(names) - 1)])
            continue
        named = {name: text for name, text in line.key.items() if name != parts.STEP}
        steps = [parts.step_name(Line(key={parts.STEP: line.key[parts.STEP]}, amount=_ZERO), question)] if (
            parts.STEP in line.key
        ) else []  # fmt: skip
        rows.append([*(render.value(text, name) for name, text in named.items()), *steps])
    return names, rows
