"""An answer as CSV: exact amounts, every row, nothing rounded and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from bot.domain.answers import (
    Answer,
    Converted,
    CostAnswer,
    CreditsAnswer,
    ExplainAnswer,
    ForecastAnswer,
    InCurrency,
    Line,
    Point,
    PriceAnswer,
    SavingsAnswer,
    Total,
)
from bot.domain.money import plain
from bot.domain.question import Question
from bot.render.answer_json import balance_json, forecast_answer_json, rows

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How cells begin that some spreadsheet runs, the full-width letters of East Asia included."""


def as_csv(question: Question, answer: Answer) -> str:
    """The answer's figures, one row each; the header names FOCUS dimensions."""
    table_rows = list(_rows(question, answer))
    columns = list(dict.fromkeys(name for row in table_rows for name in row))
    out = io.StringIO()
    table = csv.DictWriter(out, columns or ["Empty"], restval="")
    table.writeheader()
    table.writerows({name: _cell(value) for name, value in row.items()} for row in table_rows)
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else safe_cell(text)


def _rows(question: Question, answer: Answer) -> Iterable[Mapping[str, Any]]:
    period = question.period
    days = {"Start": period.start, "EndExclusive": period.end} if period else {}
    ranked = isinstance(answer, CostAnswer) and any("ChargePeriodStart" in line.key for line in answer.lines)
    if isinstance(answer, CostAnswer) and answer.series and question.grain and not ranked:
        return [{"Start": point.start, **_key(point), **_figure(point)} for point in answer.series]
    if isinstance(answer, CostAnswer | CreditsAnswer | PriceAnswer) and answer.lines:
        balances = answer.balances if isinstance(answer, CreditsAnswer) else ()
        granted = [_flat(balance_json(balance)) for balance in balances]
        return [*granted, *({**_key(line), **days, **_figure(line)} for line in answer.lines)]
    if objects := rows(answer):
        return map(_flat, objects)
    if isinstance(answer, ForecastAnswer) and (found := forecast_answer_json(answer)):
        converted = found.pop("converted", None)
        return [_flat(fields) for fields in (found, converted) if fields]
    totals = answer.totals if isinstance(answer, CostAnswer | ExplainAnswer | SavingsAnswer | CreditsAnswer) else ()
    return [{**days, **_figure(total)} for total in totals]


def _key(figure: Line | Point) -> dict[str, str]:
    return {name: "Other" if value is None else value for name, value in figure.key.items()}


def _figure(figure: Line | Point | Total) -> dict[str, str]:
    measure = {"Currency": figure.currency, "Unit": figure.unit}
    found = {"Amount": plain(figure.amount), **{name: value for name, value in measure.items() if value}}
    found |= {} if figure.against is None else {"Before": plain(figure.against)}
    found |= _parts(figure)
    return found | ({} if figure.converted is None else _converted(figure.converted))


def _parts(figure: Line | Point | Total) -> dict[str, str]:
    """What was asked of a figure beside its amount."""
    amounts = {"Beside": figure.beside, "Cost": figure.cost, "Quantity": figure.quantity, "Covered": figure.covered}
    if figure.share is not None:
        amounts |= {"Part": figure.share.part, "Whole": figure.share.whole, "Share": figure.share.share}
    if figure.averaged is not None:
        amounts |= {"Total": figure.averaged.total, "Periods": Decimal(figure.averaged.periods)}
    if figure.credited is not None:
        amounts |= {"BeforeCredits": figure.credited.gross, "Credits": figure.credited.credits}
    return {name: plain(amount) for name, amount in amounts.items() if amount is not None}


def _converted(amount: InCurrency) -> dict[str, str]:
    """In the currency asked for, beside what is billed; of totals with the rate's day and source."""
    found = {"ConvertedAmount": plain(amount.amount), "ConvertedCurrency": amount.currency}
    found |= {} if amount.against is None else {"ConvertedBefore": plain(amount.against)}
    if isinstance(amount, Converted):
        found |= {"RateDate": amount.rate_date.isoformat(), "RateSource": amount.source}
    return found


def _flat(found: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, Mapping):
            row.update({str(key): one for key, one in value.items()})
        elif not isinstance(value, list | tuple):
            row[name] = value
    return row


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = value if isinstance(value, str) else _joined(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _joined(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={one}" for name, one in value.items())
    return str(value)


def name_of(question: Question) -> str:
    """A file's name that tells what is in it."""
    parts = [question.kind, *(name.rpartition("/")[2] for name in question.by)]
    if question.period:
        parts += [question.period.start.isoformat(), question.period.last.isoformat()]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", "_".join(parts))[:100] + ".csv"
